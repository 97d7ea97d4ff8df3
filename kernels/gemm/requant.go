package gemm

import "unsafe"

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
type intSink struct {
	q    *Requant
	dst  *IntDst
	zero int32   // what the source calls zero, and
	sums []int32 // the column sums to take off that many times
}

// idle reports whether sums are finished where they are.
func (s *intSink) idle() bool { return s.dst.I32 != nil && s.q == nil && s.zero == 0 }

func (s *intSink) finish(row, rows, col, n int, c []int32, ldc int) {
	at := row*s.dst.LD + col
	sums := s.sums
	if s.zero == 0 {
		sums = nil
	}
	if q := s.q; q != nil && s.dst.I64 == nil {
		p, size := s.dst.pointer(at)
		active.requant(rows, n, c, ldc, s.zero, part(sums, col, n), q.Mult[col:], q.Bias[col:], q.Shift[col:], q.Lo, q.Hi, p, s.dst.LD*size, size)
		return
	}
	for r := range rows {
		x := c[r*ldc:][:n]
		for j, sum := range part(sums, col, n) {
			x[j] -= s.zero * sum
		}
		if s.q != nil {
			requantRow(x, s.q, col)
		}
		store(s.dst, at+r*s.dst.LD, x)
	}
}

// longSink is intSink for sums of 64 bits.
type longSink struct {
	q   *Requant
	dst *IntDst
}

func (s *longSink) finish(row, rows, col, n int, c []int64, ldc int) {
	for r := range rows {
		x := c[r*ldc:][:n]
		if s.q != nil {
			requantRow(x, s.q, col)
		}
		store(s.dst, (row+r)*s.dst.LD+col, x)
	}
}

// pointer is the address of the element at and its size.
func (d *IntDst) pointer(at int) (*byte, int) {
	switch {
	case d.U8 != nil:
		return &d.U8[at], 1
	case d.I8 != nil:
		return (*byte)(unsafe.Pointer(&d.I8[at])), 1
	case d.I16 != nil:
		return (*byte)(unsafe.Pointer(&d.I16[at])), 2
	}
	return (*byte)(unsafe.Pointer(&d.I32[at])), 4
}

// requant is the plain form of path.requant.
func requant(rows, n int, x []int32, ldx int, zero int32, sums, mult []int32, bias []int64, shift []uint8, lo, hi int32, dst *byte, ldd, size int) {
	q := &Requant{mult, bias, shift, lo, hi}
	for r := range rows {
		row := x[r*ldx:][:n]
		for j, sum := range sums {
			row[j] -= zero * sum
		}
		requantRow(row, q, 0)
		to := unsafe.Add(unsafe.Pointer(dst), r*ldd)
		switch size {
		case 1:
			convert(unsafe.Slice((*uint8)(to), n), row)
		case 2:
			convert(unsafe.Slice((*int16)(to), n), row)
		case 4:
			copy(unsafe.Slice((*int32)(to), n), row)
		}
	}
}

func requantRow[C int32 | int64](x []C, q *Requant, col int) {
	mult, bias, shift := q.Mult[col:], q.Bias[col:], q.Shift[col:]
	for j, v := range x {
		r := (int64(v)*int64(mult[j]) + bias[j]) >> shift[j]
		x[j] = C(min(max(r, int64(q.Lo)), int64(q.Hi)))
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
