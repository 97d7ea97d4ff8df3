package evaluate

import (
	"math"

	"bitcycle/evaluate/yardstick"
	"bitcycle/sim"
)

// images is the number of images that the cost is for.
func (e *Entry) images() float64 { return float64(max(e.Cost.Batch, 1)) }

// LatencyPerImageS is the time of a run over its images, in seconds.
func (e *Entry) LatencyPerImageS() float64 { return e.Cost.Totals.LatencyS / e.images() }

// IntervalPerImageS is the time from one image to the next where runs follow each other
// without a gap: the latency but where layers work on different images at a time.
func (e *Entry) IntervalPerImageS() float64 { return e.Cost.IntervalS / e.images() }

// EnergyPerImagePJ is the energy of a run over its images.
func (e *Entry) EnergyPerImagePJ() float64 { return e.Cost.Totals.Energy.Total() / e.images() }

// DRAMBytes is what a run reads and writes.
func (e *Entry) DRAMBytes() int64 { return e.Cost.Totals.DRAMRead + e.Cost.Totals.DRAMWrite }

// Fits reports whether the machine can run it at all: what has no room on the chip needs
// memory behind it.
func (e *Entry) Fits() bool { return e.Cost.Totals.Fit.Verdict != sim.DoesNotFit }

// Ranked reports whether the entry can be the best: costs of ideal memory are lower
// bounds, not costs, and what does not fit does not run.
func (e *Entry) Ranked() bool { return e.Memory != "ideal" && e.Fits() }

// Measured reports whether error was measured beside the cost.
func (e *Entry) Measured() bool { return e.Judged() != nil }

// Judged is the quality measured, of classes too; nil if none was.
func (e *Entry) Judged() *yardstick.Quality {
	if e.Quality == nil && e.Accuracy.Images > 0 {
		return classified(&e.Accuracy)
	}
	return e.Quality
}

// merit is a number that grows with the figure that counts: the figure, its negative
// where less is better, and the least SQNR of the outputs where nothing is known of the
// images.
func (e *Entry) merit() float64 {
	q := e.Judged()
	h := q.Headline()
	switch {
	case h == nil && len(q.Outputs) > 0:
		sqnr, _, _ := yardstick.Worst(q.Outputs)
		return sqnr
	case h == nil:
		return math.Inf(-1)
	case h.Less:
		return -h.Value
	default:
		return h.Value
	}
}

// Best tells in which figures an entry is the best of all ranked ones; Top1 is the one
// that counts, whatever the task.
type Best struct{ Latency, Energy, Top1 bool }

// BestOf marks the least latency and energy per image and the best quality
// among the ranked entries of each network, equal ones alike.
func BestOf(entries []Entry) []Best {
	type figures struct{ latency, energy, top1 float64 }
	of := map[string]figures{}
	for i := range entries {
		e := &entries[i]
		f, ok := of[e.Network]
		if !ok {
			f = figures{math.Inf(1), math.Inf(1), math.Inf(-1)}
		}
		if e.Ranked() {
			f.latency, f.energy = min(f.latency, e.LatencyPerImageS()), min(f.energy, e.EnergyPerImagePJ())
			if e.Measured() {
				f.top1 = max(f.top1, e.merit())
			}
		}
		of[e.Network] = f
	}
	out := make([]Best, len(entries))
	for i := range entries {
		if e := &entries[i]; e.Ranked() {
			f := of[e.Network]
			out[i] = Best{e.LatencyPerImageS() == f.latency, e.EnergyPerImagePJ() == f.energy, e.Measured() && e.merit() == f.top1}
		}
	}
	return out
}
