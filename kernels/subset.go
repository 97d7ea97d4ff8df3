package kernels

import "bitcycle/kernels/internal/vector"

// copyOp copies a tensor to a place of its own in another: channels of a
// concatenation, the inside of a padded image, a strided subset.
type copyOp[T number] struct {
	in, out view[T]
	// Pixel (y, x) and channel c of out is pixel start + step·(y, x) of in, channel
	// likewise; what lies outside in is zero.
	start, step [3]int
}

func (o *copyOp[T]) run(images int) {
	in, out := o.in.rows(), o.out.rows()
	dense := o.step[0] == 1 && o.start[0] >= 0 && o.start[0]+o.out.C <= o.in.C
	for i := range images {
		for y := range out {
			for x := range o.out.W {
				to := o.out.pixel((i*out+y)*o.out.W + x)
				iy, ix := o.start[1]+y*o.step[1], o.start[2]+x*o.step[2]
				if uint(iy) >= uint(in) || uint(ix) >= uint(o.in.W) {
					clear(to)
					continue
				}
				from := o.in.pixel((i*in+iy)*o.in.W + ix)
				if dense {
					copy(to, from[o.start[0]:])
					continue
				}
				o.channels(to, from)
			}
		}
	}
}

// channels copies the channels of one pixel one by one.
func (o *copyOp[T]) channels(to, from []T) {
	if o.step[0] == 1 { // zero channels around
		clear(to)
		at := max(0, -o.start[0])
		copy(to[at:], from[max(0, o.start[0]):])
		return
	}
	for c := range to {
		to[c] = from[o.start[0]+c*o.step[0]]
	}
}

// subset is copyOp in training.
type subset struct {
	in, out     Shape
	start, step [3]int
}

func (subset) Keep() int { return 0 }

func (o subset) Forward(p *Pass) {
	from, to := o.in.Size(), o.out.Size()
	clear(p.Y)
	for i := range p.Images {
		o.each(func(out, in, n int) { copy(p.Y[i*to+out:][:n], p.X[0][i*from+in:][:n]) })
	}
}

func (o subset) Backward(p *Pass) {
	from, to := o.in.Size(), o.out.Size()
	p.begin(0)
	for i := range p.Images {
		o.each(func(out, in, n int) { vector.Add(p.DX[0][i*from+in:][:n], p.DY[i*to+out:][:n]) })
	}
}

// each calls f with the places in an image of n output values that have an
// input, and of those, n adjacent channels at a time.
func (o *subset) each(f func(out, in, n int)) {
	for y := range o.out.H {
		iy := o.start[1] + y*o.step[1]
		for x := range o.out.W {
			ix := o.start[2] + x*o.step[2]
			if uint(iy) < uint(o.in.H) && uint(ix) < uint(o.in.W) {
				o.channels((y*o.out.W+x)*o.out.C, (iy*o.in.W+ix)*o.in.C, f)
			}
		}
	}
}

// channels is each for the pixel whose channel 0 lies at out and at in.
func (o *subset) channels(out, in int, f func(out, in, n int)) {
	start, step := o.start[0], o.step[0]
	if step == 1 {
		first := max(-start, 0)
		if n := min(o.out.C, o.in.C-start) - first; n > 0 {
			f(out+first, in+start+first, n)
		}
		return
	}
	for c := range o.out.C {
		if ic := start + c*step; uint(ic) < uint(o.in.C) {
			f(out+c, in+ic, 1)
		}
	}
}
