package stat

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestWilson(t *testing.T) {
	for _, c := range []struct{ successes, trials, lo, hi, within float64 }{
		{81, 263, 0.2553, 0.3662, 1e-4}, // Newcombe, Statistics in Medicine 1998, table I
		{15, 148, 0.0624, 0.1605, 5e-5}, // R: prop.test(15, 148, correct = FALSE)
		{0, 50, 0, 0.0713, 1e-4},        // z²/(n + z²)
		{50, 50, 1 - 0.0713, 1, 1e-4},   // its mirror image
		{0, 0, 0, 1, 0},                 // nothing is known
	} {
		lo, hi := Wilson(c.successes, c.trials)
		if math.Abs(lo-c.lo) > c.within || math.Abs(hi-c.hi) > c.within {
			t.Errorf("%v of %v: %v to %v, want %v to %v", c.successes, c.trials, lo, hi, c.lo, c.hi)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := float64(rapid.IntRange(1, 10000).Draw(t, "n"))
		k := n * rapid.Float64Range(0, 1).Draw(t, "share")
		lo, hi := Wilson(k, n)
		if p := k / n; lo > p+1e-15 || hi < p-1e-15 || lo < 0 || hi > 1 {
			t.Fatalf("interval %v to %v of %v in %v", lo, hi, k, n)
		}
		for _, x := range []float64{lo, hi} { // where the score test turns: |p − x| = z·√(x(1−x)/n)
			if off := math.Abs(k/n-x) - Z95*math.Sqrt(x*(1-x)/n); math.Abs(off) > 1e-7 {
				t.Fatalf("%v of %v: the score of %v is off by %v", k, n, x, off)
			}
		}
	})
}

// Of 100 trials, 12 are right with a alone and 4 with b alone: the difference is
// .08 with a standard deviation of √(.16 − .08²)/10 = .0392.
func TestPaired(t *testing.T) {
	a, b := make([]bool, 100), make([]bool, 100)
	for i := range 12 {
		a[i] = true
	}
	for i := 96; i < 100; i++ {
		b[i] = true
	}
	difference, ci := Paired(a, b)
	if math.Abs(difference-0.08) > 1e-12 || math.Abs(ci[0]-(0.08-1.96*0.0392)) > 1e-4 || math.Abs(ci[1]-(0.08+1.96*0.0392)) > 1e-4 {
		t.Errorf("difference %v, interval %v", difference, ci)
	}
	if difference, ci := Paired(nil, nil); difference != 0 || ci != [2]float64{} {
		t.Errorf("nothing: %v, %v", difference, ci)
	}
}

func TestQuantiles(t *testing.T) {
	v := []float64{4, 1, 3, 2}
	for q, want := range map[float64][2]float64{0: {1, 1}, 0.25: {1.75, 1}, 0.5: {2.5, 2}, 0.9: {3.7, 4}, 1: {4, 4}} {
		if got := Quantile(v, q); math.Abs(got-want[0]) > 1e-12 {
			t.Errorf("quantile %v = %v, want %v", q, got, want[0])
		}
		if got := NearestRank(v, q); got != want[1] {
			t.Errorf("nearest rank %v = %v, want %v", q, got, want[1])
		}
	}
	if v[0] != 4 {
		t.Error("the values were sorted in place")
	}
}

func TestSpearman(t *testing.T) {
	for _, c := range []struct {
		x, y []float64
		want float64
	}{
		{[]float64{1, 2, 3, 4}, []float64{10, 20, 30, 1000}, 1},
		{[]float64{1, 2, 3, 4}, []float64{4, 3, 2, 1}, -1},
		{[]float64{1, 2, 3}, []float64{1, 3, 2}, 0.5},
		{[]float64{1, 2, 2, 4}, []float64{1, 3, 2, 4}, 4.5 / math.Sqrt(4.5*5)}, // ranks 1 2.5 2.5 4
	} {
		if got := Spearman(c.x, c.y); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v and %v: %v, want %v", c.x, c.y, got, c.want)
		}
	}
	if got := Spearman([]float64{1, 1}, []float64{1, 2}); !math.IsNaN(got) {
		t.Errorf("without an order: %v", got)
	}
}
