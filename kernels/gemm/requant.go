package gemm

// Requant maps the accumulator x of column j to an integer grid:
//
//	y = min(max((x·Mult[j] + Bias[j]) >> Shift[j], Lo), Hi)
//
// in int64 arithmetic that the caller keeps from overflowing. Rounding half up is a Bias that includes
// 1 << (Shift[j] − 1).
type Requant struct {
	Mult   []int32
	Bias   []int64
	Shift  []uint8
	Lo, Hi int32
}

// IntDst is where an integer product goes: exactly one slice is set, its rows LD apart. Without a
// Requant, sums are stored as they are, modulo the element type.
type IntDst struct {
	U8  []uint8
	I8  []int8
	I16 []int16
	I32 []int32
	I64 []int64
	LD  int
}

// intSink requantizes and stores finished sums.
type intSink[C int32 | int64] struct {
	q    *Requant
	dst  *IntDst
	zero C       // what the source calls zero, and
	sums []int32 // the column sums to take off that many times
}

func (s *intSink[C]) begin(q *Requant, dst *IntDst, zero C, sums []int32) {
	*s = intSink[C]{q, dst, zero, sums}
}

func (s *intSink[C]) finish(row, rows, col, n int, c []C, ldc int) {
	for r := range rows {
		x := c[r*ldc:][:n]
		if s.zero != 0 {
			for j, sum := range s.sums[col:][:n] {
				x[j] -= s.zero * C(sum)
			}
		}
		if s.q != nil {
			requant(x, s.q, col)
		}
		store(s.dst, (row+r)*s.dst.LD+col, x)
	}
}

func requant[C int32 | int64](x []C, q *Requant, col int) {
	mult, bias, shift := q.Mult[col:], q.Bias[col:], q.Shift[col:]
	for j, v := range x {
		y := (int64(v)*int64(mult[j]) + bias[j]) >> shift[j]
		x[j] = C(min(max(y, int64(q.Lo)), int64(q.Hi)))
	}
}

// store writes a row of sums.
func store[C int32 | int64](d *IntDst, at int, x []C) {
	n := len(x)
	switch {
	case d.U8 != nil:
		convert(d.U8[at:at+n], x)
	case d.I8 != nil:
		convert(d.I8[at:at+n], x)
	case d.I16 != nil:
		convert(d.I16[at:at+n], x)
	case d.I32 != nil:
		convert(d.I32[at:at+n], x)
	case d.I64 != nil:
		convert(d.I64[at:at+n], x)
	}
}

func convert[D, C number](dst []D, x []C) {
	for j, v := range x {
		dst[j] = D(v)
	}
}

func requantized(x []int64, q *Requant) []int64 {
	if q != nil {
		requant(x, q, 0)
	}
	return x
}
