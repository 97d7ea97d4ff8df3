//go:build !noasm

package kernel

import "golang.org/x/sys/cpu"

//go:generate go run ./gen -out kernel_amd64.s -stubs kernel_amd64.go -pkg kernel

// machinePaths lists the paths in assembly that this machine can run, slowest first.
func machinePaths() []*path {
	var list []*path
	if cpu.X86.HasAVX2 {
		list = append(list, &pathAVX2)
	}
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ {
		list = append(list, &pathAVX512)
	}
	return list
}

type (
	tileFunc  func(k int, aRe, aIm *float64, lda int, bRe, bIm *float64, ldb int, cRe, cIm *float64, ldc int)
	stripFunc func(n int, xRe, xIm *float64, ldx int, inRe, inIm *float64, ldin int, scale float64)
	steerFunc func(n int, xRe, xIm *float64, ldx int, inRe, inIm *float64, ldin int, scale float64, kRe, kIm *float64)
)

var pathAVX2 = path{
	name: "avx2",
	product: func(m, k, n int, c, a, b View) {
		i := rowsOf(0, m, 2, 8, k, n, c, a, b, tile2x8AVX2)
		rowsOf(i, m, 1, 8, k, n, c, a, b, tile1x8AVX2)
	},
	modulate: func(n, cols int, x, in View, scale float64, c Coefficients) {
		first := stripsOf(0, n, cols, 16, x, in, scale, c, strip16AVX2, steer16AVX2)
		stripsOf(first, n, cols, 8, x, in, scale, c, strip8AVX2, steer8AVX2)
	},
	step: func(next, y, x, grad []float64, inv, amp float64) (sums [2][Lanes]float64) {
		stepAVX2(len(next), &next[0], &y[0], &x[0], &grad[0], inv, amp, &sums)
		return sums
	},
	combine: func(y, next, prev []float64, m float64) { combineAVX2(len(y), &y[0], &next[0], &prev[0], m) },
	maxAbs: func(x []float64) float64 {
		var peaks [Lanes]float64
		maxAbsAVX2(len(x), &x[0], &peaks)
		return maxAbsGeneric(peaks[:])
	},
}

var pathAVX512 = path{
	name: "avx512",
	product: func(m, k, n int, c, a, b View) {
		wide := n / 16 * 16
		i := rowsOf(0, m, 4, 16, k, wide, c, a, b, tile4x16AVX512)
		rowsOf(0, m, 4, 8, k, n-wide, from(c, wide), a, from(b, wide), tile4x8AVX512)
		rowsOf(i, m, 1, 8, k, n, c, a, b, tile1x8AVX512)
	},
	modulate: func(n, cols int, x, in View, scale float64, c Coefficients) {
		first := stripsOf(0, n, cols, 32, x, in, scale, c, strip32AVX512, steer32AVX512)
		stripsOf(first, n, cols, 8, x, in, scale, c, strip8AVX512, steer8AVX512)
	},
	step: func(next, y, x, grad []float64, inv, amp float64) (sums [2][Lanes]float64) {
		stepAVX512(len(next), &next[0], &y[0], &x[0], &grad[0], inv, amp, &sums)
		return sums
	},
	combine: func(y, next, prev []float64, m float64) { combineAVX512(len(y), &y[0], &next[0], &prev[0], m) },
	maxAbs: func(x []float64) float64 {
		var peaks [Lanes]float64
		maxAbsAVX512(len(x), &x[0], &peaks)
		return maxAbsGeneric(peaks[:])
	},
}

// rowsOf computes rows of C, from row i on, in tiles of rows × width; it returns the
// first row that no longer fills a tile.
func rowsOf(i, m, rows, width, k, n int, c, a, b View, tile tileFunc) int {
	for ; i+rows <= m; i += rows {
		at := i * a.Stride
		for j := 0; j+width <= n; j += width {
			ct := i*c.Stride + j
			tile(k, &a.Re[at], &a.Im[at], a.Stride, &b.Re[j], &b.Im[j], b.Stride, &c.Re[ct], &c.Im[ct], c.Stride)
		}
	}
	return i
}

// from is the view without its first columns.
func from(v View, cols int) View {
	return View{Re: v.Re[cols:], Im: v.Im[cols:], Stride: v.Stride}
}

// stripsOf runs the columns from first on in strips; it returns the first column
// that no longer fills a strip.
func stripsOf(first, n, cols, width int, x, in View, scale float64, c Coefficients, plain stripFunc, steered steerFunc) int {
	for ; first+width <= cols; first += width {
		xRe, xIm := &x.Re[first], &x.Im[first]
		inRe, inIm := &in.Re[first], &in.Im[first]
		if c.Re == nil {
			plain(n, xRe, xIm, x.Stride, inRe, inIm, in.Stride, scale)
		} else {
			steered(n, xRe, xIm, x.Stride, inRe, inIm, in.Stride, scale, &c.Re[0], &c.Im[0])
		}
	}
	return first
}
