package sweep

import (
	"context"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
)

// HasLayers tells whether points are made of layers: those of front ends are not.
func (p *Plan) HasLayers() bool { return p.kind != radio }

// EachCost calls each with the whole cost of every point that has figures, layer by layer,
// in their order. It is found out again on this machine: points keep what they come to.
// A quantization that nothing remembers is made and measured again.
func (t *Table) EachCost(ctx context.Context, each func(i int, r *sim.Result) error) error {
	return t.eachRun(ctx, func(i int, _ *arch.Accelerator, _ *workload.Workload, r *sim.Result) error { return each(i, r) })
}

// eachRun is EachCost with what was run on what.
func (t *Table) eachRun(ctx context.Context, each func(i int, m *arch.Accelerator, w *workload.Workload, r *sim.Result) error) error {
	e := t.plan.NewEvaluator()
	for i := range t.n {
		if t.errors[i] != "" || !t.seen[i] {
			continue
		}
		e.open(i)
		machine, err := e.machine()
		if err != nil {
			return err
		}
		w, err := e.workload(ctx)
		if err != nil {
			return err
		}
		r, err := sim.Run(ctx, machine, w, sim.Options{})
		if err == nil {
			err = each(i, machine, w, r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// workload is that of the point.
func (e *Evaluator) workload(ctx context.Context) (*workload.Workload, error) {
	if e.plan.kind == costs {
		w := e.plan.workOf(&e.point)
		return w.workload, w.err
	}
	var m *evaluate.Measured
	m, err := e.plan.lab.measured(ctx, e)
	if err != nil {
		return nil, err
	}
	return m.Workload, nil
}
