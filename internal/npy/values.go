package npy

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"

	"bitcycle/internal/files"
)

// kind is a type of elements: how wide they are and what one is as a number.
type kind struct {
	name   string
	width  int
	float  bool
	number func(b []byte) float64
	whole  func(b []byte) (n int64, fits bool) // nil for floats
}

var order = binary.LittleEndian

var kinds = map[string]kind{
	"b1": whole("b1", 1, func(b []byte) int64 { return int64(b[0]) }),
	"u1": whole("u1", 1, func(b []byte) int64 { return int64(b[0]) }),
	"u2": whole("u2", 2, func(b []byte) int64 { return int64(order.Uint16(b)) }),
	"u4": whole("u4", 4, func(b []byte) int64 { return int64(order.Uint32(b)) }),
	"u8": {
		name: "u8", width: 8,
		number: func(b []byte) float64 { return float64(order.Uint64(b)) },
		whole:  func(b []byte) (int64, bool) { return int64(order.Uint64(b)), order.Uint64(b) <= math.MaxInt64 },
	},
	"i1": whole("i1", 1, func(b []byte) int64 { return int64(int8(b[0])) }),
	"i2": whole("i2", 2, func(b []byte) int64 { return int64(int16(order.Uint16(b))) }),
	"i4": whole("i4", 4, func(b []byte) int64 { return int64(int32(order.Uint32(b))) }),
	"i8": whole("i8", 8, func(b []byte) int64 { return int64(order.Uint64(b)) }),
	"f2": floating("f2", 2, func(b []byte) float64 { return Half(order.Uint16(b)) }),
	"f4": floating("f4", 4, func(b []byte) float64 { return float64(math.Float32frombits(order.Uint32(b))) }),
	"f8": floating("f8", 8, func(b []byte) float64 { return math.Float64frombits(order.Uint64(b)) }),
}

// BrainFloat is the upper half of a 32-bit float, which NumPy does not have.
const BrainFloat = "bf2"

// Eight-bit floats, which NumPy does not have either (OCP 8-bit Floating Point
// Specification 1.0, 2023): E4M3 has no infinities, E5M2 is the upper half of a
// half-precision number.
const (
	Float8E4M3 = "f1e4m3"
	Float8E5M2 = "f1e5m2"
)

// others are the types that New takes beside NumPy's.
var others = map[string]kind{
	BrainFloat: brainFloat,
	Float8E4M3: floating(Float8E4M3, 1, func(b []byte) float64 { return eighth(b[0]) }),
	Float8E5M2: floating(Float8E5M2, 1, func(b []byte) float64 { return Half(uint16(b[0]) << 8) }),
}

// eighth widens an E4M3 number: bias 7, no infinities, one NaN a sign.
func eighth(b byte) float64 {
	sign := 1.0
	if b&0x80 != 0 {
		sign = -1
	}
	exponent, fraction := int(b>>3&15), float64(b&7)
	switch {
	case b&0x7f == 0x7f:
		return math.NaN()
	case exponent == 0:
		return sign * math.Ldexp(fraction, -9)
	}
	return sign * math.Ldexp(8+fraction, exponent-10)
}

var brainFloat = floating(BrainFloat, 2, func(b []byte) float64 {
	return float64(math.Float32frombits(uint32(order.Uint16(b)) << 16))
})

func whole(name string, width int, value func(b []byte) int64) kind {
	return kind{
		name: name, width: width,
		number: func(b []byte) float64 { return float64(value(b)) },
		whole:  func(b []byte) (int64, bool) { return value(b), true },
	}
}

func floating(name string, width int, value func(b []byte) float64) kind {
	return kind{name: name, width: width, float: true, number: value}
}

// Half widens an IEEE 754 half-precision number.
func Half(b uint16) float64 {
	sign := 1.0
	if b&0x8000 != 0 {
		sign = -1
	}
	exponent, fraction := int(b>>10&0x1f), float64(b&0x3ff)
	switch exponent {
	case 0:
		return sign * math.Ldexp(fraction, -24)
	case 31:
		if fraction == 0 {
			return sign * math.Inf(1)
		}
		return math.NaN()
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// Floats returns the elements as floats. One that is not a finite number, or too
// large for the type asked for, is an error that names its place.
func Floats[E float32 | float64](a *Array) ([]E, error) {
	if err := files.Fits("an array of floats", float64(a.Len())*float64(reflect.TypeFor[E]().Size())); err != nil {
		return nil, err
	}
	out := make([]E, a.Len())
	for i := range out {
		x := a.kind.number(a.raw[i*a.kind.width:])
		out[i] = E(x)
		if y := float64(out[i]); math.IsNaN(y) || math.IsInf(y, 0) {
			return nil, fmt.Errorf("element %v = %v: want finite numbers of %d bits", a.place(i), x, reflect.TypeFor[E]().Bits())
		}
	}
	return out, nil
}

// Bytes returns the elements themselves if they are bytes or truth values.
func (a *Array) Bytes() (elements []uint8, ok bool) {
	if a.kind.name != "u1" && a.kind.name != "b1" {
		return nil, false
	}
	return a.raw, true
}

// Ints returns the elements of an array of integers or truth values.
func (a *Array) Ints() ([]int, error) {
	if a.kind.float {
		return nil, fmt.Errorf("elements of type %s: want integers", a.kind.name)
	}
	out := make([]int, a.Len())
	for i := range out {
		n, fits := a.kind.whole(a.raw[i*a.kind.width:])
		if out[i] = int(n); !fits || int64(out[i]) != n {
			return nil, fmt.Errorf("element %v = %d: too large", a.place(i), uint64(n))
		}
	}
	return out, nil
}

// place is the index of element i in each dimension, from 0 as NumPy counts.
func (a *Array) place(i int) []int {
	at := make([]int, len(a.Shape))
	for d := len(at) - 1; d >= 0; d-- {
		at[d], i = i%a.Shape[d], i/a.Shape[d]
	}
	return at
}
