package onnx

import (
	"slices"
	"testing"

	"bitcycle/kernels"
)

// Normalizations written as arithmetic are one operator, along any axis, and compute
// the same as with one of their tensors read elsewhere, where they stay apart.
func TestNormsOfArithmetic(t *testing.T) {
	for name, lines := range map[string][]string{
		"layer": {"ReduceMean x -> m", "Sub x,m -> s", "Pow s,two -> p", "ReduceMean p -> v", "Add v,eps -> ve", "Sqrt ve -> r", "Div s,r -> z"},
		"rms":   {"Mul x,x -> p", "ReduceMean p -> v", "Add v,eps -> ve", "Sqrt ve -> r", "Reciprocal r -> q", "Mul x,q -> z"},
		"power": {"Pow x,two -> p", "ReduceMean p -> v", "Add v,eps -> ve", "Pow ve,half -> q", "Mul q,x -> z"},
	} {
		for at := range 3 {
			build := func(apart bool) *Model {
				b := newBuilder(13, 1, 3, 4, 5).constant(floatTensor("two", []float32{2})).constant(floatTensor("half", []float32{-0.5})).
					constant(floatTensor("eps", []float32{0.25})).constant(floatTensor("gamma", []float32{0.5, 2, -1}, 3, 1, 1))
				for _, line := range lines {
					a := attrs{"axes": intsAttr(at + 1)}
					if line[0] != 'R' || line[2] == 'c' {
						a = nil
					}
					b.node(line, a)
				}
				b.node("Mul z,gamma -> y", nil)
				if apart {
					b.graph.outputs = append(b.graph.outputs, valueInfo{name: "v", elemType: typeFloat})
				}
				m, err := decode(b.encode(), "", Options{})
				if err != nil {
					t.Fatal(err)
				}
				return m
			}
			one, many := build(false), build(true)
			isNorm := func(n kernels.Node) bool { _, ok := n.Op.(kernels.Norm); return ok }
			if !slices.ContainsFunc(one.Net.Nodes, isNorm) || slices.ContainsFunc(many.Net.Nodes, isNorm) {
				t.Errorf("%s along %d: %+v", name, at, one.Net.Nodes)
			}
			x := upTo(60)
			near(t, name, execute(t, one, x)[0], execute(t, many, x)[0], 1e-5)
		}
	}
}
