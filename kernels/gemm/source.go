package gemm

// RowSource is a left operand whose rows need not exist as a matrix. PackRows writes the elements
// [row0, row0+rows) × [k0, k0+kc) to dst, row i at dst[i*ld:].
// Implementations with pointer receivers keep calls free of allocation.
type RowSource[E any] interface {
	PackRows(dst []E, ld, row0, rows, k0, kc int)
}

// Sources of float32, int16 and int32 values.
type (
	RowSource32  = RowSource[float32]
	RowSource16  = RowSource[int16]
	RowSourceInt = RowSource[int32]
)

// RowSource8 is a left operand of bytes. Zero says how a byte reads: as int8 if signed, else as uint8,
// and which value of it means zero (the product subtracts it: Σ (a − zero)·b).
type RowSource8 interface {
	RowSource[uint8]
	Zero() (signed bool, zero int32)
}

// Dense is a row-major matrix as a source.
type Dense[E any] struct {
	A   []E
	LDA int
}

// Dense matrices by element type.
type (
	DenseF32 = Dense[float32]
	DenseI16 = Dense[int16]
	DenseI32 = Dense[int32]
)

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

// Zero implements RowSource8.
func (d *DenseU8) Zero() (bool, int32) { return false, int32(d.Z) }

// Zero implements RowSource8.
func (d *DenseI8) Zero() (bool, int32) { return true, 0 }

// PackRows implements RowSource.
func (d *Dense[E]) PackRows(dst []E, ld, row0, rows, k0, kc int) {
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

func packDense[E any](dst []E, ld int, a []E, lda, row0, rows, k0, kc int) {
	for i := range rows {
		at := (row0+i)*lda + k0
		copy(dst[i*ld:i*ld+kc], a[at:at+kc])
	}
}
