package bcgd

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/train"
)

// reachBits is the width of the images of TestEveryValueIsStoredAlike, which
// take all values.
const reachBits = 12

// storing returns networks that end in each way to store values.
func storing() map[string]*train.Spec {
	const channels = 10
	normed := func(s *train.Spec, name string, in int) int {
		return s.BatchNorm(name+".norm", s.Dense(name, in, channels))
	}
	specs := map[string]*train.Spec{}
	for name, build := range map[string]func(s *train.Spec){
		"logits":         func(s *train.Spec) { s.Dense("a", 0, channels) },
		"norm at output": func(s *train.Spec) { normed(s, "a", 0) },
		"layer":          func(s *train.Spec) { s.Relu("relu", normed(s, "a", 0)) },
		"biased layer": func(s *train.Spec) {
			x := s.BatchNorm("a.norm", s.Dense("a", 0, channels))
			s.Nodes[x-1].NoBias = false
			s.Relu("relu", x)
		},
		"two layers": func(s *train.Spec) {
			s.Relu("relu", normed(s, "b", s.Relu("a.relu", normed(s, "a", 0))))
		},
		"sum": func(s *train.Spec) {
			s.Relu("relu", s.Add("add", normed(s, "a", 0), normed(s, "b", 0)))
		},
		"shortcut": func(s *train.Spec) {
			x := s.Relu("a.relu", normed(s, "a", 0))
			s.Relu("relu", s.Add("add", normed(s, "b", x), x))
		},
		"sum on a grid": func(s *train.Spec) {
			x := s.Relu("a.relu", normed(s, "a", 0))
			s.Dense("c", s.Add("add", normed(s, "b", x), x), channels)
		},
		"norm of codes": func(s *train.Spec) {
			s.Dense("a", s.Relu("relu", s.BatchNorm("norm", 0)), channels)
		},
		"norm of codes at output": func(s *train.Spec) {
			s.BatchNorm("norm", s.Relu("relu", normed(s, "a", 0)))
		},
		"norm of codes in a sum": func(s *train.Spec) {
			x := s.Relu("a.relu", normed(s, "a", 0))
			s.Relu("relu", s.Add("add", s.BatchNorm("norm", x), x))
		},
		"ceiling of codes": func(s *train.Spec) {
			s.Dense("a", s.Relu("relu", s.MaxPool("pool", 0, 1, 1, 0)), channels)
		},
		"ceiling of a ceiling": func(s *train.Spec) {
			s.Relu("relu", s.Relu("a.relu", normed(s, "a", 0)))
		},
	} {
		s := train.NewSpec(name, kernels.Shape{C: 1, H: 1, W: 1})
		build(s)
		specs[name] = s
	}
	return specs
}

// dots returns images of one pixel.
func dots() *train.Data {
	im := &dataset.Images{Name: "dots", N: 64, H: 1, W: 1, C: 1}
	for i := range im.N {
		im.Pixels, im.Labels = append(im.Pixels, uint8(4*i)), append(im.Labels, i%2)
	}
	return &train.Data{Images: im, Normalization: dataset.Normalization{Mean: []float32{128}, Std: []float32{64}}}
}

// disturb draws all that values are scaled by: half of the networks have
// resolutions and weights of few bits, so that values meet levels and halves.
func disturb(n *Network, r *rand.Rand) {
	tidy := r.IntN(2) == 0
	step := func(least, most float64) float64 {
		x := least * math.Pow(most/least, r.Float64())
		if tidy {
			_, e := math.Frexp(x)
			x = math.Ldexp([]float64{1, 3, 5, 7}[r.IntN(4)], e-3)
		}
		return float64(float32(x))
	}
	for _, p := range n.Model.Params {
		for i := range p.Value {
			p.Value[i] = float32(math.Copysign(step(0.25, 4), r.Float64()-0.5))
		}
	}
	for i := range n.Model.Spec.Nodes {
		norm, ok := n.Model.Norm(n.Model.Spec.Nodes[i].Name)
		if !ok {
			continue
		}
		for c := range norm.Gamma {
			norm.Mean[c], norm.Var[c] = float32(r.NormFloat64()), 1-norm.Epsilon
			if tidy {
				norm.Mean[c] = 0
				norm.Beta[c] = float32(math.Ldexp(float64(r.IntN(9)-4), -3))
			} else {
				norm.Var[c] = float32(step(1e-4, 10))
			}
		}
	}
	for _, u := range n.rewrite.all {
		switch u := u.(type) {
		case *ceiling:
			u.setAlpha(step(0.02, 1))
		case *rounding:
			u.Scale = step(4.0/(1<<reachBits), 64.0/(1<<reachBits)) // no ratio beyond largestRatio
		}
	}
	n.follow()
}

// TestEveryValueIsStoredAlike: for random scales, shifts and resolutions, integer
// network and simulation give the same codes for every image of 12 bits, hence
// for all sums of that range.
func TestEveryValueIsStoredAlike(t *testing.T) {
	data := dots()
	top := 1 << (reachBits - 1)
	images := kernels.Batch{N: 2 * top, Shape: kernels.Shape{C: 1, H: 1, W: 1}}
	for name, spec := range storing() {
		var nets []*Network
		for i, rule := range []WeightRule{ChannelScaled, Projected} {
			c := small([]int{1, 8}[i], 4)
			c.Weights, c.Rho, c.InputBits, c.FirstBits, c.LastBits = rule, 0, reachBits, 0, 0
			nets = append(nets, prepared(t, spec, data, c))
		}
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			n := nets[rapid.IntRange(0, 1).Draw(t, "rule")]
			disturb(n, rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)))
			var step float64
			for i, u := range n.rewrite.units {
				if r, ok := u.(*rounding); ok && n.Model.Spec.Nodes[i].Name == "input.grid" {
					step = r.Scale
				}
			}
			images.Data = images.Data[:0]
			for v := -top; v < top; v++ {
				images.Data = append(images.Data, float32(float64(v)*step))
			}
			compare(t, n, data, images)
		}))
	}
}

// compare fails if any output code differs.
func compare(t *rapid.T, n *Network, data *train.Data, images kernels.Batch) {
	ctx := context.Background()
	q, err := n.Quantized(ctx, data)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := kernels.CompileInt(q, kernels.IntOptions{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	got := make([]int32, images.N*plan.Classes)
	if err := plan.Run(images, got); err != nil {
		t.Fatal(err)
	}
	s, err := n.Simulate(ctx, data)
	if err != nil {
		t.Fatal(err)
	}
	want, err := s.Logits(ctx, images)
	if err != nil {
		t.Fatal(err)
	}
	differ := 0
	for i, code := range got {
		if code != want[i] {
			if differ == 0 {
				t.Errorf("image %d, output %d: code %d, simulated %d", i/plan.Classes, i%plan.Classes, code, want[i])
			}
			differ++
		}
	}
	if differ > 0 {
		t.Errorf("%d of %d codes differ", differ, len(got))
	}
}

// TestSumsRejected: a sum whose steps are too far apart to be added in integers
// is an error, for both sides alike.
func TestSumsRejected(t *testing.T) {
	data := dots()
	n := prepared(t, storing()["sum on a grid"], data, small(1, 4))
	for i, u := range n.rewrite.units {
		if r, ok := u.(*rounding); ok && n.Model.Spec.Nodes[i].Name == "add.grid" {
			r.Scale = 1e-6
		}
	}
	_, err := n.Quantized(context.Background(), data)
	if err == nil || !strings.Contains(err.Error(), "node add: adds steps of") {
		t.Errorf("error %v", err)
	}
	if _, other := n.Simulate(context.Background(), data); other == nil || other.Error() != err.Error() {
		t.Errorf("error %v: want %v", other, err)
	}
}

// TestStoredAsTrained: rounding gains and offsets costs no more than float32
// does behind layers, and a few thousandths of a step of the grid elsewhere.
func TestStoredAsTrained(t *testing.T) {
	data := glyphs(40)
	for _, spec := range []*train.Spec{plain(), residual(), preactivated()} {
		n := prepared(t, spec, data, small(2, 4))
		fit(t, n, data)
		d, err := n.deploy(context.Background(), data)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range d.stored {
			if s == nil {
				continue
			}
			node, in := &d.nodes[i], d.nodes[i].Inputs[0]
			behind := kernels.HasWeights(node.Op) || kernels.HasWeights(d.nodes[in].Op)
			gain, offset := d.affine(i)
			for c := range gain {
				off := math.Abs(s.offset[c]-offset[c]) / s.step
				relative := math.Abs(s.gain[c]/gain[c] - 1)
				switch {
				case behind && (relative > 1.0/(1<<24) || off > 1.0/(1<<12)):
					t.Errorf("%s: channel %d: gain is off by 2^%.1f of it, offset by %g steps", node.Name, c, math.Log2(relative), off)
				case !behind && (relative*gain[c]*d.grids[in].Scale*float64(d.grids[in].Magnitude()) > 0.01*s.step || off > 0.01):
					t.Errorf("%s: channel %d: gain is off by %g of it, offset by %g steps", node.Name, c, relative, off)
				}
			}
		}
	}
}
