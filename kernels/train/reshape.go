package train

import (
	"bitcycle/kernels"
	"bitcycle/kernels/train/internal/vector"
)

// concat joins values along channels.
type concat struct{ link }

func (o *concat) chunk(s stage, _ *worker, _, lo, hi int) {
	c := o.out.shape.C
	positions := (hi - lo) * o.out.shape.H * o.out.shape.W
	c0 := 0
	for k, in := range o.in {
		w := in.shape.C
		for p := range positions {
			if s == forward {
				copy(o.out.images(lo, hi)[p*c+c0:][:w], in.images(lo, hi)[p*w:])
			} else if in.needs {
				pass(in.grad(lo, hi)[p*w:][:w], o.out.grad(lo, hi)[p*c+c0:][:w], o.add[k])
			}
		}
		c0 += w
	}
}

// flatten writes an image in C, H, W order.
type flatten struct{ link }

func (o *flatten) chunk(s stage, w *worker, _, lo, hi int) {
	in := o.in[0]
	c, positions, size := in.shape.C, in.shape.H*in.shape.W, in.shape.Size()
	for at := 0; at < (hi-lo)*size; at += size {
		if s == forward {
			transpose(o.out.images(lo, hi)[at:], in.images(lo, hi)[at:], positions, c)
			continue
		}
		g := w.floats(size)
		transpose(g, o.out.grad(lo, hi)[at:], c, positions)
		pass(in.grad(lo, hi)[at:][:size], g, o.add[0])
	}
}

// crop is zero padding or a strided subset: output channel, row and column d
// are those of the input at start + step·d, zero where that lies outside.
type crop struct {
	link
	start, step [3]int
}

func newCrop(n *Node, l link) *crop {
	if n.Op == kernels.OpPad {
		return &crop{l, [3]int{-n.PadC[0], -n.Pad[0], -n.Pad[1]}, [3]int{1, 1, 1}}
	}
	return &crop{l, n.Start, n.Step}
}

func (o *crop) chunk(s stage, _ *worker, _, lo, hi int) {
	in, from, to := o.in[0], o.in[0].shape.Size(), o.out.shape.Size()
	if s == forward {
		y, x := o.out.images(lo, hi), in.images(lo, hi)
		clear(y)
		for i := range hi - lo {
			o.each(func(out, in, n int) { copy(y[i*to+out:][:n], x[i*from+in:][:n]) })
		}
		return
	}
	dx, g := in.grad(lo, hi), o.out.grad(lo, hi)
	if !o.add[0] {
		clear(dx)
	}
	for i := range hi - lo {
		o.each(func(out, in, n int) { vector.Add(dx[i*from+in:][:n], g[i*to+out:][:n]) })
	}
}

// each calls f with the places in an image of n output values that have an
// input, and of those, n adjacent channels at a time.
func (o *crop) each(f func(out, in, n int)) {
	in, out := o.in[0].shape, o.out.shape
	for y := range out.H {
		iy := o.start[1] + y*o.step[1]
		for x := range out.W {
			ix := o.start[2] + x*o.step[2]
			if uint(iy) < uint(in.H) && uint(ix) < uint(in.W) {
				o.channels((y*out.W+x)*out.C, (iy*in.W+ix)*in.C, f)
			}
		}
	}
}

// channels is each for the pixel whose channel 0 lies at out and at in.
func (o *crop) channels(out, in int, f func(out, in, n int)) {
	start, step := o.start[0], o.step[0]
	total, given := o.out.shape.C, o.in[0].shape.C
	if step == 1 {
		first := max(-start, 0)
		if n := min(total, given-start) - first; n > 0 {
			f(out+first, in+start+first, n)
		}
		return
	}
	for c := range total {
		if ic := start + c*step; uint(ic) < uint(given) {
			f(out+c, in+ic, 1)
		}
	}
}
