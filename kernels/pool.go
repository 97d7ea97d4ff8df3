package kernels

import "bitcycle/kernels/internal/lanes"

// window is a sliding window over an image.
type window struct {
	in, out                       Shape
	kernel, stride, dilation, pad [2]int
}

func newWindow(node *Node, in Shape) window {
	return window{in, node.Shape, node.Kernel, node.Stride, node.Dilation, [2]int{node.Pad[0], node.Pad[1]}}
}

// taps returns the range of kernel positions along dimension d (0 vertical, 1
// horizontal) that fall on the image at output position o, and the input
// position of the first.
func (w *window) taps(d, o int) (from, to, at int) {
	size := [2]int{w.in.H, w.in.W}[d]
	first := o*w.stride[d] - w.pad[d]
	if first < 0 {
		from = (-first + w.dilation[d] - 1) / w.dilation[d]
	}
	to = min(w.kernel[d], (size-1-first)/w.dilation[d]+1)
	return from, to, first + from*w.dilation[d]
}

// each calls f for every output pixel of the images, with the input pixels
// under its window: rows×cols of them, the first at pixel at, their distances
// down and right.
func (w *window) each(images int, f func(out, at, rows, cols int)) {
	for i := range images {
		for y := range w.out.H {
			fromY, toY, iy := w.taps(0, y)
			for x := range w.out.W {
				fromX, toX, ix := w.taps(1, x)
				f((i*w.out.H+y)*w.out.W+x, (i*w.in.H+iy)*w.in.W+ix, toY-fromY, toX-fromX)
			}
		}
	}
}

// maxPoolOp takes the maximum under each window.
type maxPoolOp[T number] struct {
	window
	x, y view[T]
	each func(out, at, rows, cols int)
}

func newMaxPool[T number](node *Node, x, y view[T]) *maxPoolOp[T] {
	o := &maxPoolOp[T]{window: newWindow(node, x.Shape), x: x, y: y}
	o.each = o.pixel
	return o
}

func (o *maxPoolOp[T]) run(images int) { o.window.each(images, o.each) }

func (o *maxPoolOp[T]) pixel(out, at, rows, cols int) {
	y := o.y.pixel(out)
	copy(y, o.x.pixel(at))
	for r := range rows {
		for c := range cols {
			if r+c == 0 {
				continue
			}
			lanes.Max(y, o.x.pixel(at+r*o.dilation[0]*o.in.W+c*o.dilation[1]))
		}
	}
}

// avgPoolF32 takes the mean under each window.
type avgPoolF32 struct {
	window
	x, y     view[float32]
	countPad bool
	each     func(out, at, rows, cols int)
}

func newAvgPoolF32(node *Node, x, y view[float32]) *avgPoolF32 {
	o := &avgPoolF32{window: newWindow(node, x.Shape), x: x, y: y, countPad: node.CountPad}
	if node.Op == OpGlobalPool {
		o.window = globalWindow(x.Shape)
	}
	o.each = o.pixel
	return o
}

// globalWindow covers the whole image.
func globalWindow(in Shape) window {
	one := [2]int{1, 1}
	return window{in, Shape{in.C, 1, 1}, [2]int{in.H, in.W}, one, one, [2]int{}}
}

func (o *avgPoolF32) run(images int) { o.window.each(images, o.each) }

func (o *avgPoolF32) pixel(out, at, rows, cols int) {
	y := o.y.pixel(out)
	clear(y)
	for r := range rows {
		for c := range cols {
			x := o.x.pixel(at + r*o.dilation[0]*o.in.W + c*o.dilation[1])[:len(y)]
			for j, v := range x {
				y[j] += v
			}
		}
	}
	count := rows * cols
	if o.countPad {
		count = o.kernel[0] * o.kernel[1]
	}
	scale := 1 / float32(count)
	for j := range y {
		y[j] *= scale
	}
}
