package cli

import (
	"context"
	"errors"
	"slices"

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
		return input(err)
	}
	if err := s.write(reports.Stepped(s.origin(), w.Name, machine.Name, twins)); err != nil {
		return err
	}
	if slices.ContainsFunc(twins, evaluate.Twin.Differs) {
		return errors.New("the stepped array and the fast clock disagree")
	}
	return nil
}
