package rff

import (
	"runtime"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"bitcycle/kernels/gemm"
)

// KernelMatrix returns the exact kernel between the rows of x and those of y.
func KernelMatrix(k Kernel, x, y *mat.Dense) *mat.Dense {
	n, d := x.Dims()
	ny, _ := y.Dims()
	g := mat.NewDense(n, ny, nil)
	eachRow(n, 0, func(i int) {
		delta := make([]float64, d)
		for j := range ny {
			floats.SubTo(delta, x.RawRowView(i), y.RawRowView(j))
			g.Set(i, j, k.Kappa(delta))
		}
	})
	return g
}

// innerProducts returns a·bᵀ.
func innerProducts(a, b *mat.Dense) *mat.Dense {
	n, m := a.Dims()
	nb, _ := b.Dims()
	g := mat.NewDense(n, nb, nil)
	ra, rb := a.RawMatrix(), b.RawMatrix()
	gemm.Float64Parallel(runtime.GOMAXPROCS(0), false, true, n, nb, m, ra.Data, ra.Stride, rb.Data, rb.Stride, false, g.RawMatrix().Data, nb)
	return g
}
