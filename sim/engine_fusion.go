package sim

import (
	"fmt"

	"bitcycle/arch"
)

// fusion is Bit Fusion's array (Sharma et al., ISCA 2018; hardware model §15.3):
// rows hold the reduction, columns the channels; each of the R×C fusion units does
// pack(w, a) products a cycle, all of them along the reduction. One configuration
// drives the array, so the widest channel of a set decides.
type fusion struct {
	fold       folder
	rows, cols int64
	fill       int64
	reconfig   int64
}

func newFusion(a *arch.Array) (engine, error) {
	e := fusion{fold: newFolder(a), rows: int64(a.Rows), cols: int64(a.Cols), fill: int64(a.FillCycles), reconfig: int64(a.ReconfigCycles)}
	if e.rows < 1 || e.cols < 1 {
		return nil, fmt.Errorf("array.rows × array.cols = %d × %d: must be at least 1 × 1", a.Rows, a.Cols)
	}
	if e.fill < 0 {
		e.fill = e.rows + e.cols - 2
	}
	return e, nil
}

func (e fusion) lanes() int     { return int(e.cols) }
func (e fusion) mode(w int) int { return e.fold.array.RoundWeight(w) }
func (e fusion) grain() int     { return 1 }

func (e fusion) rate(w, a int) float64 {
	pack, passes := e.fold.pack(w, a)
	return float64(e.rows*e.cols*pack) / float64(passes)
}

func (e fusion) time(b *block, s *schedule, scratch *[]round) Stalls {
	work := e.fold.folds(b, e.rows, s.wide)
	*scratch = s.appendRounds((*scratch)[:0], b.lo, b.hi, &work)
	var t Stalls
	for i, r := range *scratch {
		t.charge(r, b.n)
		if i > 0 && e.mode(int(r.mode)) != e.mode(int((*scratch)[i-1].mode)) {
			t.Fill += e.reconfig
		}
	}
	if b.first && len(*scratch) > 0 {
		t.Fill += e.fill
	}
	return t
}

// access follows Bit Fusion's organisation: a weight bank for each unit, so every
// product reads its own weight and input; outputs are read and written once a
// stretch of the reduction.
func (e fusion) access(b *block, s *schedule) access {
	k := int64(b.chans) * int64(b.area)
	var bits, channels int64
	for i := b.lo; i < b.hi; i++ {
		for w := int64(1); w <= int64(s.sets[i].max); w++ {
			bits += w * int64(s.sets[i].count[w])
		}
		channels += int64(s.sets[i].hi - s.sets[i].lo)
	}
	out := channels * b.n * b.sum
	return access{weights: bits * k * b.n, inputs: channels * k * b.n * int64(b.act), outputsRead: out, outputsWritten: out}
}
