package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Element types of TensorProto.
const (
	typeFloat  = 1
	typeUint8  = 2
	typeInt8   = 3
	typeUint16 = 4
	typeInt16  = 5
	typeInt32  = 6
	typeInt64  = 7
	typeBool   = 9
	typeDouble = 11
	typeUint4  = 21
	typeInt4   = 22
)

var typeNames = map[int64]string{
	typeFloat: "float32", typeUint8: "uint8", typeInt8: "int8", typeUint16: "uint16", typeInt16: "int16",
	typeInt32: "int32", typeInt64: "int64", 8: "string", typeBool: "bool", 10: "float16", typeDouble: "float64",
	12: "uint32", 13: "uint64", 16: "bfloat16", typeUint4: "uint4", typeInt4: "int4",
}

// tensor is a constant. Its values lie in raw (little-endian), or in floats or
// ints by type, or in a file.
type tensor struct {
	name   string
	kind   int64
	dims   []int64
	raw    []byte
	floats []float32
	ints   []int64
	file   map[string]string // location, offset, length
	terms  []term            // that quantized weights are the sum of
}

func parseTensor(fd field) (*tensor, error) {
	t := &tensor{}
	external := false
	err := fd.message(func(fd field) (err error) {
		switch fd.num {
		case 1:
			t.dims, err = fd.ints(t.dims)
		case 2:
			t.kind = int64(fd.int)
		case 4:
			t.floats, err = fd.floats(t.floats)
		case 5, 7:
			t.ints, err = fd.ints(t.ints)
		case 8:
			t.name = fd.text()
		case 9:
			t.raw = fd.bytes
		case 13:
			err = t.parseExternal(fd)
		case 14:
			external = fd.int == 1
		}
		return err
	})
	if !external {
		t.file = nil
	}
	return t, err
}

func (t *tensor) parseExternal(fd field) error {
	key, value, err := parseEntry(fd)
	if t.file == nil {
		t.file = map[string]string{}
	}
	t.file[key] = value
	return err
}

// size returns the number of elements, or an error if it is negative or vast.
func (t *tensor) size() (int, error) {
	n := int64(1)
	for _, d := range t.dims {
		if d < 0 || d > 1<<32 {
			return 0, fmt.Errorf("tensor %q has dimensions %v", t.name, t.dims)
		}
		if n *= d; n > 1<<32 {
			return 0, fmt.Errorf("tensor %q has dimensions %v", t.name, t.dims)
		}
	}
	return int(n), nil
}

func (t *tensor) typeName() string {
	if name, ok := typeNames[t.kind]; ok {
		return name
	}
	return fmt.Sprintf("element type %d", t.kind)
}

// values32 returns the elements of a float32 tensor.
func (t *tensor) values32() ([]float32, error) {
	if t.kind != typeFloat {
		return nil, fmt.Errorf("tensor %q is %s: must be float32", t.name, t.typeName())
	}
	n, err := t.size()
	if err != nil {
		return nil, err
	}
	if t.raw == nil && len(t.floats) == n {
		return t.floats, nil
	}
	if len(t.raw) != 4*n {
		return nil, t.countError(n)
	}
	out := make([]float32, n)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.raw[4*i:]))
	}
	return out, nil
}

// integers returns the elements of an integer tensor.
func (t *tensor) integers() ([]int64, error) {
	width := map[int64]int{typeUint8: 1, typeInt8: 1, typeBool: 1, typeUint16: 2, typeInt16: 2, typeInt32: 4, typeInt64: 8}[t.kind]
	if width == 0 {
		return nil, fmt.Errorf("tensor %q is %s: must be an integer", t.name, t.typeName())
	}
	n, err := t.size()
	if err != nil {
		return nil, err
	}
	if t.raw == nil && len(t.ints) == n {
		return t.ints, nil
	}
	if len(t.raw) != width*n {
		return nil, t.countError(n)
	}
	out := make([]int64, n)
	for i := range out {
		b := t.raw[i*width:]
		switch t.kind {
		case typeUint8, typeBool:
			out[i] = int64(b[0])
		case typeInt8:
			out[i] = int64(int8(b[0]))
		case typeUint16:
			out[i] = int64(binary.LittleEndian.Uint16(b))
		case typeInt16:
			out[i] = int64(int16(binary.LittleEndian.Uint16(b)))
		case typeInt32:
			out[i] = int64(int32(binary.LittleEndian.Uint32(b)))
		case typeInt64:
			out[i] = int64(binary.LittleEndian.Uint64(b))
		}
	}
	return out, nil
}

func (t *tensor) countError(n int) error {
	return fmt.Errorf("tensor %q %v needs %d values of %s and holds %d bytes and %d numbers",
		t.name, t.dims, n, t.typeName(), len(t.raw), len(t.floats)+len(t.ints))
}
