package kernels

// number is what tensors are made of.
type number interface {
	float32 | uint8 | int8 | int16 | int32
}

// view is a tensor of images in an arena: pixel p of image i starts at element
// (i·pixels + p)·ld.
type view[T number] struct {
	data []T
	ld   int
	Shape
}

// pixels returns the number of pixels of one image.
func (v *view[T]) pixels() int { return v.Pixels() }

// rows returns the number of rows of pixels, those of all depths one under the other.
func (v *view[T]) rows() int { return v.Pixels() / v.W }

// pixel returns the channels of a pixel, counted over all images.
func (v *view[T]) pixel(p int) []T { return v.data[p*v.ld : p*v.ld+v.C] }

// dense tells whether nothing lies between the pixels.
func (v *view[T]) dense() bool { return v.ld == v.C }

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

// flat writes image i in channel, row, column order.
func (v *view[T]) flat(dst []T, i int) {
	n := v.pixels()
	for p := range n {
		for c, x := range v.pixel(i*n + p) {
			dst[c*n+p] = x
		}
	}
}

// op is one step of a program.
type op interface{ run(images int) }
