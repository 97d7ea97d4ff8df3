package mimo

import (
	"errors"
	"math"
)

// Steer says how the modulator of a single user is aimed.
type Steer int

// A fixed modulator, one steered to the user's angle, one adapted to its channel.
const (
	SteerNone Steer = iota
	SteerUser
	SteerChannel
)

// SigmaDeltaMRT precodes for one user,
//
//	x̄_t = A/(√2·(2D−1))·h*/max|h_n|·s_t,
//
// where A is the modulator's no-overload bound, so that no symbol and no phase
// exceeds it (Shao et al. 2019, Section IV-A).
type SigmaDeltaMRT struct {
	Modulator Modulator
	Steer     Steer

	p     Params
	m     Modulator // as steered
	w     Matrix    // N×1, precodes to x̄
	half  float64   // Σ hᵀx̄ per unit symbol
	noise float64   // E|hᵀ(x − x̄)|²
}

var errOneUser = errors.New("sd-mrt serves one user")

// Prepare aims the modulator and computes the beam.
func (z *SigmaDeltaMRT) Prepare(ch *Channel, p Params) error {
	if ch.H.Rows != 1 {
		return errOneUser
	}
	h := ch.row(0)
	var err error
	if z.m, err = z.aim(ch, h); err != nil {
		return err
	}
	z.p = p
	n := len(h)
	peak, energy := 0.0, 0.0
	for _, v := range h {
		square := real(v)*real(v) + imag(v)*imag(v)
		peak, energy = max(peak, square), energy+square
	}
	peak = math.Sqrt(peak)
	if peak == 0 {
		return ErrDependent
	}
	f := z.m.amplitude(n) / (math.Sqrt2 * p.QAM.Peak() * peak)
	z.w.copyFrom(ch.HH)
	z.w.scale(f)
	z.half = f * energy
	z.noise = z.m.NoisePower(h, 0)
	return nil
}

func (z *SigmaDeltaMRT) aim(ch *Channel, h []complex128) (Modulator, error) {
	m := z.Modulator
	switch z.Steer {
	case SteerUser:
		if ch.Users == nil {
			return m, errors.New("sd-mrt: only the channel of an angle can be steered to")
		}
		m.Psi = Omega(ch.Users[0].Azimuth, ch.Spacing)
	case SteerChannel:
		adapted := Adaptive(h)
		m.C, m.Along = adapted.C, adapted.Along
	}
	return m, nil
}

// Bar computes the amplitude-limited design x̄, N×T.
func (z *SigmaDeltaMRT) Bar(xbar, s *Matrix) { Mul(xbar, &z.w, s) }

// Precode modulates the beam.
func (z *SigmaDeltaMRT) Precode(tx *Transmit, s *Matrix) {
	z.Bar(&tx.X, s)
	z.m.transmit(tx, 1, z.p)
	tx.unknown()
	tx.Gain = append(tx.Gain, tx.Scale*z.half)
	tx.NoiseVar = append(tx.NoiseVar, z.p.NoiseVar+tx.Scale*tx.Scale*z.noise)
}

// Modulator is the modulator as prepared.
func (z *SigmaDeltaMRT) Steered() Modulator { return z.m }

// Cost of one beam and the recursion.
func (z *SigmaDeltaMRT) Cost(n, k int) Cost {
	m := z.Modulator
	if z.Steer != SteerNone {
		m.Psi = 1 // any angle: the coefficients are complex
	}
	return Cost{Products: []Product{{"precode", n, k, 1}}, Chain: m.chainCost(n), OutBits: m.outBits()}
}

// transmit modulates scale·X in place and sets the scale at which the result
// radiates P.
func (m Modulator) transmit(tx *Transmit, scale float64, p Params) {
	m.Run(&tx.X, &tx.X, scale)
	if m.OneBit() {
		tx.Scale = oneBitScale(p.Power, tx.X.Rows)
	} else {
		tx.radiate(p.Power)
	}
}

// Weights choose the constellation scales of the users.
type Weights int

// SEPWeights scale users by their effective noise, which equalizes their symbol
// error probabilities; EqualWeights give all the same scale.
const (
	SEPWeights Weights = iota
	EqualWeights
)

// SigmaDeltaZF is Sigma-Delta zero forcing,
//
//	X̄ = g·H⁺·diag(w)·S,  g = A/‖H⁺·diag(w)·S‖_IQ∞ over the block
//
// (Shao et al. 2019, Section V-A).
type SigmaDeltaZF struct {
	Modulator Modulator
	Weights   Weights
	// Headroom multiplies A: above 1 the quantizers overload now and then, for
	// more useful power; 0 means 1.
	Headroom float64
	// InBand is the density of shaped noise in the model, see [InBandShaped]; 0
	// means 2/3.
	InBand float64

	design  design
	w       Matrix // N×K: H⁺·diag(weights)
	weights []float64
}

// design is what zero forcing and symbol-level precoding share.
type design struct {
	p      Params
	m      Modulator
	amp    float64   // bound on the IQ-infinity norm of x̄
	qnoise []float64 // E|hᵢᵀ(x − x̄)|²
	sigma  []float64 // sqrt of the effective noise at one-bit scale
}

func (d *design) prepare(ch *Channel, p Params, m Modulator, headroom, inBand float64) {
	if headroom == 0 {
		headroom = 1
	}
	k, n := ch.H.Rows, ch.H.Cols
	d.p, d.m, d.amp = p, m, headroom*m.amplitude(n)
	d.qnoise, d.sigma = resize(d.qnoise, k), resize(d.sigma, k)
	for i := range k {
		d.qnoise[i] = m.NoisePower(ch.row(i), inBand)
		d.sigma[i] = math.Sqrt(EffectiveNoise(p.NoiseVar, p.Power, n, 1, d.qnoise[i]))
	}
}

// promise records the half spacings scale·half[i] and the noise of the design.
func (d *design) promise(tx *Transmit, half []float64, f float64) {
	tx.unknown()
	for i, h := range half {
		tx.Gain = append(tx.Gain, tx.Scale*f*h)
		tx.NoiseVar = append(tx.NoiseVar, d.p.NoiseVar+tx.Scale*tx.Scale*d.qnoise[i])
	}
}

// Prepare computes H⁺·diag(w).
func (z *SigmaDeltaZF) Prepare(ch *Channel, p Params) error {
	z.design.prepare(ch, p, z.Modulator, z.Headroom, z.InBand)
	if err := RightInverse(&z.w, ch, 0); err != nil {
		return err
	}
	z.weights = resize(z.weights, len(z.design.sigma))
	for i, sigma := range z.design.sigma {
		z.weights[i] = 1
		if z.Weights == SEPWeights {
			z.weights[i] = sigma
		}
	}
	scaleColumns(&z.w, z.weights)
	return nil
}

// scaleColumns multiplies column i of m by f[i].
func scaleColumns(m *Matrix, f []float64) {
	for n := range m.Rows {
		re, im := m.Row(n)
		for i, v := range f {
			re[i] *= v
			im[i] *= v
		}
	}
}

// UserWeights returns w for the prepared channel.
func (z *SigmaDeltaZF) UserWeights() []float64 { return z.weights }

// Bar computes H⁺·diag(w)·S and the g that brings it to the amplitude bound.
func (z *SigmaDeltaZF) Bar(xbar, s *Matrix) (g float64) {
	Mul(xbar, &z.w, s)
	return z.design.amp / xbar.Peak()
}

// Precode modulates X̄.
func (z *SigmaDeltaZF) Precode(tx *Transmit, s *Matrix) {
	g := z.Bar(&tx.X, s)
	z.Modulator.transmit(tx, g, z.design.p)
	z.design.promise(tx, z.weights, g)
}

// Cost of one product and the recursion.
func (z *SigmaDeltaZF) Cost(n, k int) Cost {
	return Cost{
		MatrixCMACs: RightInverseCMACs(n, k, false),
		Products:    []Product{{"precode", n, k, 1}},
		Vectors:     []VectorOp{{"peak", 2 * n, 1, 1}, {"scale", 2 * n, 1, 1}},
		Chain:       z.Modulator.chainCost(n),
		OutBits:     z.Modulator.outBits(),
	}
}
