package cli

import (
	"context"
	"errors"
	"fmt"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/kernels/workload"
	"bitcycle/reports"
)

// stepped holds the fast clock of the array against its stepped twin, op by op.
func (c runCmd) stepped(ctx context.Context, s *session, machine *arch.Accelerator, w *workload.Workload) error {
	bar := s.progress()
	twins, err := evaluate.Step(ctx, machine, w, s.Seed, evaluate.SteppedLimit, func(done, total int) { bar.update("stepping", done, total) })
	bar.done()
	if err != nil {
		return err
	}
	t := &reports.Table{Title: fmt.Sprintf("%s on the stepped array of %s, one image", w.Name, machine.Name), Columns: []reports.Column{
		reports.Text("name", "layer"), reports.Scaled("macs", "MMACs", 1e6, 2), reports.Number("fast_cycles", "fast cycles"), reports.Number("stepped_cycles", "stepped cycles"),
		reports.Scaled("pe_steps", "M PE-steps", 1e6, 1), reports.Text("same_cycles", "same cycles"), reports.Text("same_integers", "same integers"), reports.Text("note", "note"),
	}}
	differ := 0
	for i := range twins {
		tw := &twins[i]
		if tw.Skipped != "" {
			t.Add(tw.Op, tw.MACs, nil, nil, nil, nil, nil, tw.Skipped)
			continue
		}
		if !tw.SameCycles || !tw.SameIntegers {
			differ++
		}
		t.Add(tw.Op, tw.MACs, tw.Fast.Total(), tw.Stepped.Total(), tw.PESteps, tw.SameCycles, tw.SameIntegers, "")
	}
	doc := &reports.Document{Tables: []*reports.Table{t}, Assumptions: []string{
		"the array alone, without memory: every processing element in every cycle, on random integers that use the widths fully",
		fmt.Sprintf("ops of at most %.0f million multiply-accumulates; seed %d, bitcycle %s", evaluate.SteppedLimit/1e6, s.Seed, version()),
	}}
	if err := s.write(doc); err != nil {
		return err
	}
	if differ > 0 {
		return errors.New("the stepped array and the fast clock disagree")
	}
	return nil
}
