package mimo

import (
	"math"
	"math/bits"
	"testing"
)

func TestQAM(t *testing.T) {
	for _, c := range []struct {
		points, bits int
		energy       float64
	}{{4, 2, 2}, {16, 4, 10}, {64, 6, 42}, {256, 8, 170}} {
		q, err := QAMOf(c.points)
		if err != nil {
			t.Fatal(err)
		}
		if q.Points() != c.points || q.Bits() != c.bits || q.Energy() != c.energy {
			t.Errorf("%d-QAM: %d points, %d bits, energy %v", c.points, q.Points(), q.Bits(), q.Energy())
		}
		var energy float64
		s := NewMatrix(4, 10000)
		q.Random(s, Stream(1, 0, 0))
		energy = s.Energy() / 40000
		if math.Abs(energy-c.energy) > 0.02*c.energy {
			t.Errorf("%d-QAM: drawn energy %v", c.points, energy)
		}
	}
	if _, err := QAMOf(32); err == nil {
		t.Error("32-QAM is accepted")
	}
}

func TestGrayNeighboursDifferInOneBit(t *testing.T) {
	for _, d := range []int{1, 2, 4, 8} {
		q := QAM{d}
		seen := map[uint]bool{}
		for level := -q.Peak(); level <= q.Peak(); level += 2 {
			seen[q.Gray(level)] = true
			if level < q.Peak() && bits.OnesCount(q.Gray(level)^q.Gray(level+2)) != 1 {
				t.Errorf("D = %d: labels of %v and %v differ in more than a bit", d, level, level+2)
			}
			if q.Slice(level+0.9) != level || q.Slice(level-0.9) != level {
				t.Errorf("D = %d: decisions near %v are wrong", d, level)
			}
		}
		if len(seen) != 2*d {
			t.Errorf("D = %d: %d labels", d, len(seen))
		}
		if q.Slice(99) != q.Peak() || q.Slice(-99) != -q.Peak() {
			t.Errorf("D = %d: outer decisions are wrong", d)
		}
	}
}

func TestDetectCountsErrors(t *testing.T) {
	q := QAM{2}
	s := MatrixOf([][]complex128{{1 + 1i, 3 - 3i, -1 + 3i}})
	y := MatrixOf([][]complex128{{0.5 + 0.6i, 1.6 - 0.6i, -0.4 + 1.5i}}) // half spacing 0.5; the second is taken for 3 − 1i
	got := q.Detect(y, s, 0, 0.5)
	if want := (Errors{Symbols: 3, SymbolErrors: 1, Bits: 12, BitErrors: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestSEPIsWhatSimulationGives(t *testing.T) {
	r := Stream(2, 0, 0)
	for _, d := range []int{1, 2, 4, 8} {
		q := QAM{d}
		const half, variance, n = 0.4, 0.1, 100000
		s, y := NewMatrix(1, n), NewMatrix(1, n)
		q.Random(s, r)
		gaussian(y, 0, variance, r)
		Sub(y, y, s, -half)
		e := q.Detect(y, s, 0, half)
		rate := float64(e.SymbolErrors) / n
		sep, bound := q.SEP(half, variance)
		if math.Abs(rate-sep) > 5*math.Sqrt(sep/n) {
			t.Errorf("D = %d: simulated %v, formula %v", d, rate, sep)
		}
		if bound < sep {
			t.Errorf("D = %d: bound %v below %v", d, bound, sep)
		}
	}
}
