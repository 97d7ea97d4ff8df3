package mimo

import "math"

// The quantization error of a one-bit quantizer that does not overload is
// modeled as white with E|q|² = 2/3: I and Q uniform on [−1, 1]
// (Shao et al. 2019, Assumption 1).
const errorPower = 2.0 / 3

// InBandShaped is the density that white noise must be given in the model for
// noise-like inputs of four users and more: measured errors are correlated
// between neighbours and weaker by 3 dB at low spatial frequencies.
const InBandShaped = 1.0 / 3

// NoisePower is the white-model power of hᵀ(x − x̄) for any channel and modulator.
// inBand is E|q|² of the shaped part of the noise, 2/3 by default (0); errors that
// end a chain keep 2/3.
func (m Modulator) NoisePower(h []complex128, inBand float64) float64 {
	if inBand == 0 {
		inBand = errorPower
	}
	n := len(h)
	at := func(i int) complex128 { return h[m.antenna(i)] }
	var sum float64
	for i := range m.chains() {
		from, to := m.chain(i, n)
		for p := from; p < to; p++ {
			v, density := at(p), inBand
			if p+1 == to {
				density = errorPower
			} else if m.order() == 1 {
				v -= m.coefficient(p+1) * at(p+1)
			} else {
				v -= 2 * m.coefficient(p+1) * at(p+1)
				if p+2 < to {
					v += m.coefficient(p+1) * m.coefficient(p+2) * at(p+2)
				}
			}
			sum += density * (real(v)*real(v) + imag(v)*imag(v))
		}
	}
	return sum
}

// EffectiveNoise is the variance that a user sees: its own noise and the
// modulator's, (P/2N)·|α|²·σ_e².
func EffectiveNoise(noiseVar, power float64, n int, alpha2, qnoise float64) float64 {
	return noiseVar + power/float64(2*n)*alpha2*qnoise
}

// Spectrum measures the mean of |a(θ)ᵀ·e|² over the columns of the N×T error e for
// every phase step omega of a linear array, relative to 2N, in dB.
func Spectrum(e *Matrix, omegas []float64) []float64 {
	a := make([][]complex128, len(omegas))
	for i, omega := range omegas {
		a[i] = Steering(omega, e.Rows)
	}
	var y Matrix
	Mul(&y, MatrixOf(a), e)
	db := make([]float64, len(omegas))
	for i := range db {
		re, im := y.Row(i)
		var sum float64
		for t := range re {
			sum += re[t]*re[t] + im[t]*im[t]
		}
		db[i] = DB(sum / float64(e.Cols) / float64(2*e.Rows))
	}
	return db
}

// Sub computes dst = a − f·b.
func Sub(dst, a, b *Matrix, f float64) {
	dst.fit(a.Rows, a.Cols)
	for i := range dst.Re {
		dst.Re[i] = a.Re[i] - f*b.Re[i]
		dst.Im[i] = a.Im[i] - f*b.Im[i]
	}
}

// DB is 10·log₁₀ of a power ratio.
func DB(ratio float64) float64 { return 10 * math.Log10(ratio) }

// FromDB is the power ratio of decibels.
func FromDB(db float64) float64 { return math.Pow(10, db/10) }
