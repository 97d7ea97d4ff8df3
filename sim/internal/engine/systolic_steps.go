package engine

import (
	"math"

	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/units"
)

// steps streams the positions of a block in steps of at most R positions of one row of
// the map, see [Systolic.Fold]. A set of channels that needs several passes takes each
// as a fold.
func (e Systolic) steps(b *Block) cost.Stalls {
	var t cost.Stalls
	s := b.sched()
	work := e.fold.folds(b, e.rows, s.Wide)
	row := b.Row
	if row == 0 {
		row = b.N
	}
	fold := e.Fold(units.Ceil(b.N, max(row, 1)), row)
	var folds int64
	for _, r := range s.Rounds(b.Lo, b.Hi, &work) {
		charge(&t, r, b.N)
		folds += r.Max * r.Repeat
		t.Add(cost.Stalls{Fill: fold.Fill, WeightLoad: fold.WeightLoad}.Times(r.Max * r.Repeat))
	}
	if b.Last && folds > 0 {
		t.Fill += e.skew()
	}
	return t
}

// Fold is the time of one fold over so many rows of a map, of so many positions each, in
// steps. The weights of the next fold are shifted in beside the last step, so that a fold
// takes
//
//	max(Σ over steps of max(positions, least) + R − max(positions of one, least), pair · steps)
//
// cycles: its positions (compute), the change of weights (weight load), and what short
// steps and the issue of instructions leave idle (fill).
func (e Systolic) Fold(rows, positions int64) cost.Stalls {
	if rows == 0 || positions == 0 {
		return cost.Stalls{}
	}
	full, rest := positions/e.rows, positions%e.rows
	steps, busy, one := rows*full, rows*full*max(e.rows, e.step), max(min(e.rows, positions), e.step)
	if rest > 0 {
		steps, busy = steps+rows, busy+rows*max(rest, e.step)
	}
	t := cost.Stalls{Compute: rows * positions, Fill: busy - rows*positions, WeightLoad: max(0, e.rows-one)}
	if least := int64(math.Ceil(e.pair * float64(steps))); t.Total() < least {
		t.Fill += least - t.Total()
	}
	return t
}

// Folds is how many folds a stretch of the reduction takes at one position of the
// window, for channels of at most a width.
func (e Systolic) Folds(chans int, width, act int) int64 {
	pack, passes := e.fold.pack(width, act)
	return units.Ceil(int64(chans), e.rows*pack) * passes
}

// Depth is the reduction that a fold takes.
func (e Systolic) Depth() int { return int(e.rows) }
