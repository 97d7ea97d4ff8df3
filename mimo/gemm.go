package mimo

import "math"

// GEMM is one-bit precoding by a penalty that forces binary values, solved by
// gradient-extrapolated majorization-minimization in the manner of M. Shao, Q. Li,
// W.-K. Ma, A. M.-C. So, "A Framework for One-Bit and Constant-Envelope Precoding
// Over Multiuser Massive MISO Channels", IEEE Trans. Signal Process. 67(20), 2019.
// Over ‖X̄‖_IQ∞ ≤ 1 it minimizes
//
//	F_δ(X̄, d) − λ‖X̄‖²,
//
// F_δ the smooth negative least margin of [MarginDesign]: the negative square is
// majorized by its tangent, each majorization gets one accelerated gradient step,
// and λ grows until the entries are ±1.
type GEMM struct {
	Delta  float64 // smoothing, in units of the least margin at the start; 0 means 0.5
	Every  int     // steps between growths of λ; 0 means 50
	Growth float64 // of λ; 0 means 5
	// Lambda at the start, over that of an entry at the edge of the box whose
	// pull equals the mean gradient; 0 means 0.01.
	Lambda float64
	// Limit of the steps; 0 means 1000.
	Limit int

	power  float64
	margin MarginDesign
	// Steps that the last block took.
	Steps int
}

func (z *GEMM) withDefaults() GEMM {
	d := GEMM{Delta: z.Delta, Every: z.Every, Growth: z.Growth, Lambda: z.Lambda, Limit: z.Limit}
	if d.Delta == 0 {
		d.Delta = 0.5
	}
	if d.Every == 0 {
		d.Every = 50
	}
	if d.Growth == 0 {
		d.Growth = 5
	}
	if d.Lambda == 0 {
		d.Lambda = 0.01
	}
	if d.Limit == 0 {
		d.Limit = 1000
	}
	return d
}

// Prepare computes the zero-forcing start.
func (z *GEMM) Prepare(ch *Channel, p Params) error {
	z.power = p.Power
	z.margin.Amp, z.margin.Sigma = 1, ones(z.margin.Sigma, ch.H.Rows)
	return z.margin.Prepare(ch, p.QAM)
}

// Precode solves for binary X.
func (z *GEMM) Precode(tx *Transmit, s *Matrix) {
	c := z.withDefaults()
	z.margin.begin(&tx.X, s)
	o := &z.margin.solver
	o.iterate(c.Delta)
	lambda := c.Lambda * meanMagnitude(o.grad) / 2
	for z.Steps = 1; z.Steps < c.Limit && !binary(o.x); z.Steps++ {
		if (z.Steps-1)%c.Every == 0 && z.Steps > 1 {
			lambda *= c.Growth
			o.momentum = 1
		}
		o.pull = lambda
		o.iterate(c.Delta)
	}
	tx.X.copyFrom(o.x)
	tx.signs(z.power)
}

// meanMagnitude is the mean of |Re| and |Im| over the elements.
func meanMagnitude(m *Matrix) float64 {
	var sum float64
	for i := range m.Rows {
		re, im := m.Row(i)
		for j := range re {
			sum += math.Abs(re[j]) + math.Abs(im[j])
		}
	}
	return sum / float64(2*m.Rows*m.Cols)
}

// binary reports whether 99.9 % of the parts lie at the edge of the unit box.
func binary(m *Matrix) bool {
	inside := 0
	for i := range m.Rows {
		re, im := m.Row(i)
		for j := range re {
			if math.Abs(re[j]) < 1-1e-9 {
				inside++
			}
			if math.Abs(im[j]) < 1-1e-9 {
				inside++
			}
		}
	}
	return float64(inside) <= 1e-3*float64(2*m.Rows*m.Cols)
}

// Cost counts as many steps as the last block took, the limit if there was none.
func (z *GEMM) Cost(n, k int) Cost {
	steps := z.Steps
	if steps == 0 {
		steps = z.withDefaults().Limit
	}
	z.margin.Schedule.Iterations = steps
	c := z.margin.cost(n, k)
	c.Vectors = append(c.Vectors, VectorOp{"pull", 2 * n, 2, float64(steps)})
	c.OutBits = 1
	return c
}
