package rff

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// Kernel is a shift-invariant positive-definite kernel k(x,y) = κ(x−y) with
// κ(0) = 1, together with its spectral measure: the distribution whose
// characteristic function is κ (Bochner's theorem). Any such pair plugs in.
type Kernel interface {
	// Kappa returns κ(delta).
	Kappa(delta []float64) float64
	// Frequency fills omega with one draw from the spectral measure.
	Frequency(rng *rand.Rand, omega []float64)
}

// Gaussian is κ(δ) = exp(−γ‖δ‖²) with ω ~ N(0, 2γI).
type Gaussian struct{ Gamma float64 }

// Kappa implements [Kernel].
func (k Gaussian) Kappa(delta []float64) float64 {
	sum := 0.0
	for _, x := range delta {
		sum += x * x
	}
	return math.Exp(-k.Gamma * sum)
}

// Frequency implements [Kernel].
func (k Gaussian) Frequency(rng *rand.Rand, omega []float64) {
	sd := math.Sqrt(2 * k.Gamma)
	for j := range omega {
		omega[j] = sd * rng.NormFloat64()
	}
}

// Laplacian is κ(δ) = exp(−γ‖δ‖₁) with independent ω_j ~ Cauchy(0, γ).
type Laplacian struct{ Gamma float64 }

// Kappa implements [Kernel].
func (k Laplacian) Kappa(delta []float64) float64 {
	sum := 0.0
	for _, x := range delta {
		sum += math.Abs(x)
	}
	return math.Exp(-k.Gamma * sum)
}

// Frequency implements [Kernel].
func (k Laplacian) Frequency(rng *rand.Rand, omega []float64) {
	for j := range omega {
		omega[j] = k.Gamma * math.Tan(math.Pi*(rng.Float64()-0.5))
	}
}

// Cauchy is κ(δ) = Π_j 1/(1+γ²δ_j²) with independent ω_j ~ Laplace(0, γ).
type Cauchy struct{ Gamma float64 }

// Kappa implements [Kernel].
func (k Cauchy) Kappa(delta []float64) float64 {
	product := 1.0
	for _, x := range delta {
		product /= 1 + k.Gamma*k.Gamma*x*x
	}
	return product
}

// Frequency implements [Kernel].
func (k Cauchy) Frequency(rng *rand.Rand, omega []float64) {
	for j := range omega {
		omega[j] = k.Gamma * rng.ExpFloat64()
		if rng.Uint64()&1 == 1 {
			omega[j] = -omega[j]
		}
	}
}

// KernelNames lists the built-in kernels.
var KernelNames = []string{"gaussian", "laplacian", "cauchy"}

// NamedKernel returns the built-in kernel of that name with parameter gamma.
func NamedKernel(name string, gamma float64) (Kernel, error) {
	if !(gamma > 0) || math.IsInf(gamma, 1) {
		return nil, fmt.Errorf("gamma = %v: must be positive and finite", gamma)
	}
	switch name {
	case "gaussian":
		return Gaussian{gamma}, nil
	case "laplacian":
		return Laplacian{gamma}, nil
	case "cauchy":
		return Cauchy{gamma}, nil
	}
	return nil, fmt.Errorf("kernel = %q: must be one of %s", name, strings.Join(KernelNames, ", "))
}
