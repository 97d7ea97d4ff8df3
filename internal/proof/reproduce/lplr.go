package reproduce

import (
	"context"
	"fmt"
)

func lplrReport(ctx context.Context, o Options) (*Report, error) {
	r := &Report{Assumptions: []string{
		"budget: bits per entry of the matrix, the ranges of the factors not counted; nearest quantizers, one range a factor",
		fmt.Sprintf("sketches drawn from seeds %d, %d, …", o.Seed, o.Seed+1),
	}}
	type step struct {
		name string
		make func(context.Context, Options, *Report) error
	}
	steps := []step{{"phantom", phantomTable}, {"spectra", spectraTable}, {"machine", machineTable}}
	if o.DataRoot != "" {
		steps = append(steps, step{"pictures", pictureTable}, step{"neighbours", neighbourTable}, step{"recall", recallTable})
	} else {
		r.Assumptions = append(r.Assumptions, "pictures and nearest neighbours left out: no data folder (set BITCYCLE_DATA)")
	}
	for i, step := range steps {
		o.step("reproduce lplr", i, len(steps))
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := section(o, step.name, r, func(part *Report) error { return step.make(ctx, o, part) }); err != nil {
			return nil, err
		}
	}
	return r, nil
}
