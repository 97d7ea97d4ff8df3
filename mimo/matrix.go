package mimo

import (
	"math"
	"math/cmplx"

	"bitcycle/mimo/internal/kernel"
)

// Matrix is a complex matrix in two planes, row-major: element (i, j) is
// Re[i·Stride+j] + j·Im[i·Stride+j]. Rows are padded; what the padding holds is
// not part of the matrix.
type Matrix struct {
	Rows, Cols, Stride int
	Re, Im             []float64
}

// NewMatrix returns a matrix of zeros.
func NewMatrix(rows, cols int) *Matrix {
	m := &Matrix{}
	m.Resize(rows, cols)
	return m
}

// Resize makes m a rows × cols matrix of zeros, in its old storage if that is
// large enough.
func (m *Matrix) Resize(rows, cols int) {
	stride := kernel.Pad(cols)
	if stride > 0 && stride%512 == 0 {
		stride += kernel.Lanes // rows a page apart would share a cache set
	}
	size := rows * stride
	if cap(m.Re) < size || cap(m.Im) < size {
		m.Re, m.Im = make([]float64, size), make([]float64, size)
	}
	m.Rows, m.Cols, m.Stride = rows, cols, stride
	m.Re, m.Im = m.Re[:size], m.Im[:size]
	clear(m.Re)
	clear(m.Im)
}

// fit resizes m unless it has that shape already; its contents are then kept.
func (m *Matrix) fit(rows, cols int) {
	if m.Rows != rows || m.Cols != cols || m.Re == nil {
		m.Resize(rows, cols)
	}
}

// MatrixOf copies nested rows.
func MatrixOf(rows [][]complex128) *Matrix {
	cols := 0
	if len(rows) > 0 {
		cols = len(rows[0])
	}
	m := NewMatrix(len(rows), cols)
	for i, row := range rows {
		if len(row) != cols {
			panic("mimo: rows of different lengths")
		}
		for j, v := range row {
			m.Set(i, j, v)
		}
	}
	return m
}

// At returns element (i, j).
func (m *Matrix) At(i, j int) complex128 {
	return complex(m.Re[i*m.Stride+j], m.Im[i*m.Stride+j])
}

// Set stores element (i, j).
func (m *Matrix) Set(i, j int, v complex128) {
	m.Re[i*m.Stride+j], m.Im[i*m.Stride+j] = real(v), imag(v)
}

// Row returns the planes of row i.
func (m *Matrix) Row(i int) (re, im []float64) {
	at := i * m.Stride
	return m.Re[at:][:m.Cols:m.Cols], m.Im[at:][:m.Cols:m.Cols]
}

// Nested copies the matrix into nested rows.
func (m *Matrix) Nested() [][]complex128 {
	rows := make([][]complex128, m.Rows)
	for i := range rows {
		rows[i] = make([]complex128, m.Cols)
		for j := range rows[i] {
			rows[i][j] = m.At(i, j)
		}
	}
	return rows
}

// copyFrom makes m equal to a, padding included.
func (m *Matrix) copyFrom(a *Matrix) {
	m.fit(a.Rows, a.Cols)
	copy(m.Re, a.Re)
	copy(m.Im, a.Im)
}

func (m *Matrix) view() kernel.View { return kernel.View{Re: m.Re, Im: m.Im, Stride: m.Stride} }

// Mul computes dst = a·b; dst is neither of them.
func Mul(dst, a, b *Matrix) {
	if a.Cols != b.Rows {
		panic("mimo: inner dimensions differ")
	}
	dst.fit(a.Rows, b.Cols)
	kernel.Product(a.Rows, a.Cols, b.Cols, dst.view(), a.view(), b.view())
}

// ConjTranspose computes dst = aᴴ.
func ConjTranspose(dst, a *Matrix) {
	dst.fit(a.Cols, a.Rows)
	for i := range a.Rows {
		re, im := a.Row(i)
		for j, v := range re {
			dst.Re[j*dst.Stride+i], dst.Im[j*dst.Stride+i] = v, -im[j]
		}
	}
}

// scale multiplies m by f, padding included.
func (m *Matrix) scale(f float64) {
	for i := range m.Re {
		m.Re[i] *= f
		m.Im[i] *= f
	}
}

// Peak returns the largest |Re| or |Im| of the elements, the IQ-infinity norm.
func (m *Matrix) Peak() float64 {
	var peak float64
	for i := range m.Rows {
		re, im := m.Row(i)
		peak = max(peak, kernel.MaxAbs(re), kernel.MaxAbs(im))
	}
	return peak
}

// Energy returns Σ|element|².
func (m *Matrix) Energy() float64 {
	var sum float64
	for i := range m.Rows {
		re, im := m.Row(i)
		for j, v := range re {
			sum += float64(v*v) + float64(im[j]*im[j])
		}
	}
	return sum
}

// csgn replaces every element by sgn Re + j·sgn Im, sgn 0 = 1.
func (m *Matrix) csgn() {
	signs(m.Re)
	signs(m.Im)
}

func signs(v []float64) {
	const sign, one = 1 << 63, 0x3FF0000000000000
	for i, x := range v {
		v[i] = math.Float64frombits(math.Float64bits(x+0)&sign | one)
	}
}

// phase is e^{jφ}.
func phase(phi float64) complex128 { return cmplx.Rect(1, phi) }
