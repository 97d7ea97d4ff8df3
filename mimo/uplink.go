package mimo

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Converter is the kind of analogue-to-digital conversion at a receiving array.
type Converter string

// Converters of unlimited resolution, one-bit ones, and one-bit ones chained into a
// spatial Sigma-Delta modulator.
const (
	Unlimited  Converter = "unlimited"
	OneBitADC  Converter = "one-bit"
	SigmaDelta Converter = "sigma-delta"
)

// Receiver is a receiving array: its converters and its detector. The Sigma-Delta
// array computes, from q = 0,
//
//	r_n = x_n − e^{jψ}·q_{n−1},  y_n = α_n·csgn(r_n),  q_n = y_n − r_n
//
// with α_n = sqrt(π/2)·std(r_n) in each dimension, at which the equivalent linear
// model y = x + U·q has unity gain (S. Rao, G. Seco-Granados, H. Pirzadeh, J. A.
// Nossek, A. L. Swindlehurst, "Massive MIMO Channel Estimation With Low-Resolution
// Spatial Sigma-Delta ADCs", IEEE Access 9, 2021; H. Pirzadeh et al., arXiv
// 1910.05491).
type Receiver struct {
	Converter Converter `toml:"converter" json:"converter"`
	Psi       float64   `toml:"psi" json:"psi,omitempty"`
	Detector  string    `toml:"detector" json:"detector"` // zf, mrc or lmmse
}

// Cost counts the detector's matrix, one product a symbol vector and the recursion of
// an array of n antennas and k users.
func (c Receiver) Cost(n, k int) Cost {
	cost := Cost{Products: []Product{{"detect", k, n, 1}}}
	if c.Detector != "mrc" {
		cost.MatrixCMACs = RightInverseCMACs(n, k, c.Detector == "lmmse")
	}
	if c.Detector == "lmmse" {
		cost.MatrixCMACs += 3 * float64(n*k) // elimination in the tridiagonal covariance
	}
	if c.Converter != Unlimited {
		cost.OutBits = 1
	}
	if c.Converter == SigmaDelta {
		cost.Chain = Modulator{Psi: c.Psi}.chainCost(n)
	}
	return cost
}

// errorShare is E|q|²/E|r|² of a one-bit converter of unity gain.
const errorShare = math.Pi/2 - 1

// arrayReceiver is a prepared Receiver.
type arrayReceiver struct {
	Receiver
	p     Params
	g     Matrix // N×K: Hᵀ
	gh    Matrix // K×N
	w     Matrix // K×N, the detector, of unit gain
	alpha []float64
	noise covariance
	x     Matrix // N×T
	q     []complex128
}

// covariance is the Hermitian tridiagonal noise covariance of the linear model:
// its diagonal and the elements below it, Lower[n] at (n, n−1).
type covariance struct {
	Diagonal []float64
	Lower    []complex128
}

func newArrayReceiver(c Receiver) (*arrayReceiver, error) {
	switch c.Converter {
	case Unlimited, OneBitADC, SigmaDelta:
	default:
		return nil, fmt.Errorf("converter = %q: must be %s, %s or %s", c.Converter, Unlimited, OneBitADC, SigmaDelta)
	}
	switch c.Detector {
	case "zf", "mrc", "lmmse":
	default:
		return nil, fmt.Errorf("detector = %q: must be zf, mrc or lmmse", c.Detector)
	}
	return &arrayReceiver{Receiver: c}, nil
}

// prepare sets the converters' levels and computes the detector. Every user
// transmits with p.Power.
func (a *arrayReceiver) prepare(ch *Channel, p Params) error {
	a.p = p
	n, k := ch.H.Cols, ch.H.Rows
	a.g.fit(n, k)
	for i := range n {
		for j := range k {
			a.g.Set(i, j, ch.H.At(j, i))
		}
	}
	ConjTranspose(&a.gh, &a.g)
	a.levels()
	return a.detector()
}

// levels computes α_n and the covariance of the noise from the mean powers,
//
//	E|r_n|² = E|x_n|² + (π/2−1)·E|r_{n−1}|².
func (a *arrayReceiver) levels() {
	n := a.g.Rows
	a.alpha = resize(a.alpha, n)
	a.noise.Diagonal = resize(a.noise.Diagonal, n)
	if cap(a.noise.Lower) < n {
		a.noise.Lower = make([]complex128, n)
	}
	a.noise.Lower = a.noise.Lower[:n]
	clear(a.noise.Lower)
	var before float64 // E|q_{n−1}|²
	for i := range n {
		re, im := a.g.Row(i)
		power := a.p.NoiseVar
		for j := range re {
			power += a.p.Power * (re[j]*re[j] + im[j]*im[j])
		}
		a.noise.Diagonal[i] = a.p.NoiseVar
		if a.Converter == Unlimited {
			continue
		}
		if a.Converter == SigmaDelta && i > 0 {
			power += before
			a.noise.Diagonal[i] += before
			a.noise.Lower[i] = -phase(a.Psi) * complex(before, 0)
		}
		a.alpha[i] = math.Sqrt(math.Pi / 2 * power / 2)
		before = errorShare * power
		a.noise.Diagonal[i] += before
	}
}

// detector computes W with (W·G)ₖₖ = 1.
func (a *arrayReceiver) detector() error {
	var inner, inv, filter Matrix
	ConjTranspose(&filter, &a.g)
	if a.Detector == "lmmse" {
		white := &Matrix{}
		white.copyFrom(&a.g)
		a.noise.solve(white) // C⁻¹G
		ConjTranspose(&filter, white)
	}
	if a.Detector == "mrc" {
		a.w.copyFrom(&filter)
	} else {
		Mul(&inner, &filter, &a.g)
		if a.Detector == "lmmse" {
			inner.addDiagonal(1 / a.p.Power)
		}
		if err := inverse(&inv, &inner); err != nil {
			return err
		}
		Mul(&a.w, &inv, &filter)
	}
	return a.normalize()
}

// normalize gives every row of W unit gain for its user.
func (a *arrayReceiver) normalize() error {
	var gain Matrix
	Mul(&gain, &a.w, &a.g)
	for i := range a.w.Rows {
		g := gain.Re[i*gain.Stride+i]
		if !(g > 0) {
			return ErrDependent
		}
		re, im := a.w.Row(i)
		for j := range re {
			re[j] /= g
			im[j] /= g
		}
	}
	return nil
}

// solve replaces the columns of b by the solutions of C·x = b, by elimination.
func (c covariance) solve(b *Matrix) {
	n := len(c.Diagonal)
	pivot := make([]float64, n)
	pivot[0] = c.Diagonal[0]
	for i := 1; i < n; i++ {
		f := c.Lower[i] * complex(1/pivot[i-1], 0)
		pivot[i] = c.Diagonal[i] - real(f*conj(c.Lower[i]))
		for j := range b.Cols {
			b.Set(i, j, b.At(i, j)-f*b.At(i-1, j))
		}
	}
	for i := n - 1; i >= 0; i-- {
		for j := range b.Cols {
			v := b.At(i, j)
			if i+1 < n {
				v -= conj(c.Lower[i+1]) * b.At(i+1, j)
			}
			b.Set(i, j, v*complex(1/pivot[i], 0))
		}
	}
}

func conj(v complex128) complex128 { return complex(real(v), -imag(v)) }

// block sends the symbols s through the channel, the converters and the detector;
// y has half spacing 1.
func (a *arrayReceiver) block(y, s *Matrix, r *rand.Rand) {
	amp := math.Sqrt(a.p.Power / a.p.QAM.Energy())
	Mul(&a.x, &a.g, s)
	std := math.Sqrt(a.p.NoiseVar / 2)
	for i := range a.x.Rows {
		re, im := a.x.Row(i)
		for t := range re {
			re[t] = amp*re[t] + std*r.NormFloat64()
			im[t] = amp*im[t] + std*r.NormFloat64()
		}
	}
	a.convert(&a.x)
	Mul(y, &a.w, &a.x)
	y.scale(1 / amp)
}

// convert digitizes x in place.
func (a *arrayReceiver) convert(x *Matrix) {
	if a.Converter == Unlimited {
		return
	}
	if cap(a.q) < x.Cols {
		a.q = make([]complex128, x.Cols)
	}
	q := a.q[:x.Cols]
	clear(q)
	turn := phase(a.Psi)
	for i, alpha := range a.alpha {
		re, im := x.Row(i)
		for t := range re {
			v := complex(re[t], im[t])
			if a.Converter == SigmaDelta {
				v -= turn * q[t]
			}
			re[t], im[t] = math.Copysign(alpha, real(v)+0), math.Copysign(alpha, imag(v)+0)
			q[t] = complex(re[t], im[t]) - v
		}
	}
}
