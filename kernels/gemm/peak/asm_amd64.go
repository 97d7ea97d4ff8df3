//go:build !noasm

package peak

import "golang.org/x/sys/cpu"

//go:generate go run ../gen -out loop_amd64.s -stubs loop_amd64.go -pkg peak peak

func machine() []Loop {
	x := &cpu.X86
	switch {
	case x.HasAVX512F && x.HasAVX512BW && x.HasAVX512VNNI && x.HasAVX512VPOPCNTDQ:
		return []Loop{
			{Kind: "f32", Path: "avx512", run: peakF32AVX512, ops: 24 * 32},
			{Kind: "f64", Path: "avx512", run: peakF64AVX512, ops: 24 * 16},
			{Kind: "i8", Path: "avx512", run: peakI8AVX512, ops: 24 * 128},
			{Kind: "bits", Path: "avx512", run: peakBitsAVX512, ops: 12 * 1024},
		}
	case x.HasAVX2 && x.HasFMA:
		return []Loop{
			{Kind: "f32", Path: "avx2", run: peakF32AVX2, ops: 12 * 16},
			{Kind: "f64", Path: "avx2", run: peakF64AVX2, ops: 12 * 8},
			{Kind: "i8", Path: "avx2", run: peakI16AVX2, ops: 8 * 32},
		}
	}
	return portable
}
