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

// A1: every entry of the sampled loss and gradients lies within 4.5 standard
// errors of its closed form.
func TestClosedFormsAgainstMonteCarlo(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	m := TwoLayer{VStar: unit(rng, 3, 1.3), WStar: unit(rng, 4, 1)}
	v, w := unit(rng, 3, 0.9), unit(rng, 4, 1.7)
	const batches, batch = 200, 400
	var mean, square []float64
	for range batches {
		s := m.Batch(v, w, m.Draw(rng, batch))
		values := append(append([]float64{s.Loss}, s.GradV...), s.GradW...)
		if mean == nil {
			mean, square = make([]float64, len(values)), make([]float64, len(values))
		}
		for i, x := range values {
			mean[i] += x / batches
			square[i] += x * x / batches
		}
	}
	want := append(append([]float64{m.Loss(v, w)}, m.GradV(v, w)...), m.CoarseReLU(v, w)...)
	for i := range want {
		stderr := math.Sqrt((square[i] - mean[i]*mean[i]) / (batches - 1))
		if z := (mean[i] - want[i]) / stderr; math.Abs(z) > 4.5 {
			t.Errorf("entry %d: sampled %v, closed form %v, %.1f standard errors", i, mean[i], want[i], z)
		}
	}
}

// A2: central differences of the loss give the gradients; the correlation
// formula holds to 1e-12 and is never negative.
func TestGradientsAgainstDifferences(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		m := TwoLayer{VStar: unit(rng, 4, 1), WStar: unit(rng, 5, 1)}
		v, w := unit(rng, 4, 1), unit(rng, 5, 1)
		const h = 1e-5
		check := func(name string, x, gradient []float64) {
			for i := range x {
				saved := x[i]
				x[i] = saved + h
				up := m.Loss(v, w)
				x[i] = saved - h
				down := m.Loss(v, w)
				x[i] = saved
				if d := (up - down) / (2 * h); math.Abs(d-gradient[i]) > 1e-8 {
					t.Errorf("%s[%d]: %v by differences, %v in closed form", name, i, d, gradient[i])
				}
			}
		}
		check("grad v", v, m.GradV(v, w))
		check("grad w", w, m.GradW(v, w))
		got, want := floats.Dot(m.CoarseReLU(v, w), m.GradW(v, w)), m.Correlation(v, w)
		if math.Abs(got-want) > 1e-12 || want < 0 {
			t.Errorf("correlation %v, formula %v", got, want)
		}
	}
}

// A3: to first order a coarse step lowers the loss by η(‖∂v‖² + ⟨g, ∂w⟩).
func TestLocalDescent(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const eta = 1e-6
	for range 200 {
		m := TwoLayer{VStar: unit(rng, 5, 1), WStar: unit(rng, 6, 1)}
		v, w := unit(rng, 5, 1), unit(rng, 6, 1)
		gv, gw := m.GradV(v, w), m.CoarseReLU(v, w)
		predicted := eta * (floats.Dot(gv, gv) + floats.Dot(gw, m.GradW(v, w)))
		before := m.Loss(v, w)
		floats.AddScaled(v, -eta, gv)
		floats.AddScaled(w, -eta, gw)
		if ratio := (before - m.Loss(v, w)) / predicted; ratio < 0.999 || ratio > 1.001 {
			t.Errorf("descent is %v times the prediction", ratio)
		}
	}
}

// A4: from a large first layer the population loss never rises, and every run
// ends at the global (θ ≈ 0) or the spurious (θ ≈ π) minimizer.
func TestTrajectoriesDescend(t *testing.T) {
	global := 0
	for seed := range 10 {
		rng := rand.New(rand.NewPCG(uint64(500+seed), 9))
		m := TwoLayer{VStar: unit(rng, 5, 1), WStar: unit(rng, 20, 1)}
		v, w := unit(rng, 5, 1), unit(rng, 20, 5)
		last, rises := m.Loss(v, w), 0
		m.Descend(v, w, 0.02, 30000, m.CoarseReLU, func(int) {
			if last < 1e-6 {
				return
			}
			now := m.Loss(v, w)
			if now > last+1e-15 {
				rises++
			}
			last = now
		})
		theta := m.Theta(w)
		if rises > 0 {
			t.Errorf("seed %d: the loss rose %d times", seed, rises)
		}
		if theta < 0.05 {
			global++
		} else if theta < 3.1 {
			t.Errorf("seed %d ends at θ = %v, loss %v: neither minimizer", seed, theta, last)
		}
	}
	if global < 5 {
		t.Errorf("%d of 10 runs reach the global minimizer", global)
	}
}

// The identity's coarse gradient does not vanish at the spurious minimizer, the
// ReLU's does.
func TestSpuriousMinimizer(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	m := TwoLayer{VStar: unit(rng, 5, 1), WStar: unit(rng, 6, 1)}
	opposite := make([]float64, 6)
	floats.ScaleTo(opposite, -1, m.WStar)
	v := m.Spurious()
	if n := floats.Norm(m.CoarseReLU(v, opposite), 2); n > 1e-12 {
		t.Errorf("coarse ReLU gradient %v at the spurious minimizer", n)
	}
	sum, k := floats.Sum(m.VStar), float64(len(m.VStar))
	want := 2 * (k - 1) * sum * sum / (math.Sqrt(2*math.Pi) * (k + 1) * (k + 1))
	if n := floats.Norm(m.CoarseIdentity(v, opposite), 2); math.Abs(n-want) > 1e-12 {
		t.Errorf("coarse identity gradient %v, want %v", n, want)
	}
}

// A6: blended descent with a binary first layer recovers the signs in most
// runs for small ρ; projected descent (ρ = 1) sticks more often.
func TestSignRecovery(t *testing.T) {
	recovered := map[float64]int{}
	for _, rho := range []float64{0, 1e-3, 1} {
		for seed := range 12 {
			if signsRecovered(uint64(seed), rho) {
				recovered[rho]++
			}
		}
	}
	t.Logf("runs of 12 with every sign recovered: %v", recovered)
	if recovered[0] < 9 || recovered[1e-3] < 9 || recovered[1] > recovered[0] {
		t.Errorf("runs with every sign recovered: %v", recovered)
	}
}

func signsRecovered(seed uint64, rho float64) bool {
	rng := rand.New(rand.NewPCG(seed, 21))
	const n, k, batch, steps, eta = 16, 4, 64, 1500, 0.05
	m := TwoLayer{VStar: unit(rng, k, 1), WStar: make([]float64, n)}
	for i := range m.WStar {
		m.WStar[i] = math.Copysign(1/math.Sqrt(n), rng.Float64()-0.5)
	}
	v, wf := unit(rng, k, 1), unit(rng, n, 1)
	for range steps {
		w := Binary(wf).Values()
		s := m.Batch(v, w, m.Draw(rng, batch))
		floats.AddScaled(v, -eta, s.GradV)
		Step(wf, make([]float64, n), w, s.GradW, rho, SGD{Rate: eta})
	}
	for i, q := range Binary(wf).Q {
		if float64(q)*m.WStar[i] < 0 {
			return false
		}
	}
	return true
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
	})
}

// Sufficient descent: f(w') ≤ f(w) − ½(ρ/η − L)·‖w' − w‖² on random quadratics.
func TestSufficientDescent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		n := rapid.IntRange(2, 8).Draw(t, "n")
		rho := rapid.SampledFrom([]float64{0, 1e-3, 0.05, 0.3, 1}).Draw(t, "rho")
		b := make([][]float64, n)
		lipschitz := 0.0
		for i := range b {
			b[i] = unit(rng, n, 1)
			lipschitz += 1 // ‖BᵀB‖ ≤ Σ‖b_i‖²
		}
		target, wf := unit(rng, n, 2), unit(rng, n, 1)
		value := func(w []float64) (f float64, g []float64) {
			d := make([]float64, n)
			floats.SubTo(d, w, target)
			g = make([]float64, n)
			for _, row := range b {
				dot := floats.Dot(row, d)
				f += dot * dot / 2
				floats.AddScaled(g, dot, row)
			}
			return f, g
		}
		eta := 0.3 / lipschitz
		w := Binary(wf).Values()
		for range 30 {
			before, g := value(w)
			Step(wf, make([]float64, n), w, g, rho, SGD{Rate: eta})
			next := Binary(wf).Values()
			after, _ := value(next)
			move := floats.Distance(next, w, 2)
			if bound := before - (rho/eta-lipschitz)*move*move/2; after > bound+1e-12*(1+math.Abs(bound)) {
				t.Fatalf("f = %v above the bound %v", after, bound)
			}
			w = next
		}
	})
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
