package onnx

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// doubled is a chain of nodes that write what they read twice.
func doubled(times int) *builder {
	b := newBuilder(13, 1, 64)
	from := "x"
	for i := range times {
		to := fmt.Sprintf("d%d", i)
		b.node(fmt.Sprintf("Concat %s,%s -> %s", from, from, to), attrs{"axis": intAttr(1)})
		from = to
	}
	return b.node("Relu "+from+" -> y", nil)
}

// What is refused is refused for costs, too, where weights are not read.
func TestRefusedForCosts(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	dense := func(name string, values ...float32) *builder {
		return newBuilder(13, 1, 2).constant(floatTensor(name, values, len(values)/2, 2))
	}
	for _, c := range []struct {
		b    *builder
		want string // "" is read
	}{
		{dense("w", 1, 2, nan, 4).node("Gemm x,w -> y", attrs{"transB": intAttr(1)}), `tensor "w": value 2 is NaN`},
		{dense("w", 1, 2, 3, inf).node("Gemm x,w -> y", attrs{"transB": intAttr(1)}), `tensor "w": value 3 is +Inf`},
		{dense("mask", inf, 0).node("Add x,mask -> y", nil), ""},
		{dense("mask", nan, 0).node("Add x,mask -> y", nil), `tensor "mask": value 0 is NaN`},
		{newBuilder(13, 1, 2).node("LeakyRelu x -> y", attrs{"alpha": floatAttr(nan)}), `attribute "alpha" is NaN`},
		{doubled(10), ""},
		{doubled(17), ""},
		{doubled(21), "a memory bomb is not read"},
		{doubled(30), "a memory bomb is not read"},
		{doubled(70), "a memory bomb is not read"},
	} {
		for _, shapes := range []bool{true, false} {
			_, err := decodeEither(c.b.encode(), "", Options{Shapes: shapes})
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("shapes alone %v: %v, want %q", shapes, err, c.want)
			}
		}
	}
}
