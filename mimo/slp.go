package mimo

// SigmaDeltaSLP is Sigma-Delta symbol-level precoding: x̄ maximizes the least safety
// margin of all decisions in the block, in units of the users' effective noise,
// under the amplitude bound (Shao et al. 2019, Section V-B, in max-min form).
type SigmaDeltaSLP struct {
	Modulator Modulator
	Headroom  float64 // see [SigmaDeltaZF]
	InBand    float64 // see [SigmaDeltaZF]
	Schedule  Schedule

	design design
	margin MarginDesign
}

// Prepare computes the effective noise and the zero-forcing start.
func (z *SigmaDeltaSLP) Prepare(ch *Channel, p Params) error {
	z.design.prepare(ch, p, z.Modulator, z.Headroom, z.InBand)
	z.margin.Schedule, z.margin.Amp, z.margin.Sigma = z.Schedule, z.design.amp, z.design.sigma
	return z.margin.Prepare(ch, p.QAM)
}

// Bar computes the amplitude-limited design x̄, N×T.
func (z *SigmaDeltaSLP) Bar(xbar, s *Matrix) { z.margin.Solve(xbar, s) }

// Precode designs and modulates X̄.
func (z *SigmaDeltaSLP) Precode(tx *Transmit, s *Matrix) {
	z.Bar(&tx.X, s)
	z.Modulator.transmit(tx, 1, z.design.p)
	z.design.promise(tx, z.margin.D, 1)
}

// Margins returns the least margin min d/σ that the last block reached, σ being the
// square root of the effective noise, and that of zero forcing.
func (z *SigmaDeltaSLP) Margins() (reached, zeroForcing float64) {
	return z.margin.Margin, z.margin.Start
}

// Cost is that of the design and the recursion.
func (z *SigmaDeltaSLP) Cost(n, k int) Cost {
	z.margin.Schedule = z.Schedule
	c := z.margin.cost(n, k)
	c.Chain, c.OutBits = z.Modulator.chainCost(n), z.Modulator.outBits()
	return c
}

// MSM is the maximum safety margin precoder: the max-min design with equal noise
// and unit amplitude, then x = csgn(x̄) without a modulator (H. Jedda, A. Mezghani,
// J. A. Nossek, A. L. Swindlehurst, "Massive MIMO downlink 1-bit precoding with
// linear programming for PSK signaling", SPAWC 2017; here for QAM).
type MSM struct {
	Schedule Schedule

	power  float64
	margin MarginDesign
}

// Prepare computes the zero-forcing start.
func (z *MSM) Prepare(ch *Channel, p Params) error {
	z.power = p.Power
	z.margin.Schedule, z.margin.Amp, z.margin.Sigma = z.Schedule, 1, ones(z.margin.Sigma, ch.H.Rows)
	return z.margin.Prepare(ch, p.QAM)
}

// ones returns k ones, in v if it is large enough.
func ones(v []float64, k int) []float64 {
	v = resize(v, k)
	for i := range v {
		v[i] = 1
	}
	return v
}

// Precode designs x̄ and takes its signs.
func (z *MSM) Precode(tx *Transmit, s *Matrix) {
	z.margin.Solve(&tx.X, s)
	tx.signs(z.power)
}

// signs makes X one-bit and leaves the gains to the receivers.
func (tx *Transmit) signs(power float64) {
	tx.X.csgn()
	tx.Scale = oneBitScale(power, tx.X.Rows)
	tx.unknown()
}

// Cost is that of the design.
func (z *MSM) Cost(n, k int) Cost {
	z.margin.Schedule = z.Schedule
	c := z.margin.cost(n, k)
	c.OutBits = 1
	return c
}
