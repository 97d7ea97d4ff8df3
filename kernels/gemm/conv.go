package gemm

// ConvShape is the geometry of a convolution over a batch of NHWC images: output position
// (image, oy, ox) is row (image·OutH + oy)·OutW + ox of the product, element (ky, kx, c) of its patch is
// column (ky·KW + kx)·CG + c. Pixels outside the image read as zero.
type ConvShape struct {
	N, H, W, C           int // images, height, width, channels of the image (pixels lie C elements apart)
	KH, KW               int // kernel
	StrideH, StrideW     int
	DilationH, DilationW int // 1 = dense kernel
	PadTop, PadLeft      int
	OutH, OutW           int
	C0, CG               int // first channel and number of channels of the group read
}

// Rows is the number of output positions, the m of the product.
func (s *ConvShape) Rows() int { return s.N * s.OutH * s.OutW }

// K is the length of a patch, the k of the product.
func (s *ConvShape) K() int { return s.KH * s.KW * s.CG }

// reach is the number of input lines under n output lines.
func (s *ConvShape) reach(n int) int {
	return (n-1)*s.StrideH + (s.KH-1)*s.DilationH + 1
}

// paddedPixels is the length of an input line that all windows of an output line lie in.
func (s *ConvShape) paddedPixels() int {
	return (s.OutW-1)*s.StrideW + (s.KW-1)*s.DilationW + 1
}

// chunk is how many output lines from line on, at most up to end, to prepare together: lines of one
// image whose padded input, lines of the given size, stays in the second-level cache.
func (s *ConvShape) chunk(line, end, bytes int) (image, oy, n int) {
	image, oy = line/s.OutH, line%s.OutH
	n = min(s.OutH-oy, end-line)
	for n > 1 && s.reach(n)*bytes > blockBytes {
		n = (n + 1) / 2
	}
	return image, oy, n
}

// flat makes one line of all pixels if every pixel is a patch, in order.
func (s *ConvShape) flat() ConvShape {
	f := *s
	if s.KH == 1 && s.KW == 1 && s.StrideH == 1 && s.StrideW == 1 && s.OutH == s.H && s.OutW == s.W {
		f.N, f.H, f.OutH = 1, 1, 1
		f.W, f.OutW = s.Rows(), s.Rows()
	}
	return f
}

// Conv reads the patches of images.
type Conv[E any] struct {
	ConvShape
	X []E
}

// Convolutions by element type.
type (
	ConvF32 = Conv[float32]
	ConvI16 = Conv[int16]
	ConvI32 = Conv[int32]
)

// ConvU8 reads the patches of images of unsigned bytes; Z means zero and is what padding reads as.
type ConvU8 struct {
	ConvShape
	X []uint8
	Z uint8
}

// ConvI8 reads the patches of images of signed bytes.
type ConvI8 struct {
	ConvShape
	X []int8
}

// Zero implements RowSource8.
func (v *ConvU8) Zero() (bool, int32) { return false, int32(v.Z) }

// Zero implements RowSource8.
func (v *ConvI8) Zero() (bool, int32) { return true, 0 }

// PackRows implements RowSource.
func (v *Conv[E]) PackRows(dst []E, ld, row0, rows, k0, kc int) {
	var zero E
	packConv(&v.ConvShape, dst, ld, v.X, zero, row0, rows, k0, kc)
}

// PackRows implements RowSource8.
func (v *ConvU8) PackRows(dst []uint8, ld, row0, rows, k0, kc int) {
	packConv(&v.ConvShape, dst, ld, v.X, v.Z, row0, rows, k0, kc)
}

// PackRows implements RowSource8.
func (v *ConvI8) PackRows(dst []uint8, ld, row0, rows, k0, kc int) {
	packConv(&v.ConvShape, dst, ld, bytesOf(v.X), 0, row0, rows, k0, kc)
}

// geometry lets a shape and the sources around it be lines.
func (s *ConvShape) geometry() *ConvShape { return s }

func (v *Conv[E]) copyLine(dst []E, image, y, n int) { copyLine(&v.ConvShape, dst, v.X, image, y, n) }

func (v *ConvU8) copyLine(dst []uint8, image, y, n int) {
	copyLine(&v.ConvShape, dst, v.X, image, y, n)
}

func (v *ConvI8) copyLine(dst []uint8, image, y, n int) {
	copyLine(&v.ConvShape, dst, bytesOf(v.X), image, y, n)
}

func (v *Conv[E]) elements() []E    { return v.X }
func (v *ConvU8) elements() []uint8 { return v.X }

func (v *Conv[E]) fill(dst []E)    { clear(dst) }
func (v *ConvI8) fill(dst []uint8) { clear(dst) }
func (v *ConvU8) fill(dst []uint8) {
	if v.Z == 0 {
		clear(dst)
		return
	}
	repeat(dst, v.Z)
}

func copyLine[E any](s *ConvShape, dst []E, x []E, image, y, n int) {
	x = x[(image*s.H+y)*s.W*s.C:]
	if s.CG == s.C {
		copy(dst, x[:n*s.C])
		return
	}
	for i := range n {
		copy(dst[i*s.CG:(i+1)*s.CG], x[i*s.C+s.C0:])
	}
}

// packConv copies patches run by run: a run is what one kernel tap reads of one pixel.
func packConv[E any](s *ConvShape, dst []E, ld int, x []E, zero E, row0, rows, k0, kc int) {
	for i := range rows {
		row := row0 + i
		ox := row % s.OutW
		oy := row / s.OutW % s.OutH
		image := row / s.OutW / s.OutH
		out := dst[i*ld : i*ld+kc]
		tap, c := k0/s.CG, k0%s.CG
		for len(out) > 0 {
			run := min(s.CG-c, len(out))
			y := oy*s.StrideH - s.PadTop + tap/s.KW*s.DilationH
			xx := ox*s.StrideW - s.PadLeft + tap%s.KW*s.DilationW
			if uint(y) < uint(s.H) && uint(xx) < uint(s.W) {
				at := ((image*s.H+y)*s.W+xx)*s.C + s.C0 + c
				copy(out[:run], x[at:at+run])
			} else {
				for j := range out[:run] {
					out[j] = zero
				}
			}
			out = out[run:]
			tap, c = tap+1, 0
		}
	}
}
