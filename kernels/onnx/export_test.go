package onnx

import (
	"bytes"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bitcycle/internal/testdata"
	"bitcycle/kernels"
)

// everything is a small network with every operator; integer leaves out those
// without integer execution.
func everything(t *testing.T, integer bool) *kernels.Network {
	t.Helper()
	b := newBuilder(19, -1, 3, 9, 8).floats("w", 4, 3, 3, 3).floats("dw", 4, 1, 3, 3).
		floats("v", 5, 5, 1, 1).floats("vb", 5).ints("p", 0, 1, 0, 1, 0, 0, 1, 0).ints("s", 4, 0).ints("e", -100, 7).ints("a", 1, 2).ints("t", -1, 2).
		floats("s4", 4).floats("b44", 4).floats("m444", 4).constant(floatTensor("var", []float32{1, 2, 3, 4}, 4)).ints("vs", 0, 5, 1, 1)
	same := attrs{"pads": intsAttr(1, 1, 1, 1)}
	b.node("Conv x,w -> c", same).node("Relu c -> r", nil).
		node("Conv r,dw -> d", attrs{"pads": intsAttr(2, 2, 2, 2), "dilations": intsAttr(2, 2), "group": intAttr(4)}).
		node("Add d,r -> sum", nil).node("BatchNormalization sum,s4,b44,m444,var -> bn", nil).
		node("HardSwish bn -> hs", nil).node("Clip hs,lo,hi -> clip", nil).constant(floatTensor("lo", []float32{-0.5})).constant(floatTensor("hi", []float32{0.75})).
		node("Pad clip,p -> pad", nil).node("Slice pad,s,e,a,t -> slice", nil).
		node("MaxPool slice -> mp", attrs{"kernel_shape": intsAttr(2, 3), "strides": intsAttr(1, 2), "pads": intsAttr(1, 0, 0, 1)}).
		node("AveragePool slice -> ap", attrs{"kernel_shape": intsAttr(2, 3), "strides": intsAttr(1, 2), "pads": intsAttr(1, 0, 0, 1), "count_include_pad": intAttr(1), "dilations": intsAttr(1, 1)}).
		node("Concat mp,ap -> cat", attrs{"axis": intAttr(1)})
	last := "cat"
	if !integer {
		b.node("LRN cat -> lrn", attrs{"size": intAttr(3), "alpha": floatAttr(0.5)})
		last = "lrn"
	}
	b.floats("pw", 6, 5, 1, 1).node("Conv "+last+",pw -> grouped", attrs{"group": intAttr(2)}).node("Flatten grouped -> y", nil)
	flat := b.load(t)
	k := flat.Nodes[flat.Output].Shape.C
	b.graph.nodes[len(b.graph.nodes)-1].outputs[0] = "flat"
	b.floats("fc", 5, k).floats("fb", 5).node("Gemm flat,fc,fb -> dense", attrs{"transB": intAttr(1)}).node("Reshape dense,vs -> image", nil).
		node("GlobalAveragePool image -> g", nil).node("Conv g,v,vb -> logits", nil).node("Softmax logits -> y", attrs{"axis": intAttr(1)})
	if integer {
		b.graph.nodes = b.graph.nodes[:len(b.graph.nodes)-1]
		b.graph.outputs[0].name = "logits"
	}
	return b.load(t)
}

func TestExportReadsBack(t *testing.T) {
	checkReadsBack(t, everything(t, false))
}

func TestModelsReadBack(t *testing.T) {
	for _, path := range classifiers(t) {
		net, err := loaded(path)
		if err != nil {
			t.Fatal(err)
		}
		checkReadsBack(t, net)
	}
}

func checkReadsBack(t *testing.T, net *kernels.Network) {
	t.Helper()
	var out bytes.Buffer
	if err := Export(&out, net); err != nil {
		t.Fatalf("%s: %v", net.Name, err)
	}
	back, err := Import(&out)
	if err != nil {
		t.Fatalf("%s: %v", net.Name, err)
	}
	if net.InputShape().H > 100 { // the weights say enough
		for i, n := range net.Layers() {
			m := back.Layers()[i]
			if !slices.Equal(net.Nodes[n].Weight, back.Nodes[m].Weight) || !slices.Equal(net.Nodes[n].Bias, back.Nodes[m].Bias) {
				t.Errorf("%s: weights of %q differ", net.Name, net.Nodes[n].Name)
			}
		}
		return
	}
	a, b := outputs(t, net), outputs(t, back)
	for i := range a {
		if math.Abs(float64(a[i]-b[i])) > 1e-5*max(1, math.Abs(float64(a[i]))) {
			t.Fatalf("%s: output %d is %v, was %v", net.Name, i, b[i], a[i])
		}
	}
}

// randomQuantized draws integers and grids for a network; points of several
// rows, pruned rows and one-bit rows among them.
func randomQuantized(net *kernels.Network, rng *rand.Rand) *kernels.Quantized {
	grid := func() kernels.Grid {
		bits := []uint8{1, 3, 4, 8, 8, 16, 16}[rng.IntN(7)]
		g := kernels.Grid{Scale: (0.5 + rng.Float64()) / float64(int(1)<<bits), Bits: bits, Signed: rng.IntN(2) == 0}
		if rng.IntN(4) == 0 {
			lo, hi := g.Range()
			g.Zero = lo + int32(rng.IntN(int(hi-lo)+1))
		}
		if rng.IntN(4) == 0 {
			rounds := []kernels.Rounding{kernels.HalfEven, kernels.Floor, kernels.Ceil}
			if g.Zero == 0 { // of others QONNX has no form
				rounds = append(rounds, kernels.HalfAway, kernels.HalfToZero, kernels.TowardZero, kernels.AwayFromZero)
			}
			g.Round, g.Narrow = rounds[rng.IntN(len(rounds))], bits > 1 && rng.IntN(2) == 0
		}
		return g
	}
	q := &kernels.Quantized{Net: net}
	common := grid()
	for range net.Nodes {
		q.Grids = append(q.Grids, common)
		if rng.IntN(2) == 0 {
			q.Grids[len(q.Grids)-1] = grid()
		}
	}
	for _, n := range net.Layers() {
		node := &net.Nodes[n]
		k, m := node.Reduction(), node.Shape.C
		l := kernels.QLayer{Node: n, In: q.Grids[node.Inputs[0]]}
		if rng.IntN(2) == 0 {
			l.In = grid()
		}
		rows := m
		if rng.IntN(3) == 0 {
			rows = 0
			for range m {
				p := uint8(rng.IntN(3))
				l.Points, rows = append(l.Points, p), rows+int(p)
			}
		}
		width := []int{0, 1, 2, 4, 8, 16}[rng.IntN(6)]
		for range rows {
			bits := width
			if rng.IntN(3) == 0 {
				bits = rng.IntN(width + 1)
			}
			l.RowBits, l.RowScale = append(l.RowBits, uint8(bits)), append(l.RowScale, rng.Float64())
			for range k {
				w := 0
				switch {
				case bits == 1:
					w = 2*rng.IntN(2) - 1
				case bits > 1:
					w = rng.IntN(1<<bits) - 1<<(bits-1)
				}
				l.W = append(l.W, int16(w))
			}
		}
		for range m {
			l.Gain, l.Bias = append(l.Gain, 0.5+rng.Float64()), append(l.Bias, rng.NormFloat64())
		}
		q.Layers = append(q.Layers, l)
	}
	return q
}

func TestQuantizedReadsBack(t *testing.T) {
	net := everything(t, true)
	for seed := range uint64(60) {
		checkQuantized(t, randomQuantized(net, rand.New(rand.NewPCG(seed, 0))))
	}
}

func TestQuantizedModelsReadBack(t *testing.T) {
	for _, name := range []string{"cifar10/resnet8_mlperftiny", "kws/kws_dscnn_float", "mnist/mlp_mnist", "mnist/lenet_mnist"} {
		net, err := loaded(testdata.Data(t, "models/"+name+".onnx"))
		if err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(2) {
			checkQuantized(t, randomQuantized(net, rand.New(rand.NewPCG(seed, 1))))
		}
	}
}

// checkQuantized writes and reads a quantized network: it must have the same
// integers, widths and scales, and compute the same codes.
func checkQuantized(t *testing.T, q *kernels.Quantized) {
	t.Helper()
	for _, export := range []func(io.Writer, *kernels.Quantized) error{ExportQuantized, ExportQONNX} {
		checkWritten(t, q, export)
	}
}

func checkWritten(t *testing.T, q *kernels.Quantized, export func(io.Writer, *kernels.Quantized) error) {
	t.Helper()
	var out bytes.Buffer
	if err := export(&out, q); err != nil {
		t.Fatalf("%s: %v", q.Net.Name, err)
	}
	back, err := ImportQuantized(&out)
	if err != nil {
		t.Fatalf("%s: %v", q.Net.Name, err)
	}
	for j := range q.Layers {
		want, got := q.Layers[j], back.Layers[j]
		want.Node, got.Node = 0, 0
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s, layer %d (−wrote +read):\n%s", q.Net.Name, j, diff)
		}
	}
	if a, b := codes(t, q), codes(t, back); !slices.Equal(a, b) {
		t.Fatalf("%s: codes %v, were %v", q.Net.Name, b, a)
	}
}

func codes(t *testing.T, q *kernels.Quantized) []int32 {
	t.Helper()
	p, err := kernels.CompileInt(q, kernels.IntOptions{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	x := kernels.Batch{N: 2, Shape: q.Net.InputShape()}
	rng := rand.New(rand.NewPCG(3, 3))
	for range x.N * x.Size() {
		x.Data = append(x.Data, rng.Float32()*2-1)
	}
	y := make([]int32, x.N*p.Classes)
	if err := p.Run(x, y); err != nil {
		t.Fatal(err)
	}
	return y
}

// Without its metadata a quantized model still has its integers and widths.
func TestQuantizedWithoutMetadata(t *testing.T) {
	net := everything(t, true)
	q := randomQuantized(net, rand.New(rand.NewPCG(1, 1)))
	for i := range q.Layers {
		l := &q.Layers[i]
		l.Points, l.RowBits, l.RowScale = nil, nil, nil
		k, m := net.Nodes[l.Node].Reduction(), net.Nodes[l.Node].Shape.C
		l.W = make([]int16, m*k)
		for r := range m {
			l.RowBits, l.RowScale, l.Gain[r] = append(l.RowBits, []uint8{4, 8}[i%2]), append(l.RowScale, 0.25), 1
			for j := range k {
				l.W[r*k+j] = int16((r*7+j*3)%15 - 7)
			}
		}
	}
	var out bytes.Buffer
	if err := ExportQONNX(&out, q); err != nil {
		t.Fatal(err)
	}
	m, err := parseModel(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	m.meta = nil
	back, err := ImportQuantized(bytes.NewReader(m.encode()))
	if err != nil {
		t.Fatal(err)
	}
	for i := range q.Layers {
		want, got := &q.Layers[i], &back.Layers[i]
		if !slices.Equal(want.W, got.W) || !slices.Equal(want.RowBits, got.RowBits) || want.In.Bits != got.In.Bits {
			t.Errorf("layer %d differs", i)
		}
	}
	if _, err := Import(bytes.NewReader(m.encode())); err == nil || !strings.Contains(err.Error(), "operator is not supported") {
		t.Errorf("a quantized model read as a float one: %v", err)
	}
}

func FuzzImportQuantized(f *testing.F) {
	b := newBuilder(13, -1, 6).floats("w", 4, 6).constant(floatTensor("s", []float32{0.5})).constant(floatTensor("ss", []float32{1, 1, 1, 1}, 4, 1)).
		constant(floatTensor("z", []float32{0})).constant(floatTensor("b", []float32{4})).constant(floatTensor("bb", []float32{4, 4, 3, 2}, 4, 1)).
		node("Quant x,s,z,b -> q", attrs{"signed": intAttr(1)}).node("Quant w,ss,z,bb -> v", attrs{"signed": intAttr(1)}).
		node("Gemm q,v -> g", attrs{"transB": intAttr(1)}).node("Quant g,s,z,b -> y", nil)
	for i := range b.graph.nodes {
		if b.graph.nodes[i].op == "Quant" {
			b.graph.nodes[i].domain = qonnxDomain
		}
	}
	if _, err := ImportQuantized(bytes.NewReader(b.encode())); err != nil {
		f.Fatal(err)
	}
	f.Add(b.encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		if q, err := ImportQuantized(bytes.NewReader(data)); err == nil {
			if err := q.Validate(); err != nil {
				t.Errorf("read and then refused: %v", err)
			}
		}
	})
}
