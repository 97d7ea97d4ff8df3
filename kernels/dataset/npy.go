package dataset

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strings"

	"github.com/sbinet/npyio/npy"
)

// loadNPY reads an array [N][H][W][C]; three dimensions mean one channel, two
// mean N feature vectors. The labels, if any, lie in the file of the same name
// ending in .labels.npy.
func loadNPY(rest string, r span) (*Images, error) {
	path := Resolve(rest)
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	im, err := parseNPY(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	labels := strings.TrimSuffix(strings.TrimSuffix(path, ".gz"), ".npy") + ".labels.npy"
	if _, err := os.Stat(labels); !errors.Is(err, fs.ErrNotExist) {
		if im.Labels, err = readNPYLabels(labels, im.N); err != nil {
			return nil, err
		}
	}
	return im.cut(r)
}

func readNPYLabels(path string, n int) ([]int, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	labels, err := parseNPYLabels(data, n)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return labels, nil
}

func parseNPY(data []byte) (*Images, error) {
	shape, values, err := npyArray(data)
	if err != nil {
		return nil, err
	}
	im := &Images{N: shape[0], H: 1, W: 1, C: 1}
	switch len(shape) {
	case 2:
		im.C = shape[1]
	case 3:
		im.H, im.W = shape[1], shape[2]
	case 4:
		im.H, im.W, im.C = shape[1], shape[2], shape[3]
	default:
		return nil, fmt.Errorf("shape %v: want [N H W C], [N H W] or [N C]", shape)
	}
	switch v := values.(type) {
	case []uint8:
		im.Pixels = v
	case []int8:
		im.Values = floats(v)
	case []float32:
		im.Values = v
	case []float64:
		im.Values = floats(v)
	default:
		return nil, fmt.Errorf("elements of type %T: want uint8, int8, float32 or float64", v)
	}
	return im, nil
}

func floats[E int8 | float64](v []E) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x)
	}
	return out
}

func parseNPYLabels(data []byte, n int) ([]int, error) {
	shape, values, err := npyArray(data)
	if err != nil {
		return nil, err
	}
	if len(shape) != 1 || shape[0] != n {
		return nil, fmt.Errorf("shape %v: want [%d], one label an image", shape, n)
	}
	switch v := values.(type) {
	case []uint8:
		return ints(v)
	case []int8:
		return ints(v)
	case []int16:
		return ints(v)
	case []uint16:
		return ints(v)
	case []int32:
		return ints(v)
	case []int64:
		return ints(v)
	}
	return nil, fmt.Errorf("elements of type %T: labels are integers", values)
}

func ints[E uint8 | int8 | int16 | uint16 | int32 | int64](v []E) ([]int, error) {
	out := make([]int, len(v))
	for i, x := range v {
		if x < 0 {
			return nil, fmt.Errorf("record %d: label = %d: must not be negative", i, x)
		}
		out[i] = int(x)
	}
	return out, nil
}

// npyArray decodes an NPY file. The library trusts headers, so the sizes are
// checked here first, and what it panics on is reported as a bad header.
func npyArray(data []byte) (shape []int, values any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("bad npy header: %v", p)
		}
	}()
	body, err := npyBody(data)
	if err != nil {
		return nil, nil, err
	}
	in, err := npy.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, nil, err
	}
	shape = in.Header.Descr.Shape
	if in.Header.Descr.Fortran {
		return nil, nil, errors.New("fortran_order = True: want the C order")
	}
	size, err := npySize(shape, body)
	if err != nil {
		return nil, nil, err
	}
	element, ok := npyTypes[strings.TrimLeft(in.Header.Descr.Type, "<>|=")]
	if !ok {
		return nil, nil, fmt.Errorf("elements of type %q: want integers or floats", in.Header.Descr.Type)
	}
	if width := int(element.Size()); size*width != body {
		return nil, nil, fmt.Errorf("shape %v of %d-byte elements in %d bytes", shape, width, body)
	}
	slice := reflect.New(reflect.SliceOf(element))
	if err := in.Read(slice.Interface()); err != nil {
		return nil, nil, err
	}
	return shape, slice.Elem().Interface(), nil
}

// npyBody returns the number of bytes behind the header.
func npyBody(data []byte) (int, error) {
	if len(data) < 12 || !bytes.Equal(data[:6], npy.Magic[:]) {
		return 0, errors.New("not an npy file")
	}
	head := 10 + int(binary.LittleEndian.Uint16(data[8:]))
	if data[6] > 1 {
		head = 12 + int(binary.LittleEndian.Uint32(data[8:]))
	}
	if head > len(data) {
		return 0, fmt.Errorf("%d bytes: too short for a header of %d", len(data), head)
	}
	return len(data) - head, nil
}

// npySize multiplies the dimensions, all at least 1, up to limit elements.
func npySize(shape []int, limit int) (int, error) {
	size := 1
	for _, d := range shape {
		if d < 1 || size > limit/d {
			return 0, fmt.Errorf("shape %v in %d bytes", shape, limit)
		}
		size *= d
	}
	if len(shape) == 0 {
		return 0, errors.New("a single number: want an array")
	}
	return size, nil
}

// npyTypes are the element types of NumPy that are read, in either byte order.
var npyTypes = map[string]reflect.Type{
	"u1": reflect.TypeFor[uint8](), "u2": reflect.TypeFor[uint16](),
	"i1": reflect.TypeFor[int8](), "i2": reflect.TypeFor[int16](),
	"i4": reflect.TypeFor[int32](), "i8": reflect.TypeFor[int64](),
	"f4": reflect.TypeFor[float32](), "f8": reflect.TypeFor[float64](),
}
