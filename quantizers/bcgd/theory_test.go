package bcgd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"
)

func unit(rng *rand.Rand, n int, length float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	floats.Scale(length/floats.Norm(x, 2), x)
	return x
}

func drawWeights(t *rapid.T) []float64 {
	return rapid.SliceOfN(rapid.Float64Range(-2, 2), 1, 30).Draw(t, "w")
}

// Projections are idempotent, scale with their input, and order by error: exact
// at most Lloyd at most one pass.
func TestProjectionLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWeights(t)
		bits := rapid.IntRange(1, 6).Draw(t, "bits")
		best := map[bool]func([]float64) Projection{true: func(w []float64) Projection { return Project(w, bits) }, false: func(w []float64) Projection { return ExactBits(w, bits) }}[bits <= 2]
		p := best(w)
		again := best(p.Values())
		if floats.Distance(p.Values(), again.Values(), 2) > 1e-9 {
			t.Fatalf("projection of %v is not idempotent: %v, then %v", w, p.Values(), again.Values())
		}
		scaled := make([]float64, len(w))
		floats.ScaleTo(scaled, 4, w)
		if math.Abs(best(scaled).Delta-4*p.Delta) > 1e-12*(1+p.Delta) {
			t.Fatalf("scale of 4w is %v, of w %v", best(scaled).Delta, p.Delta)
		}
		if bits < 3 {
			return
		}
		exact := floats.Distance(w, p.Values(), 2)
		lloyd := floats.Distance(w, Lloyd(w, bits).Values(), 2)
		once := floats.Distance(w, OneShot(w, bits).Values(), 2)
		if exact > lloyd+1e-12 || lloyd > once+1e-12 {
			t.Fatalf("errors: exact %v, lloyd %v, one pass %v", exact, lloyd, once)
		}
	})
}

func TestActivationLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Activation{Bits: rapid.IntRange(1, 8).Draw(t, "bits"), Alpha: rapid.Float64Range(1e-3, 5).Draw(t, "alpha")}
		x, y := rapid.Float64Range(-10, 10).Draw(t, "x"), rapid.Float64Range(-10, 10).Draw(t, "y")
		if x > y {
			x, y = y, x
		}
		if a.Forward(x) > a.Forward(y) {
			t.Fatalf("σ(%v) > σ(%v)", x, y)
		}
		if x > 0 && x <= float64(a.Levels())*a.Alpha && a.Forward(x) < x*(1-1e-12) {
			t.Fatalf("σ(%v) = %v lies below it", x, a.Forward(x))
		}
		if level := a.Forward(x) / a.Alpha; math.Abs(level-math.Round(level)) > 1e-12*level {
			t.Fatalf("σ(%v)/α = %v is no integer", x, level)
		}
	})
}

// With ρ = 1, without momentum and decay, a step is projected gradient descent:
// w' = proj(w − η·g). With ρ = 0 it is BinaryConnect: w_f' = w_f − η·g.
func TestEndsOfTheBlend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wf := drawWeights(t)
		bits := rapid.IntRange(1, 4).Draw(t, "bits")
		w := Project(wf, bits).Values()
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
			if p, q := Project(got, bits), Project(want, bits); floats.Distance(p.Values(), q.Values(), 2) > 1e-12 {
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

// Worked example of the activation: α = ½, two bits.
func TestActivationExample(t *testing.T) {
	a := Activation{Alpha: 0.5, Bits: 2}
	for i, x := range []float64{-0.1, 0, 0.2, 0.5, 0.51, 1.4, 1.5, 1.6, 9} {
		if y := []float64{0, 0, 0.5, 0.5, 1, 1.5, 1.5, 1.5, 1.5}[i]; a.Forward(x) != y {
			t.Errorf("σ(%v) = %v: want %v", x, a.Forward(x), y)
		}
		for kind, want := range map[AlphaKind][]float64{
			Exactly: {0, 0, 1, 1, 2, 3, 3, 3, 3}, ThreeValued: {0, 0, 2, 2, 2, 2, 2, 3, 3}, TwoValued: {0, 0, 0, 0, 0, 0, 0, 3, 3},
		} {
			a.Kind = kind
			dx, da := a.Backward(x)
			if wantX := []float64{0, 0, 1, 1, 1, 1, 1, 0, 0}[i]; dx != wantX || da != want[i] {
				t.Errorf("%s: derivatives at %v are %v and %v: want %v and %v", kind, x, dx, da, wantX, want[i])
			}
		}
	}
}

// Worked examples: projections of (0.9, −0.2, 0.5, −1.1) and a blend that
// contracts towards ±δ without changing signs.
func TestWorkedExamples(t *testing.T) {
	w := []float64{0.9, -0.2, 0.5, -1.1}
	for name, test := range map[string]struct {
		got   Projection
		delta float64
		q     string
	}{
		"binary":  {Binary(w), 0.675, "[1 -1 1 -1]"},
		"ternary": {Ternary(w), 2.5 / 3, "[1 0 1 -1]"},
		"twn":     {TernaryThreshold(w), 2.5 / 3, "[1 0 1 -1]"},
		"4 bits":  {OneShot(w, 4), 14.8 / 95, "[6 -1 3 -7]"},
	} {
		if math.Abs(test.got.Delta-test.delta) > 1e-12 || fmt.Sprint(test.got.Q) != test.q {
			t.Errorf("%s: %+v, want δ = %v, q = %s", name, test.got, test.delta, test.q)
		}
	}
	wf := []float64{0.3, -0.1}
	blended := Blend(wf, Binary(wf).Values(), 0.5)
	if floats.Distance(blended, []float64{0.25, -0.15}, 2) > 1e-15 {
		t.Errorf("blend = %v", blended)
	}
	if again := Binary(blended).Values(); floats.Distance(again, []float64{0.2, -0.2}, 2) > 1e-15 {
		t.Errorf("the blend projects on %v", again)
	}
}

func TestRivals(t *testing.T) {
	if got := PACT(0.6, 1, 2); math.Abs(got-2.0/3) > 1e-15 {
		t.Errorf("PACT(0.6) = %v", got)
	}
	// The half-wave Gaussian steps of Cai et al. 2017: 0.538 at two bits.
	if got := HWGQStep(2); math.Abs(got-0.538) > 0.005 {
		t.Errorf("half-wave Gaussian step at 2 bits: %v, want 0.538", got)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	w := unit(rng, 200, 1)
	last := math.Inf(1)
	for bases := 1; bases <= 4; bases++ {
		beta, signs := ABCNet(w, bases)
		approx := make([]float64, len(w))
		for j := range signs {
			for i, s := range signs[j] {
				approx[i] += beta[j] * float64(s)
			}
		}
		e := floats.Distance(w, approx, 2)
		if bases != 2 && e > last {
			t.Errorf("%d bases: error %v above %v", bases, e, last)
		}
		last = e
	}
	total := 0.0
	for _, p := range ChannelBinary(w, 50) {
		total += p.Delta * 50
	}
	if math.Abs(total-floats.Norm(w, 1)) > 1e-12 {
		t.Errorf("channel scales sum to %v, want %v", total, floats.Norm(w, 1))
	}
	for bits, want := range map[int]float64{1: 1.2240, 2: 0.6508, 4: 0.1932} {
		if got := symmetricStep(1<<bits - 1); math.Abs(got-want) > 0.01*want {
			t.Errorf("symmetric step at %d bits = %v, want %v", bits, got, want)
		}
	}
}

func ExampleProject() {
	w := []float64{0.9, -0.2, 0.5, -1.1}
	for _, bits := range []int{1, 2, 4} {
		p := Project(w, bits)
		fmt.Printf("%d bits: δ = %.4f, q = %v\n", bits, p.Delta, p.Q)
	}
	// Output:
	// 1 bits: δ = 0.6750, q = [1 -1 1 -1]
	// 2 bits: δ = 0.8333, q = [1 0 1 -1]
	// 4 bits: δ = 0.1558, q = [6 -1 3 -7]
}
