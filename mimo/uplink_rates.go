package mimo

import (
	"errors"
	"math"
	"math/rand/v2"
)

// Rates are the spectral efficiencies of an uplink with Gaussian symbols,
// log₂(1 + SINR) in bit/s/Hz for each user.
type Rates struct {
	Model    []float64 // by the linear model
	Measured []float64 // from simulated symbols
}

// UplinkRates computes the rates of a receiver on a channel, measured over the
// given number of symbols.
func UplinkRates(c Receiver, ch *Channel, p Params, symbols int, r *rand.Rand) (Rates, error) {
	a, err := newArrayReceiver(c)
	if err != nil {
		return Rates{}, err
	}
	if symbols < 1 {
		return Rates{}, errors.New("the rate needs symbols to be measured over")
	}
	if err := a.prepare(ch, p); err != nil {
		return Rates{}, err
	}
	s, y := NewMatrix(ch.H.Rows, symbols), &Matrix{}
	for i := range s.Rows {
		gaussian(s, i, p.QAM.Energy(), r)
	}
	a.block(y, s, r)
	out := Rates{Model: a.modelRates()}
	for i := range s.Rows {
		out.Measured = append(out.Measured, math.Log2(1+measuredSINR(y, s, i)))
	}
	return out, nil
}

// modelRates uses the gains and the covariance of the linear model.
func (a *arrayReceiver) modelRates() []float64 {
	var gain Matrix
	Mul(&gain, &a.w, &a.g)
	rates := make([]float64, a.w.Rows)
	for i := range rates {
		re, im := gain.Row(i)
		var signal, others float64
		for j := range re {
			power := a.p.Power * (re[j]*re[j] + im[j]*im[j])
			if j == i {
				signal = power
			} else {
				others += power
			}
		}
		rates[i] = math.Log2(1 + signal/(others+a.noise.quadratic(&a.w, i)))
	}
	return rates
}

// quadratic is w·C·wᴴ for row i of w.
func (c covariance) quadratic(w *Matrix, i int) float64 {
	var sum float64
	for n, d := range c.Diagonal {
		v := w.At(i, n)
		sum += d * (real(v)*real(v) + imag(v)*imag(v))
		if n > 0 {
			sum += 2 * real(v*c.Lower[n]*conj(w.At(i, n-1)))
		}
	}
	return sum
}

// measuredSINR is the power of the part of y that follows the symbols of user i over
// the rest.
func measuredSINR(y, s *Matrix, i int) float64 {
	var cross complex128
	var energy, total float64
	for t := range s.Cols {
		v, u := y.At(i, t), s.At(i, t)
		cross += v * conj(u)
		energy += real(u)*real(u) + imag(u)*imag(u)
		total += real(v)*real(v) + imag(v)*imag(v)
	}
	signal := (real(cross)*real(cross) + imag(cross)*imag(cross)) / energy
	return signal / (total - signal)
}
