package bcgd

import (
	"math"

	"bitcycle/kernels"
	"bitcycle/kernels/train"
)

// quantizer is a place where values are put on a grid during training.
type quantizer interface {
	train.Activation
	grid() kernels.Grid
	signed() bool
	watch(g *gauge) // nil: stop watching
}

// ceiling is the quantized ReLU σ(x, α) as kernels/train runs it, or what a rival
// has in its place.
type ceiling struct {
	Activation
	rule  ActRule
	gauge *gauge
	model *train.Model // holds α where it is trained
}

// Parameters describes α and its update, if it is trained.
func (c *ceiling) Parameters() []train.Parameter {
	if c.rule != Ceiling && c.rule != Clipped {
		return nil
	}
	return []train.Parameter{{
		Start: float32(c.Alpha), Rate: float32(c.Rate), GradClip: 1, Min: MinAlpha, Max: MaxAlpha,
	}}
}

// step is α as trained, or where it is not.
func (c *ceiling) step(param []float32) float32 {
	if len(param) == 0 {
		return float32(c.Alpha)
	}
	return param[0]
}

// Forward is σ, or the plain ReLU while the range is being measured.
func (c *ceiling) Forward(dst, src, param []float32) {
	switch {
	case c.gauge != nil:
		c.gauge.add(src)
		for i, x := range src {
			dst[i] = max(x, 0)
		}
	case c.rule == Ceiling:
		train.Staircase(dst, src, c.step(param), c.Levels())
	case c.rule == Sign:
		for i, x := range src {
			dst[i] = float32(signOf(float64(x)))
		}
	default:
		alpha := float64(c.step(param))
		for i, x := range src {
			dst[i] = float32(c.rounded(float64(x), alpha))
		}
	}
}

// rounded is the activation of the rules that round: from level 0 on, or with
// half-wave Gaussian steps from level 1 on where x > 0.
func (c *ceiling) rounded(x, alpha float64) float64 {
	least := 0
	if c.rule == HalfWave && x > 0 {
		least = 1
	}
	return Rounded(x, alpha, least, c.Levels())
}

// Backward passes the gradient where 0 < x ≤ nα and sums that of α.
func (c *ceiling) Backward(dsrc, ddst, src, param []float32, dparam []float64) {
	if c.rule == Sign {
		for i, x := range src {
			dsrc[i] = 0
			if x >= -1 && x <= 1 {
				dsrc[i] = ddst[i]
			}
		}
		return
	}
	alpha, n := c.step(param), float64(c.Levels())
	if c.Kind == Exactly && len(dparam) > 0 {
		for i, x := range src {
			dparam[0] += float64(ddst[i]) * min(max(math.Ceil(float64(x/alpha)), 0), n)
		}
	}
	inside, above := train.StaircaseGradient(dsrc, ddst, src, float32(n)*alpha)
	if c.Kind != Exactly && len(dparam) > 0 {
		dparam[0] += c.inside()*inside + n*above
	}
}

// inside is the derivative in α on 0 < x ≤ nα where it is constant.
func (a *Activation) inside() float64 {
	_, d := a.Backward(a.Alpha / 2)
	return d
}

func (c *ceiling) alpha() float64 {
	if p := c.model.Parameters(c); len(p) > 0 {
		return float64(p[0])
	}
	return c.Alpha
}

// setAlpha sets where training starts, or the step of the rules that fix it.
func (c *ceiling) setAlpha(alpha float64) {
	c.Alpha = alpha
	if p := c.model.Parameters(c); len(p) > 0 {
		p[0] = float32(alpha)
	}
}

func (c *ceiling) grid() kernels.Grid { return kernels.Grid{Scale: c.alpha(), Bits: uint8(c.Bits)} }

func (*ceiling) signed() bool { return false }

func (c *ceiling) watch(g *gauge) { c.gauge = g }

// start sets α from the values seen: the step of the quantizer with the least
// squared error against the ReLU. Rules for values of one size have theirs.
func (c *ceiling) start(g *gauge) {
	n := float64(c.Levels())
	top := min(g.largest(false), MaxAlpha*n) / n
	switch {
	case c.rule == UnitClip:
		c.setAlpha(1 / n)
		return
	case c.rule == Sign:
		c.setAlpha(1)
		return
	case top == 0:
		return
	}
	quantize := c.rounded
	if c.rule == Ceiling {
		quantize = func(x, step float64) float64 { return step * min(max(math.Ceil(x/step), 0), n) }
	}
	c.setAlpha(max(g.best(top, func(x float64) float64 { return max(x, 0) }, quantize), MinAlpha))
}

// rounding puts values on a grid by rounding to nearest, halves up; gradients
// pass inside its range (straight through). Its step is not trained.
type rounding struct {
	kernels.Grid
	gauge *gauge
	// of is the grid that the values averaged here were on; the step follows it,
	// as its power of two that spans the same range. nil: the step is fixed.
	of quantizer
}

// Parameters returns none.
func (*rounding) Parameters() []train.Parameter { return nil }

// Forward rounds, or copies while the range is being measured.
func (r *rounding) Forward(dst, src, _ []float32) {
	if r.gauge != nil {
		r.gauge.add(src)
		copy(dst, src)
		return
	}
	for i, x := range src {
		dst[i] = float32(r.Scale * float64(r.Quantize(float64(x))))
	}
}

// Backward passes the gradient inside the grid's range.
func (r *rounding) Backward(dsrc, ddst, src, _ []float32, _ []float64) {
	least, most := r.Range()
	lo, hi := float32(r.Scale*float64(least)), float32(r.Scale*float64(most))
	for i, x := range src {
		dsrc[i] = 0
		if x >= lo && x <= hi {
			dsrc[i] = ddst[i]
		}
	}
}

func (r *rounding) grid() kernels.Grid { return r.Grid }

func (r *rounding) signed() bool { return r.Signed }

func (r *rounding) watch(g *gauge) { r.gauge = g }

// follow sets the step from the grid that the values come from.
func (r *rounding) follow() {
	if r.of != nil {
		g := r.of.grid()
		r.Scale = math.Ldexp(g.Scale, int(g.Bits)-int(r.Bits))
	}
}

// start sets the step from the values seen, unless it follows another's.
func (r *rounding) start(g *gauge) {
	lo, hi := r.Range()
	top := g.largest(r.Signed) / float64(hi)
	if r.of != nil || top == 0 {
		return
	}
	r.Scale = g.best(top, func(x float64) float64 { return x }, func(x, step float64) float64 {
		return step * min(max(math.Floor(x/step+0.5), float64(lo)), float64(hi))
	})
}
