package onnx

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
)

// qoperator builds a model that quantizes its input to uint8 with a zero point, runs
// operators on codes and dequantizes their output.
func qoperator(c *qoperatorCase) *builder {
	b := newBuilder(13, 1, 2, 3, 4)
	b.domains = map[string]int64{"com.microsoft": 1}
	scalar := func(name string, v float32) { b.constant(floatTensor(name, []float32{v})) }
	zero := func(name string, kind int64, v int) { b.constant(intTensor(name, kind, []int{v})) }
	scalar("xs", 0.02)
	zero("xz", typeUint8, 113)
	scalar("ys", c.scale)
	zero("yz", typeUint8, c.zero)
	scalar("zs", 0.013)
	zero("zz", typeUint8, 140)
	scalar("ws", 0.01)
	zero("wz", typeInt8, 0)
	zero("wzu", typeUint8, 120)
	b.constant(floatTensor("wsv", []float32{0.01, 0.02, 0.005}, 3)).constant(intTensor("wzv", typeInt8, []int{0, 0, 0}, 3))
	codes := func(name string, kind int64, low int, dims ...int) {
		n := 1
		for _, d := range dims {
			n *= d
		}
		v := make([]int, n)
		for i := range v {
			v[i] = (i*i*37+i*91+11)%200 + low
		}
		b.constant(intTensor(name, kind, v, dims...))
	}
	codes("w", typeInt8, -100, 3, 2, 2, 2)
	codes("wu", typeUint8, 20, 3, 2, 2, 2)
	codes("bias", typeInt32, -100, 3)
	codes("m", typeInt8, -100, 24, 3)
	codes("g", typeInt8, -100, 3, 24)
	b.ints("shape", 1, 24)
	b.node("QuantizeLinear x,xs,xz -> q", nil)
	for _, text := range c.nodes {
		own := c.attrs
		switch op, _, _ := strings.Cut(text, " "); op {
		case "Cast":
			own = attrs{"to": intAttr(typeFloat)}
		case "Reshape", "QuantizeLinear":
			own = nil
		}
		b.node(text, own)
		n := &b.graph.nodes[len(b.graph.nodes)-1]
		if slices.Contains([]string{"QLinearAdd", "QLinearMul", "QLinearConcat", "QLinearAveragePool", "QLinearGlobalAveragePool", "QLinearSigmoid", "QLinearLeakyRelu", "QGemm"}, n.op) {
			n.domain = "com.microsoft"
		}
	}
	if c.scale != 0 {
		b.node("DequantizeLinear out,ys,yz -> y", nil)
	}
	return b
}

type qoperatorCase struct {
	name  string
	nodes []string
	attrs attrs
	scale float32 // of the output; 0 if it is whole numbers
	zero  int
	want  []int // codes without their zero point
}

var qoperatorCases = []qoperatorCase{
	{
		name: "QLinearConv", nodes: []string{"QLinearConv q,xs,xz,w,ws,wz,ys,yz,bias -> out"}, scale: 0.03, zero: 121,
		want: []int{104, -50, -27, 58, 27, -34, -32, 15, -30, 11, -5, 14, -45, 27, -24, 7, -11, 26},
	},
	{
		name: "QLinearConv of channels", nodes: []string{"QLinearConv q,xs,xz,w,wsv,wzv,ys,yz -> out"}, attrs: attrs{"pads": intsAttr(1, 0, 0, 1)}, scale: 0.03, zero: 121,
		want: []int{-50, 12, 11, -8, 105, -50, -26, 38, 58, 27, -33, -26, 63, -9, -11, 37, -65, 29, -60, -71, 21, -11, 27, -5, 8, -1, -4, 7, -23, 13, -12, -19, 3, -6, 13, 4},
	},
	{
		name: "QLinearConv of uint8", nodes: []string{"QLinearConv q,xs,xz,wu,ws,wzu,ys,yz,bias -> out"}, scale: 0.03, zero: 121,
		want: []int{104, -50, -27, 58, 27, -34, -32, 15, -30, 11, -5, 14, -45, 27, -24, 7, -11, 26},
	},
	{
		name: "QLinearMatMul", nodes: []string{"Reshape q,shape -> v", "QLinearMatMul v,xs,xz,m,ws,wz,ys,yz -> out"}, scale: 0.05, zero: 100,
		want: []int{5, -85, 40},
	},
	{
		name: "QGemm", nodes: []string{"Reshape q,shape -> v", "QGemm v,xs,xz,g,ws,wz,bias,ys,yz -> out"}, attrs: attrs{"transB": intAttr(1)}, scale: 0.05, zero: 100,
		want: []int{18, -42, -47},
	},
	{
		name: "QLinearAdd", nodes: []string{"QuantizeLinear x,zs,zz -> r", "QLinearAdd q,xs,xz,r,zs,zz,ys,yz -> out"}, scale: 0.037, zero: 90,
		want: []int{-58, 37, 1, -27, -49, -64, 65, 64, 69, -55, -37, -11, 22, 61, -30, 23, -54, 12, -52, 28, -22, -65, 35, 6},
	},
	{
		name: "QLinearMul", nodes: []string{"QuantizeLinear x,zs,zz -> r", "QLinearMul q,xs,xz,r,zs,zz,ys,yz -> out"}, scale: 0.011, zero: 90,
		want: []int{106, 42, 0, 22, 73, 126, 130, 126, 148, 95, 42, 4, 15, 115, 28, 16, 91, 4, 83, 25, 15, 130, 38, 1},
	},
	{
		name: "QLinearConcat", nodes: []string{"QuantizeLinear x,zs,zz -> r", "QLinearConcat ys,yz,q,xs,xz,r,zs,zz -> out"}, attrs: attrs{"axis": intAttr(1)}, scale: 0.017, zero: 128,
		want: []int{-64, 40, 1, -29, -53, -69, 71, 69, 75, -60, -40, -12, 24, 66, -33, 25, -59, 13, -56, 31, -24, -71, 38, 6, -63, 40, 2, -29, -53, -69, 70, 69, 75, -60, -40, -11, 24, 67, -32, 25, -59, 13, -56, 31, -24, -70, 38, 6},
	},
	{
		name: "QLinearAveragePool", nodes: []string{"QLinearAveragePool q,xs,xz,ys,yz -> out"}, attrs: attrs{"kernel_shape": intsAttr(2, 3), "pads": intsAttr(1, 0, 0, 1)}, scale: 0.013, zero: 128,
		want: []int{-10, 5, -18, -16, 18, 37, -17, -9, 29, 25, 25, -5, -10, 10, -11, -35, -9, 6},
	},
	{
		name: "QLinearGlobalAveragePool", nodes: []string{"QLinearGlobalAveragePool q,xs,xz,ys,yz -> out"}, scale: 0.003, zero: 100,
		want: []int{-33, -19},
	},
	{
		name: "QLinearSigmoid", nodes: []string{"QLinearSigmoid q,xs,xz,ys,yz -> out"}, scale: 0.004, zero: 0,
		want: []int{63, 166, 126, 94, 72, 59, 192, 191, 196, 66, 84, 113, 150, 188, 91, 151, 67, 139, 69, 157, 100, 58, 164, 131},
	},
	{
		name: "QLinearLeakyRelu", nodes: []string{"QLinearLeakyRelu q,xs,xz,ys,yz -> out"}, attrs: attrs{"alpha": floatAttr(0.1)}, scale: 0.015, zero: 30,
		want: []int{-7, 45, 1, -3, -6, -8, 80, 79, 85, -7, -5, -1, 27, 75, -4, 28, -7, 15, -6, 35, -3, -8, 43, 7},
	},
	{
		name: "ConvInteger", nodes: []string{"ConvInteger q,wu,xz,wzu -> c", "Cast c -> y"},
		want: []int{15741, -7431, -3952, 8772, 4103, -5000, -4843, 2145, -4488, 1564, -793, 2032, -6859, 3993, -3648, 996, -1753, 3904},
	},
	{
		name: "MatMulInteger", nodes: []string{"Reshape q,shape -> v", "MatMulInteger v,m,xz -> c", "Cast c -> y"},
		want: []int{1175, -21147, 10101},
	},
}

// qoperatorInput are the values that the models read.
func qoperatorInput() []float32 {
	x := make([]float32, 24)
	for i := range x {
		x[i] = float32((i*i*53+i*17+5)%101)/40 - 1.2
	}
	return x
}

// Operators on codes give what onnxruntime 1.20.1 gives, optimizations off: within a
// code, which its float32 moves where a number lies halfway between two.
func TestQOperators(t *testing.T) {
	for _, c := range qoperatorCases {
		t.Run(c.name, func(t *testing.T) {
			m, err := decodeQuantized(qoperator(&c).encode(), "", Options{})
			if err != nil {
				t.Fatal(err)
			}
			scale, off := max(float64(c.scale), 0), 0
			if scale == 0 {
				scale = 1
			}
			got := executeInt(t, m, qoperatorInput())[0]
			if len(got) != len(c.want) {
				t.Fatalf("%d codes, want %d", len(got), len(c.want))
			}
			for i, w := range c.want {
				d := int(math.Round(float64(got[i])/scale)) - w
				if d != 0 {
					off++
				}
				if d > 1 || d < -1 {
					t.Errorf("code %d is off by %d from %d", i, d, w)
				}
			}
			if off > len(got)/8 {
				t.Errorf("%d of %d codes differ", off, len(got))
			}
		})
	}
}

// A model of an operator reads back after its export.
func TestQOperatorsReadBack(t *testing.T) {
	for _, c := range qoperatorCases {
		m, err := decodeQuantized(qoperator(&c).encode(), "", Options{})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := ExportQuantized(&out, m.Quantized); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		back, err := decodeQuantized(out.Bytes(), "", Options{})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if a, b := codes(t, m.Quantized), codes(t, back.Quantized); !slices.Equal(a, b) {
			t.Errorf("%s: codes %v, were %v", c.name, b, a)
		}
	}
}
