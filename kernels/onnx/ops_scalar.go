package onnx

import (
	"fmt"

	"bitcycle/kernels"
)

// scalars lists the functions of each value alone.
func scalars() []row {
	return []row{
		scalar("Abs", 6, "abs"), scalar("Ceil", 6, "ceil"), scalar("Cos", 7, "cos"), scalar("Erf", 9, "erf"), scalar("Exp", 6, "exp"),
		scalar("Floor", 6, "floor"), scalar("HardSwish", 14, "hardswish"), scalar("Log", 6, "log"), scalar("Mish", 18, "mish"),
		scalar("Neg", 6, "neg"), scalar("Reciprocal", 6, "reciprocal"), scalar("Round", 11, "round"), scalar("Sigmoid", 6, "sigmoid"),
		scalar("Sign", 9, "sign"), scalar("Sin", 7, "sin"), scalar("Softplus", 1, "softplus"), scalar("Softsign", 1, "softsign"),
		scalar("Sqrt", 6, "sqrt"), scalar("Tanh", 6, "tanh"),
		scalar("Celu", 12, "celu", parameter{"alpha", 1}),
		scalar("Elu", 6, "elu", parameter{"alpha", 1}),
		scalar("HardSigmoid", 6, "hardsigmoid", parameter{"alpha", 0.2}, parameter{"beta", 0.5}),
		scalar("LeakyRelu", 6, "leakyrelu", parameter{"alpha", 0.01}),
		scalar("Selu", 6, "selu", parameter{"alpha", 1.6732632}, parameter{"gamma", 1.0507009}),
		scalar("Shrink", 9, "shrink", parameter{"bias", 0}, parameter{"lambd", 0.5}),
		scalar("Swish", 24, "swish", parameter{"alpha", 1}),
		scalar("ThresholdedRelu", 10, "thresholdedrelu", parameter{"alpha", 1}),
		{name: "QuickGelu", read: scalar("QuickGelu", 1, "swish", parameter{"alpha", 1.702}).read},
		{name: "Gelu", since: 20, read: importGelu, op: kernels.Scalar{Function: "gelu"}, write: writeGelu("none")},
		{since: 20, op: kernels.Scalar{Function: "gelutanh"}, write: writeGelu("tanh")},
		{name: "FastGelu", read: importGelu},
		{name: "BiasGelu", read: importGelu},
		{since: 6, op: kernels.Scalar{Function: "trunc"}, write: writeTrunc},
		{op: kernels.Scalar{Function: "igelu"}, write: writeWholeGelu},
		{name: "Pow", since: 13, read: importPow, op: kernels.Scalar{Function: "pow"}, write: writePow},
	}
}

// parameter is an attribute that is a function's parameter, and what stands for
// it if it is left out.
type parameter struct {
	name      string
	otherwise float32
}

// scalar is a function of package kernels and its parameters.
func scalar(name string, since int64, function string, parameters ...parameter) row {
	op := kernels.Scalar{Function: function}
	places := func(o *kernels.Scalar) []*float32 { return []*float32{&o.A, &o.B} }
	for i, p := range parameters {
		*places(&op)[i] = p.otherwise
	}
	return perValue(name, since, op, func(o *kernels.Scalar) fields {
		f := fields{}
		for i, p := range parameters {
			f[p.name] = places(o)[i]
		}
		return f
	})
}

// importGelu reads the function and its approximation; the forms of com.microsoft
// add a bias before.
func importGelu(im *importer, n *node) (value, error) {
	v, err := im.operand(n, 0)
	if err == nil && v.constant != nil {
		err = fmt.Errorf("input %q is a constant", n.inputs[0])
	}
	if err != nil {
		return v.value, err
	}
	bias, err := im.constant(n, 1)
	if err == nil && bias != nil {
		v, err = im.shift(n, v, bias)
	}
	if err != nil {
		return v.value, err
	}
	function := "gelu"
	if n.op == "FastGelu" || n.attrs["approximate"].s == "tanh" {
		function = "gelutanh"
	}
	return im.then(n, v.value, kernels.Scalar{Function: function})
}

func writeGelu(approximate string) func(x *exporter, i int) {
	return func(x *exporter, i int) {
		rank := x.rank(i)
		x.out(i, rank, "Gelu", map[string]attribute{"approximate": stringAttr(approximate)}, x.input(i, 0, rank))
	}
}

// importPow reads a power with a constant exponent.
func importPow(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	t, err := im.given(n, 1, "exponent")
	if err != nil {
		return v, err
	}
	x, err := im.few(t.cast(typeFloat))
	if err == nil && len(x) != 1 {
		err = fmt.Errorf("exponent %q has %d values: must be 1", t.name, len(x))
	}
	if err != nil {
		return v, err
	}
	return im.then(n, v, kernels.Scalar{Function: "pow", A: x[0]})
}

func writePow(x *exporter, i int) {
	n, rank := &x.net.Nodes[i], x.rank(i)
	in := x.input(i, 0, rank)
	x.out(i, rank, "Pow", nil, in, x.floats(n.Name+"_exponent", []float32{n.Op.(kernels.Scalar).A}))
}

// writeTrunc writes a cut to integers as the casts there and back.
func writeTrunc(x *exporter, i int) {
	rank := x.rank(i)
	cut := x.add(x.net.Nodes[i].Name+"_cut", "Cast", []string{x.input(i, 0, rank)}, map[string]attribute{"to": intAttr(typeInt64)})
	x.out(i, rank, "Cast", map[string]attribute{"to": intAttr(typeFloat)}, cut)
}
