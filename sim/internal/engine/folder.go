package engine

import (
	"bitcycle/arch"
	"bitcycle/sim/internal/schedule"
	"bitcycle/sim/internal/units"
)

// packing tells how operands of other than the native width use a PE: pack
// reduction elements at a time, or several passes for one.
type packing struct {
	native int
	on     bool
}

func (p packing) of(width int) (pack, passes int64) {
	if p.native == 0 {
		return 1, 1
	}
	if width > p.native {
		return 1, int64(units.Ceil(width, p.native))
	}
	if !p.on || width == 0 {
		return 1, 1
	}
	return int64(p.native / width), 1
}

// folder tells how many folds of an array of the given rows the reduction takes
// for a weight of each width: ⌈K/(R·pack)⌉ · passes.
//
// See docs/machine-model.md, section 4.1.
type folder struct {
	array      *arch.Array
	weight     packing
	activation packing
}

func newFolder(a *arch.Array) folder {
	return folder{
		array:      a,
		weight:     packing{native: a.NativeWeightBits, on: a.Pack},
		activation: packing{native: a.NativeActBits, on: a.Pack},
	}
}

func (f folder) pack(w, act int) (pack, passes int64) {
	pw, tw := f.weight.of(f.array.RoundWeight(w))
	pa, ta := f.activation.of(f.array.RoundAct(act))
	return pw * pa, tw * ta
}

func (f folder) folds(b *Block, rows int64, wide uint8) [schedule.Widths]int64 {
	var work [schedule.Widths]int64
	k, repeat := b.fold()
	for w := 1; w <= int(wide); w++ {
		pack, passes := f.pack(w, b.Layer.ActBits)
		work[w] = repeat * units.Ceil(k, rows*pack) * passes
	}
	return work
}
