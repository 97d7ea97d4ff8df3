package gemm

// PackedI8 is a k×n right operand of int8 values, laid out for many products.
type PackedI8 struct {
	K, N int
	b    []int8
	sums []int32 // of each column
}

// PackI8 packs the k×n matrix B, or the transpose of the n×k matrix B if transB.
func PackI8(k, n int, b []int8, ldb int, transB bool) *PackedI8 {
	p := &PackedI8{K: k, N: n, b: plain(k, n, b, ldb, transB), sums: make([]int32, n)}
	for i, v := range p.b {
		p.sums[i%n] += int32(v)
	}
	return p
}

// PackedI16 is a k×n right operand of int16 values, laid out for many products.
type PackedI16 struct {
	K, N int
	b    []int16
}

// PackI16 packs the k×n matrix B, or the transpose of the n×k matrix B if transB.
func PackI16(k, n int, b []int16, ldb int, transB bool) *PackedI16 {
	return &PackedI16{k, n, plain(k, n, b, ldb, transB)}
}

// PackedI32 is a k×n right operand of int32 values whose products accumulate in int64.
type PackedI32 struct {
	K, N int
	b    []int32
}

// PackI32 packs the k×n matrix B, or the transpose of the n×k matrix B if transB.
func PackI32(k, n int, b []int32, ldb int, transB bool) *PackedI32 {
	return &PackedI32{k, n, plain(k, n, b, ldb, transB)}
}

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
// Requant, sums are stored as they are and must fit the element type.
type IntDst struct {
	U8  []uint8
	I8  []int8
	I16 []int16
	I32 []int32
	I64 []int64
	LD  int
}

// Mul computes Σ (a − zero)·b exactly, modulo 2³², for the first m rows of the source, requantizes
// (nil: not) and stores.
func (p *PackedI8) Mul(m int, a RowSource8, q *Requant, dst *IntDst, s *Scratch) {
	p.MulRows(0, m, a, q, dst, s)
}

// MulRows is Mul for the rows [row0, row1) alone; dst is indexed by absolute row.
func (p *PackedI8) MulRows(row0, row1 int, a RowSource8, q *Requant, dst *IntDst, s *Scratch) {
	signed, zero := a.Zero()
	x, acc := grow(&s.a8, p.K), grow(&s.sum, p.N)
	for i := row0; i < row1; i++ {
		a.PackRows(x, p.K, i, 1, 0, p.K)
		clear(acc)
		for k, u := range x {
			v := int64(u)
			if signed {
				v = int64(int8(u))
			}
			v -= int64(zero)
			for j, w := range p.b[k*p.N : k*p.N+p.N] {
				acc[j] += v * int64(w)
			}
		}
		store(i, acc, q, dst)
	}
}

// Mul computes a·b for the first m rows of the source. The caller proves that no sum leaves int32:
// K·max|a|·max|b| < 2³¹ suffices.
func (p *PackedI16) Mul(m int, a RowSource16, q *Requant, dst *IntDst, s *Scratch) {
	p.MulRows(0, m, a, q, dst, s)
}

// MulRows is Mul for the rows [row0, row1) alone; dst is indexed by absolute row.
func (p *PackedI16) MulRows(row0, row1 int, a RowSource16, q *Requant, dst *IntDst, s *Scratch) {
	x, acc := grow(&s.a16, p.K), grow(&s.sum, p.N)
	for i := row0; i < row1; i++ {
		a.PackRows(x, p.K, i, 1, 0, p.K)
		clear(acc)
		for k, v := range x {
			for j, w := range p.b[k*p.N : k*p.N+p.N] {
				acc[j] += int64(v) * int64(w)
			}
		}
		store(i, acc, q, dst)
	}
}

// Mul computes a·b in int64 for the first m rows of the source.
func (p *PackedI32) Mul(m int, a RowSourceInt, q *Requant, dst *IntDst, s *Scratch) {
	p.MulRows(0, m, a, q, dst, s)
}

// MulRows is Mul for the rows [row0, row1) alone; dst is indexed by absolute row.
func (p *PackedI32) MulRows(row0, row1 int, a RowSourceInt, q *Requant, dst *IntDst, s *Scratch) {
	x, acc := grow(&s.ai, p.K), grow(&s.sum, p.N)
	for i := row0; i < row1; i++ {
		a.PackRows(x, p.K, i, 1, 0, p.K)
		clear(acc)
		for k, v := range x {
			for j, w := range p.b[k*p.N : k*p.N+p.N] {
				acc[j] += int64(v) * int64(w)
			}
		}
		store(i, acc, q, dst)
	}
}

func store(i int, acc []int64, q *Requant, dst *IntDst) {
	if q != nil {
		for j, x := range acc {
			y := (x*int64(q.Mult[j]) + q.Bias[j]) >> q.Shift[j]
			acc[j] = min(max(y, int64(q.Lo)), int64(q.Hi))
		}
	}
	at, n := i*dst.LD, len(acc)
	switch {
	case dst.U8 != nil:
		convert(dst.U8[at:at+n], acc)
	case dst.I8 != nil:
		convert(dst.I8[at:at+n], acc)
	case dst.I16 != nil:
		convert(dst.I16[at:at+n], acc)
	case dst.I32 != nil:
		convert(dst.I32[at:at+n], acc)
	case dst.I64 != nil:
		copy(dst.I64[at:at+n], acc)
	}
}

func convert[E uint8 | int8 | int16 | int32](dst []E, acc []int64) {
	for j, x := range acc {
		dst[j] = E(x)
	}
}
