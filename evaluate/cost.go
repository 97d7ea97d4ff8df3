package evaluate

import (
	"fmt"
	"slices"

	"bitcycle/kernels"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers"
	"bitcycle/quantizers/stored"
	"bitcycle/quantizers/uniform"
)

// DefaultWidths is the method that gives a network its widths where nothing else
// does.
const DefaultWidths = "uniform:w=8,a=8"

// Widths returns the widths that a method gives the layers of a network without
// looking at images or weights: uniform or policy, [DefaultWidths] if spec is
// empty.
func Widths(network *netfile.File, spec string) (*quantizers.Policy, error) {
	if spec == "" {
		spec = DefaultWidths
	}
	method, err := ParseMethod(spec, MethodContext{Network: network})
	if err != nil {
		return nil, err
	}
	u, ok := method.(*uniform.Method)
	if !ok {
		return nil, fmt.Errorf("method %q: looks at images and weights: give --data and --calib, or -q %s or %s", spec, uniform.Info.Usage, uniform.PolicyInfo.Usage)
	}
	return u.Policy(network.Net)
}

// Workload returns what a machine must do to run a network with the widths of a
// method, of which no images and no weights are needed: the workload of every
// quantization of these widths, or that of the network's own integers ("onnx", or ""
// where its model is quantized). The factors of products of activations have the
// widths of "uniform", or of the widest layer; the input may be negative. A network that takes several images a
// run is all of them.
func Workload(network *netfile.File, spec string) (*workload.Workload, error) {
	if spec == "" {
		spec = DefaultMethod(network, DefaultWidths)
	}
	if spec == stored.Info.Name && DefaultMethod(network, "") == spec {
		return ownWorkload(network), nil
	}
	policy, err := Widths(network, spec)
	if err != nil {
		return nil, err
	}
	w := kernels.LowerShape(network.Net, policy.Widths(network.Net), true)
	w.Name = network.Name
	nameOnce(w)
	for i := range w.Ops {
		if op := &w.Ops[i]; !op.Dynamic {
			op.Batch = network.Images()
		}
	}
	return w, nil
}

// nameOnce numbers ops of one name, such as requantizations of one tensor for
// several readers, so that the workload can be a file.
func nameOnce(w *workload.Workload) {
	used := map[string]bool{}
	for i := range w.Ops {
		op := &w.Ops[i]
		base := op.Name
		for n := 2; used[op.Name]; n++ {
			op.Name = fmt.Sprintf("%s_%d", base, n)
		}
		used[op.Name] = true
	}
}

// Assumptions says what the cost of a network rests on beside the machine: what
// was assumed of its model, how operators were charged that are not executed, and
// what its own integers are, where they are charged.
func Assumptions(network *netfile.File, methods ...string) []string {
	if network.Model == nil {
		return nil
	}
	out := append([]string(nil), network.Model.Notes...)
	if q := own(network); q != nil && slices.Contains(methods, stored.Info.Name) {
		out = append(out, ZeroPoints(q)...)
	}
	if emulated(network) != nil && slices.Contains(methods, stored.Info.Name) {
		out = append(out, EmulatedText)
	}
	for _, spec := range methods {
		if n := groupedLayers(network, spec); n > 0 {
			out = append(out, groupsText(n))
			break
		}
	}
	for _, o := range network.Model.Obstacles {
		out = append(out, fmt.Sprintf("%s; charged as %s", o, o.Charge))
	}
	if n := network.Images(); n > 1 {
		out = append(out, fmt.Sprintf("a run of the network takes %d images: costs are of all of them", n))
	}
	return out
}

// Requantize gives the layers of a workload the widths of a method that needs no data,
// uniform or policy.
func Requantize(w *workload.Workload, spec string) error { return uniform.Requantize(w, spec) }
