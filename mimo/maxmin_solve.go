package mimo

import (
	"math"

	"bitcycle/mimo/internal/kernel"
)

// iterate makes one accelerated step.
func (o *maxMin) iterate(delta float64) {
	m := o.extrapolate()
	value, total := o.smooth(delta, o.margins(o.zy, o.ey))
	o.gradient(total)
	Mul(o.grad, o.ch.HH, o.dz)
	if o.pull > 0 {
		Sub(o.grad, o.grad, o.x, 2*o.pull)
	}
	along := o.backtrack(delta, value)
	o.momentum = m
	if along < 0 {
		o.momentum = 1
	}
	o.x, o.prev, o.next = o.next, o.x, o.prev
	o.z, o.zPrev, o.zNext = o.zNext, o.z, o.zPrev
	o.e, o.ePrev, o.eNext = o.eNext, o.e, o.ePrev
}

// extrapolate sets y, and returns the next momentum parameter.
func (o *maxMin) extrapolate() float64 {
	next := (1 + math.Sqrt(1+4*o.momentum*o.momentum)) / 2
	m := (o.momentum - 1) / next
	kernel.Combine(o.y.Re, o.x.Re, o.prev.Re, m)
	kernel.Combine(o.y.Im, o.x.Im, o.prev.Im, m)
	kernel.Combine(o.zy.Re, o.z.Re, o.zPrev.Re, m)
	kernel.Combine(o.zy.Im, o.z.Im, o.zPrev.Im, m)
	for i, e := range o.e {
		o.ey[i] = e + m*(e-o.ePrev[i])
	}
	return next
}

// backtrack finds a step that the quadratic bound justifies and returns
// ⟨next−y, next−x⟩.
func (o *maxMin) backtrack(delta, value float64) (along float64) {
	for {
		o.tries++
		inv := 1 / o.lipschitz
		square, along := kernel.Step(o.next.Re, o.y.Re, o.x.Re, o.grad.Re, inv, o.amp)
		moreSquare, moreAlong := kernel.Step(o.next.Im, o.y.Im, o.x.Im, o.grad.Im, inv, o.amp)
		square, along = square+moreSquare, along+moreAlong
		linear := 0.0
		for i, from := range o.ey {
			e := max(0, from-inv*o.de[i])
			d := e - from
			o.eNext[i] = e
			linear += o.de[i] * d
			square += d * d
			along += d * (e - o.e[i])
		}
		Mul(o.zNext, o.ch.H, o.next)
		linear += o.dot(o.zNext, o.zy)
		worst := o.margins(o.zNext, o.eNext)
		got, _ := o.smooth(delta, worst)
		// Rounding may hide the descent of the smallest steps.
		if got <= value+linear+o.lipschitz/2*square+1e-13*math.Max(1, math.Abs(value)) || o.lipschitz > 1e20 {
			o.keep(-worst, o.next, o.eNext)
			o.lipschitz *= 0.9
			return along
		}
		o.lipschitz *= 2
	}
}

// dot is Re⟨dz, a − b⟩.
func (o *maxMin) dot(a, b *Matrix) float64 {
	var sum float64
	for i := range o.dz.Re {
		sum += o.dz.Re[i]*(a.Re[i]-b.Re[i]) + o.dz.Im[i]*(a.Im[i]-b.Im[i])
	}
	return sum
}

// run goes through the stages.
func (o *maxMin) run(c Schedule) {
	c = c.withDefaults()
	for stage := range c.Stages {
		o.momentum = 1
		count := c.Iterations*(stage+1)/c.Stages - c.Iterations*stage/c.Stages
		for range count {
			o.iterate(c.delta(stage))
		}
	}
}

// finish returns the best point in x and d, with every d the best for its user, and
// its least margin.
func (o *maxMin) finish(x *Matrix, d []float64) (margin float64) {
	x.copyFrom(o.best)
	Mul(o.z, o.ch.H, o.best)
	margin = math.Inf(1)
	for i := range d {
		least := o.bestScale(i)
		if o.top == 1 {
			// Decisions of QPSK do not depend on d: it is the least distance.
			o.bestE[i] = least / (o.inv[i] * o.unit)
		}
		d[i] = o.unit * o.bestE[i]
		margin = min(margin, least)
	}
	return margin
}

// bestScale maximizes the least margin of user i over its scale alone, a concave
// function, and returns it.
func (o *maxMin) bestScale(i int) float64 {
	lo, hi := 0.0, 4*o.bestE[i]+1
	best := o.userMargin(i, o.bestE[i])
	for range 80 {
		a, b := lo+(hi-lo)/3, hi-(hi-lo)/3
		ma, mb := o.userMargin(i, a), o.userMargin(i, b)
		if ma < mb {
			lo = a
		} else {
			hi = b
		}
		if m, at := max(ma, mb), a; m > best {
			if mb > ma {
				at = b
			}
			best, o.bestE[i] = m, at
		}
	}
	return best
}

// userMargin is the least margin of user i at scale e.
func (o *maxMin) userMargin(i int, e float64) float64 {
	d, least := o.unit*e, math.Inf(1)
	zr, zi := o.z.Row(i)
	sr, si := o.s.Row(i)
	for t := range sr {
		least = min(least, o.sideMargin(d, zr[t], sr[t]), o.sideMargin(d, zi[t], si[t]))
	}
	return least * o.inv[i]
}

func (o *maxMin) sideMargin(d, z, s float64) float64 {
	least := math.Inf(1)
	if s != o.top {
		least = d*(s+1) - z
	}
	if s != -o.top {
		least = min(least, z-d*(s-1))
	}
	return least
}
