package gemm

// WeightGradF32 computes the gradient of a convolution's weights from the images x and the gradient dy
// of its output, over the output lines [line0, line1) of N·OutH:
//
//	dw[o·ldw + k] = Σ dy[p·ldy + o]·patch(p)[k], or += if acc
//
// for o < outs and k < s.K(), where p runs over the output positions in order. Rows of patches are not
// made: the products read them where they lie in padded lines. Workers may share the outs.
func WeightGradF32(s *ConvShape, line0, line1 int, x, dy []float32, ldy, outs int, acc bool, dw []float32, ldw int, scratch *Scratch) {
	if line0 >= line1 && !acc {
		wipe(outs, s.K(), dw, ldw)
	}
	w := &scratch.f32
	w.kern = active.f32
	scratch.grad.begin(s, x)
	for line := line0; line < line1; {
		n := scratch.grad.prepare(line, min(line1, line+max(1, blockSteps/s.OutW)))
		scratch.grad.add(w, n, dy[line*s.OutW*ldy:], ldy, outs, acc, dw, ldw)
		line, acc = line+n, true
	}
}

// gradient holds the padded lines under some output lines.
type gradient struct {
	src    ConvF32
	stride int
	buf    []float32
}

func (g *gradient) begin(s *ConvShape, x []float32) {
	g.src = ConvF32{*s, x}
	g.stride = s.paddedPixels() * s.CG
}

// prepare copies the lines under output lines of one image and returns how many there are.
func (g *gradient) prepare(line, end int) int {
	s := &g.src.ConvShape
	image, oy, n := s.chunk(line, end, g.stride*4)
	buf := grow(&g.buf, s.reach(n)*g.stride+active.f32.cols[0]) // the last panel reads past the last patch
	for i := range s.reach(n) {
		padLine(&g.src, buf[i*g.stride:][:g.stride], image, oy*s.StrideH-s.PadTop+i)
	}
	return n
}

// add multiplies the runs of elements that are neighbours in a patch and in a line: lines of the kernel,
// or single taps if it is dilated.
func (g *gradient) add(w *work[float32, float32, float32], n int, dy []float32, ldy, outs int, acc bool, dw []float32, ldw int) {
	s := &g.src.ConvShape
	taps, run := 1, s.KW*s.CG
	if s.DilationW != 1 {
		taps, run = s.KW, s.CG
	}
	for r := range s.KH * taps {
		at := r/taps*s.DilationH*g.stride + r%taps*s.DilationW*s.CG
		b := columns[float32]{b: g.buf[at:], pitch: right{cs: s.StrideW * s.CG, ss: s.StrideH * g.stride}}
		for o := 0; o < outs; o += w.kern.rows * blockRows {
			rows := min(outs-o, w.kern.rows*blockRows)
			w.sweep(rows, dy[o:], left{n, s.OutW, 1, ldy, s.OutW * ldy}, b, run, dw[o*ldw+r*run:], ldw, acc)
		}
	}
}
