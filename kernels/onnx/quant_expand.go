package onnx

import "fmt"

// Operators on codes that carry their scales with them (QLinearConv and the like)
// are written out as what they mean: DequantizeLinear of their inputs, the operator
// on numbers, QuantizeLinear of its output. This is how ONNX and the operators of
// com.microsoft define them.

// codesIn is an input of such an operator: where the value, its scale and its zero
// point stand among the inputs.
type codesIn struct {
	at     int
	weight bool // its scales are of channels along the axis that the operator has
}

// expansion is how an operator is written out.
type expansion struct {
	as       string
	operands []codesIn
	bias     int // input of a bias on the product of the first two scales; 0 is none
	to       int // input of the scale of the output; its zero point follows
	axis     func(n *node) int64
}

var expansions = map[string]expansion{
	"QLinearConv":              {as: "Conv", operands: []codesIn{{0, false}, {3, true}}, bias: 8, to: 6},
	"QLinearMatMul":            {as: "MatMul", operands: []codesIn{{0, false}, {3, true}}, to: 6, axis: func(*node) int64 { return -1 }},
	"QGemm":                    {as: "Gemm", operands: []codesIn{{0, false}, {3, true}}, bias: 6, to: 7, axis: gemmAxis},
	"QLinearAdd":               {as: "Add", operands: []codesIn{{0, false}, {3, false}}, to: 6},
	"QLinearMul":               {as: "Mul", operands: []codesIn{{0, false}, {3, false}}, to: 6},
	"QLinearAveragePool":       {as: "AveragePool", operands: []codesIn{{0, false}}, to: 3},
	"QLinearGlobalAveragePool": {as: "GlobalAveragePool", operands: []codesIn{{0, false}}, to: 3},
	"QLinearReduceMean":        {as: "ReduceMean", operands: []codesIn{{0, false}}, to: 3},
	"QLinearSigmoid":           {as: "Sigmoid", operands: []codesIn{{0, false}}, to: 3},
	"QLinearLeakyRelu":         {as: "LeakyRelu", operands: []codesIn{{0, false}}, to: 3},
	"QLinearSoftmax":           {as: "Softmax", operands: []codesIn{{0, false}}, to: 3},
}

// gemmAxis is the axis of the output channels of B.
func gemmAxis(n *node) int64 { return 1 - n.int("transB", 0) }

// expand writes the operators of a graph out.
func (g *graph) expand() error {
	var out []node
	for i := range g.nodes {
		n := &g.nodes[i]
		x := expander{graph: g, n: n, name: nodeName(n)}
		var err error
		e, ok := expansions[n.op]
		switch {
		case ok:
			err = x.operator(&e)
		case n.op == "QLinearConcat":
			err = x.concat()
		case n.op == "ConvInteger" || n.op == "MatMulInteger":
			err = x.integer()
		default:
			x.out = []node{*n}
		}
		if err != nil {
			return fmt.Errorf("node %q (%s): %w", x.name, n.op, err)
		}
		out = append(out, x.out...)
	}
	g.nodes = out
	return nil
}

// expander writes one node out.
type expander struct {
	graph *graph
	n     *node
	name  string
	out   []node
}

// input returns the name of input i, "" if it is left out.
func (x *expander) input(i int) string {
	if i < len(x.n.inputs) {
		return x.n.inputs[i]
	}
	return ""
}

// add appends an operator.
func (x *expander) add(op, what string, attrs map[string]attribute, inputs ...string) string {
	out := x.name + "/" + what
	x.out = append(x.out, node{name: out, op: op, inputs: inputs, outputs: []string{out}, attrs: attrs})
	return out
}

// number dequantizes an input.
func (x *expander) number(at int, attrs map[string]attribute) string {
	return x.add("DequantizeLinear", fmt.Sprintf("input%d", at), attrs, x.input(at), x.input(at+1), x.input(at+2))
}

func (x *expander) operator(e *expansion) error {
	if x.n.int("channels_last", 0) != 0 {
		return fmt.Errorf("channels_last is not supported")
	}
	if x.input(0) == "" || len(x.n.outputs) == 0 {
		return fmt.Errorf("input 1 or the output is missing")
	}
	var inputs []string
	for _, o := range e.operands {
		attrs := map[string]attribute{}
		if o.weight {
			attrs["axis"] = intAttr(0)
			if e.axis != nil {
				attrs["axis"] = intAttr(e.axis(x.n))
			}
		}
		inputs = append(inputs, x.number(o.at, attrs))
	}
	if e.bias > 0 && x.input(e.bias) != "" {
		scale := x.add("Mul", "bias_scale", nil, x.input(1), x.input(4))
		if alpha, ok := x.n.attrs["alpha"]; ok && alpha.f != 1 {
			return fmt.Errorf("alpha = %v: must be 1", alpha.f)
		}
		inputs = append(inputs, x.add("DequantizeLinear", "bias", map[string]attribute{"axis": intAttr(0)}, x.input(e.bias), scale))
	}
	x.main(e.as, inputs, x.input(e.to), x.input(e.to+1))
	return nil
}

// main appends the operator itself and, if there is a scale, the quantization of
// its output.
func (x *expander) main(op string, inputs []string, scale, zero string) {
	n := *x.n
	n.name, n.op, n.domain, n.inputs = x.name, op, "", inputs
	if scale != "" {
		n.outputs = []string{x.name + "/number"}
	}
	x.out = append(x.out, n)
	if scale != "" {
		x.out = append(x.out, node{name: x.name + "/quantize", op: "QuantizeLinear", inputs: []string{n.outputs[0], scale, zero}, outputs: x.n.outputs[:1]})
	}
}

// concat writes QLinearConcat out: scale and zero point of the output, then triples.
func (x *expander) concat() error {
	if len(x.n.inputs) < 5 || len(x.n.inputs)%3 != 2 || len(x.n.outputs) == 0 {
		return fmt.Errorf("%d inputs: must be two and triples", len(x.n.inputs))
	}
	var inputs []string
	for at := 2; at < len(x.n.inputs); at += 3 {
		inputs = append(inputs, x.number(at, nil))
	}
	x.main("Concat", inputs, x.input(0), x.input(1))
	return nil
}

// integer writes ConvInteger and MatMulInteger out: products of whole numbers.
func (x *expander) integer() error {
	if x.input(1) == "" || len(x.n.outputs) == 0 {
		return fmt.Errorf("input 2 or the output is missing")
	}
	one, op, axis := x.name+"/one", "Conv", int64(0)
	if x.n.op == "MatMulInteger" {
		op, axis = "MatMul", -1
	}
	x.graph.initializers = append(x.graph.initializers, &tensor{name: one, kind: typeFloat, dims: []int64{}, floats: []float32{1}})
	var inputs []string
	for i := range 2 {
		inputs = append(inputs, x.add("DequantizeLinear", fmt.Sprintf("input%d", i), map[string]attribute{"axis": intAttr(axis)}, x.input(i), one, x.input(i+2)))
	}
	x.main(op, inputs, "", "")
	return nil
}
