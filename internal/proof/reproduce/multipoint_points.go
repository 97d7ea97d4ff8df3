package reproduce

import (
	"context"
	"fmt"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers/multipoint"
	"bitcycle/reports"
	"bitcycle/sim"
)

// pointsOrBits lets each machine's cost choose between wider weights and further
// points at equal output error, and says where a second point pays.
func pointsOrBits(ctx context.Context, o Options, r *Report, s *study, machines []*arch.Accelerator) error {
	t := &reports.Table{Title: s.network.Name + ": bits or points, the cheapest mix at 20 dB of every layer's output", Columns: []reports.Column{
		reports.Text("machine", "machine"), reports.Number("layers", "layers"), reports.Number("layers_with_points", "with further points"),
		reports.Number("channels_with_points", "channels with further points"), reports.Scaled("weight_bits_mean", "W", 1, 2), reports.Number("cycles", "cycles"), reports.Percent("top1", "top-1 [%]", 2),
	}}
	for _, machine := range machines {
		const act = 8
		m := &multipoint.Method{Spec: "multipoint, 20 dB", Settings: multipoint.Settings{
			ActBits: act, WeightBits: 4, First: 8, Last: 8, MaxPoints: 4, Solver: multipoint.Hybrid, Reestimate: true, Seed: o.Seed,
			SNR: 20, Cost: evaluate.LayerCycles(machine, s.network.Net, act),
		}}
		out, err := evaluate.Run(ctx, evaluate.Job{Machine: machine, Network: s.network, Method: m, Calib: s.calib, Data: s.data, Workers: o.Workers, Progress: o.Progress})
		if err != nil {
			return err
		}
		layers, channels := 0, 0
		for i := range out.Quantized.Layers {
			before := channels
			for _, p := range out.Quantized.Layers[i].Points {
				if p > 1 {
					channels++
				}
			}
			if channels > before {
				layers++
			}
		}
		t.Add(machine.Name, len(out.Quantized.Layers), layers, channels, out.Cost.Totals.WeightBitsMean, out.Cost.Totals.Cycles, out.Accuracy.Top1)
	}
	t.Notes = append(t.Notes, "where operands are eight bits wide anyway, bits are free and a further point is not: it fills another column; where time grows with bits, points can replace them")
	r.Tables = append(r.Tables, t)
	return nil
}

// columnTable asks where a second point pays: one layer of 4-bit weights in which
// some channels get a second point, or 8 bits instead, both the same storage.
func columnTable(ctx context.Context, r *Report, machines []*arch.Accelerator) error {
	t := &reports.Table{Title: "a second 4-bit point against 8 bits for the same channels: cycles of a 3×3 layer of 64 input channels, 256 positions, 8-bit inputs", Columns: []reports.Column{
		reports.Text("machine", "machine"), reports.Number("columns", "array columns"), reports.Number("channels", "output channels"), reports.Number("refined", "refined"),
		reports.Number("plain_cycles", "all at 4 bits"), reports.Number("points_cycles", "second point"), reports.Number("bits_cycles", "8 bits"), reports.Text("cheaper", "cheaper"),
	}}
	wins := map[string]int{}
	for _, machine := range machines {
		for _, channels := range []int{56, 60, 64} {
			for _, refined := range []int{4, 8, 32} {
				c, err := refinedCycles(ctx, machine, channels, refined)
				if err != nil {
					return err
				}
				cheaper := "equal"
				if c[1] < c[2] {
					cheaper = "point"
				} else if c[1] > c[2] {
					cheaper = "bits"
				}
				wins[machine.Name+" "+cheaper]++
				t.Add(machine.Name, machine.Array.Cols, channels, refined, c[0], c[1], c[2], cheaper)
			}
		}
	}
	for _, m := range machines {
		t.Notes = append(t.Notes, fmt.Sprintf("%s: a second point is cheaper in %d, bits in %d, equal in %d of 9 settings", m.Name, wins[m.Name+" point"], wins[m.Name+" bits"], wins[m.Name+" equal"]))
	}
	t.Notes = append(t.Notes, "a further point fills columns that stand idle in the last group and costs a whole group when there are none; wider weights slow down the group they are in where time grows with bits")
	r.Tables = append(r.Tables, t)
	return nil
}

// refinedCycles costs the layer plain, with a second point, and with 8 bits for the
// first refined channels.
func refinedCycles(ctx context.Context, machine *arch.Accelerator, channels, refined int) ([3]int64, error) {
	points, bits := make([]uint8, channels), make([]uint8, channels)
	for c := range points {
		points[c], bits[c] = 1, 4
		if c < refined {
			points[c], bits[c] = 2, 8
		}
	}
	op := workload.Op{
		Name: "layer", Kind: workload.MatMul, M: channels, K: 9 * 64, N: 256, Groups: 1, Batch: 1,
		WeightBits: []uint8{4}, ActBits: 8, OutBits: 8,
	}
	several, wider := op, op
	several.Points, wider.WeightBits = points, bits
	var out [3]int64
	for i, op := range []workload.Op{op, several, wider} {
		cost, err := sim.Run(ctx, machine, &workload.Workload{Name: op.Name, Ops: []workload.Op{op}}, sim.Options{})
		if err != nil {
			return out, err
		}
		out[i] = cost.Totals.Cycles
	}
	return out, nil
}
