package rff

import (
	"math"
	"strings"
	"testing"
)

func TestSchemeErrors(t *testing.T) {
	one := Alphabet{K: 1}
	for _, tc := range []struct {
		s    Scheme
		m    int
		want string // part of the message; "" = valid
	}{
		{Scheme{}, 10, ""},
		{NewSigmaDelta(1, 15, one), 15, ""},
		{NewSigmaDelta(2, 15, one), 60, ""},
		{NewSigmaDelta(2, 14, one), 60, "such as 13 or 15"},
		{NewSigmaDelta(1, 15, one), 14, "at most m = 14"},
		{NewSigmaDelta(0, 15, one), 60, "order = 0"},
		{NewSigmaDelta(3, 4, Alphabet{K: 4}), 60, "a step of at least 2 is safe"},
		{NewSigmaDelta(3, 4, Alphabet{K: 4, Step: 2}), 60, ""},
		{NewSigmaDelta(3, 4, Alphabet{K: 2}), 60, "needs K of at least 4"},
		{NewSigmaDelta(2, 99999, one), 1 << 20, "do not fit 32 bits"},
		{NewBeta(2, 4, one), 60, "below 2K = 2"},
		{NewBeta(1.5, 0, one), 60, "lambda = 0"},
		{Scheme{Method: MSQ}, 60, "K = 0"},
		{Scheme{Method: StocQ, Alphabet: Alphabet{K: 1, Step: math.NaN()}}, 60, "step = NaN"},
		{Scheme{Method: 9}, 60, "method = 9"},
		{Scheme{Method: MSQ, Alphabet: one}, 0, "m = 0"},
	} {
		err := tc.s.Validate(tc.m)
		switch {
		case tc.want == "" && err != nil:
			t.Errorf("%v, m = %d: %v", tc.s, tc.m, err)
		case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
			t.Errorf("%v, m = %d: error %v, want %q", tc.s, tc.m, err, tc.want)
		}
	}
}

func TestMethodText(t *testing.T) {
	for _, m := range []Method{Float, MSQ, StocQ, SigmaDelta, Beta} {
		text, _ := m.MarshalText()
		var back Method
		if err := back.UnmarshalText(text); err != nil || back != m {
			t.Errorf("%s reads as %v, %v", text, back, err)
		}
	}
	var m Method
	if err := m.UnmarshalText([]byte("lloyd")); err == nil {
		t.Error("lloyd: no error")
	}
}

// TestFeaturesFor repeats the numbers of features that the paper's experiments
// take for 3000 bits.
func TestFeaturesFor(t *testing.T) {
	for k, want := range map[int][4]int{1: {3000, 6000, 4500, 3000}, 2: {1500, 2322, 2511, 1500}, 3: {1160, 1806, 2082, 1160}} {
		a := Alphabet{K: k}
		for i, s := range []Scheme{{Method: StocQ, Alphabet: a}, NewSigmaDelta(1, 2, a), NewSigmaDelta(2, 3, a), NewBeta(1.1, 2, a)} {
			if got := s.FeaturesFor(3000); got != want[i] {
				t.Errorf("%v: m = %d for 3000 bits, want %d", s, got, want[i])
			}
		}
	}
	if got := (Scheme{}).FeaturesFor(3000); got != 93 {
		t.Errorf("float: m = %d for 3000 bits, want 93", got)
	}
}

// TestBitsBoundCodes: the integer code is at most one bit per code longer than the
// paper's count, never shorter, and holds every value.
func TestBitsBoundCodes(t *testing.T) {
	for r := 1; r <= 3; r++ {
		for lt := 2; lt < 40; lt++ {
			for k := 1; k < 9; k++ {
				s := NewSigmaDelta(r, BlockLength(r, lt), Alphabet{K: k})
				b := s.Bits(10 * s.Lambda)
				if b.P != 10 || float64(b.Codebook) <= b.Real || float64(b.Codebook) > b.Real+10 && b.Real > 10 {
					t.Errorf("%v: %+v", s, b)
				}
				sum := 0.0
				for _, v := range SigmaDeltaVector(r, lt) {
					sum += v
				}
				if bound := int64(sum) * int64(2*k-1); bound != s.bound() {
					t.Errorf("%v: largest code %d, want %d", s, s.bound(), bound)
				}
			}
		}
	}
}

func TestCost(t *testing.T) {
	const d, m = 50, 3840
	for _, tc := range []struct {
		s    Scheme
		want Cost // the fields compared below
	}{
		{Scheme{}, Cost{KernelMACs: m, StoredBits: 32 * m}},
		{Scheme{Method: MSQ, Alphabet: Alphabet{K: 1}}, Cost{KernelMACs: m, StoredBits: m}},
		{Scheme{Method: StocQ, Alphabet: Alphabet{K: 2}}, Cost{KernelMACs: m, StoredBits: 2 * m}},
		{NewSigmaDelta(1, 15, Alphabet{K: 1}), Cost{
			ChainLength: m, ChainFolded: m / 15, CondenseAdds: m / 15 * 14,
			StateBits: 13, KernelMACs: m / 15, StoredBits: m / 15 * 4,
		}},
		{NewSigmaDelta(2, 15, Alphabet{K: 1}), Cost{
			ChainLength: m, CondenseAdds: m / 15 * 14, ChainMuls: 2 * m,
			CondenseMuls: m / 15 * 8, StateBits: 15, KernelMACs: m / 15, StoredBits: m / 15 * 7,
		}},
		{NewBeta(1.9, 12, Alphabet{K: 1}), Cost{
			ChainLength: m, ChainBlock: 12, ChainMuls: 2 * m, CondenseAdds: m / 12 * 11,
			CondenseMuls: m, StateBits: 13, KernelMACs: m / 12, StoredBits: m,
		}},
	} {
		got := tc.s.Cost(d, m, DefaultWidths())
		if got.ProjectionMACs != d*m || got.CosineLookups != m || got.Features != m {
			t.Errorf("%v: %+v", tc.s, got)
		}
		same := Cost{
			ChainLength: got.ChainLength, ChainFolded: got.ChainFolded, ChainBlock: got.ChainBlock, ChainMuls: got.ChainMuls,
			CondenseAdds: got.CondenseAdds, CondenseMuls: got.CondenseMuls, StateBits: got.StateBits,
			KernelMACs: got.KernelMACs, StoredBits: got.StoredBits,
		}
		if same != tc.want {
			t.Errorf("%v:\n got %+v\nwant %+v", tc.s, same, tc.want)
		}
	}
}
