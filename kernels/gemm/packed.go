package gemm

// PackedF32 is a k×n right operand, usually weights, laid out for many products.
type PackedF32 struct {
	K, N int
	b    []float32
}

// PackF32 packs the k×n matrix B, or the transpose of the n×k matrix B if transB.
func PackF32(k, n int, b []float32, ldb int, transB bool) *PackedF32 {
	return &PackedF32{k, n, plain(k, n, b, ldb, transB)}
}

// EpilogueF32 is applied to every element x of column j of a finished product:
//
//	y = min(max(x·Scale[j] + Bias[j] + Residual[i·LDR+j], Lo), Hi)
//
// nil slices leave their term out, and the clamp is applied only if Clamp.
type EpilogueF32 struct {
	Scale, Bias []float32
	Residual    []float32
	LDR         int
	Clamp       bool
	Lo, Hi      float32
}

// Mul computes the m×N product of the source's first m rows and the packed matrix, applies the epilogue
// (nil: none), and stores it to c.
func (p *PackedF32) Mul(m int, a RowSource32, ep *EpilogueF32, c []float32, ldc int, s *Scratch) {
	p.MulRows(0, m, a, ep, c, ldc, s)
}

// MulRows is Mul for the rows [row0, row1) alone. c and the residual are indexed by absolute row, so
// that workers may share them.
func (p *PackedF32) MulRows(row0, row1 int, a RowSource32, ep *EpilogueF32, c []float32, ldc int, s *Scratch) {
	x := grow(&s.a32, p.K)
	for i := row0; i < row1; i++ {
		a.PackRows(x, p.K, i, 1, 0, p.K)
		out := c[i*ldc : i*ldc+p.N]
		clear(out)
		for k, v := range x {
			for j, w := range p.b[k*p.N : k*p.N+p.N] {
				out[j] += v * w
			}
		}
		if ep != nil {
			ep.apply(i, out)
		}
	}
}

func (ep *EpilogueF32) apply(i int, out []float32) {
	for j, x := range out {
		if ep.Scale != nil {
			x *= ep.Scale[j]
		}
		if ep.Bias != nil {
			x += ep.Bias[j]
		}
		if ep.Residual != nil {
			x += ep.Residual[i*ep.LDR+j]
		}
		if ep.Clamp {
			x = min(max(x, ep.Lo), ep.Hi)
		}
		out[j] = x
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
