package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"bitcycle/internal/npy"
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
	typeHalf   = 10
	typeDouble = 11
	typeUint32 = 12
	typeUint64 = 13
	typeBfloat = 16
	typeUint4  = 21
	typeInt4   = 22
)

var typeNames = map[int64]string{
	typeFloat: "float32", typeUint8: "uint8", typeInt8: "int8", typeUint16: "uint16", typeInt16: "int16",
	typeInt32: "int32", typeInt64: "int64", 8: "string", typeBool: "bool", typeHalf: "float16", typeDouble: "float64",
	typeUint32: "uint32", typeUint64: "uint64", typeBfloat: "bfloat16", typeUint4: "uint4", typeInt4: "int4",
}

// tensor is a constant. Its values lie in raw (little-endian), or in floats,
// doubles or ints by type, or in a file, or are computed when they are wanted:
// shapes and costs need few of them.
type tensor struct {
	name    string
	kind    int64
	dims    []int64
	raw     []byte
	floats  []float32
	doubles []float64
	ints    []int64
	file    map[string]string       // location, offset, length
	folder  string                  // of the model, "" if it was not opened by its path
	later   func() (*tensor, error) // gives the values
	coded   *coded                  // of weights of a quantized model
	width   uint8                   // bits of each, on a grid of floating point
	budget  *budget                 // of what is computed
	made    bool                    // the values were computed
}

// settle makes the values of a tensor that lie in a file or are computed.
func (t *tensor) settle() error {
	if t.later != nil {
		n, err := t.size()
		words := int64(n)
		if !fractional(t.kind) {
			words *= 2
		}
		if err == nil {
			err = t.budget.spend(words)
		}
		if err != nil {
			return fmt.Errorf("tensor %q: %w", t.name, err)
		}
		t.budget, t.made = nil, true
		got, err := t.later()
		if err != nil {
			return err
		}
		t.raw, t.floats, t.ints, t.later = nil, got.floats, got.ints, nil
	}
	return t.load()
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
		case 10:
			t.doubles, err = fd.doubles(t.doubles)
		case 11:
			t.ints, err = fd.ints(t.ints)
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

// values32 returns the elements of a tensor of numbers as float32.
func (t *tensor) values32() ([]float32, error) {
	if err := t.settle(); err != nil {
		return nil, err
	}
	n, err := t.size()
	if err != nil {
		return nil, err
	}
	width := map[int64]int{typeFloat: 4, typeHalf: 2, typeBfloat: 2, typeDouble: 8}[t.kind]
	if width == 0 {
		return t.integers32()
	}
	switch {
	case t.raw == nil && len(t.floats) == n && t.kind != typeDouble:
		return t.floats, nil
	case t.raw == nil && t.doubles != nil && len(t.doubles) == n:
		return convert(t.doubles, func(x float64) float32 { return float32(x) }), nil
	case t.raw == nil && width == 2 && len(t.ints) == n && n > 0:
		return convert(t.ints, func(x int64) float32 { return half(t.kind, uint16(x)) }), nil
	case len(t.raw) != width*n:
		return nil, t.countError(n)
	}
	out := make([]float32, n)
	for i := range out {
		switch b := t.raw[i*width:]; t.kind {
		case typeFloat:
			out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b))
		case typeDouble:
			out[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(b)))
		default:
			out[i] = half(t.kind, binary.LittleEndian.Uint16(b))
		}
	}
	return out, nil
}

// integers32 returns the elements of an integer tensor as float32.
func (t *tensor) integers32() ([]float32, error) {
	v, err := t.integers()
	if err != nil {
		return nil, fmt.Errorf("tensor %q is %s: must be numbers", t.name, t.typeName())
	}
	return convert(v, func(x int64) float32 { return float32(x) }), nil
}

func convert[A, B any](x []A, f func(A) B) []B {
	out := make([]B, len(x))
	for i, v := range x {
		out[i] = f(v)
	}
	return out
}

// half returns the value of a float16 (IEEE 754 binary16) or bfloat16.
func half(kind int64, bits uint16) float32 {
	if kind == typeBfloat {
		return math.Float32frombits(uint32(bits) << 16)
	}
	return float32(npy.Half(bits))
}

// integers returns the elements of an integer tensor.
func (t *tensor) integers() ([]int64, error) {
	if err := t.settle(); err != nil {
		return nil, err
	}
	n, err := t.size()
	if err != nil {
		return nil, err
	}
	if t.kind == typeInt4 || t.kind == typeUint4 {
		return t.nibbles(n)
	}
	width := map[int64]int{
		typeUint8: 1, typeInt8: 1, typeBool: 1, typeUint16: 2, typeInt16: 2, typeInt32: 4, typeUint32: 4, typeInt64: 8, typeUint64: 8,
	}[t.kind]
	if width == 0 {
		return nil, fmt.Errorf("tensor %q is %s: must be an integer", t.name, t.typeName())
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
		case typeUint32:
			out[i] = int64(binary.LittleEndian.Uint32(b))
		default:
			out[i] = int64(binary.LittleEndian.Uint64(b))
		}
	}
	return out, nil
}

// nibbles returns 4-bit elements, two to a byte, the low half first.
func (t *tensor) nibbles(n int) ([]int64, error) {
	bytes := t.raw
	if bytes == nil {
		bytes = convert(t.ints, func(x int64) byte { return byte(x) })
	}
	if len(bytes) != (n+1)/2 {
		return nil, t.countError(n)
	}
	out := make([]int64, n)
	for i := range out {
		out[i] = int64(bytes[i/2] >> (i % 2 * 4) & 15)
		if t.kind == typeInt4 && out[i] > 7 {
			out[i] -= 16
		}
	}
	return out, nil
}

// filled reports a tensor that does not hold as many bytes as it needs, or numbers
// if it holds those.
func (t *tensor) filled() error {
	n, err := t.size()
	if err != nil || t.raw == nil {
		return err
	}
	bits := map[int64]int{
		typeFloat: 32, typeUint8: 8, typeInt8: 8, typeUint16: 16, typeInt16: 16, typeInt32: 32, typeInt64: 64, typeBool: 8,
		typeHalf: 16, typeDouble: 64, typeUint32: 32, typeUint64: 64, typeBfloat: 16, typeUint4: 4, typeInt4: 4,
	}[t.kind]
	if bits > 0 && len(t.raw) != (n*bits+7)/8 {
		return t.countError(n)
	}
	return nil
}

func (t *tensor) countError(n int) error {
	return fmt.Errorf("tensor %q %v needs %d values of %s and holds %d bytes and %d numbers",
		t.name, t.dims, n, t.typeName(), len(t.raw), len(t.floats)+len(t.doubles)+len(t.ints))
}
