//go:build !noasm

package peak

import "golang.org/x/sys/cpu"

//go:generate go run ../gen -out loop_amd64.s -stubs loop_amd64.go -pkg peak peak

func machine() []Rate {
	x := &cpu.X86
	switch {
	case x.HasAVX512F && x.HasAVX512BW && x.HasAVX512VNNI && x.HasAVX512VPOPCNTDQ:
		return []Rate{
			{Kind: "f32", Path: "avx512", loop: peakF32AVX512, perLp: 24 * 32},
			{Kind: "f64", Path: "avx512", loop: peakF64AVX512, perLp: 24 * 16},
			{Kind: "i8", Path: "avx512", loop: peakI8AVX512, perLp: 24 * 128},
			{Kind: "bits", Path: "avx512", loop: peakBitsAVX512, perLp: 12 * 1024},
		}
	case x.HasAVX2 && x.HasFMA:
		return []Rate{
			{Kind: "f32", Path: "avx2", loop: peakF32AVX2, perLp: 12 * 16},
			{Kind: "f64", Path: "avx2", loop: peakF64AVX2, perLp: 12 * 8},
			{Kind: "i8", Path: "avx2", loop: peakI16AVX2, perLp: 8 * 32},
		}
	}
	return portable
}
