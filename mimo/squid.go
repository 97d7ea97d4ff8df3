package mimo

import "math"

// SQUID is the squared-infinity-norm relaxation with Douglas-Rachford splitting of
// S. Jacobsson, G. Durisi, M. Coldrey, T. Goldstein, C. Studer, "Quantized
// Precoding for Massive MU-MIMO", IEEE Trans. Commun. 65(11), 2017, Section IV-B.
// For every symbol vector it solves
//
//	min_b ‖s − H·b‖² + λ‖b‖²_IQ∞,  λ = 2·K·N·N0,
//
// and takes the signs, with s and H of unit mean energy and N0 = σ_v²/P.
type SQUID struct {
	Iterations int     // 0 means 50
	Gain       float64 // γ; 0 means 1
	Relax      float64 // ρ; 0 means 1
	// MinNoise bounds N0 from below: the iteration does not settle for less than
	// about 0.03; 0 means 0.1, negative means no bound.
	MinNoise float64

	p    Params
	ch   *Channel
	n0   float64
	q    Matrix // N×K: Hᴴ(½/γ·I + H·Hᴴ)⁻¹
	s    Matrix // K×T, unit energy
	reg  Matrix // N×T: the regularized inverse of s
	b, c Matrix // N×T
	a, z Matrix // N×T
	hz   Matrix // K×T
	beta []float64
	prox ProxInf
}

func (z *SQUID) withDefaults() (iterations int, gain, relax, minNoise float64) {
	iterations, gain, relax, minNoise = z.Iterations, z.Gain, z.Relax, z.MinNoise
	if iterations == 0 {
		iterations = 50
	}
	if gain == 0 {
		gain = 1
	}
	if relax == 0 {
		relax = 1
	}
	if minNoise == 0 {
		minNoise = 0.1
	}
	return iterations, gain, relax, minNoise
}

// Prepare computes Hᴴ(½/γ·I + H·Hᴴ)⁻¹.
func (z *SQUID) Prepare(ch *Channel, p Params) error {
	_, gain, _, minNoise := z.withDefaults()
	z.p, z.ch = p, ch
	z.n0 = math.Max(p.NoiseVar/p.Power, minNoise)
	return RightInverse(&z.q, ch, 0.5/gain)
}

// Precode takes the signs of the relaxed solution.
func (z *SQUID) Precode(tx *Transmit, s *Matrix) {
	z.s.fit(s.Rows, s.Cols)
	Sub(&z.s, s, s, 1-1/math.Sqrt(z.p.QAM.Energy()))
	z.Solve(&tx.X, &z.s)
	tx.Scale = oneBitScale(z.p.Power, tx.X.Rows)
	tx.unknown()
}

// Solve computes x ∈ {±1±j}ᴺ for every column of s, of unit mean energy, and the
// factors by which receivers of (2N)^−½·H·x would scale,
//
//	β = Re((H·x)ᴴs)/(‖H·x‖² + K·N0).
//
// Where β comes out negative, x and β are turned around.
func (z *SQUID) Solve(x, s *Matrix) (beta []float64) {
	z.relaxed(x, s)
	x.csgn()
	Mul(&z.hz, z.ch.H, x)
	unit := oneBitScale(1, x.Rows)
	z.beta = resize(z.beta, s.Cols)
	for t := range z.beta {
		cross, energy := 0.0, 0.0
		for i := range s.Rows {
			a, b := z.hz.At(i, t)*complex(unit, 0), s.At(i, t)
			cross += real(a)*real(b) + imag(a)*imag(b)
			energy += real(a)*real(a) + imag(a)*imag(a)
		}
		z.beta[t] = cross / (energy + float64(s.Rows)*z.n0)
		if z.beta[t] < 0 {
			z.beta[t] = -z.beta[t]
			for n := range x.Rows {
				x.Set(n, t, -x.At(n, t))
			}
		}
	}
	return z.beta
}

// relaxed leaves the solution b for unit-energy symbols in x.
func (z *SQUID) relaxed(x, s *Matrix) {
	iterations, gain, relax, _ := z.withDefaults()
	n, k := z.ch.H.Cols, z.ch.H.Rows
	z.regularize(s, gain)
	z.b.Resize(n, s.Cols)
	z.c.Resize(n, s.Cols)
	z.z.fit(n, s.Cols)
	z.prox.Lambda = 2 * float64(k*n) * z.n0
	z.prox.Reset()
	for range iterations {
		Sub(&z.z, &z.b, &z.c, 1)
		Sub(&z.z, &z.z, &z.b, -1) // 2b − c
		Mul(&z.hz, z.ch.H, &z.z)
		Mul(&z.a, &z.q, &z.hz)
		for i := range z.a.Re {
			z.a.Re[i] = z.reg.Re[i] + z.z.Re[i] - z.a.Re[i]
			z.a.Im[i] = z.reg.Im[i] + z.z.Im[i] - z.a.Im[i]
			z.b.Re[i] = z.c.Re[i] + z.a.Re[i] - z.b.Re[i]
			z.b.Im[i] = z.c.Im[i] + z.a.Im[i] - z.b.Im[i]
		}
		z.prox.Apply(&z.b)
		for i := range z.c.Re {
			z.c.Re[i] += relax * (z.a.Re[i] - z.b.Re[i])
			z.c.Im[i] += relax * (z.a.Im[i] - z.b.Im[i])
		}
	}
	x.copyFrom(&z.b)
}

// regularize computes 2γ(Hᴴs − Q·H·Hᴴs).
func (z *SQUID) regularize(s *Matrix, gain float64) {
	Mul(&z.reg, z.ch.HH, s)
	Mul(&z.hz, z.ch.H, &z.reg)
	Mul(&z.a, &z.q, &z.hz)
	Sub(&z.reg, &z.reg, &z.a, 1)
	z.reg.scale(2 * gain)
}

// Cost counts two products, the proximal operator and the updates an iteration.
func (z *SQUID) Cost(n, k int) Cost {
	iterations, _, _, _ := z.withDefaults()
	times := float64(iterations)
	return Cost{
		MatrixCMACs: RightInverseCMACs(n, k, true),
		Iterations:  iterations,
		Products: []Product{
			{"start", n, k, 2},
			{"start", k, n, 1},
			{"residual", k, n, times},
			{"back", n, k, times},
		},
		Vectors: []VectorOp{
			{"updates", 2 * n, 8, times},
			{"sort", 2 * n, math.Ceil(math.Log2(float64(2 * n))), times},
			{"clip", 2 * n, 2, times},
		},
		OutBits: 1,
	}
}
