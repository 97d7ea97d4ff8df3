package train

import (
	"math"

	"bitcycle/kernels"
	"bitcycle/kernels/internal/lanes"
	"bitcycle/kernels/internal/vector"
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

// operator is one of package kernels, without weights, with a ReLU behind it if
// relu.
type operator struct {
	link
	g    kernels.Gradient
	keep []int32
	relu bool
}

func (o *operator) bind(batch int) { o.keep = make([]int32, batch*o.g.Keep()) }

func (o *operator) chunk(s stage, w *worker, _, lo, hi int) {
	p := &w.pass
	p.Images, p.Y = hi-lo, o.out.images(lo, hi)
	p.Keep = o.keep[lo*o.g.Keep() : hi*o.g.Keep()]
	p.X = p.X[:0]
	for _, in := range o.in {
		p.X = append(p.X, in.images(lo, hi))
	}
	if s == forward {
		o.g.Forward(p)
		if o.relu {
			lanes.Clamp(p.Y, p.Y, nil, 0, inf)
		}
		return
	}
	p.DY, p.Add, p.DX = o.out.grad(lo, hi), o.add, p.DX[:0]
	for _, in := range o.in {
		var dx []float32
		if in.needs {
			dx = in.grad(lo, hi)
		}
		p.DX = append(p.DX, dx)
	}
	if o.relu {
		vector.Mask(p.DY, p.Y)
	}
	o.g.Backward(p)
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
