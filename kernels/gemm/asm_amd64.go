//go:build !noasm

package gemm

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

//go:generate go run ./gen -out tile_amd64.s -stubs tile_amd64.go -pkg gemm tiles
//go:generate go run ./gen -out depthwise_amd64.s -stubs depthwise_amd64.go -pkg gemm depthwise
//go:generate go run ./gen -out bits_amd64.s -stubs bits_amd64.go -pkg gemm bits
//go:generate go run ./gen -out elementary_amd64.s -stubs elementary_amd64.go -pkg gemm elementary
//go:generate go run ./gen -out epilogue_amd64.s -stubs epilogue_amd64.go -pkg gemm epilogue

// machinePaths lists the paths in assembly that this machine can run, slowest first.
func machinePaths() []*path {
	var list []*path
	x := &cpu.X86
	if x.HasAVX2 && x.HasFMA {
		list = append(list, &pathAVX2)
	}
	if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasAVX512VNNI && x.HasAVX512VPOPCNTDQ {
		list = append(list, &pathAVX512)
	}
	return list
}

var pathAVX2 = path{
	name: "avx2",
	f32: &kernel[float32, float32, float32]{
		rows: 6, group: 1, cols: widths{16, 8},
		tile: [2]tileFunc[float32, float32, float32]{tileF32AVX2_2, tileF32AVX2_1}, transpose: transposeF32,
	},
	f64: &kernel[float64, float64, float64]{
		rows: 6, group: 1, cols: widths{8, 4},
		tile: [2]tileFunc[float64, float64, float64]{tileF64AVX2_2, tileF64AVX2_1}, transpose: transposeF64,
	},
	i8s: &kernel[uint8, int8, int32]{
		rows: 5, group: 4, cols: widths{16, 8},
		tile: [2]tileFunc[uint8, int8, int32]{tileI8AVX2_2, tileI8AVX2_1}, transpose: transpose[int8],
	},
	i16: &kernel[int16, int16, int32]{
		rows: 5, group: 2, cols: widths{16, 8},
		tile: [2]tileFunc[int16, int16, int32]{tileI16AVX2_2, tileI16AVX2_1}, transpose: transpose[int16],
	},
	i32: &kernel[int32, int64, int64]{
		rows: 5, group: 1, cols: widths{8, 4},
		tile: [2]tileFunc[int32, int64, int64]{tileI32AVX2_2, tileI32AVX2_1}, transpose: transpose[int64],
	},
	bits:     bitKernel{rows: 3, cols: widths{8, 4}, tile: [2]bitTileFunc{tileBitsAVX2_2, tileBitsAVX2_1}, pays: [3]int{144, 384, 0}},
	bitPlane: bitPlane,
	widen:    widenAVX2,
	depthF32: depthwiseF32AVX2, depthInt: depthwiseI16AVX2, depthGroup: 2, depthTap: tap2, interleave: interleave2AVX2,
	cosF32: cosF32AVX2, cosF64: cosF64AVX2,
	epilogue: epilogueF32AVX2,
	requant:  requantAVX2,
}

var pathAVX512 = path{
	name: "avx512",
	f32: &kernel[float32, float32, float32]{
		rows: 14, group: 1, cols: widths{32, 16},
		tile: [2]tileFunc[float32, float32, float32]{tileF32AVX512_2, tileF32AVX512_1}, transpose: transposeF32,
	},
	f64: &kernel[float64, float64, float64]{
		rows: 14, group: 1, cols: widths{16, 8},
		tile: [2]tileFunc[float64, float64, float64]{tileF64AVX512_2, tileF64AVX512_1}, transpose: transposeF64,
	},
	i8: &kernel[uint8, int8, int32]{
		rows: 14, group: 4, cols: widths{32, 16},
		tile: [2]tileFunc[uint8, int8, int32]{tileI8AVX512_2, tileI8AVX512_1}, transpose: transpose[int8],
	},
	i16: &kernel[int16, int16, int32]{
		rows: 14, group: 2, cols: widths{32, 16},
		tile: [2]tileFunc[int16, int16, int32]{tileI16AVX512_2, tileI16AVX512_1}, transpose: transpose[int16],
	},
	i32: &kernel[int32, int64, int64]{
		rows: 14, group: 1, cols: widths{16, 8},
		tile: [2]tileFunc[int32, int64, int64]{tileI32AVX512_2, tileI32AVX512_1}, transpose: transpose[int64],
	},
	bits:     bitKernel{rows: 6, cols: widths{16, 8}, tile: [2]bitTileFunc{tileBitsAVX512_2, tileBitsAVX512_1}, pays: [3]int{128, 256, 1024}},
	bitPlane: bitPlaneAVX512,
	widen:    widenAVX2,
	depthF32: depthwiseF32AVX512, depthInt: depthwiseI8AVX512, depthGroup: 4, depthTap: tap4, interleave: interleave4AVX512,
	cosF32: cosF32AVX512, cosF64: cosF64AVX512,
	epilogue: epilogueF32AVX512,
	requant:  requantAVX512,
}

// requantAVX2 leaves the last columns to the plain form.
func requantAVX2(rows, n int, x []int32, ldx int, zero int32, sums, mult []int32, bias []int64, shift []uint8, lo, hi int32, dst *byte, ldd, size int) {
	most := n &^ 7
	if most > 0 {
		requantBy8AVX2(rows, most, x, ldx, zero, sums, mult, bias, shift, lo, hi, dst, ldd, size)
	}
	if most < n {
		rest := (*byte)(unsafe.Add(unsafe.Pointer(dst), most*size))
		requant(rows, n-most, x[most:], ldx, zero, sums[min(most, len(sums)):], mult[most:], bias[most:], shift[most:], lo, hi, rest, ldd, size)
	}
}

// widenAVX2 leaves the last bytes to the plain form.
func widenAVX2(dst []int16, x []uint8, flip uint8, zero int16) {
	n := len(dst) &^ 15
	if n > 0 {
		widenBy16AVX2(dst[:n], x, flip, zero)
	}
	widenBytes(dst[n:], x[n:], flip, zero)
}

func transposeF32(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	blocks(transposeF32AVX2, 8, dst, ldd, src, lds, rows, cols)
}

func transposeF64(dst []float64, ldd int, src []float64, lds, rows, cols int) {
	blocks(transposeF64AVX2, 4, dst, ldd, src, lds, rows, cols)
}

// blocks transposes what square blocks cover in vectors, and the rest in the plain way.
func blocks[E any](square func(dst []E, ldd int, src []E, lds, rows, cols int), side int, dst []E, ldd int, src []E, lds, rows, cols int) {
	r, c := rows/side*side, cols/side*side
	if r > 0 && c > 0 {
		square(dst, ldd, src, lds, r, c)
	}
	if c < cols {
		transpose(dst[c*ldd:], ldd, src[c:], lds, r, cols-c)
	}
	if r < rows {
		transpose(dst[r:], ldd, src[r*lds:], lds, rows-r, cols)
	}
}
