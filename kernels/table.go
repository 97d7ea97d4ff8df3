package kernels

import "math"

// How functions of one value are computed, of which Scalar is made.

// scalarF32 computes y = f(x) value by value.
type scalarF32 struct {
	x, y view[float32]
	f    func(float32) float32
}

// scalar returns what computes a function of one value.
func (s *stepF32) scalar(f func(float32) float32) op { return &scalarF32{s.x[0], s.y, f} }

func (o *scalarF32) run(images int) {
	for p := range images * o.y.pixels() {
		y := o.y.pixel(p)
		for j, v := range o.x.pixel(p)[:len(y)] {
			y[j] = o.f(v)
		}
	}
}

// tableOp looks up the code of y for every code of x.
type tableOp struct {
	x, y    tensor
	codes   []int32 // from the lowest code of x on
	lowest  int32
	buf     [stretch]int32
	stretch func(pixel, elements int)
	ts      []*tensor
}

// table returns what computes a function of one value: a table of the codes that
// f, in real numbers, gives for every code of x. Each is within half a step of f,
// or at the end of the grid; where f has no value it is that of zero.
func (s *stepInt) table(f func(float64) float64) op {
	o := &tableOp{x: s.x[0], y: s.y}
	o.lowest, _ = s.from[0].Range()
	o.codes = s.c.shared(s.index, func() any { return tabulate(s.from[0], s.to, s.lo, s.hi, f) }).([]int32)
	o.ts, o.stretch = []*tensor{&o.x, &o.y}, o.look
	return o
}

func tabulate(from, to Grid, least, most int32, f func(float64) float64) []int32 {
	lo, hi := from.Range()
	codes := make([]int32, 0, hi-lo+1)
	for c := lo; c <= hi; c++ {
		y := f(float64(c) * from.Scale)
		if math.IsNaN(y) {
			y = 0
		}
		codes = append(codes, min(max(to.Quantize(y), least), most))
	}
	return codes
}

func (o *tableOp) run(images int) { stretches(images, o.stretch, o.ts...) }

func (o *tableOp) look(pixel, n int) {
	for done := 0; done < n; done += len(o.buf) {
		buf := o.buf[:min(n-done, len(o.buf))]
		o.x.load(buf, pixel*o.x.ld+done)
		for i, c := range buf {
			buf[i] = o.codes[c-o.lowest]
		}
		o.y.store(buf, pixel*o.y.ld+done)
	}
}

// scalarGradient is a function of one value and its derivative in training.
type scalarGradient struct{ f, derivative func(float32) float32 }

func (scalarGradient) Keep() int { return 0 }

func (o scalarGradient) Forward(p *Pass) {
	for i, v := range p.X[0] {
		p.Y[i] = o.f(v)
	}
}

func (o scalarGradient) Backward(p *Pass) {
	dx := p.DX[0]
	for i, v := range p.X[0] {
		d := float32(p.DY[i] * o.derivative(v))
		if p.Add[0] {
			d += dx[i]
		}
		dx[i] = d
	}
}
