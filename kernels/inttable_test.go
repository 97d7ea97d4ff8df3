package kernels

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Tabulated operators come within a code or two of their definition on the
// numbers that the codes stand for.
func TestTabulatedOperators(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		net := &Network{Name: "table", Nodes: []Node{{Name: "x", Op: OpInput, Shape: Shape{8, 2, 2}}, {Name: "y", Op: OpSoftmax, Inputs: []int{0}}}, Output: 1}
		b := &netBuilder{t: t, net: net}
		in := Grid{Scale: rapid.Float64Range(1e-4, 0.1).Draw(t, "scale"), Bits: uint8(b.int("bits", 4, 16)), Signed: true}
		out := Grid{Scale: 1. / (1 << 14), Bits: 16, Signed: true}
		if b.int("lrn", 0, 1) == 1 {
			n := &net.Nodes[1]
			n.Op, n.LRNSize, n.Alpha, n.Beta, n.LRNOffset = OpLRN, b.int("size", 1, 7), rapid.Float32Range(0, 1).Draw(t, "alpha"), 0.75, 1
			out.Scale = in.Scale * float64(in.Magnitude()) / (1 << 15)
		}
		q := &Quantized{Net: net, Grids: []Grid{in, out}}
		p, err := CompileInt(q, IntOptions{Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		x := Batch{N: 1, Shape: net.InputShape(), Data: b.floats(32, float32(in.Scale)*float32(in.Magnitude()))}
		got := make([]int32, 32)
		if err := p.Run(x, got); err != nil {
			t.Fatal(err)
		}
		for i, v := range x.Data {
			x.Data[i] = float32(in.Scale) * float32(in.Quantize(float64(v)))
		}
		want := forward(net, x.Image(0))[1]
		for i, w := range want {
			code := min(max(w/out.Scale, -1<<15), 1<<15-1)
			if math.Abs(float64(got[i])-code) > 2+1e-4*math.Abs(code) {
				t.Fatalf("%v: code %d is %d, want %v", net.Nodes[1].Op, i, got[i], code)
			}
		}
	})
}

func TestOctaves(t *testing.T) {
	o := newOctaves(1<<40, func(u float64) float64 { return 1 / math.Sqrt(1+u) })
	for u := int64(0); u <= 1<<40; u += u/37 + 1 {
		want := 1 / math.Sqrt(1+float64(u))
		if got := math.Ldexp(float64(o.value(u)), -tableBits); math.Abs(got-want) > 1e-4*want+2*math.Ldexp(1, -tableBits) {
			t.Fatalf("f(%d) = %v, want %v", u, got, want)
		}
	}
}
