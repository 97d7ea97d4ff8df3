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

// ceiling is the quantized ReLU σ(x, α) as kernels/train runs it.
type ceiling struct {
	Activation
	gauge *gauge
	model *train.Model // holds α
}

// Parameters describes α and its update.
func (c *ceiling) Parameters() []train.Parameter {
	return []train.Parameter{{
		Start: float32(c.Alpha), Rate: float32(c.Rate), GradClip: 1, Min: minAlpha, Max: maxAlpha,
	}}
}

// Forward is σ, or the plain ReLU while the range is being measured.
func (c *ceiling) Forward(dst, src, param []float32) {
	if c.gauge != nil {
		c.gauge.add(src)
		for i, x := range src {
			dst[i] = max(x, 0)
		}
		return
	}
	train.Staircase(dst, src, param[0], c.Levels())
}

// Backward passes the gradient where 0 < x ≤ nα and sums that of α.
func (c *ceiling) Backward(dsrc, ddst, src, param []float32, dparam []float64) {
	alpha, n := param[0], float64(c.Levels())
	if c.Kind == Exactly {
		for i, x := range src {
			dparam[0] += float64(ddst[i]) * min(max(math.Ceil(float64(x/alpha)), 0), n)
		}
	}
	inside, above := train.StaircaseGradient(dsrc, ddst, src, float32(n)*alpha)
	if c.Kind != Exactly {
		dparam[0] += c.inside()*inside + n*above
	}
}

// inside is the derivative in α on 0 < x ≤ nα where it is constant.
func (a *Activation) inside() float64 {
	_, d := a.Backward(a.Alpha / 2)
	return d
}

func (c *ceiling) alpha() float64 { return float64(c.model.Parameters(c)[0]) }

func (c *ceiling) grid() kernels.Grid { return kernels.Grid{Scale: c.alpha(), Bits: uint8(c.Bits)} }

func (*ceiling) signed() bool { return false }

func (c *ceiling) watch(g *gauge) { c.gauge = g }

// start sets α from the values seen: the step of the ceiling quantizer with the
// least squared error against the ReLU.
func (c *ceiling) start(g *gauge) {
	n := float64(c.Levels())
	top := min(g.largest(false), maxAlpha*n) / n
	if top == 0 {
		return
	}
	step := g.best(top, func(x float64) float64 { return max(x, 0) }, func(x, step float64) float64 {
		return step * min(max(math.Ceil(x/step), 0), n)
	})
	c.model.Parameters(c)[0] = float32(max(step, minAlpha))
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
