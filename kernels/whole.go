package kernels

// Operators whose results are whole numbers of whole numbers, pixel by pixel: the same
// arithmetic serves numbers and codes.

type wholesF32 struct {
	x, y view[float32]
	f    func(x []float64)
	buf  []float64
}

func (s *stepF32) wholes(f func(x []float64)) op {
	return &wholesF32{s.x[0], s.y, f, make([]float64, s.y.C)}
}

func (o *wholesF32) run(images int) {
	for p := range images * o.y.pixels() {
		for c, v := range o.x.pixel(p) {
			o.buf[c] = float64(v)
		}
		o.f(o.buf)
		y := o.y.pixel(p)
		for c, v := range o.buf {
			y[c] = float32(v)
		}
	}
}

type wholesInt struct {
	x, y   tensor
	f      func(x []float64)
	from   float64
	to     Grid
	lo, hi int32
	in     []int32
	buf    []float64
}

func (s *stepInt) wholes(f func(x []float64)) op {
	c := s.y.C
	return &wholesInt{s.x[0], s.y, f, s.from[0].Scale, s.to, s.lo, s.hi, make([]int32, c), make([]float64, c)}
}

func (o *wholesInt) run(images int) {
	for p := range images * o.x.pixels() {
		o.x.load(o.in, p*o.x.ld)
		for c, v := range o.in {
			o.buf[c] = float64(v) * o.from
		}
		o.f(o.buf)
		for c, v := range o.buf {
			o.in[c] = min(max(o.to.Quantize(v), o.lo), o.hi)
		}
		o.y.store(o.in, p*o.y.ld)
	}
}
