package rff_test

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"bitcycle/quantizers/rff"
)

// Quantize the features of some points to one bit, condense them, and estimate a
// kernel from 4-bit codes.
func Example() {
	rng := rand.New(rand.NewPCG(1, 1))
	x := mat.NewDense(2, 10, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return 0.3 * rng.NormFloat64() }, x)

	kernel := rff.Gaussian{Gamma: 0.2}
	encoder := rff.Encoder{
		Features: rff.Draw(kernel, 10, 15*2000, 7),
		Scheme:   rff.NewSigmaDelta(1, 15, rff.Alphabet{K: 1}),
	}
	codes, diagnostics, err := encoder.Encode(x)
	if err != nil {
		fmt.Println(err)
		return
	}
	exact := rff.KernelMatrix(kernel, x, x).At(0, 1)
	fmt.Printf("%d bits per point, max|u| below 1: %v\n", codes.BitsPerPoint(), diagnostics.Peak <= 1)
	fmt.Printf("kernel %.2f, from codes %.2f\n", exact, codes.Kernel(0, codes, 1))
	// Output:
	// 8000 bits per point, max|u| below 1: true
	// kernel 0.65, from codes 0.68
}
