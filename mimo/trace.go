package mimo

import "math"

// Trace holds the signals of a modulator, N×T each: the output, the quantizer
// inputs and the quantization errors. Nil ones are not recorded.
type Trace struct{ X, B, Q *Matrix }

// Trace modulates xbar and returns every signal.
func (m Modulator) Trace(xbar *Matrix) Trace {
	n, t := xbar.Rows, xbar.Cols
	tr := Trace{NewMatrix(n, t), NewMatrix(n, t), NewMatrix(n, t)}
	m.recursion(tr, xbar, 1)
	return tr
}

// recursion is the modulator in full generality, one antenna after the other.
func (m Modulator) recursion(tr Trace, xbar *Matrix, scale float64) {
	s := newLoop(m, xbar.Cols)
	for i := range m.chains() {
		from, to := m.chain(i, xbar.Rows)
		s.reset()
		for n := from; n < to; n++ {
			s.advance(n)
			at := m.antenna(n)
			for t := range xbar.Cols {
				b, x, q := s.column(t, scale*xbar.Re[at*xbar.Stride+t], scale*xbar.Im[at*xbar.Stride+t])
				record(tr.X, at, t, x)
				record(tr.B, at, t, b)
				record(tr.Q, at, t, q)
			}
		}
	}
}

func record(m *Matrix, i, j int, v complex128) {
	if m != nil {
		m.Set(i, j, v)
	}
}

// loop is the state of a bundle of chains, one per column.
type loop struct {
	m         Modulator
	c, before complex128 // c_n and c_{n−1}
	q1, q2    []complex128
}

func newLoop(m Modulator, cols int) *loop {
	return &loop{m: m, q1: make([]complex128, cols), q2: make([]complex128, cols)}
}

func (s *loop) reset() {
	clear(s.q1)
	clear(s.q2)
	s.c = 0
}

func (s *loop) advance(n int) { s.before, s.c = s.c, s.m.coefficient(n) }

// column takes one sample through the quantizer.
func (s *loop) column(t int, re, im float64) (b, x, q complex128) {
	fed := s.m.word(s.c * s.q1[t])
	if s.m.order() == 2 {
		fed = 2*fed - s.m.word(s.c*s.before*s.q2[t])
	}
	b = s.m.saturate(s.m.word(complex(re, im)) - fed)
	x = complex(s.m.quantize(real(b)), s.m.quantize(imag(b)))
	q = x - b
	s.q2[t], s.q1[t] = s.q1[t], q
	return b, x, q
}

// quantize is the mid-rise quantizer, clip(2⌊r/2⌋+1, ±(Levels−1)).
func (m Modulator) quantize(r float64) float64 {
	top := float64(m.levels() - 1)
	return max(-top, min(top, 2*math.Floor(r/2)+1))
}

// word rounds to the fixed-point grid, halves upward.
func (m Modulator) word(v complex128) complex128 {
	if m.FracBits == 0 {
		return v
	}
	return complex(m.round(real(v)), m.round(imag(v)))
}

func (m Modulator) round(v float64) float64 {
	unit := math.Ldexp(1, m.FracBits)
	return math.Floor(v*unit+0.5) / unit
}

// saturate limits b to the words −2·Levels … 2·Levels − one unit.
func (m Modulator) saturate(b complex128) complex128 {
	if m.FracBits == 0 {
		return b
	}
	low := -2 * float64(m.levels())
	high := -low - math.Ldexp(1, -m.FracBits)
	return complex(max(low, min(high, real(b))), max(low, min(high, imag(b))))
}

// WordBits is the width of the modulator's words: sign, integer part of 2·Levels
// and FracBits; 0 if it works in floating point.
func (m Modulator) WordBits() int {
	if m.FracBits == 0 {
		return 0
	}
	return 1 + int(math.Ceil(math.Log2(2*float64(m.levels())))) + m.FracBits
}
