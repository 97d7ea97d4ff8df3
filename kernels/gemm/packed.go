package gemm

// PackedF32 is a k×n right operand, usually weights, laid out for many products.
type PackedF32 struct {
	K, N int
	b    panels[float32, float32, float32]
}

// PackF32 packs the k×n matrix B, or the transpose of the n×k matrix B if transB.
func PackF32(k, n int, b []float32, ldb int, transB bool) *PackedF32 {
	return &PackedF32{k, n, newPanels(active.f32, k, k, n, b, ldb, transB)}
}

// Repack takes other numbers into the same memory.
func (p *PackedF32) Repack(b []float32, ldb int, transB bool) {
	packPanels(p.b.kern, p.b.b, 0, p.K, 0, p.N, b, ldb, transB)
}

// Mul computes the m×N product of the source's first m rows and the packed matrix, applies the epilogue
// (nil: none), and stores it to c.
func (p *PackedF32) Mul(m int, a RowSource32, ep *EpilogueF32, c []float32, ldc int, s *Scratch) {
	p.MulRows(0, m, a, ep, c, ldc, s)
}

// MulRows is Mul for the rows [row0, row1) alone. c and the residual are indexed by absolute row, so
// that workers may share them.
func (p *PackedF32) MulRows(row0, row1 int, a RowSource32, ep *EpilogueF32, c []float32, ldc int, s *Scratch) {
	if row0 >= row1 {
		return
	}
	s.f32.begin(p.b.kern, a, p.K, false)
	var last sink[float32]
	if ep != nil {
		s.epi.EpilogueF32 = *ep
		last = &s.epi
	}
	p.b.mul(&s.f32, row0, row1, c[row0*ldc:], ldc, last)
}
