package train

import (
	"math"

	"bitcycle/kernels/train/internal/vector"
)

var inf = float32(math.Inf(1))

// pass stores g in dx, or adds it.
func pass(dx, g []float32, add bool) {
	if add {
		vector.Add(dx, g)
	} else {
		copy(dx, g)
	}
}

// clamp limits values to [lo, hi]; the gradient passes inside.
type clamp struct {
	link
	lo, hi float32
}

func (o *clamp) chunk(s stage, _ *worker, _, lo, hi int) {
	x := o.in[0].images(lo, hi)
	if s == forward {
		y := o.out.images(lo, hi)
		for i, v := range x {
			y[i] = min(max(v, o.lo), o.hi)
		}
		return
	}
	dx, g := o.in[0].grad(lo, hi), o.out.grad(lo, hi)
	for i, v := range x {
		d := float32(0)
		if v > o.lo && v < o.hi {
			d = g[i]
		}
		if o.add[0] {
			d += dx[i]
		}
		dx[i] = d
	}
}

// sum is the sum of two values, with a ReLU if relu.
type sum struct {
	link
	relu bool
}

func (o *sum) chunk(s stage, _ *worker, _, lo, hi int) {
	y := o.out.images(lo, hi)
	if s == forward {
		vector.Sum(y, o.in[0].images(lo, hi), o.in[1].images(lo, hi), o.relu)
		return
	}
	g := o.out.grad(lo, hi)
	if o.relu {
		vector.Mask(g, y)
	}
	for k, in := range o.in {
		if in.needs {
			pass(in.grad(lo, hi), g, o.add[k])
		}
	}
}

// activation applies the caller's function.
type activation struct {
	link
	f     Activation
	param *Param
	user  int
}

func (o *activation) chunk(s stage, w *worker, c, lo, hi int) {
	x := o.in[0].images(lo, hi)
	if s == forward {
		o.f.Forward(o.out.images(lo, hi), x, o.param.Value)
		return
	}
	dx := w.floats(len(x))
	if o.in[0].needs && !o.add[0] {
		dx = o.in[0].grad(lo, hi)
	}
	sums := w.doubles(len(o.param.Value))
	o.f.Backward(dx, o.out.grad(lo, hi), x, o.param.Value, sums)
	if o.in[0].needs && o.add[0] {
		pass(o.in[0].grad(lo, hi), dx, true)
	}
	for i, d := range sums {
		o.param.part(o.user, c)[i] = float32(d)
	}
}
