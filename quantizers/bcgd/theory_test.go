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

// Worked examples: projections of (0.9, −0.2, 0.5, −1.1).
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
}

func TestRivals(t *testing.T) {
	for _, c := range []struct {
		x     float64
		least int
		want  float64
	}{{0.6, 0, 2.0 / 3}, {-1, 0, 0}, {7, 0, 1}, {0.1, 0, 0}, {0.1, 1, 1.0 / 3}} {
		if got := Rounded(c.x, 1.0/3, c.least, 3); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("%v rounds to %v, want %v", c.x, got, c.want)
		}
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
