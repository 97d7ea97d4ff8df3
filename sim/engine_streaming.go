package sim

import (
	"fmt"

	"bitcycle/arch"
)

// streaming gives every layer a unit of its own with PE × SIMD lanes and weights on
// chip (FINN, Umuroglu et al., FPGA 2017; hardware model §10):
//
//	cycles = ⌈M/PE⌉ · ⌈K/SIMD⌉ · positions,
//
// whatever the widths, which cost only memory. Frames overlap: see [Run].
type streaming struct {
	array    *arch.Array
	pe, simd int64
}

func newStreaming(a *arch.Array) (engine, error) {
	e := streaming{array: a, pe: int64(a.PE), simd: int64(a.SIMD)}
	if e.pe < 1 || e.simd < 1 {
		return nil, fmt.Errorf("array.pe × array.simd = %d × %d: must be at least 1 × 1", a.PE, a.SIMD)
	}
	return e, nil
}

func (e streaming) lanes() int            { return int(e.pe) }
func (e streaming) mode(w int) int        { return e.array.RoundWeight(w) }
func (e streaming) grain() int            { return 1 }
func (e streaming) rate(int, int) float64 { return float64(e.pe * e.simd) }

func (e streaming) time(b *block, s *schedule, _ *[]round) Stalls {
	k := int64(b.chans) * int64(b.area)
	return Stalls{Compute: int64(b.hi-b.lo) * ceil(k, e.simd) * b.n}
}

// access: every cycle reads a word of PE·SIMD weights, as wide as the widest kernel
// of the layer, and SIMD inputs.
func (e streaming) access(b *block, s *schedule) access {
	cycles := e.time(b, s, nil).Compute
	return access{
		weights:        cycles * e.pe * e.simd * int64(s.wide),
		inputs:         cycles * e.simd * int64(b.act),
		outputsWritten: int64(s.channels(b.lo, b.hi)) * b.n * int64(b.act),
	}
}
