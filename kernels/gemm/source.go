package gemm

// RowSource32 is a left operand of float32 rows that need not exist as a matrix. PackRows writes the
// elements [row0, row0+rows) × [k0, k0+kc) to dst, row i at dst[i*ld:].
// Implementations with pointer receivers keep calls free of allocation.
type RowSource32 interface {
	PackRows(dst []float32, ld, row0, rows, k0, kc int)
}

// RowSource8 is a left operand of bytes. Zero says how a byte reads: as int8 if signed, else as uint8,
// and which value of it means zero (the product subtracts it: Σ (a − zero)·b).
type RowSource8 interface {
	PackRows(dst []uint8, ld, row0, rows, k0, kc int)
	Zero() (signed bool, zero int32)
}

// RowSource16 is a left operand of int16 values.
type RowSource16 interface {
	PackRows(dst []int16, ld, row0, rows, k0, kc int)
}

// RowSourceInt is a left operand of int32 values.
type RowSourceInt interface {
	PackRows(dst []int32, ld, row0, rows, k0, kc int)
}

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

// DenseF32 is a row-major matrix as a source.
type DenseF32 struct {
	A   []float32
	LDA int
}

// DenseU8 is a row-major matrix of unsigned bytes as a source; Z is the value that means zero.
type DenseU8 struct {
	A   []uint8
	LDA int
	Z   uint8
}

// DenseI8 is a row-major matrix of signed bytes as a source.
type DenseI8 struct {
	A   []int8
	LDA int
}

// DenseI16 is a row-major matrix of int16 as a source.
type DenseI16 struct {
	A   []int16
	LDA int
}

// DenseI32 is a row-major matrix of int32 as a source.
type DenseI32 struct {
	A   []int32
	LDA int
}

// ConvF32 reads the patches of float32 images.
type ConvF32 struct {
	ConvShape
	X []float32
}

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

// ConvI16 reads the patches of int16 images.
type ConvI16 struct {
	ConvShape
	X []int16
}

// ConvI32 reads the patches of int32 images.
type ConvI32 struct {
	ConvShape
	X []int32
}

// Zero implements RowSource8.
func (d *DenseU8) Zero() (bool, int32) { return false, int32(d.Z) }

// Zero implements RowSource8.
func (d *DenseI8) Zero() (bool, int32) { return true, 0 }

// Zero implements RowSource8.
func (v *ConvU8) Zero() (bool, int32) { return false, int32(v.Z) }

// Zero implements RowSource8.
func (v *ConvI8) Zero() (bool, int32) { return true, 0 }

// PackRows implements RowSource32.
func (d *DenseF32) PackRows(dst []float32, ld, row0, rows, k0, kc int) {
	packDense(dst, ld, d.A, d.LDA, row0, rows, k0, kc)
}

// PackRows implements RowSource8.
func (d *DenseU8) PackRows(dst []uint8, ld, row0, rows, k0, kc int) {
	packDense(dst, ld, d.A, d.LDA, row0, rows, k0, kc)
}

// PackRows implements RowSource8.
func (d *DenseI8) PackRows(dst []uint8, ld, row0, rows, k0, kc int) {
	packDense(dst, ld, bytesOf(d.A), d.LDA, row0, rows, k0, kc)
}

// PackRows implements RowSource16.
func (d *DenseI16) PackRows(dst []int16, ld, row0, rows, k0, kc int) {
	packDense(dst, ld, d.A, d.LDA, row0, rows, k0, kc)
}

// PackRows implements RowSourceInt.
func (d *DenseI32) PackRows(dst []int32, ld, row0, rows, k0, kc int) {
	packDense(dst, ld, d.A, d.LDA, row0, rows, k0, kc)
}

// PackRows implements RowSource32.
func (v *ConvF32) PackRows(dst []float32, ld, row0, rows, k0, kc int) {
	packConv(&v.ConvShape, dst, ld, v.X, 0, row0, rows, k0, kc)
}

// PackRows implements RowSource8.
func (v *ConvU8) PackRows(dst []uint8, ld, row0, rows, k0, kc int) {
	packConv(&v.ConvShape, dst, ld, v.X, v.Z, row0, rows, k0, kc)
}

// PackRows implements RowSource8.
func (v *ConvI8) PackRows(dst []uint8, ld, row0, rows, k0, kc int) {
	packConv(&v.ConvShape, dst, ld, bytesOf(v.X), 0, row0, rows, k0, kc)
}

// PackRows implements RowSource16.
func (v *ConvI16) PackRows(dst []int16, ld, row0, rows, k0, kc int) {
	packConv(&v.ConvShape, dst, ld, v.X, 0, row0, rows, k0, kc)
}

// PackRows implements RowSourceInt.
func (v *ConvI32) PackRows(dst []int32, ld, row0, rows, k0, kc int) {
	packConv(&v.ConvShape, dst, ld, v.X, 0, row0, rows, k0, kc)
}

func packDense[E any](dst []E, ld int, a []E, lda, row0, rows, k0, kc int) {
	for i := range rows {
		at := (row0+i)*lda + k0
		copy(dst[i*ld:i*ld+kc], a[at:at+kc])
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
