package gemm

import (
	"fmt"
	"os"
	"strings"
)

// number is what a matrix element may be.
type number interface {
	uint8 | uint64 | int8 | int16 | int32 | int64 | float32 | float64
}

// kernel is a register tile of rows × cols sums. It multiplies rows of A by panels of B, in steps that
// take group consecutive elements of k from each row: 1 for floats, 2 for the pairs of a 16-bit dot
// product, 4 for the quads of an 8-bit one. Elements of a group lie side by side in A and in B.
type kernel[A, B, C number] struct {
	rows  int
	group int
	cols  widths
	tile  [2]tileFunc[A, B, C]
	// transpose writes dst[c·ldd + r] = src[r·lds + c].
	transpose func(dst []B, ldd int, src []B, lds, rows, cols int)
}

// widths are the columns of a wide and of a narrow panel. A matrix is wide panels and, if its last
// columns fit, a narrow one.
type widths [2]int

// fit returns which panel the last rest columns take.
func (w widths) fit(rest int) int {
	if rest <= w[1] {
		return 1
	}
	return 0
}

// padded is the number of columns that n columns take in panels.
func (w widths) padded(n int) int {
	full := n / w[0] * w[0]
	if n == full {
		return n
	}
	return full + w[w.fit(n-full)]
}

// tileFunc computes the rows × (panels·cols) block C = A·B, or C += A·B if acc, block ≤ kernel.rows rows
// at a time.
type tileFunc[A, B, C number] func(rows, block, panels int, a []A, l left, b []B, r right, c []C, ldc int, acc bool)

// path is everything that depends on the instruction set.
type path struct {
	name string
	f32  *kernel[float32, float32, float32]
	f64  *kernel[float64, float64, float64]
	i16  *kernel[int16, int16, int32]
	i32  *kernel[int32, int64, int64]
	bits bitKernel

	// Bytes go to i8; without it to i8s if no sum of two products can leave 16 bits, where that kernel
	// saturates; else they are widened for i16.
	i8, i8s *kernel[uint8, int8, int32]

	// widen writes (x xor flip) − zero.
	widen func(dst []int16, x []uint8, flip uint8, zero int16)
	// bitPlane writes one bit of x[i] to bit i of dst, in whole words of 8 bytes.
	bitPlane func(dst, x []uint8, plane uint)
	// depthF32 convolves rows positions of n channels; the weights of a step are n apart.
	depthF32 func(rows, n int, x []float32, l left, w []float32, c []float32, ldc int)
	// depthInt does the same for steps of depthGroup taps, their bytes interleaved and their weights
	// placed by depthTap in 32 bits.
	depthInt   func(rows, n int, x []int32, l left, w []int32, c []int32, ldc int)
	depthGroup int
	depthTap   func(v int8) uint32
	interleave func(dst []int32, x []uint8, pixels, n int)
	// cosF32 and cosF64 do elements from the first on and return how many.
	cosF32 func(dst, x, b []float32, scale float32) int
	cosF64 func(dst, x, b []float64, scale float64) int
	// epilogue applies an EpilogueF32 to a block; nil slices leave their term out.
	epilogue func(rows, n int, c []float32, ldc int, scale, bias, residual []float32, ldr int, lo, hi float32)
	// requant takes zero times the column sums off a block (sums may be nil), requantizes it and stores it
	// as elements of 1, 2 or 4 bytes in rows ldd bytes apart.
	requant func(rows, n int, x []int32, ldx int, zero int32, sums, mult []int32, bias []int64, shift []uint8, lo, hi int32, dst *byte, ldd, size int)
}

var generic = path{
	name:     "generic",
	f32:      portable[float32, float32, float32](),
	f64:      portable[float64, float64, float64](),
	i16:      portable[int16, int16, int32](),
	i32:      portable[int32, int64, int64](),
	bits:     bitKernel{rows: 2, cols: widths{4, 2}, tile: [2]bitTileFunc{bitTile4, bitTile2}, pays: [3]int{16, 16, 16}},
	bitPlane: bitPlane,
	widen:    widenBytes,
	depthF32: depthwise[float32], depthInt: depthwise[int32], depthGroup: 1, depthTap: tap1, interleave: interleave,
	epilogue: epilogue,
	cosF32:   none[float32], cosF64: none[float64],
	requant: requant,
}

// paths lists what this machine can run, slowest first.
var paths = append([]*path{&generic}, machinePaths()...)

var active, pathError = choosePath(os.Getenv("BITCYCLE_KERNEL"))

// choosePath finds a path by name, the fastest if the name is empty or unknown.
func choosePath(name string) (*path, error) {
	best := paths[len(paths)-1]
	if name == "" {
		return best, nil
	}
	var names []string
	for _, p := range paths {
		if p.name == name {
			return p, nil
		}
		names = append(names, p.name)
	}
	return best, fmt.Errorf("BITCYCLE_KERNEL = %q: this machine runs %s", name, strings.Join(names, ", "))
}

// Path names the instruction set that products run on: generic, avx2 or avx512. The environment variable
// BITCYCLE_KERNEL forces one.
func Path() string { return active.name }

// PathError reports a BITCYCLE_KERNEL that names no path, or one that this machine lacks; the best path
// is then used.
func PathError() error { return pathError }

// A path without vectors leaves every element to the plain form.
func none[E any](_, _, _ []E, _ E) int { return 0 }
