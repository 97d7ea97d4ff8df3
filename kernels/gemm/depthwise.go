package gemm

// DepthwiseF32 convolves every channel of the NHWC images x with its own kernel: w holds KH·KW rows of C
// weights, y the NHWC result. Only the output lines [line0, line1) of N·OutH are computed. The group
// fields of the shape are ignored. The epilogue's columns are channels, its rows output positions.
func DepthwiseF32(s *ConvShape, line0, line1 int, x, w []float32, ep *EpilogueF32, y []float32) {
	scratch := scratches.Get().(*Scratch)
	d := &scratch.depth32
	d.src = ConvF32{ConvShape: *s, X: x}
	d.src.C0, d.src.CG = 0, s.C
	d.run(line0, line1, w, ep, y)
	scratches.Put(scratch)
}

// depth32 is the working memory of DepthwiseF32.
type depth32 struct {
	src ConvF32
	buf []float32
	epi floatSink
}

func (d *depth32) run(line0, line1 int, w []float32, ep *EpilogueF32, y []float32) {
	s := &d.src.ConvShape
	stride := s.paddedPixels() * s.C
	l := left{s.KH, s.KW, s.StrideW * s.C, s.DilationW * s.C, s.DilationH * stride}
	for line := line0; line < line1; {
		image, oy, n := s.chunk(line, line1, stride*4)
		buf := grow(&d.buf, s.reach(n)*stride)
		for i := range s.reach(n) {
			padLine(&d.src, buf[i*stride:][:stride], image, oy*s.StrideH-s.PadTop+i)
		}
		for i := range n {
			row := (line + i) * s.OutW
			out := y[row*s.C:][:s.OutW*s.C]
			active.depthF32(s.OutW, s.C, buf[i*s.StrideH*stride:], l, w, out, s.C)
			if ep != nil {
				d.epi.EpilogueF32 = *ep
				d.epi.finish(row, s.OutW, 0, s.C, out, s.C)
			}
		}
		line += n
	}
}

// PackedDepthwise is the int8 weights of a depthwise convolution, laid out for many images.
type PackedDepthwise struct {
	kh, kw, dilation, c int
	group               int // neighbouring taps of a step
	w                   []int32
	sums                []int32 // of each channel
	kern                *path
}

// PackDepthwise packs KH·KW rows of C weights. The group fields of the shape are ignored.
func PackDepthwise(s *ConvShape, w []int8) *PackedDepthwise {
	p := &PackedDepthwise{kh: s.KH, kw: s.KW, dilation: s.DilationW, c: s.C, group: active.depthGroup, kern: active}
	if s.DilationW != 1 { // taps are not neighbours
		p.group = 1
	}
	p.w, p.sums = make([]int32, s.KH*p.steps()*s.C), make([]int32, s.C)
	for tap := range s.KH * s.KW {
		ky, kx := tap/s.KW, tap%s.KW
		for c, v := range w[tap*s.C:][:s.C] {
			p.sums[c] += int32(v)
			at := &p.w[(ky*p.steps()+kx/p.group)*s.C+c]
			*at = int32(uint32(*at) | active.depthTap(v)<<(kx%p.group*(32/active.depthGroup)))
		}
	}
	return p
}

func (p *PackedDepthwise) steps() int { return (p.kw + p.group - 1) / p.group }

// MulLines computes Σ (x − zero)·w exactly for the output lines [line0, line1) of N·OutH, requantizes
// (nil: not) and stores; rows of dst are output positions. The source is the images themselves, ConvU8
// or ConvI8 of the shape that was packed; its group fields are ignored.
func (p *PackedDepthwise) MulLines(line0, line1 int, x RowSource8, q *Requant, dst *IntDst, scratch *Scratch) {
	scratch.depth8.begin(p, x)
	scratch.ints = intSink{q, dst, scratch.depth8.zero, p.sums}
	scratch.depth8.run(p, line0, line1, &scratch.ints)
}

// depth8 is the working memory of MulLines.
type depth8 struct {
	u8     ConvU8
	i8     ConvI8
	signed bool
	zero   int32 // what zero is after signed bytes have become unsigned
	line   []uint8
	buf, c []int32
}

func (d *depth8) begin(p *PackedDepthwise, x RowSource8) {
	switch x := x.(type) {
	case *ConvU8:
		d.u8, d.signed, d.zero = *x, false, int32(x.Z)
		d.u8.C0, d.u8.CG = 0, x.C
	case *ConvI8:
		d.i8, d.signed, d.zero = *x, true, 128
		d.i8.C0, d.i8.CG = 0, x.C
	default:
		panic("gemm: depthwise source is neither ConvU8 nor ConvI8")
	}
	if s := d.shape(); s.KH != p.kh || s.KW != p.kw || s.C != p.c || s.DilationW != p.dilation {
		panic("gemm: depthwise source differs from the shape packed")
	}
}

func (d *depth8) shape() *ConvShape {
	if d.signed {
		return &d.i8.ConvShape
	}
	return &d.u8.ConvShape
}

func (d *depth8) run(p *PackedDepthwise, line0, line1 int, last *intSink) {
	s := d.shape()
	pixels := s.paddedPixels()
	stride := pixels * s.C
	line, c := grow(&d.line, stride+64), grow(&d.c, s.OutW*s.C) // interleave may read a vector too many
	l := left{s.KH, p.steps(), s.StrideW * s.C, p.group * s.DilationW * s.C, s.DilationH * stride}
	for at := line0; at < line1; {
		image, oy, n := s.chunk(at, line1, stride*4)
		buf := grow(&d.buf, s.reach(n)*stride)
		for i := range s.reach(n) {
			d.pad(line[:stride], image, oy*s.StrideH-s.PadTop+i)
			p.kern.interleave(buf[i*stride:], line, pixels, s.C)
		}
		for i := range n {
			p.kern.depthInt(s.OutW, s.C, buf[i*s.StrideH*stride:], l, p.w, c, s.C)
			last.finish((at+i)*s.OutW, s.OutW, 0, s.C, c, s.C)
		}
		at += n
	}
}

// pad copies a line of unsigned bytes.
func (d *depth8) pad(line []uint8, image, y int) {
	if !d.signed {
		padLine(&d.u8, line, image, y)
		return
	}
	padLine(&d.i8, line, image, y)
	add128(line)
}

// depthwise is the plain form of path.depthF32 and path.depthInt.
func depthwise[E float32 | int32](rows, n int, x []E, l left, w []E, c []E, ldc int) {
	for r := range rows {
		out := c[r*ldc:][:n]
		clear(out)
		for tap := range l.segments * l.steps {
			at := r*l.rs + tap/l.steps*l.ss + tap%l.steps*l.cs
			weights := w[tap*n:][:n]
			for i, v := range x[at:][:n] {
				out[i] += v * weights[i]
			}
		}
	}
}

// interleave is the plain form of path.interleave: bytes become int32.
func interleave(dst []int32, x []uint8, pixels, n int) {
	for i, v := range x[:pixels*n] {
		dst[i] = int32(v)
	}
}

// Weights of a step of 1, 2 and 4 taps, before they are shifted to their place.
func tap1(v int8) uint32 { return uint32(int32(v)) }
func tap2(v int8) uint32 { return uint32(uint16(int16(v))) }
func tap4(v int8) uint32 { return uint32(uint8(v)) }
