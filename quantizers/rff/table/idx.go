package table

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"gonum.org/v1/gonum/mat"
)

// ReadIDX reads an array in the format of the MNIST files: two zero bytes, the
// element type, the number of dimensions, the dimensions as big-endian 32-bit
// integers, the elements. All dimensions but the first become columns; there are
// no labels.
func ReadIDX(r io.Reader, name string, o Options) (*Table, error) {
	rows, columns, kind, err := idxHeader(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if o.Limit > 0 {
		rows = min(rows, o.Limit)
	}
	if err := checkSize(rows, columns); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	item := columns * kind.size
	data, err := io.ReadAll(io.LimitReader(r, int64(rows)*int64(item)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(data) < rows*item {
		return nil, fmt.Errorf("%s: the file ends in item %d of %d, after %d of its %d bytes: %w",
			name, len(data)/item+1, rows, len(data)%item, item, io.ErrUnexpectedEOF)
	}
	cells := make([]float64, rows*columns)
	for i := range cells {
		cells[i] = kind.value(data[i*kind.size:])
		if math.IsNaN(cells[i]) || math.IsInf(cells[i], 0) {
			return nil, fmt.Errorf("%s: item %d: element %d is %v", name, i/columns+1, i%columns+1, cells[i])
		}
	}
	return &Table{X: mat.NewDense(rows, columns, cells)}, nil
}

// idxKind is an element type.
type idxKind struct {
	size  int
	value func([]byte) float64
}

var idxKinds = map[byte]idxKind{
	0x08: {1, func(b []byte) float64 { return float64(b[0]) }},
	0x09: {1, func(b []byte) float64 { return float64(int8(b[0])) }},
	0x0b: {2, func(b []byte) float64 { return float64(int16(binary.BigEndian.Uint16(b))) }},
	0x0c: {4, func(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) }},
	0x0d: {4, func(b []byte) float64 { return float64(math.Float32frombits(binary.BigEndian.Uint32(b))) }},
	0x0e: {8, func(b []byte) float64 { return math.Float64frombits(binary.BigEndian.Uint64(b)) }},
}

func idxHeader(r io.Reader) (rows, columns int, kind idxKind, err error) {
	var magic [4]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return 0, 0, kind, fmt.Errorf("not an IDX file: %w", io.ErrUnexpectedEOF)
	}
	kind, known := idxKinds[magic[2]]
	if magic[0] != 0 || magic[1] != 0 || !known || magic[3] < 1 {
		return 0, 0, kind, fmt.Errorf("not an IDX file: it begins with % x", magic)
	}
	dims := make([]byte, 4*int(magic[3]))
	if _, err := io.ReadFull(r, dims); err != nil {
		return 0, 0, kind, fmt.Errorf("the file ends in its header: %w", io.ErrUnexpectedEOF)
	}
	rows, columns = int(binary.BigEndian.Uint32(dims)), 1
	for at := 4; at < len(dims); at += 4 {
		columns *= int(binary.BigEndian.Uint32(dims[at:]))
		if columns > maxCells {
			break
		}
	}
	if rows < 1 || columns < 1 || columns > maxCells {
		return 0, 0, kind, fmt.Errorf("impossible dimensions in the header: %d items of %d elements", rows, columns)
	}
	return rows, columns, kind, nil
}
