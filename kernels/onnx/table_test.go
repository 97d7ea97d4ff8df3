package onnx

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"bitcycle/internal/testdata"
	"bitcycle/kernels"
)

// Every operator of package kernels is written by a row of the table.
func TestEveryOperatorHasARow(t *testing.T) {
	var have []string
	for _, r := range table {
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
