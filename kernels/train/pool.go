package train

import "bitcycle/kernels"

// window is the geometry of a pooling.
type window struct {
	in, out          kernels.Shape
	kernel, stride   [2]int
	dilation, margin [2]int
}

func newWindow(n *Node, in kernels.Shape) window {
	return window{in, n.Shape, n.Kernel, n.Stride, n.Dilation, [2]int{n.Pad[0], n.Pad[1]}}
}

// each calls f for every pixel of the window of output position p that lies
// inside the image, with the position in memory of its channel 0.
func (w *window) each(p int, f func(at int)) {
	oy, ox := p/w.out.W, p%w.out.W
	for ky := range w.kernel[0] {
		y := oy*w.stride[0] - w.margin[0] + ky*w.dilation[0]
		if uint(y) >= uint(w.in.H) {
			continue
		}
		for kx := range w.kernel[1] {
			if x := ox*w.stride[1] - w.margin[1] + kx*w.dilation[1]; uint(x) < uint(w.in.W) {
				f((y*w.in.W + x) * w.in.C)
			}
		}
	}
}

// maxPool keeps where each maximum came from; the first of equals wins.
type maxPool struct {
	link
	win  window
	from []int32 // position within the image, one an output value
}

func newMaxPool(n *Node, l link) *maxPool {
	return &maxPool{link: l, win: newWindow(n, l.in[0].shape)}
}

func (o *maxPool) bind(batch int) { o.from = make([]int32, batch*o.out.shape.Size()) }

func (o *maxPool) chunk(s stage, _ *worker, _, lo, hi int) {
	in, out := o.in[0].shape.Size(), o.out.shape.Size()
	if s == backward && !o.add[0] {
		clear(o.in[0].grad(lo, hi))
	}
	for i := range hi - lo {
		from := o.from[(lo+i)*out:][:out]
		if s == forward {
			o.image(o.in[0].images(lo, hi)[i*in:], o.out.images(lo, hi)[i*out:][:out], from)
			continue
		}
		dx, g := o.in[0].grad(lo, hi)[i*in:], o.out.grad(lo, hi)[i*out:]
		for k, at := range from {
			dx[at] += g[k]
		}
	}
}

func (o *maxPool) image(x, y []float32, from []int32) {
	c := o.win.in.C
	for p := range len(y) / c {
		best, where := y[p*c:][:c], from[p*c:][:c]
		first := true
		o.win.each(p, func(at int) {
			for i, v := range x[at : at+c] {
				if first || v > best[i] {
					best[i], where[i] = v, int32(at+i)
				}
			}
			first = false
		})
	}
}

// avgPool is the mean over a window; padding counts if countPad.
type avgPool struct {
	link
	win      window
	countPad bool
}

func (o *avgPool) chunk(s stage, _ *worker, _, lo, hi int) {
	in, out := o.in[0].shape.Size(), o.out.shape.Size()
	if s == backward && !o.add[0] {
		clear(o.in[0].grad(lo, hi))
	}
	for i := range hi - lo {
		if s == forward {
			o.image(o.in[0].images(lo, hi)[i*in:], o.out.images(lo, hi)[i*out:][:out])
		} else {
			o.imageBack(o.in[0].grad(lo, hi)[i*in:], o.out.grad(lo, hi)[i*out:][:out])
		}
	}
}

// share is the weight of one pixel in the mean of position p.
func (o *avgPool) share(p int) float32 {
	n := o.win.kernel[0] * o.win.kernel[1]
	if !o.countPad {
		n = 0
		o.win.each(p, func(int) { n++ })
	}
	return 1 / float32(max(n, 1))
}

func (o *avgPool) image(x, y []float32) {
	c := o.win.in.C
	clear(y)
	for p := range len(y) / c {
		share, sums := o.share(p), y[p*c:][:c]
		o.win.each(p, func(at int) {
			for i, v := range x[at : at+c] {
				sums[i] += v
			}
		})
		for i := range sums {
			sums[i] *= share
		}
	}
}

func (o *avgPool) imageBack(dx, g []float32) {
	c := o.win.in.C
	for p := range len(g) / c {
		share, d := o.share(p), g[p*c:][:c]
		o.win.each(p, func(at int) {
			for i, v := range d {
				dx[at+i] += v * share
			}
		})
	}
}

// globalPool is the mean over height and width.
type globalPool struct{ link }

func (o *globalPool) chunk(s stage, _ *worker, _, lo, hi int) {
	in, c := o.in[0].shape.Size(), o.out.shape.C
	scale := float32(c) / float32(in)
	for i := range hi - lo {
		if s == forward {
			y := o.out.images(lo, hi)[i*c:][:c]
			columnSums(y, o.in[0].images(lo, hi)[i*in:][:in])
			for k := range y {
				y[k] *= scale
			}
			continue
		}
		dx, g := o.in[0].grad(lo, hi)[i*in:][:in], o.out.grad(lo, hi)[i*c:][:c]
		for p := 0; p < in; p += c {
			for k, v := range g {
				d := float32(v * scale)
				if o.add[0] {
					d += dx[p+k]
				}
				dx[p+k] = d
			}
		}
	}
}
