package onnx

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// either reads a model as Load does.
func (b *builder) either(t *testing.T) *Model {
	t.Helper()
	m, err := decodeEither(b.encode(), "", Options{})
	if err == nil {
		err = m.Executable()
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// onCodes is what a quantizer of a width makes of x, halves to even.
func onCodes(x, scale float32, zero, lo, hi float64) float32 {
	c := math.RoundToEven(float64(x/scale)) + zero
	return float32(min(max(c, lo), hi)-zero) * scale
}

// times is the product of a vector by a matrix of rows of n.
func times(x, w []float32, n int) []float32 {
	y := make([]float32, n)
	for i, v := range x {
		for j := range n {
			y[j] += v * w[i*n+j]
		}
	}
	return y
}

func whole(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = (i*37+11)%15 - 7
	}
	return out
}

// A quantized model whose first layer reads what is on no grid is executed in float32,
// and charged at the widths that it states.
func TestFloatFirst(t *testing.T) {
	b := newBuilder(13, 1, 4).floats("w", 4, 3).floats("v", 3, 2).scalar("s", 0.25).scalar("z", 0).scalar("b4", 4).scalar("b3", 3).
		node("Quant w,s,z,b4 -> q", attrs{"narrow": intAttr(1)}).in(qonnxDomain).node("MatMul x,q -> a", nil).
		node("Quant a,s,z,b3 -> c", attrs{"signed": intAttr(0), "rounding_mode": stringAttr("round")}).in("onnx.brevitas").
		node("Quant v,s,z,b4 -> p", nil).in(qonnxDomain).node("MatMul c,p -> y", nil)
	m := b.either(t)
	want := []workload.LayerWidths{{Name: "a", ActBits: 8, WeightBits: workload.Widths{4}}, {Name: "y", ActBits: 3, WeightBits: workload.Widths{4}}}
	if diff := cmp.Diff(m.Widths, want); diff != "" || m.Quantized != nil {
		t.Errorf("widths %s, integers %v", diff, m.Quantized)
	}
	values := func(name string) []float32 {
		for _, c := range b.graph.initializers {
			if c.name == name {
				v, _ := c.values32()
				return slices.Clone(v)
			}
		}
		return nil
	}
	w, v, x := values("w"), values("v"), []float32{0.3, -0.7, 0.9, 0.2}
	for i := range w {
		w[i] = onCodes(w[i], 0.25, 0, -7, 7)
	}
	for i := range v {
		v[i] = onCodes(v[i], 0.25, 0, -8, 7)
	}
	a := times(x, w, 3)
	for i := range a {
		a[i] = onCodes(a[i], 0.25, 0, 0, 7)
	}
	near(t, "output", execute(t, m, x)[0], times(a, v, 2), 1e-6)
}

// Activations on a grid for each channel are executed in float32.
func TestQuantOfChannels(t *testing.T) {
	m := newBuilder(13, 1, 2, 1, 2).constant(floatTensor("s", []float32{0.5, 0.125}, 1, 2, 1, 1)).constant(floatTensor("z", []float32{1, 0}, 1, 2, 1, 1)).scalar("b", 3).
		node("Quant x,s,z,b -> y", attrs{"signed": intAttr(0)}).in(qonnxDomain).either(t)
	got := execute(t, m, []float32{0.8, -3, 0.3, 2})[0]
	if want := []float32{1, -0.5, 0.25, 0.875}; !slices.Equal(got, want) { // 0.8/0.5 + 1 = 2.6, -6 + 1 < 0, 2.4, 16 > 7
		t.Errorf("%v, want %v", got, want)
	}
}

// Scales of blocks of weights are groups of the integers.
func TestBlockedWeights(t *testing.T) {
	codes := whole(5 * 3)
	scales := []float32{0.5, 0.25, 0.125, 0.25, 1, 0.5, 2, 0.5, 0.25}
	b := newBuilder(21, 1, 5).scalar("xs", 0.125).constant(intTensor("xz", typeInt8, []int{0})).
		constant(intTensor("w", typeInt8, codes, 5, 3)).constant(floatTensor("s", scales, 3, 3)).
		node("QuantizeLinear x,xs,xz -> q", nil).node("DequantizeLinear q,xs,xz -> d", nil).
		node("DequantizeLinear w,s -> v", attrs{"axis": intAttr(0), "block_size": intAttr(2)}).node("MatMul d,v -> y", nil)
	m := b.either(t)
	if m.Quantized == nil || m.Quantized.Layers[0].Group != 2 || len(m.Quantized.Layers[0].RowScale) != 9 {
		t.Fatalf("%+v, notes %q", m.Quantized, m.Notes)
	}
	x, w := []float32{0.5, -1, 2, 0.125, -0.25}, make([]float32, 15)
	for i, c := range codes {
		w[i] = float32(c) * scales[i/6*3+i%3]
	}
	near(t, "output", executeInt(t, m, x)[0], times(x, w, 3), 1e-6)
}

// Trunc of six inputs drops as many bits as the ratio of its scales says, and counts in
// the second; quantized Gemm multiplies by alpha.
func TestTruncAndAlpha(t *testing.T) {
	m := newBuilder(13, 1, 5).scalar("s", 0.25).scalar("z", 0).scalar("b8", 8).scalar("b4", 4).scalar("o", 1.5).
		node("Quant x,s,z,b8 -> q", nil).in(qonnxDomain).
		node("Trunc q,s,z,b8,o,b4 -> y", attrs{"signed": intAttr(1), "narrow": intAttr(1), "rounding_mode": stringAttr("FLOOR")}).in(qonnxDomain).either(t)
	got := executeInt(t, m, []float32{7.9, -3.1, 20, -20, 0})[0] // codes 32, −12, 80, −80: over 8, rounded down, −7 to 7
	if want := []float32{6, -3, 10.5, -10.5, 0}; !slices.Equal(got, want) {
		t.Errorf("truncated %v, want %v", got, want)
	}
	m = newBuilder(13, 1, 2).scalar("s", 0.5).constant(intTensor("z", typeInt8, []int{0})).constant(intTensor("w", typeInt8, []int{1, 2, -3, 4}, 2, 2)).
		constant(floatTensor("c", []float32{1, -1}, 2)).node("QuantizeLinear x,s,z -> q", nil).node("DequantizeLinear q,s,z -> d", nil).
		node("DequantizeLinear w,s,z -> v", nil).node("Gemm d,v,c -> y", attrs{"alpha": floatAttr(0.5), "beta": floatAttr(3)}).either(t)
	if got, want := executeInt(t, m, []float32{1, 2})[0], []float32{3 - 1.25, -3 + 2.5}; !slices.Equal(got, want) {
		t.Errorf("product %v, want %v", got, want)
	}
}

// Units of FINN are products and thresholds of what their data types say.
func TestMatrixUnits(t *testing.T) {
	b := newBuilder(14, 1, 3).constant(floatTensor("w", []float32{1, -2, 0, 1, -1, 1}, 3, 2)).constant(floatTensor("t", []float32{-1, 0, 2, 0, 1, 3}, 2, 3)).
		node("MVAU_hls x,w,t -> y", attrs{
			"MW": intAttr(3), "MH": intAttr(2), "inputDataType": stringAttr("BIPOLAR"), "weightDataType": stringAttr("INT2"), "outputDataType": stringAttr("INT3"), "ActVal": intAttr(-2),
		}).in("finn.custom_op.fpgadataflow.hls")
	m := b.either(t)
	if q := m.Quantized; q == nil || !q.Layers[0].In.Bipolar || q.Layers[0].RowBits.Max() != 2 {
		t.Fatalf("%+v", m.Quantized)
	}
	// 1·1 − 1·0 + 1·−1 = 0 reaches −1 and 0; −2 − 1 + 1 = −2 reaches none
	if got, want := executeInt(t, m, []float32{1, -1, 1})[0], []float32{0, -2}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// Quantizers of numbers come back from their ONNX forms.
func TestQuantizersReadBack(t *testing.T) {
	image, vector := kernels.Shape{C: 2, H: 4, W: 3}, kernels.Shape{C: 5, H: 1, W: 1}
	two := []kernels.Grid{{Scale: 0.5, Bits: 3, Signed: true, Narrow: true, Round: kernels.Floor}, {Scale: 0.25, Bits: 4, Signed: true, Narrow: true, Round: kernels.Floor}}
	for _, c := range []struct {
		in kernels.Shape
		op kernels.Operator
	}{
		{image, kernels.Quantize{Grids: two}},
		{vector, kernels.Quantize{Grids: []kernels.Grid{{Scale: 0.5, Bits: 4, Zero: 3, Round: kernels.HalfOdd}}}},
		{image, kernels.Quantize{Grids: []kernels.Grid{{Scale: 0.5, Bits: 1, Signed: true, Bipolar: true}}}},
		{vector, kernels.QuantizeFloat{Scale: 0.5, Exponent: 4, Mantissa: 3, Bias: 7, Max: 448}},
		{image, kernels.QuantizeDynamic{Part: kernels.DynamicCodes}},
		{vector, kernels.QuantizeDynamic{Part: kernels.DynamicScale}},
		{image, kernels.QuantizeDynamic{Part: kernels.DynamicZero}},
	} {
		net := &kernels.Network{Output: 1, Nodes: []kernels.Node{{Name: "x", Op: kernels.Input{Shape: c.in}}, {Name: "y", Op: c.op, Inputs: []int{0}}}}
		if err := net.InferShapes(); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := Export(&out, net); err != nil {
			t.Fatal(err)
		}
		back, err := decode(out.Bytes(), "", Options{emulated: true})
		if err != nil || back.Executable() != nil {
			t.Errorf("%+v: %v, %v", c.op, err, back.Executable())
			continue
		}
		x := upTo(c.in.Size())
		for i := range x {
			x[i] = x[i]/3 - 1
		}
		want, err := kernels.Apply(c.op, []kernels.Shape{c.in}, [][]float32{x})
		if err != nil {
			t.Fatal(err)
		}
		near(t, c.op.Name(), execute(t, back, x)[0], want, 0)
	}
	net := &kernels.Network{Output: 1, Nodes: []kernels.Node{
		{Name: "x", Op: kernels.Input{Shape: image}}, {Name: "y", Op: kernels.Quantize{Grids: []kernels.Grid{{Scale: 1, Bits: 8}}}, Inputs: []int{0}},
	}}
	if err := Export(&bytes.Buffer{}, net); err == nil {
		t.Error("halves up have no ONNX form")
	}
}

// Quantized products of activations come back from their export with the same codes.
func TestQuantizedAttentionReadsBack(t *testing.T) {
	b := newBuilder(13, 1, 4, 6).floats("wq", 6, 6).floats("wk", 6, 6).floats("wv", 6, 6).
		node("MatMul x,wq -> q", nil).node("MatMul x,wk -> k", nil).node("MatMul x,wv -> v", nil).
		node("Transpose k -> kt", attrs{"perm": intsAttr(0, 2, 1)}).node("MatMul q,kt -> s", nil).node("Softmax s -> p", attrs{"axis": intAttr(2)}).node("MatMul p,v -> y", nil)
	net := b.load(t)
	q := randomQuantizedProducts(net)
	if len(q.Factors) != 2 {
		t.Fatalf("%d products", len(q.Factors))
	}
	var out bytes.Buffer
	if err := ExportQuantized(&out, q); err != nil {
		t.Fatal(err)
	}
	back, err := ImportQuantized(&out)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := codes(t, q), codes(t, back); !slices.Equal(a, b) {
		t.Errorf("codes %v, were %v", b, a)
	}
}

// randomQuantizedProducts puts all tensors of a network on like grids.
func randomQuantizedProducts(net *kernels.Network) *kernels.Quantized {
	g := kernels.Grid{Scale: 1.0 / 64, Bits: 8, Signed: true}
	q := &kernels.Quantized{Net: net, Grids: slices.Repeat([]kernels.Grid{g}, len(net.Nodes))}
	for i, n := range net.Layers() {
		l := kernels.QLayer{Node: n, In: g}
		for j := range net.Nodes[n].Weight {
			l.W = append(l.W, int16((j*j*(i+3)+5*j)%15-7))
		}
		for range net.Nodes[n].Shape.C {
			l.RowBits, l.RowScale, l.Gain, l.Bias = append(l.RowBits, 4), append(l.RowScale, 1.0/16), append(l.Gain, 1), append(l.Bias, 0)
		}
		q.Layers = append(q.Layers, l)
	}
	for range net.MatMuls() {
		q.Factors = append(q.Factors, [2]kernels.Grid{g, g})
	}
	return q
}

// Obstacles of one operator are told apart by their reasons, and counted.
func TestObstaclesByReason(t *testing.T) {
	b := newBuilder(13, 1, 2, 4, 4).ints("s", 1, 2, 8, 8)
	nearest := func(in, out string, a attrs) { b.node("Resize "+in+",,,s -> "+out, a) }
	nearest("x", "a", attrs{"antialias": intAttr(1)})
	nearest("a", "b", attrs{"mode": stringAttr("area")})
	nearest("b", "c", attrs{"mode": stringAttr("area")})
	nearest("c", "y", attrs{"mode": stringAttr("line3")})
	m, err := decode(b.encode(), "", Options{Shapes: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range m.Obstacles {
		got = append(got, o.String())
	}
	want := []string{`node "a" (Resize): antialias = 1 is not supported`, `Resize: 3 nodes, first "b": mode = "area" is not supported`}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Constants that are no numbers are refused by their places, masks of infinity are not;
// files that fill in more than they may are refused before they do.
func TestNumbersAndMemory(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for want, b := range map[string]*builder{
		`tensor "w.weight": value 1 is NaN`:  newBuilder(13, 1, 2).constant(floatTensor("w.weight", []float32{1, nan}, 2, 1)).node("MatMul x,w.weight -> y", nil),
		`node "y" (scale): factor 1 is -Inf`: newBuilder(13, 1, 2).constant(floatTensor("m", []float32{1, inf}, 2)).node("Mul x,m -> y", nil),
		`more than 104 MB`:                   newBuilder(13, 1, 30000).ints("s", 30000, 2000).node("ConstantOfShape s -> w", nil).node("MatMul x,w -> y", nil),
	} {
		m, err := decode(b.encode(), "", Options{})
		if err == nil {
			err = m.Executable()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	m := newBuilder(13, 1, 2).constant(floatTensor("m", []float32{0, inf}, 2)).node("Add x,m -> y", nil).either(t)
	if got := execute(t, m, []float32{1, 2})[0]; got[0] != 1 || !math.IsInf(float64(got[1]), -1) {
		t.Errorf("masked %v", got)
	}
}
