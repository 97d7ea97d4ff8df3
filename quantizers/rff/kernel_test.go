package rff

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// rational is a kernel that the package does not know: κ(δ) = cos(δ₁), whose
// spectral measure is a pair of points.
type cosineKernel struct{}

func (cosineKernel) Kappa(delta []float64) float64 { return math.Cos(delta[0]) }
func (cosineKernel) Frequency(rng *rand.Rand, omega []float64) {
	clear(omega)
	omega[0] = 1 - 2*float64(rng.IntN(2))
}

// TestFeaturesGiveKernel: the estimate of every kernel comes within five standard
// errors, 1/√m each at most.
func TestFeaturesGiveKernel(t *testing.T) {
	const d, m = 3, 100000
	points := mat.NewDense(4, d, []float64{0, 0, 0, 0.5, -0.2, 0.1, 1, 1, 1, -2, 0.3, 0})
	for name, k := range map[string]Kernel{
		"gaussian": Gaussian{Gamma: 0.4}, "laplacian": Laplacian{Gamma: 0.4}, "cauchy": Cauchy{Gamma: 0.7}, "own": cosineKernel{},
	} {
		z := Draw(k, d, m, 3).MapRows(points, 0)
		f, _, err := Embed(Scheme{Method: Float}, z, 0)
		if err != nil {
			t.Fatal(err)
		}
		got, want := innerProducts(f, f), KernelMatrix(k, points, points)
		for i := range 4 {
			for j := range 4 {
				if math.Abs(got.At(i, j)-want.At(i, j)) > 5/math.Sqrt(m) {
					t.Errorf("%s: k(%d,%d) = %v, want %v", name, i, j, got.At(i, j), want.At(i, j))
				}
			}
		}
	}
}

func TestDrawExtends(t *testing.T) {
	small, large := Draw(Cauchy{Gamma: 1}, 3, 10, 8), Draw(Cauchy{Gamma: 1}, 3, 25, 8)
	for i, w := range small.Omega {
		if w != large.First(10).Omega[i] {
			t.Fatalf("frequency %d: %v in 10 features, %v in 25", i, w, large.Omega[i])
		}
	}
	if small.Xi[9] != large.Xi[9] {
		t.Error("phases differ")
	}
}

// TestEstimatorOfOneBit: the estimate from signs is not unbiased. Its limit is
// (8/π²)·Σ_{j odd} κ^{j²}/j² for the Gaussian kernel; published values.
func TestEstimatorOfOneBit(t *testing.T) {
	const m = 200000
	x := mat.NewDense(2, 1, []float64{0, 1})
	for _, tc := range []struct{ kappa, limit float64 }{{0.9512, 0.8394}, {0.6376, 0.5184}, {0.1653, 0.134}} {
		z := Draw(Gaussian{Gamma: -math.Log(tc.kappa)}, 1, m, 11).MapRows(x, 0)
		codes, _, err := Quantize(Scheme{Method: MSQ, Alphabet: Alphabet{K: 1}}, z, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := codes.Kernel(0, codes, 1); math.Abs(got-tc.limit) > 5/math.Sqrt(m) {
			t.Errorf("kappa = %v: estimate %v, want %v", tc.kappa, got, tc.limit)
		}
	}
}

func TestNamedKernel(t *testing.T) {
	for _, name := range KernelNames {
		if _, err := NamedKernel(name, 1); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []struct {
		name  string
		gamma float64
	}{{"rbf", 1}, {"gaussian", 0}, {"cauchy", math.NaN()}, {"laplacian", math.Inf(1)}} {
		if _, err := NamedKernel(bad.name, bad.gamma); err == nil {
			t.Errorf("%s with gamma %v: no error", bad.name, bad.gamma)
		}
	}
}
