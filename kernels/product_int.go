package kernels

import "bitcycle/kernels/gemm"

// productInt is a convolution or dense layer on integers: products of rows, the
// sum of the points of each channel, requantization to the grid of y.
type productInt struct {
	layer  *QLayer
	k      int
	rows   int // output positions of one image
	widen  op  // converts the input for the path; nil if it need not be
	groups []groupInt
	column []int // of each row of weights among the sums
	out    Grid
	y      tensor
	lo, hi int32
	f      []fixed // by channel
	first  []int   // row of each channel
	// Sums of some images, if they are not requantized on the way: i64 on PathI32.
	i32     []int32
	i64     []int64
	columns int
	batch   int // images whose sums fit
	buf     []int32
}

// groupInt multiplies a part of the rows: a group of a convolution, or the p-th
// point of every channel of a depthwise one.
type groupInt struct {
	seek    func(image int) // moves the source to an image
	product func(images int, q *gemm.Requant, dst *gemm.IntDst)
	channel int // first output channel, if every channel has one row
	column  int // first column of the sums
	q       gemm.Requant
	to      gemm.IntDst // channels of y, or columns of the sums
}

// prepare computes the constants of requantization from the layer's scales,
// gains and biases, which may have changed.
func (o *productInt) prepare() {
	o.f = o.layer.requantizers(o.k, o.out)
	if !o.direct() {
		return
	}
	for i := range o.groups {
		g := &o.groups[i]
		end := len(o.f)
		if i+1 < len(o.groups) {
			end = o.groups[i+1].channel
		}
		g.to = o.y.destination(g.channel)
		g.q = gemm.Requant{Lo: o.lo, Hi: o.hi}
		for _, f := range o.f[g.channel:end] {
			g.q.Mult = append(g.q.Mult, f.mult[0])
			g.q.Bias = append(g.q.Bias, f.bias)
			g.q.Shift = append(g.q.Shift, f.shift)
		}
	}
}

// direct tells whether products are requantized as they are finished.
func (o *productInt) direct() bool { return o.column == nil }

func (o *productInt) run(images int) {
	if o.widen != nil {
		o.widen.run(images)
	}
	if o.direct() {
		for i := range o.groups {
			g := &o.groups[i]
			g.product(images, &g.q, &g.to)
		}
		return
	}
	o.collect(images, func(image, n int) {
		for p := range n * o.rows {
			o.combine(p)
			o.y.store(o.buf, (image*o.rows+p)*o.y.ld)
		}
	})
}

// destination is where products of the channels from c on are stored.
func (t *tensor) destination(c int) gemm.IntDst {
	d := gemm.IntDst{LD: t.ld}
	switch t.elem {
	case elemU8:
		d.U8 = t.u8.data[c:]
	case elemI8:
		d.I8 = t.i8.data[c:]
	case elemI16:
		d.I16 = t.i16.data[c:]
	case elemI32:
		d.I32 = t.i32.data[c:]
	}
	return d
}

// collect computes the sums of all rows, some images at a time, and shows them to f.
func (o *productInt) collect(images int, f func(image, n int)) {
	for image := 0; image < images; image += o.batch {
		n := min(o.batch, images-image)
		for i := range o.groups {
			g := &o.groups[i]
			g.seek(image)
			g.product(n, nil, &g.to)
		}
		f(image, n)
	}
	for i := range o.groups {
		o.groups[i].seek(0)
	}
}

// combine requantizes the sums at one position into buf.
func (o *productInt) combine(position int) {
	at := position * o.columns
	for m := range o.f {
		f := &o.f[m]
		x := f.bias
		for r := o.first[m]; r < o.first[m+1]; r++ {
			x += o.sum(at+o.column[r]) * int64(f.mult[r-o.first[m]])
		}
		o.buf[m] = int32(min(max(x>>f.shift, int64(o.lo)), int64(o.hi)))
	}
}

func (o *productInt) sum(at int) int64 {
	if o.i64 != nil {
		return o.i64[at]
	}
	return int64(o.i32[at])
}

// moments adds up the real outputs of each channel over the positions of every
// image, and their squares; those of image i start at i·channels. The product
// must have been compiled to collect its sums.
func (o *productInt) moments(images int, sum, square []float64) {
	if o.widen != nil {
		o.widen.run(images)
	}
	l, c := o.layer, len(o.f)
	o.collect(images, func(image, n int) {
		for p := range n * o.rows {
			at := (image + p/o.rows) * c
			for m := range c {
				y := 0.0
				for r := o.first[m]; r < o.first[m+1]; r++ {
					y += float64(float64(o.sum(p*o.columns+o.column[r])) * l.RowScale[r])
				}
				y = float64(y*l.In.Scale*l.Gain[m]) + l.Bias[m]
				sum[at+m] += y
				square[at+m] += float64(y * y)
			}
		}
	})
}
