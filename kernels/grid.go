package kernels

import (
	"fmt"
	"math"

	"bitcycle/kernels/internal/lanes"
	"bitcycle/kernels/workload"
)

// Grid is a uniform quantization grid. A code as it is stored takes Bits bits, in
// two's complement if Signed, and stands for Scale·(stored − Zero): an asymmetric
// grid has a zero point (Jacob et al., "Quantization and training of neural
// networks for efficient integer-arithmetic-only inference", CVPR 2018, eq. 1).
//
// Everywhere in this package a code is taken without its zero point, stored − Zero,
// so that value = Scale·code and 0 is 0 on every grid; the arithmetic is that on
// stored codes with the zero points taken off.
type Grid struct {
	Scale  float64
	Bits   uint8
	Signed bool
	Zero   int32 // the stored code of 0; it may lie outside the stored codes
	// Narrow leaves out the lowest code of a signed grid, the highest of an unsigned one.
	Narrow bool
	// Bipolar is the grid of one bit whose codes are +1, for what is not negative,
	// and −1.
	Bipolar bool
	Round   Rounding // of what is put on the grid
}

// Range returns the smallest and the largest code.
func (g Grid) Range() (lo, hi int32) {
	switch {
	case g.Bipolar:
		return -1, 1
	case g.Signed:
		lo, hi = -1<<(g.Bits-1), 1<<(g.Bits-1)-1
		if g.Narrow {
			lo++
		}
	default:
		hi = 1<<g.Bits - 1
		if g.Narrow {
			hi--
		}
	}
	return lo - g.Zero, hi - g.Zero
}

// Magnitude returns the largest absolute value of a code.
func (g Grid) Magnitude() int64 {
	lo, hi := g.Range()
	return max(-int64(lo), int64(hi))
}

// Quantize returns the code of a real number.
func (g Grid) Quantize(x float64) int32 {
	lo, hi := g.Range()
	switch {
	case g.Bipolar && x < 0:
		return -1
	case g.Bipolar:
		return 1
	case g.Round == HalfUp:
		return lanes.Code32(x, g.Scale, lo, hi)
	}
	q := float64(float32(x) / float32(g.Scale)) // foreign models are defined in float32
	return int32(min(max(g.Round.of(q), float64(lo)), float64(hi)))
}

// MaxGridBits is the widest grid: an accumulator that is not narrowed. Operators
// other than those that the grids' fixed-point maps make up read workload.MaxBits.
const MaxGridBits = workload.MaxVectorBits

// Check reports what is impossible about a grid.
func (g Grid) Check() error {
	most := uint8(MaxGridBits)
	if !g.Signed || g.Zero != 0 {
		most = 16
	}
	if g.Bits < 1 || g.Bits > most {
		return fmt.Errorf("grid of %d bits: must be 1 to %d", g.Bits, most)
	}
	if !(g.Scale > 0) || math.IsInf(g.Scale, 0) {
		return fmt.Errorf("grid scale %v: must be positive", g.Scale)
	}
	if g.Zero < -1<<16 || g.Zero > 1<<16 {
		return fmt.Errorf("zero point %d: must be -65536 to 65536", g.Zero)
	}
	if g.Round >= roundings {
		return fmt.Errorf("rounding %d is not known", g.Round)
	}
	if g.Bipolar && (g.Bits != 1 || g.Zero != 0) {
		return fmt.Errorf("a bipolar grid of %d bits and zero point %d: must be 1 bit and 0", g.Bits, g.Zero)
	}
	if lo, hi := g.Range(); lo >= hi {
		return fmt.Errorf("a narrow grid of %d bits has one code", g.Bits)
	}
	return nil
}

// element returns the smallest type that holds the codes of a grid.
func (g Grid) element() element {
	switch lo, hi := g.Range(); {
	case lo >= 0 && hi <= math.MaxUint8:
		return elemU8
	case lo >= math.MinInt8 && hi <= math.MaxInt8:
		return elemI8
	case lo >= math.MinInt16 && hi <= math.MaxInt16:
		return elemI16
	}
	return elemI32
}

// planes returns how many bits a code takes, and whether in two's complement; an
// asymmetric grid may take one more than its stored codes.
func (g Grid) planes() (bits int, signed bool) {
	lo, hi := g.Range()
	for signed = lo < 0; ; bits++ {
		if !signed && bits > 0 && int64(hi) < 1<<bits || signed && bits > 0 && int64(lo) >= -1<<(bits-1) && int64(hi) < 1<<(bits-1) {
			return bits, signed
		}
	}
}
