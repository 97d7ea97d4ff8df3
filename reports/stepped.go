package reports

import (
	"fmt"

	"bitcycle/evaluate"
)

// Stepped is the report of a workload on the stepped array beside the fast clock.
func Stepped(o Origin, workload, machine string, twins []evaluate.Twin) *Document {
	t := &Table{Title: fmt.Sprintf("%s on the stepped array of %s, one image", workload, machine), Columns: []Column{
		Text("name", "layer"), Scaled("macs", "MMACs", 1e6, 2), Number("fast_cycles", "fast cycles"), Number("stepped_cycles", "stepped cycles"),
		Scaled("pe_steps", "M PE-steps", 1e6, 1), Text("same_cycles", "same cycles"), Text("same_integers", "same integers"), Text("note", "note"),
	}}
	for i := range twins {
		tw := &twins[i]
		if tw.Skipped != "" {
			t.Add(tw.Op, tw.MACs, nil, nil, nil, nil, nil, tw.Skipped)
			continue
		}
		t.Add(tw.Op, tw.MACs, tw.Fast.Total(), tw.Stepped.Total(), tw.PESteps, tw.SameCycles, tw.SameIntegers, "")
	}
	return &Document{Tables: []*Table{t}, Assumptions: []string{
		"the array alone, without memory: every processing element in every cycle, on random integers that use the widths fully",
		fmt.Sprintf("ops of at most %.0f million multiply-accumulates; %s", evaluate.SteppedLimit/1e6, o),
	}}
}
