package gemm

// BitFormat is how a byte's low bits read as a number.
type BitFormat struct {
	Bits   int  // 1..8
	Signed bool // two's complement: the top bit weighs −2^(Bits−1)
	Binary bool // one bit, 0 means −1 and 1 means +1; Bits is 1
}

// Value is the number that a byte stands for.
func (f BitFormat) Value(code uint8) int32 {
	v := int32(code) & (1<<f.Bits - 1)
	switch {
	case f.Binary:
		return 2*v - 1
	case f.Signed:
		return v - v>>(f.Bits-1)<<f.Bits
	}
	return v
}

// PackedBits is a k×n right operand of 1..8-bit numbers as bit planes, laid out for many products.
type PackedBits struct {
	K, N   int
	Format BitFormat
	b      []int8
}

// PackBits packs the k×n matrix of codes B, or the transpose of the n×k matrix B if transB. A code is
// the low Bits bits of an element, so int8 values in range are codes of themselves.
func PackBits(k, n int, b []int8, ldb int, transB bool, f BitFormat) *PackedBits {
	return &PackedBits{k, n, f, plain(k, n, b, ldb, transB)}
}

// Mul computes Σ a·b exactly, modulo 2³², for the first m rows of a source of codes in the format f, by
// AND and population count over planes; it requantizes (nil: not) and stores. The source's Zero is not
// looked at: padding is whatever number its byte stands for.
func (p *PackedBits) Mul(m int, a RowSource8, f BitFormat, q *Requant, dst *IntDst, s *Scratch) {
	p.MulRows(0, m, a, f, q, dst, s)
}

// MulRows is Mul for the rows [row0, row1) alone; dst is indexed by absolute row.
func (p *PackedBits) MulRows(row0, row1 int, a RowSource8, f BitFormat, q *Requant, dst *IntDst, s *Scratch) {
	x, acc := grow(&s.a8, p.K), grow(&s.sum, p.N)
	for i := row0; i < row1; i++ {
		a.PackRows(x, p.K, i, 1, 0, p.K)
		clear(acc)
		for k, u := range x {
			v := int64(f.Value(u))
			for j, w := range p.b[k*p.N : k*p.N+p.N] {
				acc[j] += v * int64(p.Format.Value(uint8(w)))
			}
		}
		store(dst, i*dst.LD, requantized(acc, q))
	}
}

func plain[E any](k, n int, b []E, ldb int, transB bool) []E {
	out := make([]E, k*n)
	for i := range k {
		for j := range n {
			if transB {
				out[i*n+j] = b[j*ldb+i]
			} else {
				out[i*n+j] = b[i*ldb+j]
			}
		}
	}
	return out
}
