package train

import (
	"context"
	"math"
	"slices"
	"testing"

	"bitcycle/kernels"
)

// TestExportComputesTheSame folds every test network and trains on from the
// result: the logits must stay, with folded normalizations, with normalizations
// put back, and with their statistics taken from data.
func TestExportComputesTheSame(t *testing.T) {
	for name, build := range gradientCases {
		if name == "graph" {
			continue // has activations of its own
		}
		t.Run(name, func(t *testing.T) {
			m, err := New(build(), 3, 2)
			if err != nil {
				t.Fatal(err)
			}
			scatterParams(m)
			data := randomData(m.Spec.Nodes[0].Shape, 30, m.Classes(), 8)
			if err := m.Reestimate(context.Background(), data, 30); err != nil {
				t.Fatal(err)
			}
			want := logits(t, m, data)
			net, err := m.Export()
			if err != nil {
				t.Fatal(err)
			}
			compare(t, "executed by package kernels", execute(t, net, data), want)
			for _, norms := range []bool{false, true} {
				spec, err := FromNetwork(net, norms)
				if err != nil {
					t.Fatal(err)
				}
				again, err := New(spec, 0, 1)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "imported", logits(t, again, data), want)
				if err := again.Recalibrate(context.Background(), data); err != nil {
					t.Fatal(err)
				}
				compare(t, "recalibrated", logits(t, again, data), want)
			}
		})
	}
}

func execute(t *testing.T, net *kernels.Network, data *Data) []float32 {
	t.Helper()
	plan, err := kernels.Compile(net, kernels.PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	im := data.Images
	x, err := kernels.Normalize(im.Values, im.N, net.InputShape(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	z := make([]float32, im.N*plan.Classes)
	if err := plan.Run(x, z); err != nil {
		t.Fatal(err)
	}
	return z
}

func logits(t *testing.T, m *Model, data *Data) []float32 {
	t.Helper()
	z, err := m.Logits(context.Background(), data)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func compare(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if d := math.Abs(float64(got[i] - want[i])); d > 1e-4*(1+math.Abs(float64(want[i]))) {
			t.Fatalf("%s: logit %d is %g: want %g", what, i, got[i], want[i])
		}
	}
}

// TestReestimate compares running statistics with batch statistics: after
// re-estimation on one batch, inference computes what training computed.
func TestReestimate(t *testing.T) {
	m, err := New(gradientCases["resnet"](), 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	scatterParams(m)
	data := randomData(m.Spec.Nodes[0].Shape, 64, m.Classes(), 8)
	if err := m.Reestimate(context.Background(), data, 64); err != nil {
		t.Fatal(err)
	}
	got, err := m.Evaluate(context.Background(), data)
	if err != nil {
		t.Fatal(err)
	}
	want := gradient(m, data)
	// The running variance is the unbiased one, n/(n−1) with n ≥ 64·9.
	if math.Abs(got.Loss()-want.Loss()) > 5e-3*want.Loss() {
		t.Errorf("loss %.5f with running, %.5f with batch statistics", got.Loss(), want.Loss())
	}
}

// TestExportFolds checks that normalizations after layers disappear and others
// become scales.
func TestExportFolds(t *testing.T) {
	s := NewSpec("net", kernels.Shape{C: 2, H: 4, W: 4})
	x := s.BatchNorm("first", 0)
	x = s.Conv("conv", x, 3, 3, 1, 1)
	x = s.BatchNorm("norm", x)
	x = s.Relu("relu", x)
	x = s.GlobalPool("pool", x)
	s.Dense("dense", x, 2)
	m, err := New(s, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	net, err := m.Export()
	if err != nil {
		t.Fatal(err)
	}
	var ops []string
	for _, n := range net.Nodes {
		ops = append(ops, n.Op.Name())
	}
	want := []string{"input", "scale", "conv", "relu", "globalpool", "dense"}
	if !slices.Equal(ops, want) {
		t.Fatalf("operators %v: want %v", ops, want)
	}
	if net.Output != 5 || len(net.Nodes[2].Bias) != 3 || len(net.Nodes[2].Weight) != 3*2*9 {
		t.Errorf("output %d, %d biases, %d weights", net.Output, len(net.Nodes[2].Bias), len(net.Nodes[2].Weight))
	}
}

func TestSpecErrors(t *testing.T) {
	image := kernels.Shape{C: 4, H: 5, W: 5}
	for name, build := range map[string]func(s *Spec){
		"dense on an image":     func(s *Spec) { s.Dense("d", 0, 3) },
		"sum of unequal shapes": func(s *Spec) { s.Add("a", 0, s.Conv("c", 0, 4, 3, 1, 0)) },
		"kernel too large":      func(s *Spec) { s.Conv("c", 0, 4, 7, 1, 0) },
		"groups": func(s *Spec) {
			s.Op("c", kernels.Conv{Channels: 6, Groups: 4, Window: square(3, 1, 1)}, 0)
		},
		"weights":    func(s *Spec) { s.Nodes[s.Conv("c", 0, 4, 3, 1, 0)].Weight = make([]float32, 5) },
		"later node": func(s *Spec) { s.Relu("r", 1) },
		"slice": func(s *Spec) {
			s.Op("s", kernels.Slice{Count: [3]int{4, 5, 5}, Start: [3]int{0, 1, 0}, Step: [3]int{1, 1, 1}}, 0)
		},
		"operator":        func(s *Spec) { s.Op("l", kernels.LRN{Size: 1, Offset: 1}, 0) },
		"image of logits": func(s *Spec) { s.Relu("r", 0) },
	} {
		s := NewSpec("bad", image)
		build(s)
		if _, err := New(s, 1, 1); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
