package bcgd

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"

	"bitcycle/quantizers/bcgd"
)

// With ρ = 1, without momentum and decay, a step is projected gradient descent:
// w' = proj(w − η·g). With ρ = 0 it is BinaryConnect: w_f' = w_f − η·g.
func TestEndsOfTheBlend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wf := rapid.SliceOfN(rapid.Float64Range(-2, 2), 1, 30).Draw(t, "w")
		bits := rapid.IntRange(1, 4).Draw(t, "bits")
		w := bcgd.Project(wf, bits).Values()
		g := rapid.SliceOfN(rapid.Float64Range(-1, 1), len(w), len(w)).Draw(t, "g")
		for _, rho := range []float64{0, 1} {
			from := map[float64][]float64{0: wf, 1: w}[rho]
			want := make([]float64, len(w))
			for i := range w {
				want[i] = from[i] - 0.1*g[i]
			}
			got := append([]float64(nil), wf...)
			Step(got, make([]float64, len(w)), w, g, rho, SGD{Rate: 0.1})
			if floats.Distance(got, want, math.Inf(1)) > 1e-15 {
				t.Fatalf("ρ = %v: w_f' = %v: want %v", rho, got, want)
			}
			if p, q := bcgd.Project(got, bits), bcgd.Project(want, bits); floats.Distance(p.Values(), q.Values(), 2) > 1e-12 {
				t.Fatalf("ρ = %v: w' = %v: want %v", rho, p, q)
			}
		}
	})
}

// Worked example of the two-layer model: v = v* = (1, 0), w ⟂ w*.
func TestTwoLayerExample(t *testing.T) {
	m := TwoLayer{VStar: []float64{1, 0}, WStar: []float64{0, 1}}
	v, w := []float64{1, 0}, []float64{1, 0}
	for name, c := range map[string][2][]float64{
		"θ":           {{m.Theta(w)}, {math.Pi / 2}},
		"h":           {{m.H(v)}, {2}},
		"loss":        {{m.Loss(v, w)}, {0.25}},
		"∂f/∂v":       {m.GradV(v, w), {0.25, 0}},
		"∂f/∂w":       {m.GradW(v, w), {0, -0.1591549}},
		"coarse ReLU": {m.CoarseReLU(v, w), {0.1994711, -0.1994711}},
		"identity":    {m.CoarseIdentity(v, w), {0.3989423, -0.3989423}},
		"correlation": {{m.Correlation(v, w)}, {0.0317468}},
	} {
		if floats.Distance(c[0], c[1], math.Inf(1)) > 5e-8 {
			t.Errorf("%s = %v: want %v", name, c[0], c[1])
		}
	}
}

// Worked example: a blend contracts towards ±δ without changing signs.
func TestBlendContracts(t *testing.T) {
	wf := []float64{0.3, -0.1}
	Step(wf, make([]float64, 2), bcgd.Binary(wf).Values(), make([]float64, 2), 0.5, SGD{})
	if floats.Distance(wf, []float64{0.25, -0.15}, 2) > 1e-15 {
		t.Errorf("blend = %v", wf)
	}
	if again := bcgd.Binary(wf).Values(); floats.Distance(again, []float64{0.2, -0.2}, 2) > 1e-15 {
		t.Errorf("the blend projects on %v", again)
	}
}
