package onnx

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bitcycle/internal/testdata"
	"bitcycle/kernels"
)

// builder makes small models for the tests.
type builder struct{ model }

func newBuilder(opset int64, input ...int64) *builder {
	b := &builder{model{opset: opset, graph: graph{name: "test"}}}
	b.graph.inputs = []valueInfo{{"x", typeFloat, input}}
	b.graph.outputs = []valueInfo{{"y", typeFloat, nil}}
	return b
}

// node appends a node: "Op in,in -> out".
func (b *builder) node(text string, attrs map[string]attribute) *builder {
	var op, in, out string
	if _, err := fmt.Sscanf(text, "%s %s -> %s", &op, &in, &out); err != nil {
		panic(err)
	}
	b.graph.nodes = append(b.graph.nodes, node{op: op, inputs: strings.Split(strings.ReplaceAll(in, "_", ""), ","), outputs: []string{out}, attrs: attrs})
	return b
}

func (b *builder) floats(name string, dims ...int) *builder {
	n := 1
	for _, d := range dims {
		n *= d
	}
	r, v := rand.New(rand.NewPCG(uint64(len(name)), uint64(n))), make([]float32, n)
	for i := range v {
		v[i] = r.Float32()*2 - 1
	}
	return b.constant(floatTensor(name, v, dims...))
}

func (b *builder) ints(name string, v ...int64) *builder {
	return b.constant(intTensor(name, typeInt64, v, len(v)))
}

func (b *builder) constant(t *tensor) *builder {
	b.graph.initializers = append(b.graph.initializers, t)
	return b
}

func (b *builder) load(t *testing.T) *kernels.Network {
	t.Helper()
	net, err := Import(bytes.NewReader(b.encode()))
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// loaded reads a model that is executed.
func loaded(path string) (*kernels.Network, error) {
	m, err := Load(path, Options{})
	if err != nil {
		return nil, err
	}
	return m.Net, nil
}

// outputs runs a network on three fixed images.
func outputs(t *testing.T, net *kernels.Network) []float32 {
	t.Helper()
	p, err := kernels.Compile(net, kernels.PlanOptions{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(7, 7))
	x := kernels.Batch{N: 3, Shape: net.InputShape()}
	x.Data = make([]float32, x.N*x.Size())
	for i := range x.Data {
		x.Data[i] = r.Float32()*2 - 1
	}
	y := make([]float32, x.N*p.Classes)
	if err := p.Run(x, y); err != nil {
		t.Fatal(err)
	}
	return y
}

type attrs = map[string]attribute

// Each pair of models says the same in two ways.
func TestEquivalentModels(t *testing.T) {
	image := func(opset int64) *builder { return newBuilder(opset, -1, 3, 6, 5) }
	vector := func() *builder { return newBuilder(13, -1, 6) }
	for name, pair := range map[string][2]*builder{
		"clip by attribute and by inputs": {
			image(10).node("Clip x -> y", attrs{"min": floatAttr(-0.5), "max": floatAttr(0.25)}),
			image(11).constant(floatTensor("lo", []float32{-0.5})).constant(floatTensor("hi", []float32{0.25})).node("Clip x,lo,hi -> y", nil),
		},
		"clip at zero is relu": {
			image(13).constant(floatTensor("lo", []float32{0})).node("Clip x,lo -> y", nil),
			image(13).node("Relu x -> y", nil),
		},
		"pad by attribute and by inputs": {
			image(7).node("Pad x -> y", attrs{"pads": intsAttr(0, 1, 2, 0, 0, 0, 1, 3)}),
			image(18).ints("p", 2, 0, 1, 3).ints("axes", -2, 3).ints("pc", 0, 1, 0, 0, 0, 0, 0, 0).node("Pad x,pc -> z", nil).node("Pad z,p,_,axes -> y", nil),
		},
		"slice by attribute and by inputs": {
			image(9).node("Slice x -> y", attrs{"starts": intsAttr(1, -4), "ends": intsAttr(3, 1000), "axes": intsAttr(1, 2)}),
			image(10).ints("s", 1, 2).ints("e", 3, 6).ints("a", 1, -2).ints("t", 1, 1).node("Slice x,s,e,a,t -> y", nil),
		},
		"same padding and its numbers": {
			image(13).floats("w", 4, 3, 3, 2).node("Conv x,w -> y", attrs{"strides": intsAttr(2, 2), "auto_pad": stringAttr("SAME_UPPER")}),
			image(13).floats("w", 4, 3, 3, 2).node("Conv x,w -> y", attrs{"strides": intsAttr(2, 2), "pads": intsAttr(0, 0, 1, 1)}),
		},
		"same lower padding": {
			image(13).node("MaxPool x -> y", attrs{"kernel_shape": intsAttr(3, 3), "strides": intsAttr(2, 2), "auto_pad": stringAttr("SAME_LOWER")}),
			image(13).node("MaxPool x -> y", attrs{"kernel_shape": intsAttr(3, 3), "strides": intsAttr(2, 2), "pads": intsAttr(1, 1, 0, 1)}),
		},
		"ceil mode": {
			image(13).node("AveragePool x -> y", attrs{"kernel_shape": intsAttr(2, 2), "strides": intsAttr(2, 2), "ceil_mode": intAttr(1)}),
			image(13).node("AveragePool x -> y", attrs{"kernel_shape": intsAttr(2, 2), "strides": intsAttr(2, 2), "pads": intsAttr(0, 0, 0, 1)}),
		},
		"mean over height and width": {
			image(13).node("ReduceMean x -> m", attrs{"axes": intsAttr(2, -1), "keepdims": intAttr(0)}).node("Relu m -> y", nil),
			image(18).ints("a", 3, 2).node("GlobalAveragePool x -> m", nil).node("Relu m -> r", nil).node("Flatten r -> y", nil),
		},
		"dense by gemm and by matmul": {
			vector().floats("w", 6, 4).floats("b", 4).node("Gemm x,w,b -> y", nil),
			vector().floats("w", 6, 4).floats("b", 4).node("MatMul x,w -> z", nil).node("Add b,z -> y", nil),
		},
		"weights on the left": {
			vector().floats("w", 4, 6).node("Transpose x -> t", nil).node("MatMul w,t -> z", nil).node("Transpose z -> y", attrs{"perm": intsAttr(1, 0)}),
			vector().floats("w", 4, 6).node("Gemm x,w -> y", attrs{"transB": intAttr(1)}),
		},
		"gemm of a constant and the transposed input": {
			vector().floats("w", 6, 4).node("Gemm w,x -> z", attrs{"transA": intAttr(1), "transB": intAttr(1)}).node("Transpose z -> y", nil),
			vector().floats("w", 6, 4).node("Transpose w -> v", nil).node("Gemm x,v -> y", attrs{"transB": intAttr(1)}),
		},
		"gemm with factors": {
			vector().floats("w", 6, 4).floats("b", 4).node("Gemm x,w,b -> y", attrs{"alpha": floatAttr(2), "beta": floatAttr(0)}),
			vector().floats("w", 6, 4).constant(floatTensor("two", []float32{2})).node("Gemm x,w -> z", nil).node("Mul z,two -> y", nil),
		},
		"channels last": {
			newBuilder(13, -1, 6, 5, 3).floats("w", 4, 3, 3, 3).floats("d", 48, 2).ints("s", -1, 48).
				node("Transpose x -> t", attrs{"perm": intsAttr(0, 3, 1, 2)}).node("Conv t,w -> c", nil).
				node("Transpose c -> l", attrs{"perm": intsAttr(0, 2, 3, 1)}).node("Reshape l,s -> f", nil).node("MatMul f,d -> y", nil),
			newBuilder(13, -1, 3, 6, 5).floats("w", 4, 3, 3, 3).constant(chwRows(4, 12, 2)).
				node("Conv x,w -> c", nil).node("Flatten c -> f", nil).node("Gemm f,d -> y", nil),
		},
		"matmul over positions is a pointwise convolution": {
			image(13).floats("w", 4, 3, 1, 1).node("Conv x,w -> c", nil).node("Flatten c -> y", nil),
			image(13).floats("w", 4, 3, 1, 1).ints("s", 4, 3).node("Reshape w,s -> m", nil).node("Transpose m -> v", nil).
				node("Transpose x -> l", attrs{"perm": intsAttr(0, 2, 3, 1)}).node("MatMul l,v -> c", nil).
				node("Transpose c -> n", attrs{"perm": intsAttr(0, 3, 1, 2)}).node("Flatten n -> y", nil),
		},
		"constant node, identity, dropout": {
			vector().node("Identity x -> a", nil).node("Dropout a -> b", nil).
				node("Constant _ -> k", attrs{"value_float": floatAttr(3)}).node("Mul k,b -> y", nil),
			vector().constant(floatTensor("k", []float32{3, 3, 3, 3, 3, 3}, 1, 6)).node("Mul x,k -> y", nil),
		},
		"softmax axis": {
			vector().node("Softmax x -> y", nil),
			newBuilder(11, -1, 6).node("Softmax x -> y", nil),
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := outputs(t, pair[0].load(t)), outputs(t, pair[1].load(t))
			if len(a) != len(b) {
				t.Fatalf("%d and %d outputs", len(a), len(b))
			}
			for i := range a {
				if math.Abs(float64(a[i]-b[i])) > 1e-6 {
					t.Fatalf("output %d: %v and %v", i, a[i], b[i])
				}
			}
		})
	}
}

// chwRows is builder.floats("d", channels·pixels, columns) with its rows in
// channel, row, column order instead of row, column, channel.
func chwRows(channels, pixels, columns int) *tensor {
	d := newBuilder(13).floats("d", channels*pixels, columns).graph.initializers[0]
	v, _ := d.values32()
	out := make([]float32, len(v))
	for c := range channels {
		for p := range pixels {
			copy(out[(c*pixels+p)*columns:][:columns], v[(p*channels+c)*columns:])
		}
	}
	return floatTensor("d", out, channels*pixels, columns)
}

func TestBatchNormFolds(t *testing.T) {
	stats := func(b *builder) *builder {
		return b.floats("s", 4).floats("bb", 4).floats("mmm", 4).constant(floatTensor("v", []float32{0.5, 1, 2, 4}, 4))
	}
	conv := stats(newBuilder(13, -1, 3, 6, 5).floats("w", 4, 3, 3, 3).floats("cb", 4))
	net := conv.node("Conv x,w,cb -> c", nil).node("BatchNormalization c,s,bb,mmm,v -> y", nil).load(t)
	if len(net.Nodes) != 2 || net.Nodes[1].Fold == nil {
		t.Fatalf("batch norm was not folded: %d nodes", len(net.Nodes))
	}
	conv.graph.nodes[1].inputs[0], conv.graph.nodes[1].outputs[0] = "r", "y"
	conv.graph.nodes = append(conv.graph.nodes[:1:1], node{op: "Identity", inputs: []string{"c"}, outputs: []string{"r"}}, conv.graph.nodes[1],
		node{op: "Add", inputs: []string{"y", "c"}, outputs: []string{"z"}})
	conv.graph.outputs[0].name = "z"
	apart := conv.load(t)
	if len(apart.Nodes) != 4 || apart.Nodes[2].Op.Name() != "scale" {
		t.Fatalf("batch norm of a convolution that is read twice must stay: %v", apart.Nodes)
	}
	apart.Output = 2
	a, b := outputs(t, net), outputs(t, apart)
	for i := range a {
		if math.Abs(float64(a[i]-b[i])) > 1e-5 {
			t.Fatalf("output %d: %v folded, %v apart", i, a[i], b[i])
		}
	}
}

func TestExternalData(t *testing.T) {
	dir := t.TempDir()
	inside := newBuilder(13, -1, 6).floats("w", 6, 4).node("MatMul x,w -> y", nil)
	want := outputs(t, inside.load(t))
	w := inside.graph.initializers[0]
	if err := os.WriteFile(filepath.Join(dir, "w.bin"), append(make([]byte, 16), w.raw...), 0o666); err != nil {
		t.Fatal(err)
	}
	w.raw, w.file = nil, map[string]string{"location": "w.bin", "offset": "16", "length": "96"}
	path := filepath.Join(dir, "m.onnx")
	if err := os.WriteFile(path, inside.encode(), 0o666); err != nil {
		t.Fatal(err)
	}
	net, err := loaded(path)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range outputs(t, net) {
		if v != want[i] {
			t.Fatalf("output %d: %v, want %v", i, v, want[i])
		}
	}
	w.file["location"] = "../w.bin"
	if _, err := newImporter(inside.encode(), dir, Options{}, false); err == nil || !strings.Contains(err.Error(), "outside the model's folder") {
		t.Errorf("weights outside the folder: %v", err)
	}
}

func TestErrors(t *testing.T) {
	image := func() *builder { return newBuilder(13, -1, 3, 6, 5) }
	for want, b := range map[string]*builder{
		`node "y" (LSTM): input [1 3 6 5]: must have 3 axes`:                                   image().node("LSTM x -> y", nil),
		`node "y" (Hardmax): operator is not supported; --cost-only charges it as vector work`: image().node("Hardmax x -> y", nil),
		`node "y" (Relu): input "q" is not computed before`:                                    image().node("Relu q -> y", nil),
		`operator set 5: must be at least 6`:                                                   newBuilder(5, -1, 3, 6, 5),
		`input "x" has open dimensions ?x3x?x5: give them, for example --input x=1x3x224x5`:    newBuilder(13, -1, 3, -1, 5),
		`output "y" is not computed`:                                                           image(),
		`node "y" (Conv): tensor "w" [1 3 1 1] needs 3 values of float16 and holds 0 bytes and 0 numbers; --cost-only charges it as a matrix product`: image().constant(&tensor{name: "w", kind: 10, dims: []int64{1, 3, 1, 1}}).node("Conv x,w -> y", nil),
		`node "y" (Conv): tensor "w" [1 3 1 1] needs 3 values of float32 and holds 8 bytes and 0 numbers; --cost-only charges it as a matrix product`: image().constant(&tensor{name: "w", kind: typeFloat, dims: []int64{1, 3, 1, 1}, raw: make([]byte, 8)}).node("Conv x,w -> y", nil),
		`node "y" (Conv): weights [4 2 3 3] do not fit 1 groups, kernel [3 3] and input 3×6×5`:                                                        image().floats("w", 4, 2, 3, 3).node("Conv x,w -> y", nil),
	} {
		if _, err := Import(bytes.NewReader(b.encode())); fmt.Sprint(err) != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// Every prefix of a model is refused with one line.
func TestTruncated(t *testing.T) {
	data := newBuilder(13, -1, 6).floats("w", 6, 4).node("MatMul x,w -> y", nil).encode()
	for n := range data {
		if _, err := Import(bytes.NewReader(data[:n])); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%d of %d bytes: %v", n, len(data), err)
		}
	}
}

// classifiers returns the real models that classify; others need operators that
// are not there yet.
func classifiers(t *testing.T) (files []string) {
	t.Helper()
	for _, folder := range []string{"cifar10", "imagenet", "kws", "mnist"} {
		found, err := filepath.Glob(filepath.Join(testdata.Data(t, "models"), folder, "*.onnx"))
		if err != nil || len(found) == 0 {
			t.Fatalf("no models in %s: %v", folder, err)
		}
		files = append(files, found...)
	}
	return files
}

func TestReadsEveryModel(t *testing.T) {
	for _, path := range classifiers(t) {
		net, err := loaded(path)
		if err != nil {
			t.Error(err)
			continue
		}
		for i := range net.Nodes {
			if net.Nodes[i].Op.Name() == "scale" {
				t.Errorf("%s: %q was not folded", path, net.Nodes[i].Name)
			}
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add(newBuilder(13, -1, 3, 6, 5).floats("w", 4, 3, 3, 3).ints("s", 0, -1).
		node("Conv x,w -> c", attrs{"pads": intsAttr(1, 1, 1, 1)}).node("Relu c -> r", nil).
		node("MaxPool r -> p", attrs{"kernel_shape": intsAttr(2, 2), "ceil_mode": intAttr(1)}).
		node("Transpose p -> t", attrs{"perm": intsAttr(0, 2, 3, 1)}).node("Reshape t,s -> y", nil).encode())
	f.Add(newBuilder(9, 1, 6).floats("w", 6, 4).node("MatMul x,w -> y", nil).encode())
	f.Add(newBuilder(10, 2, 3, 6, 5).ints("s", 1).ints("e", -1).ints("a", 3).ints("t", -1).ints("p", 0, 1, 0, 0, 0, 0, 1, 1).
		node("Slice x,s,e,a,t -> z", nil).node("Concat z,z -> c", attrs{"axis": intAttr(1)}).node("Pad c,p -> y", nil).encode())
	f.Add(binary.LittleEndian.AppendUint64(nil, 0x3a3a3a3a))
	seedModels(f, "idioms")
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := decode(data, "", Options{Shapes: true}); err == nil {
			costOf(m)
		}
		net, err := Import(bytes.NewReader(data))
		if err == nil {
			err = net.InferShapes()
		}
		if err != nil && net != nil {
			t.Errorf("both a network and %v", err)
		}
	})
}

// A detector ends before the choice among its boxes: at boxes and scores, and at
// outputs that do not depend on it.
func TestEndsBeforeBoxesAreChosen(t *testing.T) {
	b := newBuilder(13, 1, 8, 4).node("Sigmoid x -> scores0", nil).ints("t", 1, 4, 8).node("Transpose scores0 -> scores", attrs{"perm": intsAttr(0, 2, 1)}).
		node("NonMaxSuppression x,scores -> chosen", nil).node("Cast chosen -> y", attrs{"to": intAttr(typeFloat)})
	b.graph.outputs = append(b.graph.outputs, valueInfo{name: "scores0", elemType: typeFloat})
	m, err := decode(b.encode(), "", Options{})
	if err != nil || m.Executable() != nil {
		t.Fatal(err, m)
	}
	var names []string
	for _, o := range m.Outputs {
		names = append(names, o.Name)
	}
	if want := []string{"scores0", "x", "scores"}; !slices.Equal(names, want) || len(m.Notes) != 2 || !strings.Contains(m.Notes[0], "the network ends before it") {
		t.Errorf("outputs %v, want %v; %q", names, want, m.Notes)
	}
}
