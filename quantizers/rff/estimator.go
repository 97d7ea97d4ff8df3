package rff

import (
	"math"
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

// FloatKernel returns the unquantized estimate (2/m)·z·zyᵀ of features z, zy.
func FloatKernel(z, zy *mat.Dense) *mat.Dense {
	_, m := z.Dims()
	return scaledProduct(2/float64(m), z, zy)
}

// LevelKernel returns (2/m)·Q(z)·Q(zy)ᵀ for levels Q of the nearest-level
// quantizer.
func LevelKernel(a Alphabet, z, zy *mat.Dense) *mat.Dense {
	_, m := z.Dims()
	return scaledProduct(2/float64(m), nearest(a, z), nearest(a, zy))
}

// SemiKernel returns the semi-quantized estimate π/(2m)·z·sign(zy)ᵀ: one side
// float, the other one bit, without bias. (Schellekens, Jacques, IEEE Signal
// Processing Letters 29, 2022.)
func SemiKernel(z, zy *mat.Dense) *mat.Dense {
	_, m := z.Dims()
	return scaledProduct(math.Pi/(2*float64(m)), z, nearest(Alphabet{K: 1}, zy))
}

// SignKernel returns the fully quantized one-bit estimate (1/m)·sign(z)·sign(zy)ᵀ,
// whose mean is [SignLimit] and not the kernel.
func SignKernel(z, zy *mat.Dense) *mat.Dense {
	_, m := z.Dims()
	one := Alphabet{K: 1}
	return scaledProduct(1/float64(m), nearest(one, z), nearest(one, zy))
}

// SignLimit returns the mean of the fully quantized estimate for many features,
//
//	(8/π²)·Σ_{j odd} κ(j·δ)/j²,
//
// where kappaOf(j) is κ(j·δ); for the Gaussian kernel that is κ(δ)^{j²}.
func SignLimit(kappaOf func(j float64) float64) float64 {
	const terms = 20000 // the rest is below 1e-5 even for κ = 1
	sum := 0.0
	for j := 1.0; j < 2*terms; j += 2 {
		sum += kappaOf(j) / (j * j)
	}
	return 8 / (math.Pi * math.Pi) * sum
}

func nearest(a Alphabet, z *mat.Dense) *mat.Dense {
	n, m := z.Dims()
	q := mat.NewDense(n, m, nil)
	q.Apply(func(_, _ int, x float64) float64 { return a.Level(a.Nearest(x)) }, z)
	return q
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

func scaledProduct(scale float64, a, b *mat.Dense) *mat.Dense {
	g := innerProducts(a, b)
	g.Scale(scale, g)
	return g
}
