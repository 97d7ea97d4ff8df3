package engine

import (
	"bitcycle/arch"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/schedule"
	"bitcycle/sim/internal/units"
)

// Fusion is Bit Fusion's array (Sharma et al., ISCA 2018): rows hold the reduction,
// columns the channels; each of the R×C fusion units does pack(w, a) products a
// cycle, all of them along the reduction. One configuration drives the array, so the
// widest channel of a set decides.
//
// See docs/machine-model.md, section 4.4.
type Fusion struct {
	fold       folder
	rows, cols int64
	fill       int64
	reconfig   int64
}

// NewFusion builds the engine of an array.
func NewFusion(a *arch.Array) (Fusion, error) {
	e := Fusion{fold: newFolder(a), rows: int64(a.Rows), cols: int64(a.Cols), fill: int64(a.FillCycles), reconfig: int64(a.ReconfigCycles)}
	if e.fill < 0 {
		e.fill = e.rows + e.cols - 2
	}
	return e, hasArray(a)
}

// Lanes are the columns.
func (e Fusion) Lanes() int { return int(e.cols) }

// Mode is the next width that the units can be put together to.
func (e Fusion) Mode(w int) int { return e.fold.array.RoundWeight(w) }

// Grain is 1: positions stream by.
func (e Fusion) Grain() int { return 1 }

// Rate is R·C·pack/passes.
func (e Fusion) Rate(w, a int) float64 {
	pack, passes := e.fold.pack(w, a)
	return float64(e.rows*e.cols*pack) / float64(passes)
}

// Fill is the cycles that fill and drain the array, once a layer.
func (e Fusion) Fill() int64 { return e.fill }

// Folds are the folds of a block's reduction for a channel of each width.
func (e Fusion) Folds(b Block, wide uint8) [schedule.Widths]int64 {
	return e.fold.folds(&b, e.rows, wide)
}

// Padded is the reduction of k elements filled up to whole folds at the widths.
func (e Fusion) Padded(k int64, w, act int) int64 {
	pack, _ := e.fold.pack(w, act)
	fold := e.rows * pack
	return units.Ceil(k, fold) * fold
}

// Reconfigure is the cycles between channels of two widths: 0 where both are
// processed in the same mode.
func (e Fusion) Reconfigure(from, to uint8) int64 {
	if e.Mode(int(from)) == e.Mode(int(to)) {
		return 0
	}
	return e.reconfig
}

// Time streams N positions for every fold, and changes the mode between widths.
func (e Fusion) Time(b Block) cost.Stalls {
	s := b.sched()
	work := e.fold.folds(&b, e.rows, s.Wide)
	rounds := s.Rounds(b.Lo, b.Hi, &work)
	var t cost.Stalls
	for i, r := range rounds {
		charge(&t, r, b.N)
		if i > 0 {
			t.Fill += e.Reconfigure(rounds[i-1].Mode, r.Mode)
		}
	}
	if b.First && len(rounds) > 0 {
		t.Fill += e.fill
	}
	return t
}

// Access follows Bit Fusion's organisation: a weight bank for each unit, so every
// product reads its own weight and input; outputs are read and written once a
// stretch of the reduction.
func (e Fusion) Access(b Block) Access {
	k, sets := b.reduction(), b.sets()
	var bits, channels int64
	for i := range sets {
		for w := int64(sets[i].Min); w <= int64(sets[i].Max); w++ {
			bits += w * int64(sets[i].Count[w])
		}
		channels += int64(sets[i].Hi - sets[i].Lo)
	}
	out := channels * b.N * b.Layer.SumBits()
	return Access{Weights: bits * k * b.N, Inputs: channels * k * b.N * int64(b.Layer.ActBits), OutputsRead: out, OutputsWritten: out}
}
