package bcgd

import (
	"bytes"
	"context"
	"math"
	"path/filepath"
	"reflect"
	"testing"

	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/train"
)

// glyphs returns images shrunk to every fourth pixel.
func glyphs(n int) *train.Data {
	full := dataset.Glyphs("train", 0, n, 1)
	im := &dataset.Images{Name: "small glyphs", N: n, H: 8, W: 8, C: 1, Labels: full.Labels}
	for i := range n {
		for p := range 64 {
			im.Pixels = append(im.Pixels, full.Pixels[i*1024+p/8*4*32+p%8*4])
		}
	}
	return &train.Data{Images: im, Normalization: dataset.Normalization{Mean: []float32{128}, Std: []float32{64}}}
}

func residual() *train.Spec {
	return train.ResNet("small", kernels.Shape{C: 1, H: 8, W: 8}, []int{8, 16}, 2, 20)
}

// plain is a network of all operators without residual sums; its second dense
// layer lacks a normalization.
func plain() *train.Spec {
	s := train.NewSpec("plain", kernels.Shape{C: 1, H: 8, W: 8})
	x := s.Conv("a", 0, 8, 3, 1, 1)
	x = s.MaxPool("pool", s.Relu("a.relu", s.BatchNorm("a.norm", x)), 2, 2, 0)
	x = s.Relu("b.relu", s.Conv("b", x, 12, 3, 1, 1))
	x = s.AvgPool("mean", x, 2, 2, 0)
	x = s.Relu("c.relu", s.Dense("c", s.Flatten("flat", x), 32))
	s.Dense("d", x, 20)
	return s
}

// preactivated is a residual network that normalizes codes, takes means of 4, 6
// and 9 of them, and has its logits from a mean.
func preactivated() *train.Spec {
	s := train.NewSpec("preactivated", kernels.Shape{C: 1, H: 8, W: 8})
	x := s.MaxPool("pool", s.Conv("a", 0, 8, 3, 1, 1), 2, 2, 0)
	y := s.Conv("b", s.Relu("b.relu", s.BatchNorm("b.norm", x)), 8, 3, 1, 1)
	x = s.Add("add", x, s.BatchNorm("c.norm", y))
	x = s.Relu("c.relu", s.BatchNorm("d.norm", x))
	x = s.AvgPool("mean", x, 3, 1, 1)
	x = s.Relu("e.relu", s.Conv("e", x, 20, 3, 1, 0))
	s.AvgPool("logits", s.Conv("f", x, 20, 1, 1, 0), 2, 1, 0)
	return s
}

func small(w, a int) Config {
	c := Defaults(w, a, 3)
	c.Batch, c.Seed, c.Rate = 25, 3, 0.05
	return c
}

func prepared(t testing.TB, s *train.Spec, data *train.Data, c Config) *Network {
	t.Helper()
	n, err := New(context.Background(), s, data, c)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func fit(t testing.TB, n *Network, data *train.Data) train.History {
	t.Helper()
	h, err := n.Train(context.Background(), data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func state(t testing.TB, n *Network) []byte {
	t.Helper()
	w, err := n.Model.Weights()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestIntegersAreTheSimulation compares every code of every node on all images.
func TestIntegersAreTheSimulation(t *testing.T) {
	data := glyphs(60)
	images, err := kernels.Normalize(data.Images.Pixels, data.Images.N, kernels.Shape{C: 1, H: 8, W: 8}, []float32{128}, []float32{64})
	if err != nil {
		t.Fatal(err)
	}
	least := map[string]int{"plain": 30_000, "residual": 30_000, "preactivated": 20_000} // codes compared
	for name, spec := range map[string]*train.Spec{"plain": plain(), "residual": residual(), "preactivated": preactivated()} {
		for _, bits := range [][4]int{{1, 4, 8, 8}, {1, 2, 0, 0}, {2, 4, 0, 8}, {4, 1, 8, 0}, {3, 3, 4, 4}} {
			c := small(bits[0], bits[1])
			c.FirstBits, c.LastBits = bits[2], bits[3]
			n := prepared(t, spec, data, c)
			fit(t, n, data)
			if codes, off := differing(t, n, data, images); off > 0 || codes < least[name] {
				t.Errorf("%s %v: %d of %d codes differ", name, bits, off, codes)
			}
		}
	}
}

// differing counts the codes of all activations and logits.
func differing(t *testing.T, n *Network, data *train.Data, images kernels.Batch) (codes, off int) {
	t.Helper()
	ctx := context.Background()
	q, err := n.Quantized(ctx, data)
	if err != nil {
		t.Fatal(err)
	}
	s, err := n.Simulate(ctx, data)
	if err != nil {
		t.Fatal(err)
	}
	want := make([][][]float64, images.N)
	if err := s.Run(ctx, images, func(image int, codes [][]float64) { want[image] = codes }); err != nil {
		t.Fatal(err)
	}
	named := map[string]int{}
	for i := range s.d.nodes {
		named[s.d.nodes[i].Name] = i
	}
	var watch []int
	for i := range q.Net.Nodes {
		if q.Net.Nodes[i].Op.Name() == "relu" || i == q.Net.Output {
			watch = append(watch, i)
		}
	}
	got := map[[2]int][]int32{}
	plan, err := kernels.CompileInt(q, kernels.IntOptions{Workers: 1, Watch: watch, Observe: func(node, image int, codes []int32) {
		got[[2]int{node, image}] = append([]int32(nil), codes...)
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Run(images, make([]int32, images.N*plan.Classes)); err != nil {
		t.Fatal(err)
	}
	for at, list := range got {
		node := &q.Net.Nodes[at[0]]
		values := want[at[1]][named[node.Name]]
		pixels := node.Shape.H * node.Shape.W
		for k, code := range list {
			codes++
			if float64(code) != values[k%node.Shape.C*pixels+k/node.Shape.C] {
				off++
			}
		}
	}
	return codes, off
}

// TestZeroBlendIsBinaryConnect follows a run with ρ = 0 by a separate
// BinaryConnect that gets the same gradients: all weights agree to the bit.
func TestZeroBlendIsBinaryConnect(t *testing.T) {
	data := glyphs(100)
	c := small(1, 2)
	c.FirstBits, c.LastBits, c.Rho = 0, 0, 0
	n := prepared(t, plain(), data, c)
	type shadow struct{ w, v []float32 }
	shadows := map[string]*shadow{}
	for _, name := range []string{"a.weight", "b.weight", "c.weight", "d.weight"} {
		w := n.Model.Param(name).Value
		shadows[name] = &shadow{append([]float32(nil), w...), make([]float32, len(w))}
	}
	steps := 0
	n.Config.Progress = func(p train.Progress) {
		steps++
		for name, s := range shadows {
			param := n.Model.Param(name)
			delta := 0.0
			for _, x := range s.w {
				delta += math.Abs(float64(x))
			}
			delta /= float64(len(s.w))
			for i, g := range param.Grad {
				if want := float32(math.Copysign(delta, float64(s.w[i]))); param.Used[i] != want {
					t.Fatalf("step %d: %s[%d] is used as %g: want %g", steps, name, i, param.Used[i], want)
				}
				s.v[i] = float32(float32(c.Momentum)*s.v[i]) + g + float32(float32(c.WeightDecay)*s.w[i])
				s.w[i] -= float32(float32(p.Rate) * s.v[i])
				if param.Value[i] != s.w[i] {
					t.Fatalf("step %d: %s[%d] = %g: want %g", steps, name, i, param.Value[i], s.w[i])
				}
			}
		}
	}
	fit(t, n, data)
	if steps != 12 {
		t.Errorf("%d steps: want 12", steps)
	}
}

// TestBlendMovesWeights: the blend is what distinguishes the two methods.
func TestBlendMovesWeights(t *testing.T) {
	data := glyphs(100)
	var runs [2][]byte
	for i, rho := range []float64{0, 1e-2} {
		c := small(1, 2)
		c.Rho = rho
		n := prepared(t, plain(), data, c)
		fit(t, n, data)
		runs[i] = state(t, n)
	}
	if bytes.Equal(runs[0], runs[1]) {
		t.Error("weights do not depend on rho")
	}
}

// float trains the residual network without quantization.
func float(t *testing.T, data *train.Data) (net *kernels.Network, top1 float64) {
	t.Helper()
	m, err := train.New(residual(), 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	_, err = train.Fit(context.Background(), m, data, nil, train.Options{Epochs: 15, Batch: 25, Rate: train.Steps(0.1, 0.1, 10), Rule: train.Rule{Momentum: 0.9}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.Evaluate(context.Background(), data)
	if err != nil {
		t.Fatal(err)
	}
	if net, err = m.Export(); err != nil {
		t.Fatal(err)
	}
	return net, got.Top1()
}

// TestWarmStart: with eight bits everywhere, a folded network with its
// normalizations put back computes nearly what it did; with one bit, training
// regains much of what projecting the weights lost.
func TestWarmStart(t *testing.T) {
	data := glyphs(200)
	net, want := float(t, data)
	top1 := func(c Config) float64 {
		n, err := FromNetwork(context.Background(), net, data, c)
		if err != nil {
			t.Fatal(err)
		}
		fit(t, n, data)
		got, err := n.Evaluate(context.Background(), data)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range n.Alphas() {
			if a <= MinAlpha || a >= MaxAlpha {
				t.Errorf("resolution %d is %g", i, a)
			}
		}
		return got.Top1()
	}
	wide, before, after := small(8, 8), small(1, 4), small(1, 4)
	wide.Epochs, before.Epochs, after.Epochs = 0, 0, 20
	after.Drops = []float64{14}
	if got := top1(wide); want < 0.5 || got < want-0.04 {
		t.Errorf("top-1 %.3f at 8 bits: the float network has %.3f", got, want)
	}
	if a, b := top1(before), top1(after); b < a+0.1 {
		t.Errorf("top-1 %.3f after training at 1 bit: was %.3f before", b, a)
	}
}

func TestWorkersDoNotMatter(t *testing.T) {
	data := glyphs(100)
	data.Augment = train.Augment{Shift: 1, Flip: true}
	var first []byte
	for _, workers := range []int{1, 2, 5} {
		c := small(2, 4)
		c.Workers = workers
		n := prepared(t, residual(), data, c)
		fit(t, n, data)
		w := state(t, n)
		if first == nil {
			first = w
		}
		if !bytes.Equal(first, w) {
			t.Errorf("%d workers give other weights than 1", workers)
		}
	}
}

// TestResume interrupts training in every epoch.
func TestResume(t *testing.T) {
	data := glyphs(100)
	whole := prepared(t, residual(), data, small(1, 4))
	want := fit(t, whole, data)
	c := small(1, 4)
	c.Checkpoint = filepath.Join(t.TempDir(), "run")
	for range c.Epochs {
		n := prepared(t, residual(), data, c)
		ctx, cancel := context.WithCancel(context.Background())
		n.Config.Progress = func(p train.Progress) {
			if p.Step == 2 {
				cancel()
			}
		}
		if _, err := n.Train(ctx, data, nil); err == nil {
			t.Fatal("training went on after it was canceled")
		}
	}
	n := prepared(t, residual(), data, c)
	if got := fit(t, n, data); !reflect.DeepEqual(got, want) {
		t.Errorf("curve %v: want %v", got, want)
	}
	if !bytes.Equal(state(t, n), state(t, whole)) {
		t.Error("weights differ from those of a run in one piece")
	}
	c.ActBits = 2
	if _, err := prepared(t, residual(), data, c).Train(context.Background(), data, nil); err == nil {
		t.Error("a checkpoint of other widths was taken")
	}
}
