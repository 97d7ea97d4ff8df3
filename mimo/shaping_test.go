package mimo

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// shapedNoise measures the noise of a modulator behind zero forcing for k users at
// phase steps omegas, in dB relative to 2N, and the white model of it.
func shapedNoise(t testing.TB, k int, m Modulator, omegas []float64) (measured, model []float64) {
	s := DefaultScenario()
	s.Users = k
	q := QAM{2}
	sym := NewMatrix(k, 400)
	measured, model = make([]float64, len(omegas)), make([]float64, len(omegas))
	const channels = 4
	for c := range uint64(channels) {
		z := SigmaDeltaZF{Modulator: m}
		if err := z.Prepare(s.Draw(Stream(5, c, 0)), Params{Power: 1, NoiseVar: 0.1, QAM: q}); err != nil {
			t.Fatal(err)
		}
		q.Random(sym, Stream(5, c, 1))
		var xbar, x, e Matrix
		g := z.Bar(&xbar, sym)
		xbar.scale(g)
		m.Run(&x, &xbar, 1)
		Sub(&e, &x, &xbar, 1)
		for i, db := range Spectrum(&e, omegas) {
			measured[i] += FromDB(db) / channels
		}
	}
	for i, omega := range omegas {
		measured[i] = DB(measured[i])
		model[i] = DB(m.NoisePower(Steering(omega, s.Antennas), 0) / float64(2*s.Antennas))
	}
	return measured, model
}

func TestNoiseFollowsTheWhiteModel(t *testing.T) {
	var omegas []float64
	for _, deg := range []float64{0, 2, 5, 10, 15, 20, 30} {
		omegas = append(omegas, Omega(deg*math.Pi/180, 0.125))
	}
	for _, k := range []int{4, 8} {
		for _, m := range []Modulator{{}, {Chains: 8}, {Psi: 0.2}, {Order: 2, Levels: 4}} {
			measured, model := shapedNoise(t, k, m, omegas)
			for i := range omegas {
				if d := measured[i] - model[i]; d < -4 || d > 1 {
					t.Errorf("%d users, %+v, ω = %.3f: measured %.1f dB, model %.1f dB", k, m, omegas[i], measured[i], model[i])
				}
			}
		}
	}
}

// qnoise is the white-model power of a(θ)ᵀ(x − x̄) of an n-antenna linear array with
// phase step omega, for a modulator of the given order steered to psi,
//
//	2/3·[(N−1)·4sin²((ω−ψ)/2) + 1]                     order 1
//	2/3·[(N−2)·|1−u|⁴ + |1−2u|² + 1], u = e^{j(ψ−ω)}   order 2
func qnoise(omega float64, n int, psi float64, order int) float64 {
	half := math.Sin((omega - psi) / 2)
	shaping := 4 * half * half // |1−u|²
	if order < 2 || n < 2 {
		return errorPower * (float64(n-1)*shaping + 1)
	}
	edge := 5 - 4*math.Cos(omega-psi) // |1−2u|²
	return errorPower * (float64(n-2)*shaping*shaping + edge + 1)
}

func TestClosedFormsOfTheNoise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 60).Draw(t, "n")
		omega, psi := rapid.Float64Range(-3, 3).Draw(t, "omega"), rapid.Float64Range(-3, 3).Draw(t, "psi")
		order := rapid.IntRange(1, 2).Draw(t, "order")
		m := Modulator{Order: order, Levels: 2 * order, Psi: psi}
		closed, summed := qnoise(omega, n, psi, order), m.NoisePower(Steering(omega, n), 0)
		if math.Abs(closed-summed) > 1e-9*(1+closed) {
			t.Fatalf("closed form %v, sum %v", closed, summed)
		}
		// Sub-chains: (N−B)·4sin²((ω−ψ)/2) + B.
		b := rapid.IntRange(1, n).Draw(t, "chains")
		half := math.Sin((omega - psi) / 2)
		want := errorPower * (float64(n-b)*4*half*half + float64(b))
		if got := (Modulator{Psi: psi, Chains: b}).NoisePower(Steering(omega, n), 0); math.Abs(got-want) > 1e-9*(1+want) {
			t.Fatalf("%d sub-chains: %v, want %v", b, got, want)
		}
	})
}

func TestInBandDensityHalvesTheShapedPart(t *testing.T) {
	h := Steering(0.3, 100)
	full, half := Modulator{}.NoisePower(h, 0), Modulator{}.NoisePower(h, InBandShaped)
	if want := (full-errorPower)/2 + errorPower; math.Abs(half-want) > 1e-9 {
		t.Errorf("%v, want %v", half, want)
	}
}

func TestSpectrumOfOneAntenna(t *testing.T) {
	e := NewMatrix(4, 1)
	e.Set(2, 0, 2)
	for _, db := range Spectrum(e, []float64{0, 0.7, -2}) {
		if math.Abs(db-DB(4.0/8)) > 1e-12 {
			t.Errorf("spectrum %v dB, want %v", db, DB(0.5))
		}
	}
}
