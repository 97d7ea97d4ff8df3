package reproduce

import (
	"context"
	"fmt"

	experiments "bitcycle/internal/proof/experiments/rff"
)

func rffReport(ctx context.Context, o Options) (*Report, error) {
	r := &Report{Assumptions: []string{
		"features, kernels and settings of the authors' notebooks; bits per point by the paper's count, which stores the levels before condensation",
	}}
	options := experiments.Options{Quick: o.Quick, Seed: uint64(o.Seed), Data: o.DataRoot}
	outcome := duelTable()
	for i, e := range experiments.List {
		o.step(e.ID, i, len(experiments.List)+1)
		if e.Needs != "" && o.DataRoot == "" {
			r.Assumptions = append(r.Assumptions, e.ID+" left out: no data folder (set BITCYCLE_DATA)")
			continue
		}
		t, err := keptAs(o, e.ID, func() (*experiments.Table, error) {
			t, err := e.Run(ctx, options)
			return &t, err
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.ID, err)
		}
		r.addExperiment(t)
		r.addDuels(outcome, t)
		r.plotExperiment(t)
	}
	r.Tables = append(r.Tables, outcome)
	o.step("hardware", len(experiments.List), len(experiments.List)+1)
	for _, points := range []int{64, 1} {
		err := section(o, fmt.Sprintf("hardware-%d", points), r, func(part *Report) error {
			hardware, err := featureHardware(ctx, o, points)
			part.Tables = append(part.Tables, hardware)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return r, nil
}
