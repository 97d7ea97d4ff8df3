package mimo

// MarginDesign finds the amplitude-limited signals of the largest least safety
// margin, starting from zero forcing,
//
//	maximize min margin/σᵢ  subject to  ‖X̄‖_IQ∞ ≤ Amp, d ≥ 0
//
// over X̄ and the users' half spacings d. A margin is the distance of hᵢᵀx̄_t from the
// edge of its decision region; outer points may move outward. It keeps a
// workspace and is not for concurrent use.
type MarginDesign struct {
	Schedule Schedule
	Amp      float64
	Sigma    []float64 // one per user

	ch     *Channel
	qam    QAM
	w      Matrix // N×K: H⁺·diag(σ), the start
	solver maxMin
	// D are the half spacings of the last solution, Margin its least margin and
	// Start the margin of zero forcing.
	D             []float64
	Margin, Start float64
}

// Prepare computes the zero-forcing start for a channel.
func (z *MarginDesign) Prepare(ch *Channel, q QAM) error {
	z.ch, z.qam = ch, q
	if err := RightInverse(&z.w, ch, 0); err != nil {
		return err
	}
	scaleColumns(&z.w, z.Sigma)
	return nil
}

// begin hands zero forcing to the solver; margins are in the returned unit.
func (z *MarginDesign) begin(xbar, s *Matrix) (unit float64) {
	Mul(xbar, &z.w, s)
	g := z.Amp / xbar.Peak()
	xbar.scale(g)
	z.D = resize(z.D, s.Rows)
	for i, sigma := range z.Sigma {
		z.D[i] = g * sigma
	}
	z.Start = z.solver.start(z.ch, xbar, s, z.D, z.Sigma, z.qam, z.Amp)
	return z.Start
}

// Solve designs X̄, N×T, for the symbols S, K×T, and returns its least margin.
func (z *MarginDesign) Solve(xbar, s *Matrix) float64 {
	unit := z.begin(xbar, s)
	z.solver.run(z.Schedule)
	z.Margin = unit * z.solver.finish(xbar, z.D)
	return z.Margin
}

// triesPerStep is the steps that the solver computes for each one it takes: the bound
// on the step shrinks by a tenth after every success and doubles after a failure.
const triesPerStep = 1.18

// cost counts the zero-forcing start and the solver: in every iteration the gradient, and
// in every try the step, its product and its margins.
func (z *MarginDesign) cost(n, k int) Cost {
	iterations := z.Schedule.withDefaults().Iterations
	times := float64(iterations)
	tries := triesPerStep * times
	return Cost{
		MatrixCMACs: RightInverseCMACs(n, k, false),
		Iterations:  iterations,
		Products: []Product{
			{"start", n, k, 1},
			{"margins", k, n, tries},
			{"gradient", n, k, times},
		},
		Vectors: []VectorOp{
			{"extrapolate", 2*n + 2*k, 3, times},
			{"step and clip", 2 * n, 10, tries},
			{"margins", 4 * k, 4, times + tries},
			{"exponentials", 4 * k, 1, times + tries},
		},
	}
}
