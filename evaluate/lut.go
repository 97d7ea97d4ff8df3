package evaluate

import (
	"context"
	"fmt"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers"
	"bitcycle/sim"
)

// LUT is what every layer of a workload costs on a machine at every pair of widths, the
// table that allocations of bits start from. A layer's neighbours have its widths too:
// what it writes is as wide as what it reads.
type LUT struct {
	Machine, Workload string
	Batch             int
	ClockHz           float64
	WeightBits        int // widths run from 1 to this
	ActBits           int
	Layers            []string    // those with weights, in order
	Costs             []LayerCost // by layer, weight width, activation width
	Assumptions       []string
}

// LayerCost is a layer at a pair of widths, for the machine's batch.
type LayerCost struct {
	Cycles   int64
	EnergyPJ float64
}

// At is the cost of a layer at a pair of widths, both from 1.
func (t *LUT) At(layer, weightBits, actBits int) LayerCost {
	return t.Costs[(layer*t.WeightBits+weightBits-1)*t.ActBits+actBits-1]
}

// LookUp fills the table for widths up to weightBits and actBits.
func LookUp(ctx context.Context, machine *arch.Accelerator, w *workload.Workload, weightBits, actBits int) (*LUT, error) {
	if weightBits < 1 || weightBits > workload.MaxBits || actBits < 1 || actBits > workload.MaxBits {
		return nil, fmt.Errorf("widths of %d and %d bits: must be 1 to %d", weightBits, actBits, workload.MaxBits)
	}
	t := &LUT{
		Machine: machine.Name, Workload: w.Name, Batch: max(machine.Batch, 1), ClockHz: machine.ClockHz,
		WeightBits: weightBits, ActBits: actBits, Layers: w.Layers(),
	}
	if len(t.Layers) == 0 {
		return nil, fmt.Errorf("workload %s has no layers with weights", w.Name)
	}
	t.Costs = make([]LayerCost, len(t.Layers)*weightBits*actBits)
	for wb := 1; wb <= weightBits; wb++ {
		for ab := 1; ab <= actBits; ab++ {
			if err := t.fill(ctx, machine, w, wb, ab); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

// fill prices the workload with one pair of widths everywhere.
func (t *LUT) fill(ctx context.Context, machine *arch.Accelerator, w *workload.Workload, wb, ab int) error {
	at := workload.Workload{Name: w.Name, Ops: append([]workload.Op{}, w.Ops...)}
	policy := quantizers.UniformWorkload(&at, uint8(wb), uint8(ab), uint8(wb), uint8(wb))
	for i := range policy.Layers {
		policy.Layers[i].ActBits = uint8(ab)
	}
	if err := at.SetWidths(policy.Layers); err != nil {
		return err
	}
	r, err := sim.Run(ctx, machine, &at, sim.Options{})
	if err != nil {
		return fmt.Errorf("%d and %d bits: %w", wb, ab, err)
	}
	layer := 0
	for i := range r.Layers {
		if op := &at.Ops[i]; op.Kind > workload.MatMul || op.Dynamic {
			continue
		}
		t.Costs[(layer*t.WeightBits+wb-1)*t.ActBits+ab-1] = LayerCost{r.Layers[i].Cycles, r.Layers[i].Energy.Total()}
		layer++
	}
	t.Assumptions = r.Assumptions
	return nil
}
