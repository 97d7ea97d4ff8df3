package mimo

import (
	"errors"
	"math"
	"math/rand/v2"
)

// SectorCovariance is the covariance E[a·aᴴ] of the response of a linear array, N×N, to
// angles uniform in ±sector (rad).
func SectorCovariance(n int, spacing, sector float64) *Matrix {
	const steps = 2000
	lag := make([]complex128, n)
	for i := range steps {
		omega := Omega(sector*(2*(float64(i)+0.5)/steps-1), spacing)
		for d := range lag {
			lag[d] += phase(-omega*float64(d)) / steps
		}
	}
	c := NewMatrix(n, n)
	for i := range n {
		for j := range n {
			if i >= j {
				c.Set(i, j, lag[i-j])
			} else {
				c.Set(i, j, conj(lag[j-i]))
			}
		}
	}
	return c
}

// EstimateChannel estimates the channel from pilots that the array has received
// through its converters: K orthogonal sequences of tau symbols (rows of a Fourier
// matrix), and then, with the prior covariance R of every user's channel and the
// noise covariance C of the receiver's linear model, the linear minimum mean square
// error estimate
//
//	ĝ = R(R + C/(τP))⁻¹·z,  z the correlation with the user's pilot
//
// (Rao et al., IEEE Access 9, 2021, Section IV). It returns the estimate, K×N, and
// the mean square error an antenna that the model predicts. A nil prior is the
// identity.
func EstimateChannel(c Receiver, ch *Channel, p Params, prior *Matrix, tau int, r *rand.Rand) (*Channel, float64, error) {
	n, k := ch.H.Cols, ch.H.Rows
	if tau < k {
		return nil, 0, errors.New("pilots must be at least as long as the number of users")
	}
	a, err := newArrayReceiver(c)
	if err != nil {
		return nil, 0, err
	}
	if err := a.prepare(ch, p); err != nil {
		return nil, 0, err
	}
	z := a.sound(tau, r)
	cov := NewMatrix(n, n)
	if prior == nil {
		prior = NewMatrix(n, n)
		prior.addDiagonal(1)
	}
	cov.copyFrom(prior)
	a.noise.addTo(cov, 1/(float64(tau)*p.Power))
	filter := &Matrix{}
	inv := &Matrix{}
	if err := inverse(inv, cov); err != nil {
		return nil, 0, err
	}
	Mul(filter, prior, inv)
	g := &Matrix{}
	Mul(g, filter, z)
	h := NewMatrix(k, n)
	for i := range k {
		for j := range n {
			h.Set(i, j, g.At(j, i))
		}
	}
	left := &Matrix{}
	Mul(left, filter, prior)
	return NewChannel(h), (prior.trace() - left.trace()) / float64(n), nil
}

// addTo adds f·C to m.
func (c covariance) addTo(m *Matrix, f float64) {
	for i, d := range c.Diagonal {
		m.Set(i, i, m.At(i, i)+complex(f*d, 0))
		if i > 0 {
			v := complex(f, 0) * c.Lower[i]
			m.Set(i, i-1, m.At(i, i-1)+v)
			m.Set(i-1, i, m.At(i-1, i)+conj(v))
		}
	}
}

// sound sends the pilots and correlates what the converters give with them, N×K.
func (a *arrayReceiver) sound(tau int, r *rand.Rand) *Matrix {
	k := a.g.Cols
	pilots := NewMatrix(k, tau)
	for i := range k {
		for t := range tau {
			pilots.Set(i, t, phase(-2*math.Pi*float64(i*t)/float64(tau)))
		}
	}
	x := &Matrix{}
	Mul(x, &a.g, pilots)
	x.scale(math.Sqrt(a.p.Power))
	std := math.Sqrt(a.p.NoiseVar / 2)
	for i := range x.Rows {
		re, im := x.Row(i)
		for t := range re {
			re[t] += std * r.NormFloat64()
			im[t] += std * r.NormFloat64()
		}
	}
	a.convert(x)
	back, z := &Matrix{}, &Matrix{}
	ConjTranspose(back, pilots)
	Mul(z, x, back)
	z.scale(1 / (float64(tau) * math.Sqrt(a.p.Power)))
	return z
}
