package rff

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"bitcycle/quantizers/rff"
)

// quantizationError returns the RMS over n pairs of the difference between the
// estimates from quantized and from float condensed features, and the number of
// pairs on which it breaks the deterministic bound.
func quantizationError(s rff.Scheme, m, n, d int, seed uint64) (rms float64, broken int, err error) {
	k := rff.Gaussian{Gamma: gamma}
	p := drawPairs(k, n, d, longest, seed)
	z := p.features(rff.Draw(k, d, m, seed))
	x, err := condense(s, z.x)
	if err != nil {
		return 0, 0, err
	}
	y, err := condense(s, z.y)
	if err != nil {
		return 0, 0, err
	}
	sum := 0.0
	for i := range n {
		difference := floats.Dot(x.psi.RawRowView(i), y.psi.RawRowView(i)) - floats.Dot(x.ideal.RawRowView(i), y.ideal.RawRowView(i))
		sum += difference * difference
		ex, ey := x.distance(i), y.distance(i)
		bound := floats.Norm(x.ideal.RawRowView(i), 2)*ey + ex*floats.Norm(y.ideal.RawRowView(i), 2) + ex*ey
		if math.Abs(difference) > bound+1e-12 || ex > x.bound+1e-12 || ey > y.bound+1e-12 {
			broken++
		}
	}
	return math.Sqrt(sum / float64(n)), broken, nil
}

// condensed are quantized and float condensed features of some points, and the
// bound on the norm of their difference.
type condensed struct {
	psi, ideal *mat.Dense
	bound      float64
}

func condense(s rff.Scheme, z *mat.Dense) (condensed, error) {
	psi, diag, err := rff.Embed(s, z, 1)
	if err != nil {
		return condensed{}, err
	}
	return condensed{psi: psi, ideal: floatCondensed(s, z), bound: s.ErrorBound(diag.Peak)}, nil
}

// floatCondensed are the condensed features of unquantized ones, the limit of a
// scheme for fine alphabets. They estimate the kernel too, but with p averages and
// not m.
func floatCondensed(s rff.Scheme, z *mat.Dense) *mat.Dense {
	c, _ := s.Condenser()
	c.Scale = 1
	n, m := z.Dims()
	psi := mat.NewDense(n, s.Dim(m), nil)
	for i := range n {
		c.Condense(psi.RawRowView(i), z.RawRowView(i))
	}
	return psi
}

func (c condensed) distance(i int) float64 {
	return floats.Distance(c.psi.RawRowView(i), c.ideal.RawRowView(i), 2)
}
