package rff

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"bitcycle/quantizers/rff"
)

// pairs are points x ~ N(0, I) and y = x + distance·(random direction), at n
// distances from 0 to longest, and the kernel between them.
type pairs struct {
	x, y  *mat.Dense
	kappa []float64
}

func drawPairs(k rff.Kernel, n, d int, longest float64, seed uint64) pairs {
	rng := rand.New(rand.NewPCG(seed, 0x7061697273))
	p := pairs{x: mat.NewDense(n, d, nil), y: mat.NewDense(n, d, nil)}
	delta := make([]float64, d)
	for i := range n {
		for j := range d {
			p.x.Set(i, j, rng.NormFloat64())
			delta[j] = rng.NormFloat64()
		}
		floats.Scale(float64(i)*longest/float64(n-1)/floats.Norm(delta, 2), delta)
		floats.AddTo(p.y.RawRowView(i), p.x.RawRowView(i), delta)
		p.kappa = append(p.kappa, k.Kappa(delta))
	}
	return p
}

// features are the float features of both sides of the pairs.
type features struct{ x, y *mat.Dense }

func (p pairs) features(f *rff.Features) features {
	return features{f.MapRows(p.x, 0), f.MapRows(p.y, 0)}
}

// first returns the first m features.
func (z features) first(m int) features { return features{columns(z.x, m), columns(z.y, m)} }

func columns(z *mat.Dense, m int) *mat.Dense {
	n, _ := z.Dims()
	return z.Slice(0, n, 0, m).(*mat.Dense)
}

// estimator gives the kernel estimates of all pairs.
type estimator func(z features, seed uint64) ([]float64, error)

// quantized returns the estimator of a scheme.
func quantized(s rff.Scheme) estimator {
	return func(z features, seed uint64) ([]float64, error) {
		x, _, err := rff.Quantize(s, z.x, 2*seed, 0)
		if err != nil {
			return nil, err
		}
		y, _, err := rff.Quantize(s, z.y, 2*seed+1, 0)
		if err != nil {
			return nil, err
		}
		k := make([]float64, x.N)
		for i := range k {
			k[i] = x.Kernel(i, y, i)
		}
		return k, nil
	}
}

// float is the estimator (2/m)⟨z, z'⟩.
func float(z features, _ uint64) ([]float64, error) {
	n, m := z.x.Dims()
	k := make([]float64, n)
	for i := range k {
		k[i] = 2 / float64(m) * floats.Dot(z.x.RawRowView(i), z.y.RawRowView(i))
	}
	return k, nil
}

// semi is the estimator π/(2m)⟨z, sign z'⟩.
func semi(z features, _ uint64) ([]float64, error) {
	n, m := z.x.Dims()
	k := make([]float64, n)
	for i := range k {
		for j, v := range z.y.RawRowView(i) {
			k[i] += math.Copysign(z.x.At(i, j), v*z.x.At(i, j))
		}
		k[i] *= math.Pi / (2 * float64(m))
	}
	return k, nil
}

// meanAbsolute and rootMeanSquare are the two measures of an estimate's error.
func meanAbsolute(k, kappa []float64) float64 {
	return floats.Distance(k, kappa, 1) / float64(len(k))
}

func rootMeanSquare(k, kappa []float64) float64 {
	return floats.Distance(k, kappa, 2) / math.Sqrt(float64(len(k)))
}
