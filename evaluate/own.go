package evaluate

import (
	"fmt"
	"slices"

	"bitcycle/kernels"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers/stored"
)

// own returns the integers of a network whose model is a quantized one, else nil.
func own(network *netfile.File) *kernels.Quantized {
	if network == nil || network.Model == nil {
		return nil
	}
	return network.Model.Quantized
}

// emulated returns the widths of a network whose model is quantized and executed in
// float32, else nil.
func emulated(network *netfile.File) []workload.LayerWidths {
	if network == nil || network.Model == nil {
		return nil
	}
	return network.Model.Widths
}

// DefaultMethod returns the method of a network where none is named: its own
// integers or widths if its model is quantized, else otherwise.
func DefaultMethod(network *netfile.File, otherwise string) string {
	if own(network) != nil || emulated(network) != nil {
		return stored.Info.Name
	}
	return otherwise
}

// EmulatedText says what the figures of a network are that is executed in float32 as its
// quantizers are defined.
const EmulatedText = "float32 execution of the model's own quantizers: no integers; the cost is that of integers of the widths that it states, 8 bits where it states none"

// ownWorkload is the workload of a network's own integers or widths, all images of a run.
func ownWorkload(network *netfile.File) *workload.Workload {
	var w *workload.Workload
	if q := own(network); q != nil {
		w = q.Lower()
	} else {
		w = kernels.LowerShape(network.Net.Unquantized(), emulated(network), true)
	}
	w.Name = network.Name
	nameOnce(w)
	for i := range w.Ops {
		if op := &w.Ops[i]; !op.Dynamic {
			op.Batch = network.Images()
		}
	}
	return w
}

// Executed says what was executed for an outcome.
func Executed(out *Outcome) []string {
	if out.Quantized == nil && out.Workload != nil {
		return []string{EmulatedText}
	}
	return Integers(out.Quantized)
}

// Integers says of a quantized network what is executed: on which grids its tensors
// are, and what its zero points cost. nil stands for one that this program made.
func Integers(q *kernels.Quantized) []string {
	grids := "on 16-bit grids"
	if q == nil {
		q = &kernels.Quantized{}
	}
	if slices.ContainsFunc(q.Grids, func(g kernels.Grid) bool { return g.Round != kernels.HalfUp }) {
		grids = "on the grids of the model"
	}
	text := "integer execution: integer weights and activations, tensors between layers " + grids + ", exact accumulators"
	return append([]string{text}, ZeroPoints(q)...)
}

// groupsText says what scales of groups of weights cost.
func groupsText(layers int) string {
	return fmt.Sprintf("weights of %d layers have scales of groups: a product for each group, whose 32-bit sums are written, multiplied by their scales and added up as vector work; no machine here does that in its array", layers)
}

// ZeroPoints says what the zero points, groups and accumulators of a quantized network
// cost; nothing if it has none.
func ZeroPoints(q *kernels.Quantized) []string {
	var out []string
	var inputs, weights []string
	for i := range q.Layers {
		name := q.Net.Nodes[q.Layers[i].Node].Name
		if q.Layers[i].In.Zero != 0 {
			inputs = append(inputs, name)
		}
		if q.Layers[i].RowZero != nil {
			weights = append(weights, name)
		}
	}
	if n := len(inputs); n > 0 {
		out = append(out, fmt.Sprintf("inputs of %d layers have zero points (first %q): constants in the biases, padding with the zero point; no cost (Jacob et al., CVPR 2018, eq. 7)", n, inputs[0]))
	}
	if n := len(weights); n > 0 {
		out = append(out, fmt.Sprintf("weights of %d layers have zero points (first %q): the sums of the inputs under every window and a correction of each output are vector work (Jacob et al., CVPR 2018, eq. 7 and 8)", n, weights[0]))
	}
	grouped := 0
	for i := range q.Layers {
		if q.Layers[i].Group > 0 {
			grouped++
		}
	}
	if grouped > 0 {
		out = append(out, groupsText(grouped))
	}
	wide := 0
	for _, g := range q.Grids {
		if g.Bits > kernels.ResidualBits {
			wide++
		}
	}
	if wide > 0 {
		out = append(out, fmt.Sprintf("%d tensors that the model leaves unquantized are accumulators of %d bits", wide, kernels.MaxGridBits))
	}
	return out
}

// groupedLayers counts the layers of a network to whose weights a method gives scales
// of groups.
func groupedLayers(network *netfile.File, spec string) int {
	if spec == stored.Info.Name && DefaultMethod(network, "") == spec {
		return 0
	}
	policy, err := Widths(network, spec)
	if err != nil {
		return 0
	}
	n := 0
	for i, layer := range network.Net.Layers() {
		if p, _ := network.Net.Product(layer); p.GroupOf(policy.Layers[i].Group) > 0 {
			n++
		}
	}
	return n
}
