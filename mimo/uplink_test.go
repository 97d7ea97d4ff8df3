package mimo

import (
	"context"
	"math"
	"testing"
)

func receiver(t testing.TB, c Receiver, ch *Channel, noiseVar float64) *arrayReceiver {
	t.Helper()
	a, err := newArrayReceiver(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.prepare(ch, Params{Power: 1, NoiseVar: noiseVar, QAM: QAM{2}}); err != nil {
		t.Fatal(err)
	}
	return a
}

// In steady state E|r|² is E|x|²/(2−π/2).
func TestConverterLevels(t *testing.T) {
	line := DefaultScenario()
	line.Antennas = 100
	a := receiver(t, Receiver{Converter: SigmaDelta, Detector: "zf"}, line.Draw(Stream(1, 0, 0)), 1)
	want := 9 / (2 - math.Pi/2) // E|r|² of eight users and noise of power 1 each
	if got := a.alpha[99] * a.alpha[99] * 2 / (math.Pi / 2); math.Abs(got/want-1) > 1e-6 {
		t.Errorf("E|r|² = %v, want %v", got, want)
	}
}

func TestUnitGainOfOneBitConverters(t *testing.T) {
	const n, symbols = 4, 200000
	s := DefaultScenario()
	s.Antennas, s.Users = n, 1
	a := receiver(t, Receiver{Converter: OneBitADC, Detector: "mrc"}, s.Draw(Stream(2, 0, 0)), 1)
	x := NewMatrix(n, symbols)
	for i := range n {
		gaussian(x, i, 2, Stream(2, 1, uint64(i)))
	}
	y := &Matrix{}
	y.copyFrom(x)
	a.convert(y)
	gain := 0.0
	for i := range n {
		gain += LeastSquaresGain(y, x, i) / n
	}
	if math.Abs(gain-1) > 0.01 {
		t.Errorf("gain %v, want 1", gain)
	}
	Sub(y, y, x, 1)
	if got := y.Energy() / x.Energy(); math.Abs(got-errorShare) > 0.01 {
		t.Errorf("E|q|²/E|r|² = %v, want %v", got, errorShare)
	}
}

func TestTridiagonalSolve(t *testing.T) {
	s := DefaultScenario()
	s.Antennas = 20
	a := receiver(t, Receiver{Converter: SigmaDelta, Psi: 0.4, Detector: "zf"}, s.Draw(Stream(3, 0, 0)), 1)
	dense := NewMatrix(20, 20)
	for i, d := range a.noise.Diagonal {
		dense.Set(i, i, complex(d, 0))
		if i > 0 {
			dense.Set(i, i-1, a.noise.Lower[i])
			dense.Set(i-1, i, conj(a.noise.Lower[i]))
		}
	}
	x := &Matrix{}
	x.copyFrom(&a.g)
	a.noise.solve(x)
	var back Matrix
	Mul(&back, dense, x)
	Sub(&back, &back, &a.g, 1)
	if e := back.Energy(); e > 1e-18 {
		t.Errorf("residual %v", e)
	}
	// wCwᴴ by the dense matrix.
	var wc, wcw, wh Matrix
	Mul(&wc, &a.w, dense)
	ConjTranspose(&wh, &a.w)
	Mul(&wcw, &wc, &wh)
	for i := range a.w.Rows {
		if got, want := a.noise.quadratic(&a.w, i), real(wcw.At(i, i)); math.Abs(got-want) > 1e-9*want {
			t.Errorf("quadratic form %v, want %v", got, want)
		}
	}
}

func TestUplinkRates(t *testing.T) {
	s := DefaultScenario()
	s.Antennas, s.SeparationDeg = 128, 5
	mean := func(c Receiver) (measured, model float64) {
		for i := range uint64(6) {
			r, err := UplinkRates(c, s.Draw(Stream(4, i, 0)), Params{Power: 1, NoiseVar: 1, QAM: QAM{2}}, 200, Stream(4, i, 1))
			if err != nil {
				t.Fatal(err)
			}
			for k := range r.Model {
				measured, model = measured+r.Measured[k]/48, model+r.Model[k]/48
			}
		}
		return measured, model
	}
	unlimited, model := mean(Receiver{Converter: Unlimited, Detector: "zf"})
	if math.Abs(unlimited-model) > 0.1 || math.Abs(unlimited-math.Log2(129)) > 0.2 {
		t.Errorf("unlimited: %v, model %v", unlimited, model)
	}
	shaped, _ := mean(Receiver{Converter: SigmaDelta, Detector: "zf"})
	better, _ := mean(Receiver{Converter: SigmaDelta, Detector: "lmmse"})
	plain, _ := mean(Receiver{Converter: OneBitADC, Detector: "zf"})
	if !(unlimited > shaped && shaped > plain+1) {
		t.Errorf("unlimited %v, Sigma-Delta %v, one-bit %v", unlimited, shaped, plain)
	}
	if better < shaped-0.02 {
		t.Errorf("LMMSE %v, zero forcing %v", better, shaped)
	}
	matched, _ := mean(Receiver{Converter: Unlimited, Detector: "mrc"})
	if matched >= unlimited {
		t.Errorf("maximum ratio %v, zero forcing %v", matched, unlimited)
	}
}

func TestUplinkErrorRates(t *testing.T) {
	ser := func(c Converter) float64 {
		l := Link{Scenario: DefaultScenario(), Uplink: &Receiver{Converter: c, Detector: "lmmse"}, SNRdB: -5, Seed: 5}
		state, err := Simulate(context.Background(), l, Stop{Channels: 12}, State{}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return state.Tally.Result(0).SER
	}
	unlimited, shaped, plain := ser(Unlimited), ser(SigmaDelta), ser(OneBitADC)
	if !(unlimited <= shaped && shaped < plain) {
		t.Errorf("error rates %v, %v, %v", unlimited, shaped, plain)
	}
}

func TestReceiverValidate(t *testing.T) {
	for _, c := range []Receiver{{}, {Converter: "two-bit", Detector: "zf"}, {Converter: OneBitADC, Detector: "ml"}} {
		if _, err := newArrayReceiver(c); err == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
	if _, err := UplinkRates(Receiver{Converter: Unlimited, Detector: "zf"}, nil, Params{}, 0, nil); err == nil {
		t.Error("a rate over no symbols is accepted")
	}
}

func TestReceiverCost(t *testing.T) {
	c := Receiver{Converter: SigmaDelta, Detector: "zf"}.Cost(128, 8)
	if c.SymbolCMACs() != 1024 || c.Chain == nil || c.Chain.Antennas != 128 || c.OutBits != 1 {
		t.Errorf("%+v", c)
	}
	if plain := (Receiver{Converter: Unlimited, Detector: "mrc"}).Cost(128, 8); plain.MatrixCMACs != 0 || plain.Chain != nil || plain.OutBits != 0 {
		t.Errorf("%+v", plain)
	}
}
