package matrix

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/nlpodyssey/safetensors"
)

// tensorValues widens the little-endian elements of a tensor.
func tensorValues(view safetensors.TensorView) ([]float64, error) {
	data := view.Data()
	var size int
	var decode func([]byte) float64
	switch view.DType() {
	case safetensors.F64:
		size, decode = 8, func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }
	case safetensors.F32:
		size, decode = 4, func(b []byte) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) }
	case safetensors.BF16:
		size, decode = 2, func(b []byte) float64 {
			return float64(math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16))
		}
	case safetensors.F16:
		size, decode = 2, func(b []byte) float64 { return half(binary.LittleEndian.Uint16(b)) }
	case safetensors.I8:
		size, decode = 1, func(b []byte) float64 { return float64(int8(b[0])) }
	case safetensors.U8:
		size, decode = 1, func(b []byte) float64 { return float64(b[0]) }
	case safetensors.I32:
		size, decode = 4, func(b []byte) float64 { return float64(int32(binary.LittleEndian.Uint32(b))) }
	case safetensors.I64:
		size, decode = 8, func(b []byte) float64 { return float64(int64(binary.LittleEndian.Uint64(b))) }
	default:
		return nil, fmt.Errorf("element type %s: must be F64, F32, F16, BF16, I8, U8, I32 or I64", view.DType())
	}
	out := make([]float64, len(data)/size)
	for i := range out {
		out[i] = decode(data[i*size:])
	}
	return out, nil
}

// half widens an IEEE 754 half-precision number.
func half(b uint16) float64 {
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
