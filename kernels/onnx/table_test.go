package onnx

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"bitcycle/internal/testdata"
	"bitcycle/kernels"
)

// Every operator of package kernels is written by a row of the table.
func TestEveryOperatorHasARow(t *testing.T) {
	var have []string
	for _, r := range newTable() {
		if r.op != nil {
			have = append(have, reflect.TypeOf(r.op).Name())
		}
	}
	slices.Sort(have)
	have = slices.Compact(have) // one that is several functions has a row for each
	if want := testdata.Receivers(t, "../op_*.go", "Infer"); !slices.Equal(have, want) {
		t.Errorf("rows for %v\noperators %v", have, want)
	}
}

// Operators that are a row of the table, and no more, come back with all their
// attributes, between vectors if they work value by value.
func TestRowsReadBack(t *testing.T) {
	image, vector := kernels.Shape{C: 3, H: 4, W: 5}, kernels.Shape{C: 7, H: 1, W: 1}
	for _, c := range []struct {
		in kernels.Shape
		op kernels.Operator
	}{
		{image, kernels.Relu{}},
		{vector, kernels.Relu{}},
		{image, kernels.Scalar{Function: "hardswish"}},
		{vector, kernels.Scalar{Function: "hardswish"}},
		{image, kernels.Scalar{Function: "gelutanh"}},
		{vector, kernels.Scalar{Function: "pow", A: 3}},
		{image, kernels.Scalar{Function: "selu", A: 1.5, B: 0.5}},
		{image, kernels.PRelu{Slope: []float32{0.5, 0.25, 0}}},
		{vector, kernels.PRelu{Slope: make([]float32, 7)}},
		{image, kernels.Reduce{Function: "sum", Axes: "CH"}},
		{image, kernels.Reduce{Function: "max", Axes: "W"}},
		{image, kernels.Resize{Size: [2]int{7, 3}, Place: "half"}},
		{image, kernels.Resize{Size: [2]int{7, 3}, Place: "corners", Round: "up"}},
		{image, kernels.ResizeCubic{Size: [2]int{7, 3}, Place: "half", A: -0.5, Inside: true}},
		{image, kernels.Scale{Factor: upTo(60), Offset: upTo(60)}},
		{image, kernels.GlobalPool{}},
		{image, kernels.LRN{Size: 3, Alpha: 0.5, Beta: 0.25, Offset: 2}},
	} {
		net := &kernels.Network{Output: 1, Nodes: []kernels.Node{
			{Name: "x", Op: kernels.Input{Shape: c.in}}, {Name: "y", Op: c.op, Inputs: []int{0}},
		}}
		if err := net.InferShapes(); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := Export(&out, net); err != nil {
			t.Fatal(err)
		}
		back, err := Import(&out)
		if err != nil {
			t.Fatal(err)
		}
		if len(back.Nodes) != 2 || !reflect.DeepEqual(back.Nodes[1], net.Nodes[1]) {
			t.Errorf("%+v\nwritten %+v", back.Nodes, net.Nodes)
		}
	}
}

// Operators that ONNX has another form for come back as something that computes
// the same.
func TestFormsReadBack(t *testing.T) {
	image := kernels.Shape{C: 4, H: 4, W: 5}
	for _, op := range []kernels.Operator{
		kernels.Pick{H: []int{2, 0, 0}, C: []int{3, 1}},
		kernels.Pick{W: []int{4, 4, 0}},
		kernels.TopK{K: 2, Index: true},
		kernels.TopK{K: 2, Smallest: true},
		kernels.TopK{K: 1, Index: true, Smallest: true, Last: true},
		kernels.Reorder{From: "CHW", To: "HWC", Out: image, Dims: []int{2, 8, 5}, Perm: []int{1, 2, 0}},
		kernels.Fold{Window: kernels.Window{Kernel: [2]int{2, 2}, Stride: [2]int{2, 1}, Pad: [4]int{1, 0}}, Size: [2]int{8, 4}, Bias: []float32{0.5}},
		kernels.Fold{Window: kernels.Window{Kernel: [2]int{2, 1}, Dilation: [2]int{3, 1}}, Size: [2]int{9, 5}},
		kernels.Resize{Size: [2]int{9, 7}, Factor: [2]float64{2.25, 1.5}, Place: "asymmetric", Round: "down"},
		kernels.Scalar{Function: "trunc"},
		kernels.Arithmetic{Function: "sub"},
		kernels.Constant{Shape: image, Values: upTo(80)},
		kernels.Reduce{Function: "mean", Axes: "C"},
		kernels.Norm{Groups: 2, Pixels: true, Center: true, Epsilon: 0.5, Factor: upTo(4), Offset: upTo(80)},
		kernels.Norm{Groups: 1, Epsilon: 0.25},
		kernels.Softmax{Log: true},
	} {
		net := &kernels.Network{Output: 2, Nodes: []kernels.Node{
			{Name: "x", Op: kernels.Input{Shape: image}}, {Name: "y", Op: op}, {Name: "z", Op: kernels.Concat{}, Inputs: []int{1, 1}},
		}}
		_, most := op.Arity()
		for range most {
			net.Nodes[1].Inputs = append(net.Nodes[1].Inputs, 0)
		}
		if most == 0 { // something must read the input
			net.Nodes[2].Inputs[1] = 0
		}
		if err := net.InferShapes(); err != nil {
			t.Fatal(err)
		}
		x := upTo(80)
		y, err := kernels.Apply(op, slices.Repeat([]kernels.Shape{image}, most), slices.Repeat([][]float32{x}, most))
		if err != nil {
			t.Fatal(err)
		}
		want := slices.Concat(y, y)
		if most == 0 {
			want = slices.Concat(y, x)
		}
		var out bytes.Buffer
		if err := Export(&out, net); err != nil {
			t.Fatal(err)
		}
		back, err := decode(out.Bytes(), "", Options{})
		if err != nil || back.Executable() != nil {
			t.Errorf("%+v: %v, %v", op, err, back.Executable())
			continue
		}
		near(t, fmt.Sprintf("%+v", op), execute(t, back, x)[0], want, 1e-6)
	}
}

func upTo(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i)
	}
	return x
}

// Attributes that a model leaves out are those of ONNX.
func TestRowDefaults(t *testing.T) {
	net := newBuilder(13, -1, 3, 4, 5).node("LRN x -> y", attrs{"size": intAttr(5)}).load(t)
	if want := (kernels.LRN{Size: 5, Alpha: 1e-4, Beta: 0.75, Offset: 1}); net.Nodes[1].Op != want {
		t.Errorf("%+v, want %+v", net.Nodes[1].Op, want)
	}
}
