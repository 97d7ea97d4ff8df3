package train

import "bitcycle/kernels"

// concat joins values along channels.
type concat struct {
	link
	more []bool // setAdd of all inputs
}

func (o *concat) setAdd(k int, add bool) {
	if o.more == nil {
		o.more = make([]bool, len(o.in))
	}
	o.more[k] = add
}

func (o *concat) chunk(s stage, _ *worker, _, lo, hi int) {
	c := o.out.shape.C
	positions := o.out.shape.H * o.out.shape.W
	c0 := 0
	for k, in := range o.in {
		w := in.shape.C
		for p := lo * positions; p < hi*positions; p++ {
			if s == forward {
				copy(o.out.x[p*c+c0:][:w], in.x[p*w:])
			} else if in.needs {
				pass(in.g[p*w:][:w], o.out.g[p*c+c0:][:w], o.more[k])
			}
		}
		c0 += w
	}
}

// flatten writes an image in C, H, W order.
type flatten struct{ link }

func (o *flatten) setAdd(k int, add bool) { o.add[k] = add }

func (o *flatten) chunk(s stage, w *worker, _, lo, hi int) {
	in := o.in[0]
	c, positions := in.shape.C, in.shape.H*in.shape.W
	for i := lo; i < hi; i++ {
		if s == forward {
			transpose(o.out.image(o.out.x, i, i+1), in.image(in.x, i, i+1), positions, c)
			continue
		}
		g := w.floats(c * positions)
		transpose(g, o.out.image(o.out.g, i, i+1), c, positions)
		pass(in.image(in.g, i, i+1), g, o.add[0])
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

func (o *crop) setAdd(k int, add bool) { o.add[k] = add }

func (o *crop) chunk(s stage, _ *worker, _, lo, hi int) {
	in := o.in[0]
	for i := lo; i < hi; i++ {
		if s == forward {
			y, x := o.out.image(o.out.x, i, i+1), in.image(in.x, i, i+1)
			clear(y)
			o.each(func(at, from int) { y[at] = x[from] })
			continue
		}
		dx, g := in.image(in.g, i, i+1), o.out.image(o.out.g, i, i+1)
		if !o.add[0] {
			clear(dx)
		}
		o.each(func(at, from int) { dx[from] += g[at] })
	}
}

// each calls f with the positions of every output value that has an input.
func (o *crop) each(f func(at, from int)) {
	in, out := o.in[0].shape, o.out.shape
	for y := range out.H {
		iy := o.start[1] + y*o.step[1]
		for x := range out.W {
			ix := o.start[2] + x*o.step[2]
			if uint(iy) >= uint(in.H) || uint(ix) >= uint(in.W) {
				continue
			}
			for c := range out.C {
				if ic := o.start[0] + c*o.step[0]; uint(ic) < uint(in.C) {
					f((y*out.W+x)*out.C+c, (iy*in.W+ix)*in.C+ic)
				}
			}
		}
	}
}
