package kernels

// number is what tensors are made of.
type number interface {
	float32 | uint8 | int8 | int16 | int32
}

// view is a tensor of images in an arena: pixel p of image i starts at element
// (i·H·W + p)·ld.
type view[T number] struct {
	data []T
	ld   int
	Shape
}

// pixels returns the number of pixels of one image.
func (v *view[T]) pixels() int { return v.H * v.W }

// pixel returns the channels of a pixel, counted over all images.
func (v *view[T]) pixel(p int) []T { return v.data[p*v.ld : p*v.ld+v.C] }

// dense tells whether nothing lies between the pixels.
func (v *view[T]) dense() bool { return v.ld == v.C }

// op is one step of a program.
type op interface{ run(images int) }

// gather returns image i as consecutive NHWC values, copied to buf if need be.
func (v *view[T]) gather(buf []T, i int) []T {
	n := v.pixels()
	if v.dense() {
		return v.data[i*n*v.C : (i+1)*n*v.C]
	}
	buf = buf[:n*v.C]
	for p := range n {
		copy(buf[p*v.C:], v.pixel(i*n+p))
	}
	return buf
}

// copyOp copies a tensor to a place of its own in another: channels of a
// concatenation, the inside of a padded image, a strided subset.
type copyOp[T number] struct {
	in, out view[T]
	// Pixel (y, x) and channel c of out is pixel start + step·(y, x) of in, channel
	// likewise; what lies outside in is zero.
	start, step [3]int
}

func (o *copyOp[T]) run(images int) {
	dense := o.step[0] == 1 && o.start[0] >= 0 && o.start[0]+o.out.C <= o.in.C
	for i := range images {
		for y := range o.out.H {
			for x := range o.out.W {
				to := o.out.pixel((i*o.out.H+y)*o.out.W + x)
				iy, ix := o.start[1]+y*o.step[1], o.start[2]+x*o.step[2]
				if uint(iy) >= uint(o.in.H) || uint(ix) >= uint(o.in.W) {
					clear(to)
					continue
				}
				from := o.in.pixel((i*o.in.H+iy)*o.in.W + ix)
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

// flattenOp writes an image as a vector in channel, row, column order.
type flattenOp[T number] struct{ in, out view[T] }

func (o *flattenOp[T]) run(images int) {
	n := o.in.pixels()
	for i := range images {
		to := o.out.pixel(i)
		for p := range n {
			for c, v := range o.in.pixel(i*n + p) {
				to[c*n+p] = v
			}
		}
	}
}

// newCopy returns the op of a Pad or Slice node.
func newCopy[T number](node *Node, in, out view[T]) *copyOp[T] {
	o := &copyOp[T]{in: in, out: out, step: [3]int{1, 1, 1}}
	if node.Op == OpSlice {
		o.start, o.step = node.Start, node.Step
	} else {
		o.start = [3]int{-node.PadC[0], -node.Pad[0], -node.Pad[1]}
	}
	return o
}

// concatOp copies those inputs of a concatenation that did not write into it.
type concatOp[T number] struct{ parts []*copyOp[T] }

func (o *concatOp[T]) run(images int) {
	for _, part := range o.parts {
		part.run(images)
	}
}

// add copies in to the channels of out from off on.
func (o *concatOp[T]) add(in, out view[T], off int) {
	out.data, out.C = out.data[off:], in.C
	o.parts = append(o.parts, &copyOp[T]{in: in, out: out, step: [3]int{1, 1, 1}})
}
