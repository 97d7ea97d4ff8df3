package reports

import (
	"bitcycle/evaluate"
	"bitcycle/sim"
)

// memoryLine says whether what a run keeps has room on the chip, and where most of its
// tensors are alive.
func memoryLine(r *sim.Result) string {
	line := "memory: " + r.Totals.Fit.Verdict.String() + ": " + r.Totals.Fit.Sizes()
	for i := range r.Layers {
		if f := &r.Layers[i].Fit; f.Activations > 0 && f.Activations == r.Totals.Fit.Activations {
			return line + ", most in " + r.Layers[i].Name
		}
	}
	return line
}

// unfitLines name the rows of a comparison that their machines cannot run.
func unfitLines(entries []evaluate.Entry) []string {
	var lines []string
	for i := range entries {
		if e := &entries[i]; !e.Fits() {
			lines = append(lines, e.Method+" on "+e.Machine+" "+e.Cost.Totals.Fit.String())
		}
	}
	return lines
}

// roomFields are what a run keeps beside the room for it.
func roomFields() []Column {
	return []Column{
		Text("fit", "fit").Ranked(58), Number("resident_weight_bytes", ""), Number("weight_room_bytes", ""),
		Number("resident_activation_bytes", ""), Number("activation_room_bytes", ""),
	}
}

func roomCells(f *sim.Fit) []any {
	return []any{f.Verdict.String(), f.Weights, room(f.WeightRoom), f.Activations, room(f.ActivationRoom)}
}

// room is a scratchpad's bytes, nothing where it has no limit.
func room(bytes int64) any {
	if bytes == 0 {
		return nil
	}
	return bytes
}
