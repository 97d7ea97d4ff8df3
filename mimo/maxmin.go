package mimo

import "math"

// Schedule is how long and how sharply the solver of the max-min margin works.
type Schedule struct {
	Iterations int // 0 means 480
	Stages     int // continuation stages; 0 means 6
	// First and Last smoothing δ, as fractions of the margin at the start; 0
	// means 0.3 and 0.01.
	First, Last float64
}

func (c Schedule) withDefaults() Schedule {
	if c.Iterations == 0 {
		c.Iterations = 480
	}
	if c.Stages == 0 {
		c.Stages = 6
	}
	if c.First == 0 {
		c.First = 0.3
	}
	if c.Last == 0 {
		c.Last = 0.01
	}
	return c
}

// delta is the smoothing of a stage, geometric from First to Last.
func (c Schedule) delta(stage int) float64 {
	if c.Stages == 1 {
		return c.Last
	}
	return c.First * math.Pow(c.Last/c.First, float64(stage)/float64(c.Stages-1))
}

// maxMin maximizes, over ‖X‖_IQ∞ ≤ amp and d ≥ 0, the least margin over users i,
// times t and dimensions, in units of σᵢ, with z = hᵢᵀx_t and s the symbol,
//
//	(d_i(s+1) − z)/σᵢ   unless s is the highest level
//	(z − d_i(s−1))/σᵢ   unless s is the lowest,
//
// which is a linear programme. It minimizes the smooth δ·log Σ exp(−margin/δ) by
// accelerated proximal gradient steps (A. Beck, M. Teboulle, SIAM J. Imaging Sci.
// 2(1), 2009) with backtracking, gradient restart (B. O'Donoghue, E. Candès,
// Found. Comput. Math. 15, 2015) and δ decreasing in stages.
type maxMin struct {
	ch  *Channel
	s   *Matrix // K×T
	top float64 // 2D−1
	amp float64
	inv []float64 // 1/σᵢ, in units of the margin at the start

	unit float64 // d = unit·e

	x, prev, next, y, grad, best *Matrix   // N×T
	z, zPrev, zNext, zy, dz      *Matrix   // K×T: H times the above
	e, ePrev, eNext, ey, de      []float64 // scales and the gradient
	bestE                        []float64
	bestMargin                   float64

	above, below []float64 // −margins of the two sides, then their weights
	lipschitz    float64
	momentum     float64
	tries        int // steps computed since the start
	// pull is the weight λ of the term −λ‖X‖², which pushes entries to the box.
	pull float64
}

func (o *maxMin) allocate(n, k, t int) {
	if o.x == nil {
		for _, m := range []**Matrix{&o.x, &o.prev, &o.next, &o.y, &o.grad, &o.best, &o.z, &o.zPrev, &o.zNext, &o.zy, &o.dz} {
			*m = &Matrix{}
		}
	}
	for _, m := range []*Matrix{o.x, o.prev, o.next, o.y, o.grad, o.best} {
		m.fit(n, t)
	}
	for _, m := range []*Matrix{o.z, o.zPrev, o.zNext, o.zy, o.dz} {
		m.fit(k, t)
	}
	for _, v := range []*[]float64{&o.e, &o.ePrev, &o.eNext, &o.ey, &o.de, &o.bestE, &o.inv} {
		*v = resize(*v, k)
	}
	o.above, o.below = resize(o.above, 2*k*t), resize(o.below, 2*k*t)
}

// start takes over a feasible point; the margins of the problem are from now on
// in units of the margin that (x, d) would have if H·x were d·s exactly.
func (o *maxMin) start(ch *Channel, x, s *Matrix, d, sigma []float64, q QAM, amp float64) (unit float64) {
	o.allocate(x.Rows, s.Rows, s.Cols)
	o.ch, o.s, o.top, o.amp = ch, s, q.Peak(), amp
	o.x.copyFrom(x)
	o.x.clearPadding()
	Mul(o.z, ch.H, o.x)
	unit, o.unit = math.Inf(1), 0
	for i := range d {
		unit = min(unit, d[i]/sigma[i])
		o.unit += d[i] / float64(len(d))
	}
	for i := range d {
		o.inv[i] = 1 / (sigma[i] * unit)
		o.e[i] = d[i] / o.unit
	}
	o.prev.copyFrom(o.x)
	o.zPrev.copyFrom(o.z)
	copy(o.ePrev, o.e)
	o.bestMargin = math.Inf(-1)
	o.lipschitz, o.momentum, o.pull, o.tries = 1e-3, 1, 0, 0
	o.keep(-o.margins(o.z, o.e), o.x, o.e)
	return unit
}

// clearPadding zeroes what is not part of the matrix.
func (m *Matrix) clearPadding() {
	for i := range m.Rows {
		clear(m.Re[i*m.Stride+m.Cols : (i+1)*m.Stride])
		clear(m.Im[i*m.Stride+m.Cols : (i+1)*m.Stride])
	}
}

// keep remembers the point of the largest least margin.
func (o *maxMin) keep(margin float64, x *Matrix, e []float64) {
	if margin > o.bestMargin {
		o.bestMargin = margin
		o.best.copyFrom(x)
		copy(o.bestE, e)
	}
}

// margins fills in the negative margins at (z, e), −∞ where there is no
// constraint, and returns the largest.
func (o *maxMin) margins(z *Matrix, e []float64) float64 {
	worst, at := math.Inf(-1), 0
	for i := range z.Rows {
		d, inv := o.unit*e[i], o.inv[i]
		zr, zi := z.Row(i)
		sr, si := o.s.Row(i)
		for p := range 2 {
			zs, ss := zr, sr
			if p == 1 {
				zs, ss = zi, si
			}
			for t, s := range ss {
				above, below := (zs[t]-d*(s+1))*inv, (d*(s-1)-zs[t])*inv
				if s == o.top {
					above = math.Inf(-1)
				}
				if s == -o.top {
					below = math.Inf(-1)
				}
				o.above[at], o.below[at] = above, below
				worst = max(worst, above, below)
				at++
			}
		}
	}
	return worst
}

// smooth is δ·log Σ exp(g/δ) over the margins just computed, whose largest is worst.
// It turns them into weights that sum to total.
func (o *maxMin) smooth(delta, worst float64) (value, total float64) {
	inv := 1 / delta
	for _, side := range [][]float64{o.above, o.below} {
		for i, g := range side {
			x := (g - worst) * inv
			if x < -40 {
				side[i] = 0
				continue
			}
			w := math.Exp(x)
			side[i] = w
			total += w
		}
	}
	return worst + delta*math.Log(total), total
}

// gradient computes dF/dz and dF/de from the weights.
func (o *maxMin) gradient(total float64) {
	at := 0
	for i := range o.dz.Rows {
		inv := o.inv[i] / total
		dr, di := o.dz.Row(i)
		sr, si := o.s.Row(i)
		var de float64
		for p := range 2 {
			ds, ss := dr, sr
			if p == 1 {
				ds, ss = di, si
			}
			for t, s := range ss {
				a, b := o.above[at], o.below[at]
				ds[t] = (a - b) * inv
				de += b*(s-1) - a*(s+1)
				at++
			}
		}
		o.de[i] = de * inv * o.unit
	}
}
