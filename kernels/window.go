package kernels

import (
	"fmt"
	"math"
)

// Window is a sliding window over height and width. Strides and dilations that
// are left out are 1.
type Window struct {
	Kernel, Stride, Dilation [2]int // vertical, horizontal
	Pad                      [4]int // top, left, bottom, right
}

// Complete returns the window with nothing left out.
func (w Window) Complete() Window {
	for d := range 2 {
		w.Stride[d], w.Dilation[d] = max(w.Stride[d], 1), max(w.Dilation[d], 1)
	}
	return w
}

// Area returns the number of positions of the kernel.
func (w *Window) Area() int { return w.Kernel[0] * w.Kernel[1] }

// infer returns the shape that the window makes of an image; the window is complete.
func (w *Window) infer(in Shape, channels int) (Shape, error) {
	if err := in.image(); err != nil {
		return Shape{}, err
	}
	out := [2]int{}
	for d, size := range [2]int{in.H, in.W} {
		k, pad := w.Kernel[d], w.Pad[d]+w.Pad[d+2]
		if k < 1 || k > math.MaxInt32 || w.Dilation[d] > math.MaxInt32 {
			return Shape{}, fmt.Errorf("kernel %v, dilation %v: must be at least 1", w.Kernel, w.Dilation)
		}
		if w.Pad[d] < 0 || w.Pad[d+2] < 0 || pad > math.MaxInt32 {
			return Shape{}, fmt.Errorf("padding %v: must not be negative", w.Pad)
		}
		room := size + pad - (w.Dilation[d]*(k-1) + 1)
		if room < 0 {
			return Shape{}, fmt.Errorf("kernel %v with dilation %v is larger than the padded input %v", w.Kernel, w.Dilation, in)
		}
		out[d] = room/w.Stride[d] + 1
	}
	return Shape{C: channels, H: out[0], W: out[1]}, nil
}

// inferPool is infer for pooling, where every window must cover a pixel.
func (w Window) inferPool(in Shape) (Shape, error) {
	w = w.Complete()
	out, err := w.infer(in, in.C)
	if err != nil {
		return out, err
	}
	for d, size := range [2][2]int{{in.H, out.H}, {in.W, out.W}} {
		reach := w.Dilation[d]*(w.Kernel[d]-1) + 1
		padded := w.Pad[d]+w.Pad[d+2] > 0
		if w.Pad[d] >= reach || (size[1]-1)*w.Stride[d]-w.Pad[d] >= size[0] || padded && w.Dilation[d] > size[0] {
			return out, fmt.Errorf("padding %v leaves windows of %v without a pixel", w.Pad, w.Kernel)
		}
	}
	return out, nil
}

// sliding is a complete window on its way over images.
type sliding struct {
	Window
	in, out Shape
}

func (w Window) over(in, out Shape) sliding { return sliding{w.Complete(), in, out} }

// whole is the window that covers an image.
func whole(in Shape) sliding {
	rows := in.Pixels() / in.W // of all depths, one under the other
	return Window{Kernel: [2]int{rows, in.W}}.over(Shape{C: in.C, H: rows, W: in.W}, Shape{C: in.C, H: 1, W: 1})
}

// taps returns the range of kernel positions along dimension d (0 vertical, 1
// horizontal) that fall on the image at output position o, and the input
// position of the first.
func (w *sliding) taps(d, o int) (from, to, at int) {
	size := [2]int{w.in.H, w.in.W}[d]
	first := o*w.Stride[d] - w.Pad[d]
	if first < 0 {
		from = (-first + w.Dilation[d] - 1) / w.Dilation[d]
	}
	to = min(w.Kernel[d], (size-1-first)/w.Dilation[d]+1)
	return from, to, first + from*w.Dilation[d]
}

// each calls f for every output pixel of the images, with the input pixels
// under its window: rows×cols of them, the first at pixel at.
func (w *sliding) each(images int, f func(out, at, rows, cols int)) {
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

// under returns where the pixel r rows and c columns of the kernel after pixel at lies.
func (w *sliding) under(at, r, c int) int { return at + r*w.Dilation[0]*w.in.W + c*w.Dilation[1] }

// count returns how many values of a window with rows×cols pixels on the image
// make up a mean.
func (w *sliding) count(rows, cols int, countPad bool) int {
	if countPad {
		return w.Area()
	}
	return rows * cols
}
