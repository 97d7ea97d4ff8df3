package mimo

import (
	"math"
	"math/cmplx"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// prepared returns a precoder for a channel of a scenario and symbols for it.
func prepared(t testing.TB, s Scheme, sc Scenario, snrDB float64) (*worker, *Channel) {
	t.Helper()
	w, err := newWorker(Link{Scenario: sc, Scheme: s, SNRdB: snrDB, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	ch := sc.Draw(Stream(1, 0, 0))
	if err := w.prepare(ch); err != nil {
		t.Fatal(err)
	}
	w.qam.Random(&w.s, Stream(1, 0, 1))
	return w, ch
}

// schemes are all precoders, with options that change their course.
func schemes() []Scheme {
	var list []Scheme
	for _, name := range Precoders() {
		if name != "sd-mrt" {
			list = append(list, Scheme{Precoder: name})
		}
	}
	return append(list,
		Scheme{Precoder: "zf", Bits: 3}, Scheme{Precoder: "rzf", Bits: 1, Bussgang: true},
		Scheme{Precoder: "sd-zf", Headroom: 1.5, EqualWeights: true},
		Scheme{Precoder: "sd-zf", Modulator: Modulator{Order: 2, Levels: 4}},
		Scheme{Precoder: "sd-zf", Modulator: Modulator{Psi: 0.1, Chains: 4}},
		Scheme{Precoder: "sd-slp", Modulator: Modulator{FracBits: 6}})
}

func TestRadiatedPower(t *testing.T) {
	sc := DefaultScenario()
	sc.Power, sc.Symbols = 3, 64
	for _, s := range schemes() {
		w, _ := prepared(t, s, sc, 10)
		w.precoder.Precode(&w.tx, &w.s)
		power := w.tx.Scale * w.tx.Scale * w.tx.X.Energy() / float64(sc.Symbols)
		tolerance := 1e-12
		if s.Bits == 0 && (s.Precoder == "zf" || s.Precoder == "rzf" || s.Precoder == "mrt") {
			tolerance = 0.15 // on average over symbols only
		}
		if math.Abs(power/3-1) > tolerance {
			t.Errorf("%+v radiates %v, want 3", s, power)
		}
	}
}

func TestOneBitPrecodersAreOneBit(t *testing.T) {
	for _, s := range schemes() {
		p, err := s.New()
		if err != nil {
			t.Fatal(err)
		}
		if p.Cost(256, 8).OutBits != 1 {
			continue
		}
		w, _ := prepared(t, s, DefaultScenario(), 10)
		w.precoder.Precode(&w.tx, &w.s)
		for i := range w.tx.X.Rows {
			re, im := w.tx.X.Row(i)
			for j := range re {
				if math.Abs(re[j]) != 1 || math.Abs(im[j]) != 1 {
					t.Fatalf("%+v sends %v", s, w.tx.X.At(i, j))
				}
			}
		}
	}
}

func TestZeroForcingDeliversTheSymbols(t *testing.T) {
	w, ch := prepared(t, Scheme{Precoder: "zf"}, DefaultScenario(), 10)
	w.precoder.Precode(&w.tx, &w.s)
	Receive(&w.y, ch, &w.tx, 0, nil)
	for i := range w.s.Rows {
		for j := range w.s.Cols {
			if d := w.y.At(i, j) - complex(w.tx.Gain[i], 0)*w.s.At(i, j); cmplx.Abs(d) > 1e-10 {
				t.Fatalf("user %d receives %v, off by %v", i, w.y.At(i, j), d)
			}
		}
	}
}

func TestFineConvertersApproachUnquantizedPrecoding(t *testing.T) {
	ser := func(bits int) float64 {
		w, ch := prepared(t, Scheme{Precoder: "zf", Bits: bits}, DefaultScenario(), 10)
		w.precoder.Precode(&w.tx, &w.s)
		Receive(&w.y, ch, &w.tx, 0, nil)
		var e float64
		for i := range w.s.Rows {
			g := complex(LeastSquaresGain(&w.y, &w.s, i), 0)
			for j := range w.s.Cols {
				e += math.Pow(cmplx.Abs(w.y.At(i, j)/g-w.s.At(i, j)), 2) / float64(w.s.Rows*w.s.Cols)
			}
		}
		return e
	}
	coarse, fine, finer := ser(2), ser(6), ser(10)
	if !(coarse > 30*fine && fine > 30*finer) {
		t.Errorf("error power of 2, 6, 10 bits: %v, %v, %v", coarse, fine, finer)
	}
}

func TestUniformStep(t *testing.T) {
	// Max, 1960, Table II.
	for bits, want := range map[int]float64{1: 1.596, 2: 0.9957, 3: 0.5860, 4: 0.3352, 5: 0.1881} {
		if got := UniformStep(bits); math.Abs(got-want) > 1e-3 {
			t.Errorf("%d bits: step %v, want %v", bits, got, want)
		}
	}
}

func TestBussgangGainMatchesTheReceived(t *testing.T) {
	sc := DefaultScenario()
	sc.Array, sc.Symbols = Rayleigh, 2000
	w, ch := prepared(t, Scheme{Precoder: "direct", Bussgang: true}, sc, 10)
	w.precoder.Precode(&w.tx, &w.s)
	Receive(&w.y, ch, &w.tx, 0, nil)
	for i := range w.s.Rows {
		if got, want := LeastSquaresGain(&w.y, &w.s, i), w.tx.Gain[i]; math.Abs(got/want-1) > 0.03 {
			t.Errorf("user %d: gain %v, Bussgang %v", i, got, want)
		}
	}
}

func TestRegularizationTendsToItsLimits(t *testing.T) {
	ch := DefaultScenario().Draw(Stream(1, 0, 0))
	s := NewMatrix(8, 4)
	QAM{2}.Random(s, Stream(1, 0, 1))
	signal := func(l *Linear) *Matrix {
		if err := l.Prepare(ch, Params{Power: 1, NoiseVar: 0.1, QAM: QAM{2}}); err != nil {
			t.Fatal(err)
		}
		var tx Transmit
		l.Precode(&tx, s)
		tx.X.scale(tx.Scale)
		return &tx.X
	}
	near := func(a, b *Matrix) bool {
		var d Matrix
		Sub(&d, a, b, 1)
		return d.Energy() < 1e-6*a.Energy()
	}
	if !near(signal(&Linear{Rule: ZF}), signal(&Linear{Rule: RZF, Ridge: 1e-6})) {
		t.Error("a small ridge is not zero forcing")
	}
	if !near(signal(&Linear{Rule: MRT}), signal(&Linear{Rule: RZF, Ridge: 1e9})) {
		t.Error("a large ridge is not maximum ratio")
	}
}

func TestProximalOperatorsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawStream(t)
		n, cols := rapid.IntRange(1, 30).Draw(t, "n"), rapid.IntRange(1, 5).Draw(t, "cols")
		lambda := rapid.Float64Range(0.01, 50).Draw(t, "lambda")
		m := randomInput(n, cols, 3, r)
		prox := ProxInf{Lambda: lambda, radius: make([]float64, cols)}
		if rapid.Bool().Draw(t, "warm") {
			for i := range prox.radius {
				prox.radius[i] = 4 * r.Float64()
			}
		}
		want := make([][]float64, cols)
		for c := range want {
			var w []float64
			for i := range n {
				w = append(w, real(m.At(i, c)), imag(m.At(i, c)))
			}
			want[c] = sortedProx(w, lambda)
		}
		prox.Apply(m)
		for c := range cols {
			for i := range n {
				got := m.At(i, c)
				if math.Abs(real(got)-want[c][2*i]) > 1e-12 || math.Abs(imag(got)-want[c][2*i+1]) > 1e-12 {
					t.Fatalf("column %d: %v, want %v + j%v", c, got, want[c][2*i], want[c][2*i+1])
				}
			}
		}
	})
}

// sortedProx is the operator on a vector, its radius found by sorting:
//
//	τ = max_k (Σ_{j≤k} |w|_(j)) / (2λ + k),  |w|_(1) ≥ |w|_(2) ≥ …
func sortedProx(w []float64, lambda float64) []float64 {
	sorted := make([]float64, len(w))
	for i, v := range w {
		sorted[i] = -math.Abs(v)
	}
	slices.Sort(sorted)
	var sum, radius float64
	for k, v := range sorted {
		sum -= v
		radius = max(radius, sum/(2*lambda+float64(k+1)))
	}
	x := make([]float64, len(w))
	for i, v := range w {
		x[i] = max(-radius, min(radius, v))
	}
	return x
}

func TestProxInfMinimizes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawStream(t)
		w := make([]float64, rapid.IntRange(1, 8).Draw(t, "n"))
		for i := range w {
			w[i] = r.NormFloat64()
		}
		lambda := rapid.Float64Range(0.01, 5).Draw(t, "lambda")
		cost := func(x []float64) float64 {
			peak, sum := 0.0, 0.0
			for i, v := range x {
				peak = max(peak, math.Abs(v))
				sum += (v - w[i]) * (v - w[i]) / 2
			}
			return lambda*peak*peak + sum
		}
		x := sortedProx(w, lambda)
		best := cost(x)
		for range 50 {
			y := make([]float64, len(x))
			for i := range y {
				y[i] = x[i] + 0.1*r.NormFloat64()
			}
			if cost(y) < best-1e-12 {
				t.Fatalf("%v is better than %v", y, x)
			}
		}
	})
}

// TestC1POAgainstDenseInverse repeats C1PO with the N×N inverse.
func TestC1POAgainstDenseInverse(t *testing.T) {
	const n, k, gamma, rho = 24, 3, 2.0, 1.25
	ch := NewRayleigh(k, n, Stream(6, 0, 0))
	s := NewMatrix(k, 2)
	QAM{2}.Random(s, Stream(6, 0, 1))
	z := CxPO{Exact: true, Gamma: gamma, Passes: 10}
	if err := z.Prepare(ch, Params{Power: 1}); err != nil {
		t.Fatal(err)
	}
	var got Matrix
	z.relaxed(&got, s)
	for c := range s.Cols {
		var projector, ph, a, inv, x, next Matrix
		projector.Resize(k, k)
		var energy float64
		for i := range k {
			energy += real(s.At(i, c) * cmplx.Conj(s.At(i, c)))
		}
		for i := range k {
			for j := range k {
				projector.Set(i, j, -s.At(i, c)*cmplx.Conj(s.At(j, c))/complex(energy, 0))
			}
		}
		projector.addDiagonal(1)
		Mul(&ph, &projector, ch.H)
		Mul(&a, ch.HH, &ph)
		a.scale(1 / gamma)
		a.addDiagonal(1)
		if err := inverse(&inv, &a); err != nil {
			t.Fatal(err)
		}
		column := NewMatrix(k, 1)
		for i := range k {
			column.Set(i, 0, s.At(i, c))
		}
		Mul(&x, ch.HH, column)
		for range 10 {
			Mul(&next, &inv, &x)
			next.scale(rho)
			for _, part := range [][]float64{next.Re, next.Im} {
				for i, v := range part {
					part[i] = max(-1, min(1, v))
				}
			}
			x.copyFrom(&next)
		}
		for i := range n {
			if d := cmplx.Abs(x.At(i, 0) - got.At(i, c)); d > 1e-9 {
				t.Fatalf("symbol vector %d, antenna %d: off by %v", c, i, d)
			}
		}
	}
}

func TestPrecodersDoNotAllocate(t *testing.T) {
	sc := DefaultScenario()
	sc.Antennas = 64
	for _, s := range schemes() {
		s.Iterations = 5
		if s.Modulator.Psi != 0 || s.Modulator.Order == 2 || s.Modulator.FracBits > 0 {
			continue // coefficients and chain states are made anew for each block
		}
		w, _ := prepared(t, s, sc, 10)
		if n := testing.AllocsPerRun(5, func() { w.precoder.Precode(&w.tx, &w.s) }); n != 0 {
			t.Errorf("%+v allocates %v times a block", s, n)
		}
	}
}

func TestSchemeValidate(t *testing.T) {
	for _, s := range []Scheme{
		{},
		{Precoder: "dpc"},
		{Precoder: "zf", Bits: -1},
		{Precoder: "sd-zf", Headroom: -1},
		{Precoder: "sd-mrt", Steer: "left"},
		{Precoder: "squid", Iterations: -1},
		{Precoder: "sd-zf", Modulator: Modulator{Order: 5}},
	} {
		if _, err := s.New(); err == nil {
			t.Errorf("%+v is accepted", s)
		}
	}
}

func TestSigmaDeltaMRTNeedsOneUser(t *testing.T) {
	z := SigmaDeltaMRT{}
	if z.Prepare(NewRayleigh(2, 8, Stream(1, 1, 1)), Params{Power: 1, QAM: QAM{1}}) == nil {
		t.Error("two users are accepted")
	}
	z.Steer = SteerUser
	if z.Prepare(NewRayleigh(1, 8, Stream(1, 1, 1)), Params{Power: 1, QAM: QAM{1}}) == nil {
		t.Error("steering to a channel without an angle is accepted")
	}
}

func TestCosts(t *testing.T) {
	zf := (&SigmaDeltaZF{Modulator: Modulator{Chains: 8}}).Cost(256, 8)
	if math.Abs(zf.MatrixCMACs-25786.666666666668) > 1e-9 || zf.SymbolCMACs() != 2048 {
		t.Errorf("zero forcing: %v and %v complex products", zf.MatrixCMACs, zf.SymbolCMACs())
	}
	if c := zf.Chain; c.Latency() != 32 || c.RealAdds != 4 || c.RealMults != 0 || c.Steered {
		t.Errorf("chain %+v", *c)
	}
	steered := (&SigmaDeltaMRT{Steer: SteerUser}).Cost(256, 1).Chain
	if !steered.Steered || steered.RealMults != 4 || steered.RealAdds != 6 {
		t.Errorf("steered chain %+v", *steered)
	}
	if c := (&CxPO{}).Cost(256, 8).SymbolCMACs(); c != 24*2*8*256+8*256 {
		t.Errorf("C2PO: %v complex products", c)
	}
	if c := (&SQUID{}).Cost(256, 8); c.Iterations != 50 || c.SymbolCMACs() != 50*2*2048+3*2048 || c.SymbolVectorOps() == 0 {
		t.Errorf("SQUID: %+v", c)
	}
	for _, s := range schemes() {
		p, err := s.New()
		if err != nil {
			t.Fatal(err)
		}
		if c := p.Cost(64, 4); c.SymbolCMACs() < 64*4 {
			t.Errorf("%+v: %v complex products", s, c.SymbolCMACs())
		}
	}
}
