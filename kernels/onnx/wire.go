package onnx

import (
	"encoding/binary"
	"errors"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// field is one field of a protobuf message: Bytes for length-delimited ones,
// Int for the rest.
type field struct {
	num   protowire.Number
	typ   protowire.Type
	int   uint64
	bytes []byte
}

// walk calls f for every field of a message.
func walk(message []byte, f func(field) error) error {
	for len(message) > 0 {
		num, typ, n := protowire.ConsumeTag(message)
		if n < 0 {
			return broken(n)
		}
		message = message[n:]
		fd := field{num: num, typ: typ}
		switch typ {
		case protowire.VarintType:
			fd.int, n = protowire.ConsumeVarint(message)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(message)
			fd.int = uint64(v)
		case protowire.Fixed64Type:
			fd.int, n = protowire.ConsumeFixed64(message)
		case protowire.BytesType:
			fd.bytes, n = protowire.ConsumeBytes(message)
		default:
			n = protowire.ConsumeFieldValue(num, typ, message)
		}
		if n < 0 {
			return broken(n)
		}
		message = message[n:]
		if err := f(fd); err != nil {
			return err
		}
	}
	return nil
}

var (
	errWire  = errors.New("not an ONNX model, or cut short")
	errShort = errors.New("the file ends early: cut short, or not an ONNX model")
)

// broken is why a field cannot be read.
func broken(code int) error {
	if errors.Is(protowire.ParseError(code), io.ErrUnexpectedEOF) {
		return errShort
	}
	return errWire
}

// message walks a field that must be a message.
func (fd field) message(f func(field) error) error {
	if fd.typ != protowire.BytesType {
		return errWire
	}
	return walk(fd.bytes, f)
}

// text returns the field as a string.
func (fd field) text() string { return string(fd.bytes) }

// ints appends the integers of a packed or single field.
func (fd field) ints(to []int64) ([]int64, error) {
	if fd.typ != protowire.BytesType {
		return append(to, int64(fd.int)), nil
	}
	for b := fd.bytes; len(b) > 0; {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return nil, errWire
		}
		to, b = append(to, int64(v)), b[n:]
	}
	return to, nil
}

// floats appends the float32 values of a packed or single field.
func (fd field) floats(to []float32) ([]float32, error) {
	if fd.typ != protowire.BytesType {
		return append(to, math.Float32frombits(uint32(fd.int))), nil
	}
	if len(fd.bytes)%4 != 0 {
		return nil, errWire
	}
	for b := fd.bytes; len(b) > 0; b = b[4:] {
		to = append(to, math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	return to, nil
}

// doubles appends the float64 values of a packed or single field.
func (fd field) doubles(to []float64) ([]float64, error) {
	if fd.typ != protowire.BytesType {
		return append(to, math.Float64frombits(fd.int)), nil
	}
	if len(fd.bytes)%8 != 0 {
		return nil, errWire
	}
	for b := fd.bytes; len(b) > 0; b = b[8:] {
		to = append(to, math.Float64frombits(binary.LittleEndian.Uint64(b)))
	}
	return to, nil
}
