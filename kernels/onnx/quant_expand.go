package onnx

import (
	"fmt"
	"strconv"
	"strings"

	"bitcycle/kernels/workload"
)

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
		case n.op == "DynamicQuantizeMatMul":
			err = x.dynamicProduct()
		case n.op == "MatMulNBits":
			err = x.blockedProduct()
		case matrixUnits[n.op]:
			err = x.matrixUnit()
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

// constant makes a constant of one number.
func (x *expander) constant(what string, v float32) string {
	t := &tensor{name: x.name + "/" + what, kind: typeFloat, dims: []int64{}, floats: []float32{v}}
	x.graph.initializers = append(x.graph.initializers, t)
	return t.name
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
		if alpha := x.n.float("alpha", 1); alpha != 1 { // C is on alpha times the product of the scales
			scale = x.add("Mul", "bias_alpha", nil, scale, x.constant("alpha", alpha))
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
	op, axis := "Conv", int64(0)
	if x.n.op == "MatMulInteger" {
		op, axis = "MatMul", -1
	}
	one := x.constant("one", 1)
	var inputs []string
	for i := range 2 {
		inputs = append(inputs, x.add("DequantizeLinear", fmt.Sprintf("input%d", i), map[string]attribute{"axis": intAttr(axis)}, x.input(i), one, x.input(i+2)))
	}
	x.main(op, inputs, "", "")
	return nil
}

// matrixUnits lists FINN's units of a product and its thresholds, by their names over time.
var matrixUnits = set("MVAU", "MVAU_hls", "MVAU_rtl", "MatrixVectorActivation", "StreamingFCLayer_Batch")

// matrixUnit writes such a unit out as what FINN executes it as: a product of what its
// data types say, then thresholds, whose count is 2·count − 1 if the output is bipolar,
// else count + ActVal.
func (x *expander) matrixUnit() error {
	if len(x.n.inputs) < 2 || len(x.n.outputs) != 1 {
		return fmt.Errorf("%d inputs and %d outputs: must be 2 or 3 and 1", len(x.n.inputs), len(x.n.outputs))
	}
	if x.n.int("binaryXnorMode", 0) != 0 {
		return fmt.Errorf("binaryXnorMode = 1 is not supported: weights and inputs must be BIPOLAR")
	}
	a, err := x.typed(0, "inputDataType")
	if err != nil {
		return err
	}
	w, err := x.typed(1, "weightDataType")
	if err != nil {
		return err
	}
	plain := x.n.int("noActivation", 0) != 0 || x.input(2) == ""
	out, sum := x.n.outputs[0], x.name+"/sums"
	if plain {
		sum = out
	}
	x.out = append(x.out, node{name: x.name, op: "MatMul", inputs: []string{a, w}, outputs: []string{sum}})
	if plain {
		return nil
	}
	attrs := map[string]attribute{"out_scale": floatAttr(1), "out_bias": floatAttr(float32(x.n.int("ActVal", 0)))}
	if x.n.attrs["outputDataType"].s == "BIPOLAR" {
		attrs = map[string]attribute{"out_scale": floatAttr(2), "out_bias": floatAttr(-1)}
	}
	x.out = append(x.out, node{name: x.name + "/thresholds", op: "MultiThreshold", domain: finnDomain, inputs: []string{sum, x.input(2)}, outputs: []string{out}, attrs: attrs})
	return nil
}

// typed returns the name of an input on the grid of its data type.
func (x *expander) typed(at int, attr string) (string, error) {
	name := x.n.attrs[attr].s
	bits, signed, ok := dataType(name)
	if !ok {
		return "", fmt.Errorf("%s = %q: must be BIPOLAR, BINARY, TERNARY, INT or UINT with a width of 1 to 16 bits", attr, name)
	}
	op, in := "Quant", []string{x.input(at), x.constant(attr+"/scale", 1)}
	if name == "BIPOLAR" {
		op = "BipolarQuant"
	} else {
		in = append(in, x.constant(attr+"/zero", 0), x.constant(attr+"/bits", float32(bits)))
	}
	attrs := map[string]attribute{"signed": intAttr(truth(signed)), "narrow": intAttr(truth(name == "TERNARY"))}
	return x.add(op, attr, attrs, in...), nil
}

// dataType reads a data type of FINN.
func dataType(name string) (bits int, signed, ok bool) {
	switch name {
	case "BIPOLAR":
		return 1, true, true
	case "BINARY":
		return 1, false, true
	case "TERNARY":
		return 2, true, true
	}
	digits, unsigned := strings.CutPrefix(name, "UINT")
	if !unsigned {
		if digits, signed = strings.CutPrefix(name, "INT"); !signed {
			return 0, false, false
		}
	}
	bits, err := strconv.Atoi(digits)
	return bits, signed, err == nil && bits >= 1 && bits <= workload.MaxBits
}
