package evaluate

import (
	"context"
	"math"

	"bitcycle/arch"
	"bitcycle/kernels"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
)

// LayerCycles returns a function that gives the cycles of one layer of a network
// on a machine for a weight width and, where a channel is a sum of several
// vectors, its number of points. Layers that the machine cannot run cost +Inf.
func LayerCycles(machine *arch.Accelerator, net *kernels.Network, actBits int) func(layer, bits int, points []uint8) float64 {
	widths := make([]workload.LayerWidths, len(net.Layers()))
	for i := range widths {
		widths[i] = workload.LayerWidths{WeightBits: workload.Widths{8}, ActBits: uint8(actBits)}
	}
	ops := map[string]workload.Op{}
	lowered := kernels.LowerShape(net, widths, true)
	for _, op := range lowered.Ops {
		op.From = nil
		ops[op.Name] = op
	}
	layers := net.Layers()
	return func(layer, bits int, points []uint8) float64 {
		op, ok := ops[net.Nodes[layers[layer]].Name]
		if !ok {
			return math.Inf(1)
		}
		op.WeightBits, op.Points = workload.Widths{uint8(bits)}, points
		cost, err := sim.Run(context.Background(), machine, &workload.Workload{Name: op.Name, Ops: []workload.Op{op}}, sim.Options{})
		if err != nil {
			return math.Inf(1)
		}
		return float64(cost.Totals.Cycles)
	}
}
