package gemm

import "encoding/binary"

// PackedI8 is a k×n right operand of int8 values, laid out for many products.
type PackedI8 struct {
	K, N  int
	quads panels[uint8, int8, int32]  // if the kernel multiplies bytes,
	pairs panels[int16, int16, int32] // else
	sums  []int32                     // of each column
}

// PackI8 packs the k×n matrix B, or the transpose of the n×k matrix B if transB.
func PackI8(k, n int, b []int8, ldb int, transB bool) *PackedI8 {
	return packI8(k, k, n, b, ldb, transB)
}

// PackConvI8 is PackI8 for patches of the shape. It pays when a line of a patch is not a multiple of
// four bytes long: such lines too can then be read in place.
func PackConvI8(s *ConvShape, n int, b []int8, ldb int, transB bool) *PackedI8 {
	return packI8(s.K(), s.KW*s.CG, n, b, ldb, transB)
}

func packI8(k, run, n int, b []int8, ldb int, transB bool) *PackedI8 {
	p := &PackedI8{K: k, N: n, sums: columnSums(k, n, b, ldb, transB)}
	if active.i8 != nil {
		p.quads = newPanels(active.i8, k, run, n, b, ldb, transB)
		return p
	}
	if active.i8s != nil {
		if quads := newPanels(active.i8s, k, run, n, b, ldb, transB); pairsFit(quads.b) {
			p.quads = quads
			return p
		}
	}
	p.pairs = newPanels(active.i16, k, run, n, b, ldb, transB)
	return p
}

func columnSums(k, n int, b []int8, ldb int, transB bool) []int32 {
	sums := make([]int32, n)
	for i := range k {
		for j := range n {
			at := i*ldb + j
			if transB {
				at = j*ldb + i
			}
			sums[j] += int32(b[at])
		}
	}
	return sums
}

// pairsFit reports whether 255 times two neighbouring weights stays in int16 whatever the signs:
// 255·128 is the largest multiple that does.
func pairsFit(b []int8) bool {
	for i := 0; i+1 < len(b); i += 2 {
		x, y := int(b[i]), int(b[i+1])
		if max(x, 0)+max(y, 0) > 128 || min(x, 0)+min(y, 0) < -128 {
			return false
		}
	}
	return true
}

// Mul computes Σ (a − zero)·b exactly, modulo 2³², for the first m rows of the source, requantizes
// (nil: not) and stores.
func (p *PackedI8) Mul(m int, a RowSource8, q *Requant, dst *IntDst, s *Scratch) {
	p.MulRows(0, m, a, q, dst, s)
}

// MulRows is Mul for the rows [row0, row1) alone; dst is indexed by absolute row.
func (p *PackedI8) MulRows(row0, row1 int, a RowSource8, q *Requant, dst *IntDst, s *Scratch) {
	signed, zero := a.Zero()
	if p.quads.kern == nil {
		s.bytes.src, s.bytes.signed, s.bytes.zero = a, signed, int16(zero)
		s.i16.begin(p.pairs.kern, &s.bytes, p.pairs.run, false)
		s.ints = intSink{q, dst, 0, nil}
		run32(&p.pairs, &s.i16, row0, row1, &s.ints)
		return
	}
	if signed { // a + 128 is unsigned
		s.flip.src = a
		s.i8.begin(p.quads.kern, &s.flip, p.quads.run, false)
		zero += 128
	} else {
		s.i8.begin(p.quads.kern, a, p.quads.run, false)
	}
	s.ints = intSink{q, dst, zero, p.sums}
	run32(&p.quads, &s.i8, row0, row1, &s.ints)
}

// PackedI16 is a k×n right operand of int16 values, laid out for many products.
type PackedI16 struct {
	K, N int
	b    panels[int16, int16, int32]
}

// PackI16 packs the k×n matrix B, or the transpose of the n×k matrix B if transB.
func PackI16(k, n int, b []int16, ldb int, transB bool) *PackedI16 {
	return &PackedI16{k, n, newPanels(active.i16, k, k, n, b, ldb, transB)}
}

// Mul computes a·b for the first m rows of the source. The caller proves that no sum leaves int32:
// K·max|a|·max|b| < 2³¹ suffices.
func (p *PackedI16) Mul(m int, a RowSource16, q *Requant, dst *IntDst, s *Scratch) {
	p.MulRows(0, m, a, q, dst, s)
}

// MulRows is Mul for the rows [row0, row1) alone; dst is indexed by absolute row.
func (p *PackedI16) MulRows(row0, row1 int, a RowSource16, q *Requant, dst *IntDst, s *Scratch) {
	s.i16.begin(p.b.kern, a, p.K, false)
	s.ints = intSink{q, dst, 0, nil}
	run32(&p.b, &s.i16, row0, row1, &s.ints)
}

// PackedI32 is a k×n right operand of int32 values whose products accumulate in int64.
type PackedI32 struct {
	K, N int
	b    panels[int32, int64, int64]
}

// PackI32 packs the k×n matrix B, or the transpose of the n×k matrix B if transB.
func PackI32(k, n int, b []int32, ldb int, transB bool) *PackedI32 {
	return &PackedI32{k, n, newPanels(active.i32, k, k, n, b, ldb, transB)}
}

// Mul computes a·b in int64 for the first m rows of the source.
func (p *PackedI32) Mul(m int, a RowSourceInt, q *Requant, dst *IntDst, s *Scratch) {
	p.MulRows(0, m, a, q, dst, s)
}

// MulRows is Mul for the rows [row0, row1) alone; dst is indexed by absolute row.
func (p *PackedI32) MulRows(row0, row1 int, a RowSourceInt, q *Requant, dst *IntDst, s *Scratch) {
	s.i32.begin(p.b.kern, a, p.K, false)
	s.longs = longSink{q, dst}
	p.b.mul(&s.i32, row0, row1, nil, 0, &s.longs)
}

// run32 sends sums straight to an int32 destination, else through the buffer of w.
func run32[A, B number](p *panels[A, B, int32], w *work[A, B, int32], row0, row1 int, last *intSink) {
	if row0 >= row1 {
		return
	}
	var c []int32
	if last.dst.I32 != nil {
		c = last.dst.I32[row0*last.dst.LD:]
	}
	if last.idle() {
		p.mul(w, row0, row1, c, last.dst.LD, nil)
		return
	}
	p.mul(w, row0, row1, c, last.dst.LD, last)
}

// flip adds 128 to signed bytes.
type flip struct{ src RowSource8 }

func (f *flip) PackRows(dst []uint8, ld, row0, rows, k0, kc int) {
	f.src.PackRows(dst, ld, row0, rows, k0, kc)
	for i := range rows {
		add128(dst[i*ld:][:kc])
	}
}

func (f *flip) geometry() *ConvShape { return geometry(f.src) }

func (f *flip) copyLine(dst []uint8, image, y, n int) {
	f.src.(lines[uint8]).copyLine(dst, image, y, n)
	add128(dst[:n*geometry(f.src).CG])
}

func (f *flip) fill(dst []uint8) {
	f.src.(lines[uint8]).fill(dst)
	add128(dst)
}

func geometry(src any) *ConvShape {
	if l, ok := src.(lines[uint8]); ok {
		return l.geometry()
	}
	return nil
}

func add128(x []uint8) {
	for len(x) >= 8 {
		binary.LittleEndian.PutUint64(x, binary.LittleEndian.Uint64(x)^0x8080808080808080)
		x = x[8:]
	}
	for i := range x {
		x[i] ^= 0x80
	}
}

// widen turns bytes into the int16 values that they stand for.
type widen struct {
	src    RowSource8
	signed bool
	zero   int16
	buf    []uint8
}

func (w *widen) PackRows(dst []int16, ld, row0, rows, k0, kc int) {
	buf := grow(&w.buf, rows*kc)
	w.src.PackRows(buf, kc, row0, rows, k0, kc)
	for i := range rows {
		w.convert(dst[i*ld:][:kc], buf[i*kc:])
	}
}

func (w *widen) geometry() *ConvShape { return geometry(w.src) }

func (w *widen) copyLine(dst []int16, image, y, n int) {
	n *= geometry(w.src).CG
	buf := grow(&w.buf, n)
	w.src.(lines[uint8]).copyLine(buf, image, y, n/geometry(w.src).CG)
	w.convert(dst[:n], buf)
}

func (w *widen) fill(dst []int16) {
	buf := grow(&w.buf, len(dst))
	w.src.(lines[uint8]).fill(buf)
	w.convert(dst, buf)
}

func (w *widen) convert(dst []int16, x []uint8) {
	if w.signed { // x xor 128 is x + 128
		active.widen(dst, x[:len(dst)], 0x80, w.zero+0x80)
	} else {
		active.widen(dst, x[:len(dst)], 0, w.zero)
	}
}

// widenBytes is the plain form of path.widen.
func widenBytes(dst []int16, x []uint8, flip uint8, zero int16) {
	for j, u := range x {
		dst[j] = int16(u^flip) - zero
	}
}
