package table

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/sbinet/npyio/npy"
	"gonum.org/v1/gonum/mat"
)

// ReadNPY reads a NumPy array of one dimension (a column without label) or two, of
// real numbers.
func ReadNPY(r io.Reader, name string, o Options) (*Table, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	x, err := decodeNPY(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	n, d := x.Dims()
	if o.Limit > 0 && n > o.Limit {
		n = o.Limit
		x = mat.DenseCopyOf(x.Slice(0, n, 0, d))
	}
	for i := range n {
		for j, v := range x.RawRowView(i) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("%s: row %d, column %d: %v is not a finite number", name, i+1, j+1, v)
			}
		}
	}
	return splitLabel(x, name, o.Label)
}

// splitLabel takes column label (from 1, 0 = last, −1 = none) out of x.
func splitLabel(x *mat.Dense, name string, label int) (*Table, error) {
	n, d := x.Dims()
	if label < 0 || d == 1 && label == 0 {
		return &Table{X: x}, nil
	}
	if label > d || d == 1 {
		return nil, fmt.Errorf("%s: label column %d: the array has %d", name, label, d)
	}
	if label == 0 {
		label = d
	}
	t := &Table{X: mat.NewDense(n, d-1, nil), Y: mat.Col(nil, label-1, x)}
	for i := range n {
		from, to := x.RawRowView(i), t.X.RawRowView(i)
		copy(to, from[:label-1])
		copy(to[label-1:], from[label:])
	}
	return t, nil
}

// decodeNPY checks the header against the length of the data before anything is
// allocated for it; the library does not.
func decodeNPY(data []byte) (x *mat.Dense, err error) {
	defer func() { // the library panics on some damaged headers
		if p := recover(); p != nil {
			x, err = nil, fmt.Errorf("not a readable npy file: %v", p)
		}
	}()
	if size, ok := npyHeader(data); !ok || size > len(data) {
		return nil, fmt.Errorf("not an npy file, or it ends in its header")
	}
	reader, err := npy.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("not a readable npy file: %w", err)
	}
	shape := reader.Header.Descr.Shape
	rows, columns := 1, 1
	switch len(shape) {
	case 1:
		rows = shape[0]
	case 2:
		rows, columns = shape[0], shape[1]
	default:
		return nil, fmt.Errorf("array of %d dimensions: needs one or two", len(shape))
	}
	if rows < 1 || columns < 1 || rows > len(data)/columns {
		return nil, fmt.Errorf("array of shape %v in a file of %d bytes: empty or cut short", shape, len(data))
	}
	cells, err := npyCells(reader)
	if err != nil {
		return nil, err
	}
	if reader.Header.Descr.Fortran {
		return mat.DenseCopyOf(mat.NewDense(columns, rows, cells).T()), nil
	}
	return mat.NewDense(rows, columns, cells), nil
}

// npyHeader returns the length of the header with its preamble.
func npyHeader(data []byte) (size int, ok bool) {
	if len(data) < 12 || !bytes.HasPrefix(data, []byte("\x93NUMPY")) {
		return 0, false
	}
	if data[6] == 1 {
		return 10 + int(binary.LittleEndian.Uint16(data[8:])), true
	}
	return 12 + int(binary.LittleEndian.Uint32(data[8:])), true
}

func npyCells(r *npy.Reader) ([]float64, error) {
	kind := r.Header.Descr.Type
	if len(kind) > 1 && (kind[0] == '<' || kind[0] == '>' || kind[0] == '|' || kind[0] == '=') {
		kind = kind[1:]
	}
	switch kind {
	case "f8":
		return readNPY[float64](r)
	case "f4":
		return readNPY[float32](r)
	case "i8":
		return readNPY[int64](r)
	case "i4":
		return readNPY[int32](r)
	case "i2":
		return readNPY[int16](r)
	case "i1":
		return readNPY[int8](r)
	case "u8":
		return readNPY[uint64](r)
	case "u4":
		return readNPY[uint32](r)
	case "u2":
		return readNPY[uint16](r)
	case "u1":
		return readNPY[uint8](r)
	}
	return nil, fmt.Errorf("array of type %q: needs real numbers", r.Header.Descr.Type)
}

func readNPY[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64](r *npy.Reader) ([]float64, error) {
	var values []T
	if err := r.Read(&values); err != nil {
		return nil, fmt.Errorf("the array is cut short: %w", err)
	}
	cells := make([]float64, len(values))
	for i, v := range values {
		cells[i] = float64(v)
	}
	return cells, nil
}
