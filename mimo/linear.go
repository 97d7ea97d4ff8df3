package mimo

import "math"

// Rule is a linear precoding rule.
type Rule int

// The linear rules: zero forcing, regularized zero forcing, maximum ratio.
const (
	ZF Rule = iota
	RZF
	MRT
)

// Linear is linear precoding, x = β·W·s, with converters of unlimited resolution
// or, with Bits set, x = Q(W·s) with converters of that many bits in each
// dimension. The radiated power is P, on average over symbols without
// quantization and in every block with it.
type Linear struct {
	Rule Rule
	// Ridge of RZF; 0 means K·σ_v²/P.
	Ridge float64
	// Bits of the converters; 0 means no quantization, 1 is direct one-bit
	// precoding, x = csgn(W·s).
	Bits int
	// Bussgang makes one-bit receivers use the gain sqrt(2/π)·(H·W)ᵢᵢ/std that a
	// Gaussian input would see instead of estimating it.
	Bussgang bool

	p     Params
	w     Matrix // N×K
	hw    Matrix // H·W
	beta  float64
	gain  []float64
	noise []float64
	step  float64 // of the converters, for unit variance
}

// Prepare computes W and β = sqrt(P/(E_s·tr WᴴW)).
func (l *Linear) Prepare(ch *Channel, p Params) error {
	l.p = p
	if l.Bits > 1 && l.step == 0 {
		l.step = UniformStep(l.Bits)
	}
	k := ch.H.Rows
	ridge := 0.0
	if l.Rule == RZF {
		ridge = l.Ridge
		if ridge == 0 {
			ridge = float64(k) * p.NoiseVar / p.Power
		}
	}
	if l.Rule == MRT {
		l.w.copyFrom(ch.HH)
	} else if err := RightInverse(&l.w, ch, ridge); err != nil {
		return err
	}
	Mul(&l.hw, ch.H, &l.w)
	l.beta = math.Sqrt(p.Power / (p.QAM.Energy() * l.w.Energy()))
	l.expect(ch)
	return nil
}

// expect fills in the gains and, for unquantized precoding, the interference
// plus noise of the users.
func (l *Linear) expect(ch *Channel) {
	k := ch.H.Rows
	l.gain, l.noise = resize(l.gain, k), l.noise[:0]
	if l.Bits == 0 {
		l.noise = resize(l.noise, k)
	}
	for i := range k {
		l.gain[i] = l.beta * l.hw.Re[i*l.hw.Stride+i]
		if l.Bits > 0 {
			continue
		}
		re, im := l.hw.Row(i)
		var others float64
		for j := range re {
			if j != i {
				others += re[j]*re[j] + im[j]*im[j]
			}
		}
		l.noise[i] = l.p.NoiseVar + l.beta*l.beta*l.p.QAM.Energy()*others
	}
	if l.Bits == 1 && l.Bussgang {
		l.bussgang(ch)
	}
}

// bussgang computes sqrt(P/2N)·sqrt(2/π)·Re Σ_n h_in·W_ni/std_n, std_n per dimension.
func (l *Linear) bussgang(ch *Channel) {
	n, k := l.w.Rows, l.w.Cols
	clear(l.gain)
	for a := range n {
		re, im := l.w.Row(a)
		var power float64
		for j := range re {
			power += re[j]*re[j] + im[j]*im[j]
		}
		std := math.Sqrt(power * l.p.QAM.Energy() / 2)
		for i := range k {
			hr, hi := ch.H.Re[i*ch.H.Stride+a], ch.H.Im[i*ch.H.Stride+a]
			l.gain[i] += (hr*re[i] - hi*im[i]) / std
		}
	}
	for i := range l.gain {
		l.gain[i] *= oneBitScale(l.p.Power, n) * math.Sqrt(2/math.Pi)
	}
}

// Precode computes x.
func (l *Linear) Precode(tx *Transmit, s *Matrix) {
	Mul(&tx.X, &l.w, s)
	tx.unknown()
	switch {
	case l.Bits == 0:
		tx.Scale = l.beta
		tx.Gain = append(tx.Gain, l.gain...)
		tx.NoiseVar = append(tx.NoiseVar, l.noise...)
	case l.Bits == 1:
		tx.X.csgn()
		tx.Scale = oneBitScale(l.p.Power, tx.X.Rows)
		if l.Bussgang {
			tx.Gain = append(tx.Gain, l.gain...)
		}
	default:
		quantizeUniform(&tx.X, l.Bits, l.step)
		tx.radiate(l.p.Power)
	}
}

// quantizeUniform rounds x to the 2^bits odd integers nearest to x over half of step
// times its standard deviation.
func quantizeUniform(x *Matrix, bits int, step float64) {
	rms := math.Sqrt(x.Energy() / float64(2*x.Rows*x.Cols))
	half := step / 2 * rms
	m := Modulator{Levels: 1 << bits}
	for _, plane := range [][]float64{x.Re, x.Im} {
		for i, v := range plane {
			plane[i] = m.quantize(v / half)
		}
	}
}

// UniformStep is the step of the mid-rise uniform quantizer of 2^bits levels that
// has the least mean square error for a Gaussian of unit variance (J. Max,
// "Quantizing for minimum distortion", IRE Trans. Inf. Theory 6, 1960, Table II).
func UniformStep(bits int) float64 {
	// The error is unimodal in the step; golden-section search.
	ratio := (math.Sqrt(5) - 1) / 2
	lo, hi := 0.0, 16/math.Exp2(float64(bits))
	for hi-lo > 1e-9*hi {
		a, b := hi-ratio*(hi-lo), lo+ratio*(hi-lo)
		if gaussianError(a, bits) < gaussianError(b, bits) {
			hi = b
		} else {
			lo = a
		}
	}
	return (lo + hi) / 2
}

// gaussianError is the mean square error of the quantizer: the sum over cells
// [a, b) of ∫(x−v)²φ(x)dx, twice the positive half.
func gaussianError(step float64, bits int) float64 {
	density := func(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }
	var sum float64
	for c := range 1 << (bits - 1) {
		a, v := step*float64(c), step*(float64(c)+0.5)
		upper, fromB, tailB := 0.0, 0.0, 0.0
		if c < 1<<(bits-1)-1 {
			upper = a + step
			fromB, tailB = density(upper), Q(upper)
		}
		mass, first := Q(a)-tailB, density(a)-fromB
		second := mass + a*density(a) - upper*fromB
		sum += second - 2*v*first + v*v*mass
	}
	return 2 * sum
}
