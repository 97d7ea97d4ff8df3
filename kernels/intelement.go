package kernels

import "bitcycle/kernels/internal/lanes"

// requantOp moves codes to another grid and clamps them.
type requantOp struct {
	x, y    tensor
	f       fixed
	lo, hi  int32
	stretch func(pixel, elements int)
	ts      []*tensor
}

func newRequant(x, y tensor, f fixed, lo, hi int32) op {
	o := &requantOp{x: x, y: y, f: f, lo: lo, hi: hi}
	o.ts = []*tensor{&o.x, &o.y}
	o.stretch = requantStretch(o)
	return o
}

func (o *requantOp) run(images int) { stretches(images, o.stretch, o.ts...) }

// requantStretch chooses the loop for the types of x and y.
func requantStretch(o *requantOp) func(pixel, elements int) {
	switch o.x.elem {
	case elemU8:
		return requantFrom(o, &o.x.u8)
	case elemI8:
		return requantFrom(o, &o.x.i8)
	case elemI16:
		if m, ok := o.f.lanes(o.lo, o.hi); ok {
			if f := requant16(o, m); f != nil {
				return f
			}
		}
		return requantFrom(o, &o.x.i16)
	}
	return requantFrom(o, &o.x.i32)
}

// requant16 returns the vectorized loop from 16-bit codes, nil if y is wider.
func requant16(o *requantOp, m lanes.Map) func(pixel, elements int) {
	switch o.y.elem {
	case elemU8:
		return requantLanes(&o.x.i16, &o.y.u8, m)
	case elemI8:
		return requantLanes(&o.x.i16, &o.y.i8, m)
	case elemI16:
		return requantLanes(&o.x.i16, &o.y.i16, m)
	}
	return nil
}

func requantLanes[D lanes.Code](x *view[int16], y *view[D], m lanes.Map) func(pixel, elements int) {
	return func(pixel, n int) {
		lanes.Requant(y.data[pixel*y.ld:][:n], x.data[pixel*x.ld:], m)
	}
}

func requantFrom[S code](o *requantOp, x *view[S]) func(pixel, elements int) {
	switch o.y.elem {
	case elemU8:
		return requantTo(o, x, &o.y.u8)
	case elemI8:
		return requantTo(o, x, &o.y.i8)
	case elemI16:
		return requantTo(o, x, &o.y.i16)
	}
	return requantTo(o, x, &o.y.i32)
}

func requantTo[S, D code](o *requantOp, x *view[S], y *view[D]) func(pixel, elements int) {
	return func(pixel, n int) {
		from, to := x.data[pixel*x.ld:], y.data[pixel*y.ld:]
		from, to = from[:n], to[:n]
		mult, bias, shift := int64(o.f.mult[0]), o.f.bias, o.f.shift&63
		lo, hi := int64(o.lo), int64(o.hi)
		for i, v := range from {
			to[i] = D(min(max((int64(v)*mult+bias)>>shift, lo), hi))
		}
	}
}

// sumOp adds two tensors on a common grid and clamps the sum.
type sumOp struct {
	a, b, y tensor
	f       fixed // multipliers of a and b
	lo, hi  int32
	buf     [2][stretch]int32
	stretch func(pixel, elements int)
	ts      []*tensor
}

func newSum(a, b, y tensor, f fixed, lo, hi int32) op {
	o := &sumOp{a: a, b: b, y: y, f: f, lo: lo, hi: hi}
	o.ts = []*tensor{&o.a, &o.b, &o.y}
	o.stretch = o.any
	if m, ok := f.lanes(lo, hi); ok && a.elem == elemI16 && b.elem == elemI16 {
		switch y.elem {
		case elemU8:
			o.stretch = sumLanes(o, &o.y.u8, m)
		case elemI8:
			o.stretch = sumLanes(o, &o.y.i8, m)
		case elemI16:
			o.stretch = sumLanes(o, &o.y.i16, m)
		}
	}
	return o
}

func (o *sumOp) run(images int) { stretches(images, o.stretch, o.ts...) }

func sumLanes[D lanes.Code](o *sumOp, y *view[D], m lanes.Map) func(pixel, elements int) {
	return func(pixel, n int) {
		lanes.Sum(y.data[pixel*y.ld:][:n], o.a.i16.data[pixel*o.a.ld:], o.b.i16.data[pixel*o.b.ld:], m)
	}
}

// any adds codes of all types, through buffers.
func (o *sumOp) any(pixel, n int) {
	for done := 0; done < n; {
		k := min(n-done, len(o.buf[0]))
		a, b := o.buf[0][:k], o.buf[1][:k]
		o.a.load(a, pixel*o.a.ld+done)
		o.b.load(b, pixel*o.b.ld+done)
		ma, mb := int64(o.f.mult[0]), int64(o.f.mult[1])
		for i, v := range a {
			y := (int64(v)*ma + int64(b[i])*mb + o.f.bias) >> o.f.shift
			a[i] = int32(min(max(y, int64(o.lo)), int64(o.hi)))
		}
		o.y.store(a, pixel*o.y.ld+done)
		done += k
	}
}

// scaleOp multiplies and shifts each channel by its own constants.
type scaleOp struct {
	x, y   tensor
	f      []fixed // per channel
	lo, hi int32
	buf    []int32
}

func (o *scaleOp) run(images int) {
	for p := range images * o.x.pixels() {
		o.x.load(o.buf, p*o.x.ld)
		for c, v := range o.buf {
			o.buf[c] = o.f[c].apply(int64(v), o.lo, o.hi)
		}
		o.y.store(o.buf, p*o.y.ld)
	}
}

// meanOp averages windows: the sum of codes, divided by how many there are and
// moved to the grid of y in one fixed-point step.
type meanOp struct {
	window
	x, y     tensor
	f        []fixed // by number of codes in the sum
	countPad bool
	lo, hi   int32
	sum, buf []int32
	each     func(out, at, rows, cols int)
}

func newMean(node *Node, x, y tensor, from, to Grid, lo, hi int32) op {
	o := &meanOp{window: newWindow(node, x.Shape), x: x, y: y, countPad: node.CountPad, lo: lo, hi: hi}
	if node.Op == OpGlobalPool {
		o.window = globalWindow(x.Shape)
	}
	most := o.kernel[0] * o.kernel[1]
	o.f = make([]fixed, most+1)
	for n := 1; n <= most; n++ {
		o.f[n] = meanFixed(from, to, n)
	}
	o.sum, o.buf = make([]int32, x.C), make([]int32, x.C)
	o.each = o.pixel
	return o
}

func (o *meanOp) run(images int) { o.window.each(images, o.each) }

func (o *meanOp) pixel(out, at, rows, cols int) {
	clear(o.sum)
	for r := range rows {
		for c := range cols {
			o.x.addTo(o.sum, (at+r*o.dilation[0]*o.in.W+c*o.dilation[1])*o.x.ld)
		}
	}
	n := rows * cols
	if o.countPad {
		n = o.kernel[0] * o.kernel[1]
	}
	for j, v := range o.sum {
		o.buf[j] = o.f[n].apply(int64(v), o.lo, o.hi)
	}
	o.y.store(o.buf, out*o.y.ld)
}

// quantizeOp puts the normalized images of a batch on the input's grid.
type quantizeOp struct {
	w    *intWorker
	y    tensor // dense
	grid Grid
	buf  [stretch]int32
}

func (o *quantizeOp) run(images int) {
	size := o.y.Size()
	x := o.w.batch.Data[o.w.image*size : (o.w.image+images)*size]
	lo, hi := o.grid.Range()
	for at := 0; at < len(x); at += stretch {
		buf := o.buf[:min(stretch, len(x)-at)]
		lanes.Quantize(buf, x[at:], o.grid.Scale, lo, hi)
		o.y.store(buf, at)
	}
}
