package gemm

// BitFormat is how a byte's low bits read as a number.
type BitFormat struct {
	Bits   int  // 1..8
	Signed bool // two's complement: the top bit weighs −2^(Bits−1)
	Binary bool // one bit, 0 means −1 and 1 means +1; Bits is 1
}

// Value is the number that a byte stands for.
func (f BitFormat) Value(code uint8) int32 {
	v := f.offset()
	for p := range f.Bits {
		v += int32(code>>p&1) * f.weight(p)
	}
	return v
}

// weight is what a one in bit p adds to the number.
func (f BitFormat) weight(p int) int32 {
	switch {
	case f.Binary:
		return 2
	case f.Signed && p == f.Bits-1:
		return -1 << p
	}
	return 1 << p
}

// offset is the number of the code with no ones.
func (f BitFormat) offset() int32 {
	if f.Binary {
		return -1
	}
	return 0
}

// PackedBits is a k×n right operand of 1..8-bit numbers as bit planes, laid out for many products.
type PackedBits struct {
	K, N   int
	Format BitFormat
	kern   *bitKernel
	layout bitLayout
	plane  int      // words of a plane
	b      []uint64 // planes, each panel by panel, a panel all words of k
	sums   []int32  // of the bits of each column, by weight
}

// PackBits packs the k×n matrix of codes B, or the transpose of the n×k matrix B if transB. A code is
// the low Bits bits of an element, so int8 values in range are codes of themselves.
func PackBits(k, n int, b []int8, ldb int, transB bool, f BitFormat) *PackedBits {
	return packBits(bitLayout{1, 1, k}, n, b, ldb, transB, f)
}

// PackConvBits is PackBits for patches of the shape, laid out so that they can be viewed in lines of bit
// planes without a copy of each.
func PackConvBits(s *ConvShape, n int, b []int8, ldb int, transB bool, f BitFormat) *PackedBits {
	return packBits(bitLayout{s.KH, s.KW, s.CG}, n, b, ldb, transB, f)
}

func packBits(l bitLayout, n int, b []int8, ldb int, transB bool, f BitFormat) *PackedBits {
	kern := &active.bits
	p := &PackedBits{K: l.k(), N: n, Format: f, kern: kern, layout: l, plane: l.depth() * kern.cols.padded(n)}
	p.b, p.sums = aligned[uint64](f.Bits*p.plane), make([]int32, n)
	for j := 0; j < n && p.K > 0; j++ {
		p.packColumn(j, func(k int) uint8 {
			if transB {
				return uint8(b[j*ldb+k])
			}
			return uint8(b[k*ldb+j])
		})
	}
	return p
}

func (p *PackedBits) packColumn(j int, code func(k int) uint8) {
	first, pitch := p.index(0, j), p.index(1, j)-p.index(0, j)
	k := 0
	for pixel := range p.layout.runs * p.layout.pixels {
		word, bit := p.layout.place(pixel * p.layout.channels)
		for range p.layout.channels {
			v := code(k)
			p.sums[j] += p.Format.Value(v) - p.Format.offset()
			for q := range p.Format.Bits {
				p.b[q*p.plane+first+word*pitch] |= uint64(v>>q&1) << bit
			}
			if bit++; bit == 64 {
				word, bit = word+1, 0
			}
			k++
		}
	}
}

// index is the place of a word of column j in a plane.
func (p *PackedBits) index(word, j int) int {
	wide := p.kern.cols[0]
	panel := j / wide * wide
	width := min(wide, p.kern.cols.padded(p.N)-panel)
	return panel*p.layout.depth() + word*width + j - panel
}

// bitLayout is the order of the bits of k: runs of pixels of channels. A pixel fills whole bytes and a
// run whole words, so that a patch is runs words apart in lines of pixels.
type bitLayout struct{ runs, pixels, channels int }

func (l bitLayout) k() int          { return l.runs * l.pixels * l.channels }
func (l bitLayout) pixelBytes() int { return (l.channels + 7) / 8 }
func (l bitLayout) words() int      { return (l.pixels*l.pixelBytes() + 7) / 8 }
func (l bitLayout) depth() int      { return l.runs * l.words() }

// place is the word and bit of element k.
func (l bitLayout) place(k int) (word, bit int) {
	run, pixel, c := k/(l.pixels*l.channels), k/l.channels%l.pixels, k%l.channels
	bit = pixel*l.pixelBytes()*8 + c
	return run*l.words() + bit/64, bit % 64
}

// Mul computes Σ a·b exactly, modulo 2³², for the first m rows of a source of codes in the format f, by
// AND and population count over planes; it requantizes (nil: not) and stores. The source's Zero is not
// looked at: padding is whatever number its byte stands for.
func (p *PackedBits) Mul(m int, a RowSource8, f BitFormat, q *Requant, dst *IntDst, s *Scratch) {
	p.MulRows(0, m, a, f, q, dst, s)
}

// MulRows is Mul for the rows [row0, row1) alone; dst is indexed by absolute row.
//
// With a = oa + Σ wa·bit and b = ob + Σ wb·bit over planes,
//
//	Σ a·b = Σ wa·wb·count(a AND b) + ob·Σ(a − oa) + oa·Σ(b − ob) + K·oa·ob.
func (p *PackedBits) MulRows(row0, row1 int, a RowSource8, f BitFormat, q *Requant, dst *IntDst, s *Scratch) {
	if p.N == 0 {
		return
	}
	rows := &s.bits
	rows.begin(a, p.layout, f, p.Format.offset() != 0 && p.K > 0)
	s.ints = intSink{q, dst, 0, nil}
	most := max(1, blockSums/(4*p.N))
	for row := row0; row < row1; {
		end := rows.span(row, row1)
		for row < end {
			n := min(rows.strip(row, end), most)
			c, ldc := grow(&s.sums, n*p.N), p.N
			if dst.I32 != nil {
				c, ldc = dst.I32[row*dst.LD:], dst.LD
			}
			p.strip(rows, row, n, f, c, ldc, &s.edge)
			if !s.ints.idle() {
				s.ints.finish(row, n, 0, p.N, c, ldc)
			}
			row += n
		}
	}
}

// strip computes rows of C from row on.
func (p *PackedBits) strip(a *bitRows, row, rows int, f BitFormat, c []int32, ldc int, edge *[]int32) {
	p.start(a, row, rows, f, c, ldc)
	if p.K == 0 {
		return
	}
	for i := range f.Bits {
		bits, l := a.view(i, row)
		for q := range p.Format.Bits {
			p.sweep(rows, bits, l, p.b[q*p.plane:], c, ldc, f.weight(i)*p.Format.weight(q), edge)
		}
	}
}

// start sets rows of C to what the offsets contribute.
func (p *PackedBits) start(a *bitRows, row, rows int, f BitFormat, c []int32, ldc int) {
	oa, ob := f.offset(), p.Format.offset()
	if oa == 0 && ob == 0 {
		wipe(rows, p.N, c, ldc)
		return
	}
	var sums []int32
	if a.summed {
		sums = a.rowSums(row)
	}
	for r := range rows {
		all := int32(p.K) * oa * ob
		if sums != nil {
			all += ob * sums[r]
		}
		out := c[r*ldc:][:p.N]
		repeat(out, all)
		if oa != 0 {
			for j, sum := range p.sums {
				out[j] += oa * sum
			}
		}
	}
}

// sweep multiplies one strip by all panels of a plane.
func (p *PackedBits) sweep(rows int, a []uint8, l left, b []uint64, c []int32, ldc int, weight int32, buf *[]int32) {
	kn, cols := p.kern, columns[uint64]{b: b, depth: p.layout.depth()}
	wide, block := kn.cols[0], even(rows, kn.rows)
	panels := p.N / wide
	if panels > 0 {
		b, r := cols.panel(0, wide, 1, l.steps)
		kn.tile[0](rows, block, panels, a, l, b, r, c, ldc, weight)
	}
	done := panels * wide
	rest := p.N - done
	if rest == 0 {
		return
	}
	last := kn.cols.fit(rest)
	width := kn.cols[last]
	c = c[done:]
	b, r := cols.panel(done, width, 1, l.steps)
	if rest == width {
		kn.tile[last](rows, block, 1, a, l, b, r, c, ldc, weight)
		return
	}
	edge := grow(buf, rows*width)
	clear(edge)
	kn.tile[last](rows, block, 1, a, l, b, r, edge, width, weight)
	for r := range rows {
		to := c[r*ldc:][:rest]
		for j, v := range edge[r*width:][:rest] {
			to[j] += v
		}
	}
}
