package mimo

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// randomInput fills an n × t matrix uniformly within ±amp in both parts.
func randomInput(n, t int, amp float64, r *rand.Rand) *Matrix {
	m := NewMatrix(n, t)
	for i := range n {
		re, im := m.Row(i)
		for j := range re {
			re[j], im[j] = amp*(2*r.Float64()-1), amp*(2*r.Float64()-1)
		}
	}
	return m
}

// drawStream draws a seed and opens its stream.
func drawStream(t *rapid.T) *rand.Rand { return Stream(rapid.Uint64().Draw(t, "seed"), 0, 0) }

func TestNoOverloadWithinAmax(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Modulator{
			Psi:    rapid.SampledFrom([]float64{0, 1, -1}).Draw(t, "sign") * rapid.Float64Range(0, math.Pi).Draw(t, "psi"),
			Chains: rapid.IntRange(1, 5).Draw(t, "chains"),
		}
		if rapid.Bool().Draw(t, "second") {
			m.Order, m.Levels = 2, rapid.SampledFrom([]int{6, 8}).Draw(t, "levels")
			if m.Psi == 0 {
				m.Levels = 4
			}
		}
		const n = 40
		amp := m.Amax(n)
		if amp <= 0 {
			t.Fatalf("no bound for %+v", m)
		}
		tr := m.Trace(randomInput(n, 100, amp, drawStream(t)))
		if peak := tr.Q.Peak(); peak > 1+1e-12 {
			t.Fatalf("|q| = %v", peak)
		}
	})
}

func TestAmaxIsSharp(t *testing.T) {
	// The largest input of one sign throughout drives q to the limit and, a little
	// larger, beyond it.
	xbar := NewMatrix(50, 1)
	for i := range 50 {
		xbar.Set(i, 0, 1.05)
	}
	if peak := (Modulator{}).Trace(xbar).Q.Peak(); peak <= 1 {
		t.Errorf("an input of 1.05 does not overload: |q| = %v", peak)
	}
	for _, c := range []struct {
		m    Modulator
		want float64
	}{
		{Modulator{}, 1}, {Modulator{Psi: math.Pi / 4}, 2 - math.Sqrt2}, {Modulator{Order: 2, Levels: 4}, 1}, {Modulator{Order: 2}, -1},
	} {
		if got := c.m.Amax(16); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("Amax of %+v = %v, want %v", c.m, got, c.want)
		}
	}
}

// dual draws a modulator of any kind and an input for it.
func dual(t *rapid.T) (Modulator, *Matrix) {
	r := drawStream(t)
	n := rapid.IntRange(1, 40).Draw(t, "n")
	m := Modulator{
		Order:    rapid.IntRange(1, 2).Draw(t, "order"),
		Levels:   rapid.SampledFrom([]int{2, 4}).Draw(t, "levels"),
		Chains:   rapid.IntRange(1, n).Draw(t, "chains"),
		Psi:      rapid.Float64Range(-2, 2).Draw(t, "psi"),
		FracBits: rapid.SampledFrom([]int{0, 0, 6}).Draw(t, "frac"),
	}
	if rapid.Bool().Draw(t, "adaptive") {
		h := make([]complex128, n)
		for i := range h {
			h[i] = complex(r.NormFloat64(), r.NormFloat64())
		}
		adapted := Adaptive(h)
		m.C, m.Along = adapted.C, adapted.Along
	}
	return m, randomInput(n, rapid.IntRange(1, 20).Draw(t, "t"), 1.2, r)
}

func TestErrorIsShapedQuantizationError(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, xbar := dual(t)
		if m.FracBits > 0 {
			m.FracBits = 0
		}
		tr := m.Trace(xbar)
		for chain := range m.chains() {
			from, to := m.chain(chain, xbar.Rows)
			for p := from; p < to; p++ {
				for col := range xbar.Cols {
					q := func(back int) complex128 {
						if p-back < from {
							return 0
						}
						return tr.Q.At(m.antenna(p-back), col)
					}
					want := q(0) - m.coefficient(p)*q(1)
					if m.order() == 2 {
						want = q(0) - 2*m.coefficient(p)*q(1)
						if p > from {
							want += m.coefficient(p) * m.coefficient(p-1) * q(2)
						}
					}
					at := m.antenna(p)
					if got := tr.X.At(at, col) - xbar.At(at, col); cmplx.Abs(got-want) > 1e-12*(1+cmplx.Abs(want)) {
						t.Fatalf("antenna %d: x − x̄ = %v, shaped error %v", at, got, want)
					}
				}
			}
		}
	})
}

func TestRunIsTheTracedOutput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, xbar := dual(t)
		want := m.Trace(xbar).X
		got := &Matrix{}
		m.Run(got, xbar, 1)
		for i := range want.Rows {
			for j := range want.Cols {
				if got.At(i, j) != want.At(i, j) {
					t.Fatalf("x[%d][%d] = %v, traced %v", i, j, got.At(i, j), want.At(i, j))
				}
			}
		}
	})
}

func TestReceivedErrorIdentity(t *testing.T) {
	// a(θ)ᵀ(x − x̄) = Σ q_n(a_n − c·a_{n+1}) + a_{N−1}·q_{N−1}.
	rapid.Check(t, func(t *rapid.T) {
		r := drawStream(t)
		n := rapid.IntRange(2, 100).Draw(t, "n")
		psi, omega := rapid.Float64Range(-3, 3).Draw(t, "psi"), rapid.Float64Range(-3, 3).Draw(t, "omega")
		m := Modulator{Psi: psi}
		xbar := randomInput(n, 1, 1, r)
		tr, a := m.Trace(xbar), Steering(omega, n)
		var got, want complex128
		for i := range n {
			got += a[i] * (tr.X.At(i, 0) - xbar.At(i, 0))
			v := a[i]
			if i+1 < n {
				v -= cmplx.Rect(1, psi) * a[i+1]
			}
			want += v * tr.Q.At(i, 0)
		}
		if cmplx.Abs(got-want) > 1e-11*float64(n) {
			t.Fatalf("received %v, identity %v", got, want)
		}
	})
}

func TestSteeringLeavesTheLastErrorOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawStream(t)
		n := rapid.IntRange(1, 200).Draw(t, "n")
		omega := rapid.Float64Range(-3, 3).Draw(t, "omega")
		h := make([]complex128, n)
		m := Modulator{Psi: omega}
		copy(h, Steering(omega, n))
		if rapid.Bool().Draw(t, "fading") {
			for i := range h {
				h[i] = complex(r.NormFloat64(), r.NormFloat64())
			}
			m = Adaptive(h)
		}
		xbar := randomInput(n, 1, m.amplitude(n), r)
		tr := m.Trace(xbar)
		var e complex128
		for i, v := range h {
			e += v * (tr.X.At(i, 0) - xbar.At(i, 0))
		}
		last := m.antenna(n - 1)
		if want := h[last] * tr.Q.At(last, 0); cmplx.Abs(e-want) > 1e-10 {
			t.Fatalf("error %v, last term %v", e, want)
		}
		if limit := math.Sqrt2 * cmplx.Abs(h[last]); cmplx.Abs(e) > limit+1e-9 {
			t.Fatalf("|error| %v above %v", cmplx.Abs(e), limit)
		}
	})
}

func TestChainsAreContiguousAndEven(t *testing.T) {
	m := Modulator{Chains: 4}
	var got []int
	for i := range 4 {
		from, to := m.chain(i, 18)
		got = append(got, from, to)
	}
	if fmt.Sprint(got) != "[0 5 5 10 10 14 14 18]" {
		t.Errorf("sub-chains of 18 antennas: %v", got)
	}
}

func TestFixedPointStaysOnItsGrid(t *testing.T) {
	m := Modulator{FracBits: 6, Psi: 0.7}
	tr := m.Trace(randomInput(64, 32, m.Amax(64)-0.05, Stream(1, 2, 3)))
	for _, v := range append(tr.B.Re, tr.Q.Im...) {
		if w := v * 64; w != math.Trunc(w) {
			t.Fatalf("%v is not a multiple of 1/64", v)
		}
	}
	if m.WordBits() != 9 {
		t.Errorf("words of 6 fractional bits are %d bits wide, want 9", m.WordBits())
	}
}

func TestShortWordsCostLittleNoise(t *testing.T) {
	noise := func(m Modulator) float64 {
		shaped, _ := shapedNoise(t, 8, m, []float64{0.02})
		return shaped[0]
	}
	full := noise(Modulator{})
	if six := noise(Modulator{FracBits: 6}); math.Abs(six-full) > 0.5 {
		t.Errorf("6 fractional bits: %.2f dB, floating point %.2f dB", six, full)
	}
	if three := noise(Modulator{FracBits: 3}); three < full+0.5 {
		t.Errorf("3 fractional bits cost nothing: %.2f dB, floating point %.2f dB", three, full)
	}
}

func TestModulatorValidate(t *testing.T) {
	for _, m := range []Modulator{{Order: 3}, {Levels: 3}, {Chains: -1}, {FracBits: 99}} {
		if m.Validate() == nil {
			t.Errorf("%+v is accepted", m)
		}
	}
}
