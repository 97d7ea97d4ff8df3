package quantizers

import (
	"math"
	"testing"

	"bitcycle/kernels/workload"

	"pgregory.net/rapid"
)

func drawWeights(t *rapid.T, n int) []float32 {
	w := make([]float32, n)
	for i := range w {
		w[i] = rapid.Float32Range(-3, 3).Draw(t, "weight")
	}
	return w
}

// Clips: the largest weight is the highest code of max; the least squared error is no
// larger than that of max, with which its search begins; and a percentile clips no less
// than max. Between the steps of the search, 2 % apart, a percentile may do better.
func TestClips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, bits := drawWeights(t, 40), rapid.Uint8Range(2, 8).Draw(t, "bits")
		top, largest := float64(int(1)<<(bits-1)-1), 0.0
		for _, x := range w {
			largest = max(largest, math.Abs(float64(x)))
		}
		most := Clip{Rule: ClipMax}.weightScale(w, bits)
		if most != largest/top {
			t.Fatalf("max gives %v, want %v", most, largest/top)
		}
		if most == 0 {
			return
		}
		least := weightError(w, WeightScale(w, bits), top)
		for _, c := range []Clip{{Rule: ClipMax}, {ClipPercentile, 90}, {ClipPercentile, 100}} {
			scale := c.weightScale(w, bits)
			if scale > most || scale == most && weightError(w, scale, top) < least*(1-1e-9) {
				t.Fatalf("%+v: scale %v, error %v; the largest is %v, the least error %v", c, scale, weightError(w, scale, top), most, least)
			}
		}
	})
}

// Groups never have a larger error than the whole channel at the same width, and
// their codes lie in their rows.
func TestGroupsAreNotWorse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &Layer{Channels: 2, K: 24, W: drawWeights(t, 48)}
		rows, err := grouped(l, workload.Widths{4}, 7, Clip{})
		if err != nil {
			t.Fatal(err)
		}
		for c := range 2 {
			sum := 0.0
			for p := range 4 {
				row := c*4 + p
				for k := range l.K {
					code := float64(rows.Codes[row*l.K+k])
					if k/7 != p {
						if code != 0 {
							t.Fatalf("row %d holds weight %d", row, k)
						}
						continue
					}
					e := float64(l.Channel(c)[k]) - code*rows.Scale[row]
					sum += e * e
				}
			}
			if whole := weightError(l.Channel(c), WeightScale(l.Channel(c), 4), 7); sum > whole*(1+1e-9)+1e-12 {
				t.Fatalf("channel %d: error %v in groups, %v whole", c, sum, whole)
			}
		}
	})
	if _, err := grouped(&Layer{Channels: 1, K: 1000, W: make([]float32, 1000)}, workload.Widths{4}, 2, Clip{}); err == nil {
		t.Error("500 groups are accepted")
	}
}

// An asymmetric grid holds 0 exactly, and every value in its range within half a step.
func TestAsymmetricGrid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.Uint8Range(2, 10).Draw(t, "bits")
		lo, hi := rapid.Float64Range(-5, 0).Draw(t, "lo"), rapid.Float64Range(0.1, 5).Draw(t, "hi")
		g := asymmetricGrid(bits, lo, hi)
		if err := g.Check(); err != nil {
			t.Fatal(err)
		}
		if g.Quantize(0) != 0 {
			t.Fatalf("0 is %d on %+v", g.Quantize(0), g)
		}
		x := rapid.Float64Range(lo, hi).Draw(t, "x")
		if d := math.Abs(float64(g.Quantize(x))*g.Scale - x); d > g.Scale*(1+1e-9) { // the zero point is rounded, too
			t.Fatalf("%v is off by %v on %+v", x, d, g)
		}
	})
}

// Percentiles cut both tails of a histogram, and nothing at 100.
func TestInside(t *testing.T) {
	h := NewHistogram(-1, 3)
	for i := range 4000 {
		h.Add([]float32{float32(i)/1000 - 1})
	}
	for percent, want := range map[float64][2]float64{100: {-1, 3}, 90: {-0.8, 2.8}, 50: {0, 2}} {
		lo, hi := h.inside(percent, -1, 3)
		if math.Abs(lo-want[0]) > 0.01 || math.Abs(hi-want[1]) > 0.01 {
			t.Errorf("%v %%: %v to %v, want %v", percent, lo, hi, want)
		}
	}
}
