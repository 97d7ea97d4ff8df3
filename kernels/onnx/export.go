package onnx

import (
	"fmt"
	"io"

	"bitcycle/kernels"
)

// exportOpset is the operator set that float models are written for.
const exportOpset = 13

// Export writes a float network as an ONNX model that Import reads back to the
// same numbers.
func Export(w io.Writer, net *kernels.Network) error {
	x := newExporter(net, exportOpset)
	for i := range net.Nodes {
		if err := x.node(i); err != nil {
			return fmt.Errorf("node %q: %w", net.Nodes[i].Name, err)
		}
	}
	return x.write(w)
}

// exporter builds a model node by node.
type exporter struct {
	model
	net   *kernels.Network
	ranks []int    // axes of every node's tensor: 4, or 2 for vectors
	names []string // tensor that holds every node's values
	used  map[string]bool
	// reads may replace the tensor that node n reads as input j by another of the
	// same shape.
	reads func(n, j int, tensor string) string
	// weights writes the weights and the bias of layer i and returns their names.
	weights func(i int, dims ...int) (w, b string)
}

func newExporter(net *kernels.Network, opset int64) *exporter {
	x := &exporter{
		model: model{opset: opset, domains: map[string]int64{}, meta: map[string]string{}, graph: graph{name: net.Name}},
		net:   net, ranks: make([]int, len(net.Nodes)), names: make([]string, len(net.Nodes)), used: map[string]bool{},
	}
	x.reads = func(_, _ int, tensor string) string { return tensor }
	x.weights = x.floatWeights
	return x
}

// fresh returns a name that no tensor has yet.
func (x *exporter) fresh(base string) string {
	name := base
	for i := 2; x.used[name]; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	x.used[name] = true
	return name
}

// add appends an operator and returns its output.
func (x *exporter) add(name, op string, inputs []string, attrs map[string]attribute) string {
	out := x.fresh(name)
	x.graph.nodes = append(x.graph.nodes, node{name: out, op: op, inputs: inputs, outputs: []string{out}, attrs: attrs})
	return out
}

// constant appends an initializer and returns its name.
func (x *exporter) constant(t *tensor) string {
	t.name = x.fresh(t.name)
	x.graph.initializers = append(x.graph.initializers, t)
	return t.name
}

func (x *exporter) floats(name string, v []float32, dims ...int) string {
	return x.constant(floatTensor(name, v, dims...))
}

func (x *exporter) ints(name string, v ...int) string {
	return x.constant(intTensor(name, typeInt64, v, len(v)))
}

// input returns the tensor that node n reads as input j, with the given number of axes.
func (x *exporter) input(n, j, rank int) string {
	from := x.net.Nodes[n].Inputs[j]
	name := x.reads(n, j, x.names[from])
	switch {
	case x.ranks[from] == rank:
	case rank == 2:
		name = x.add(name+"_flat", "Flatten", []string{name}, map[string]attribute{"axis": intAttr(1)})
	default:
		name = x.add(name+"_image", "Reshape", []string{name, x.ints(name+"_shape", 0, x.net.Nodes[from].Shape.C, 1, 1)}, nil)
	}
	return name
}

// node writes node i.
func (x *exporter) node(i int) error {
	n := &x.net.Nodes[i]
	r := writer(n.Op.Name())
	if r == nil {
		return fmt.Errorf("operator %s has no ONNX form", n.Op.Name())
	}
	if n.Shape.D > 0 {
		return fmt.Errorf("a tensor of %v has no ONNX form", n.Shape)
	}
	if q, ok := n.Op.(kernels.Quantize); ok {
		if err := writable(q.Grids); err != nil {
			return err
		}
	}
	x.opset = max(x.opset, r.since)
	r.write(x, i)
	return nil
}

// rank is the number of axes of a node that takes its inputs as they are: 2 if
// all of them are vectors.
func (x *exporter) rank(i int) int {
	for _, in := range x.net.Nodes[i].Inputs {
		if x.ranks[in] != 2 {
			return 4
		}
	}
	return 2
}

// out writes node i as one ONNX operator with the given number of axes.
func (x *exporter) out(i, rank int, op string, attrs map[string]attribute, inputs ...string) {
	x.names[i], x.ranks[i] = x.add(x.net.Nodes[i].Name, op, inputs, attrs), rank
}

// floatWeights writes the weights and the bias of layer i.
func (x *exporter) floatWeights(i int, dims ...int) (w, b string) {
	n := &x.net.Nodes[i]
	return x.floats(n.Name+".weight", n.Weight, dims...), x.floats(n.Name+".bias", n.Bias, len(n.Bias))
}

// write names the output and writes the model.
func (x *exporter) write(w io.Writer) error {
	i := x.net.Output
	s := x.net.Nodes[i].Shape
	dims := []int64{-1, int64(s.C), int64(s.H), int64(s.W)}
	x.graph.outputs = []valueInfo{{x.names[i], typeFloat, dims[:x.ranks[i]]}}
	_, err := w.Write(x.encode())
	return err
}
