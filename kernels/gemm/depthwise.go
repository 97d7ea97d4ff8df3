package gemm

// DepthwiseF32 convolves every channel of the NHWC images x with its own kernel: w holds KH·KW rows of C
// weights, y the NHWC result. Only the output lines [line0, line1) of N·OutH are computed. The group
// fields of the shape are ignored. The epilogue's columns are channels, its rows output positions.
func DepthwiseF32(s *ConvShape, line0, line1 int, x, w []float32, ep *EpilogueF32, y []float32) {
	for line := line0; line < line1; line++ {
		for ox := range s.OutW {
			row := line*s.OutW + ox
			out := y[row*s.C : row*s.C+s.C]
			clear(out)
			s.taps(row, func(tap, at int) {
				for c, v := range w[tap*s.C : tap*s.C+s.C] {
					out[c] += v * x[at+c]
				}
			})
			if ep != nil {
				e := floatSink{*ep}
				e.finish(row, 1, 0, s.C, out, 0)
			}
		}
	}
}

// DepthwiseU8 is DepthwiseF32 on unsigned bytes and int8 weights: exact sums Σ (x − zero)·w, requantized
// (nil: not) and stored.
func DepthwiseU8(s *ConvShape, line0, line1 int, x []uint8, zero uint8, w []int8, q *Requant, dst *IntDst, scratch *Scratch) {
	acc := grow(&scratch.sum, s.C)
	for line := line0; line < line1; line++ {
		for ox := range s.OutW {
			row := line*s.OutW + ox
			clear(acc)
			s.taps(row, func(tap, at int) {
				for c, v := range w[tap*s.C : tap*s.C+s.C] {
					acc[c] += int64(v) * (int64(x[at+c]) - int64(zero))
				}
			})
			store(dst, row*dst.LD, requantized(acc, q))
		}
	}
}

// taps calls f for the kernel taps of an output position that fall inside the image, with the index of
// their pixel.
func (s *ConvShape) taps(row int, f func(tap, at int)) {
	ox, oy, image := row%s.OutW, row/s.OutW%s.OutH, row/s.OutW/s.OutH
	for tap := range s.KH * s.KW {
		y := oy*s.StrideH - s.PadTop + tap/s.KW*s.DilationH
		x := ox*s.StrideW - s.PadLeft + tap%s.KW*s.DilationW
		if uint(y) < uint(s.H) && uint(x) < uint(s.W) {
			f(tap, ((image*s.H+y)*s.W+x)*s.C)
		}
	}
}
