package reports

import (
	"fmt"
	"strings"

	"bitcycle/evaluate"
)

// Stepped is the report of a workload on the stepped array beside the fast clock.
func Stepped(o Origin, workload, machine string, twins []evaluate.Twin) *Document {
	t := &Table{Name: "stepped", Columns: []Column{
		Text("name", "layer"), Scaled("macs", "MMACs", 1e6, 2).Ranked(20), Number("fast_cycles", "fast cycles").Ranked(Must), Number("stepped_cycles", "stepped cycles").Ranked(Must),
		Scaled("pe_steps", "M PE-steps", 1e6, 1).Ranked(10), Text("same_cycles", "same cycles").Ranked(Must), Text("same_integers", "same integers").Ranked(Must), Text("note", "note").Ranked(30),
	}}
	stepped, differ := 0, 0
	for i := range twins {
		tw := &twins[i]
		if tw.Skipped != "" {
			t.Add(tw.Op, tw.MACs, nil, nil, nil, nil, nil, tw.Skipped)
			continue
		}
		stepped++
		if tw.Differs() {
			differ++
		}
		t.Add(tw.Op, tw.MACs, tw.Fast.Total(), tw.Stepped.Total(), tw.PESteps, tw.SameCycles, tw.SameIntegers, "")
	}
	return &Document{
		Title:  fmt.Sprintf("%s on the stepped array of %s, one image", workload, machine),
		Answer: []string{fmt.Sprintf("%d of %d stepped layers agree with the fast clock in every cycle and every integer; %d not stepped", stepped-differ, stepped, len(twins)-stepped)},
		Tables: []*Table{t},
		Assumptions: []string{
			"the array alone, without memory: every processing element in every cycle, on random integers that use the widths fully",
			fmt.Sprintf("ops of at most %.0f million multiply-accumulates; %s", evaluate.SteppedLimit/1e6, o),
		},
		Identity: []Field{{"machine", machine}, {"set", strings.Join(o.Set, " ")}, {"network", workload}, {"seed", o.Seed}},
	}
}
