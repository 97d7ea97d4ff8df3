package kernels

import (
	"math"

	"bitcycle/kernels/gemm"
)

// productInt is a convolution or dense layer on integers: products of rows, the
// sum of the points of each channel, requantization to the grid of y.
type productInt struct {
	layer  *QLayer
	k      int
	rows   int // output positions of one image
	widen  op  // converts the input for the path; nil if it need not be
	groups []groupInt
	out    Grid
	y      tensor
	lo, hi int32
	f      []fixed // by channel
	first  []int   // row of each channel
	// direct: every channel has one row, requantized as it is finished.
	direct bool
	sums   *rowSums // raw products; nil if they are never wanted
	buf    []int32
}

// groupInt multiplies a part of the rows: a group of a convolution, or the p-th
// point of every channel of a depthwise one.
type groupInt struct {
	seek    func(image int) // moves the source to an image
	product func(images int, q *gemm.Requant, dst *gemm.IntDst)
	channel int // first output channel, if every channel has one row
	column  int // first column of the sums
	q       gemm.Requant
	y, raw  gemm.IntDst // channels of the output, columns of the sums
}

// rowSums are the raw products of some images: positions × columns of them, in
// i64 on PathI32, else in i32.
type rowSums struct {
	i32     []int32
	i64     []int64
	columns int
	column  []int // of each row of weights
	images  int   // that fit
}

func (s *rowSums) at(i int) int64 {
	if s.i64 != nil {
		return s.i64[i]
	}
	return int64(s.i32[i])
}

// prepare computes the constants of requantization from the layer's scales,
// gains and biases, which may have changed.
func (o *productInt) prepare() {
	o.f = o.layer.requantizers(o.k, o.out)
	if !o.direct {
		return
	}
	for i := range o.groups {
		g := &o.groups[i]
		end := len(o.f)
		if i+1 < len(o.groups) {
			end = o.groups[i+1].channel
		}
		g.y = o.y.destination(g.channel)
		g.q = gemm.Requant{Lo: o.lo, Hi: o.hi}
		for _, f := range o.f[g.channel:end] {
			g.q.Mult = append(g.q.Mult, f.mult[0])
			g.q.Bias = append(g.q.Bias, f.bias)
			g.q.Shift = append(g.q.Shift, f.shift)
		}
	}
}

func (o *productInt) run(images int) {
	if o.widen != nil {
		o.widen.run(images)
	}
	if o.direct {
		for i := range o.groups {
			g := &o.groups[i]
			g.product(images, &g.q, &g.y)
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
	for image := 0; image < images; image += o.sums.images {
		n := min(o.sums.images, images-image)
		for i := range o.groups {
			g := &o.groups[i]
			g.seek(image)
			g.product(n, nil, &g.raw)
		}
		f(image, n)
	}
	for i := range o.groups {
		o.groups[i].seek(0)
	}
}

// combine requantizes the sums at one position into buf.
func (o *productInt) combine(position int) {
	at := position * o.sums.columns
	for m := range o.f {
		f := &o.f[m]
		x := f.bias
		for r := o.first[m]; r < o.first[m+1]; r++ {
			x += o.sums.at(at+o.sums.column[r]) * int64(f.mult[r-o.first[m]])
		}
		o.buf[m] = int32(min(max(f.code(x), int64(o.lo)), int64(o.hi)))
	}
}

// moments adds up each channel's Σ_rows RowScale·sum over the positions of every
// image, and the squares; those of image i start at i·channels. With one row
// for each channel, RowScale is left to real.
func (o *productInt) moments(images int, sum, square []float64) {
	if o.widen != nil {
		o.widen.run(images)
	}
	c := len(o.f)
	o.collect(images, func(image, n int) {
		for p := range n * o.rows {
			to := (image + p/o.rows) * c
			o.addMoments(p, sum[to:to+c], square[to:to+c])
		}
	})
}

// addMoments adds the values at one position.
func (o *productInt) addMoments(position int, sum, square []float64) {
	s := o.sums
	if at := position * s.columns; o.direct && s.i32 != nil {
		for m, v := range s.i32[at : at+len(sum)] {
			x := float64(v)
			sum[m] += x
			square[m] += float64(x * x)
		}
		return
	}
	for m := range sum {
		x := 0.0
		for r := o.first[m]; r < o.first[m+1]; r++ {
			v := float64(s.at(position*s.columns + s.column[r]))
			if !o.direct {
				v *= o.layer.RowScale[r]
			}
			x += v
		}
		sum[m] += x
		square[m] += float64(x * x)
	}
}

// real turns mean and deviation of what moments adds up into those of the
// layer's real outputs.
func (o *productInt) real(mean, sd []float64) {
	l := o.layer
	for m := range mean {
		unit := l.In.Scale * l.Gain[m]
		if o.direct {
			unit *= l.RowScale[m]
		}
		mean[m] = float64(mean[m]*unit) + l.Bias[m]
		sd[m] *= math.Abs(unit)
	}
}
