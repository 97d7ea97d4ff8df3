package sim

import (
	"fmt"
	"strings"
)

// Verdict says whether what must be kept has room on the chip.
type Verdict int

// The verdicts, from good to bad.
const (
	Fits       Verdict = iota // on chip
	Spills                    // to the memory behind the scratchpads
	DoesNotFit                // and there is no such memory: the machine cannot run it
)

// String is the verdict in words.
func (v Verdict) String() string {
	switch v {
	case Spills:
		return "spills to DRAM"
	case DoesNotFit:
		return "does not fit"
	}
	return "fits"
}

// Fit is what a layer or a workload keeps beside the room for it, in bytes: of a layer
// its weights and the tensors alive while it runs, of a workload all weights and the
// most that its layers keep alive, or on streaming machines, all of whose layers run at
// a time, the sum. See docs/machine-model.md, section 7.8.
type Fit struct {
	Verdict     Verdict
	Weights     int64
	Activations int64
	// WeightRoom and ActivationRoom are what the scratchpads hold; 0 is no limit.
	WeightRoom, ActivationRoom int64
	// Shared: both lie in one scratchpad, and the two rooms are one.
	Shared bool
	// Behind is what the memory behind the scratchpads holds of both; 0 is no limit.
	Behind int64
}

// behind is both and the room behind the scratchpads.
func (f *Fit) behind() need {
	return need{"weights and activations", f.Weights + f.Activations, f.Behind}
}

// judge fills the verdict; beyond says that there is memory behind the scratchpads.
func (f *Fit) judge(beyond bool) {
	f.Verdict = Fits
	for _, n := range f.needs() {
		switch {
		case n.met():
		case beyond && f.behind().met():
			f.Verdict = Spills
		default:
			f.Verdict = DoesNotFit
		}
	}
}

// need is something to keep and the room for it, 0 for no limit.
type need struct {
	what        string
	bytes, room int64
}

func (n need) met() bool { return n.room == 0 || n.bytes <= n.room }

func (f *Fit) needs() []need {
	if f.Shared {
		return []need{{"weights and activations", f.Weights + f.Activations, f.ActivationRoom}}
	}
	return []need{{"weights", f.Weights, f.WeightRoom}, {"activations", f.Activations, f.ActivationRoom}}
}

// String is the verdict and what led to it, such as
//
//	does not fit: activations 412 of 320 KiB
//
// What spills to a memory whose size is known fits behind the scratchpads:
//
//	fits behind: weights and activations 265 KiB of 1.5 MiB
func (f Fit) String() string {
	if f.Behind > 0 && f.Verdict == Spills {
		return "fits behind: " + f.behind().String()
	}
	if f.Behind > 0 && f.Verdict == DoesNotFit {
		return f.Verdict.String() + ": " + f.behind().String()
	}
	var parts []string
	for _, n := range f.needs() {
		if !n.met() {
			parts = append(parts, n.String())
		}
	}
	if len(parts) == 0 {
		return f.Verdict.String()
	}
	return f.Verdict.String() + ": " + strings.Join(parts, ", ")
}

// Sizes is all that is kept beside the room for it, such as
//
//	weights 38.6 of 64 KiB, activations 24 of 128 KiB
func (f Fit) Sizes() string {
	var parts []string
	for _, n := range f.needs() {
		parts = append(parts, n.String())
	}
	return strings.Join(parts, ", ")
}

// String is the two sizes, with one unit where it is the same.
func (n need) String() string {
	size, unit := inUnit(n.bytes)
	if n.room == 0 {
		return n.what + " " + size + " " + unit
	}
	room, roomUnit := inUnit(n.room)
	switch {
	case unit != roomUnit:
		size += " " + unit
	case size == room && n.bytes != n.room:
		return fmt.Sprintf("%s %d of %d bytes", n.what, n.bytes, n.room)
	}
	return n.what + " " + size + " of " + room + " " + roomUnit
}

// inUnit is a size in the largest unit of which there is one.
func inUnit(bytes int64) (size, unit string) {
	x, unit := float64(bytes), "bytes"
	for _, next := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if x < 1024 {
			break
		}
		x, unit = x/1024, next
	}
	if x >= 100 || x == float64(int64(x)) {
		return fmt.Sprintf("%.0f", x), unit
	}
	return fmt.Sprintf("%.3g", x), unit
}
