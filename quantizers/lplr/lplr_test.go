package lplr

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func drawMatrix(t *rapid.T) *mat.Dense {
	rows, cols := rapid.IntRange(2, 12).Draw(t, "rows"), rapid.IntRange(2, 12).Draw(t, "cols")
	return mat.NewDense(rows, cols, rapid.SliceOfN(rapid.Float64Range(-3, 3), rows*cols, rows*cols).Draw(t, "a"))
}

func squared(x float64) float64 { return x * x }

func distance(a, b *mat.Dense) float64 {
	var diff mat.Dense
	diff.Sub(a, b)
	return mat.Norm(&diff, 2)
}

func TestMinMaxErrorIsHalfAStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawMatrix(t)
		f := MinMax(a, rapid.IntRange(1, MaxBits).Draw(t, "bits"))
		var diff mat.Dense
		diff.Sub(a, f.Dense())
		if worst := mat.Norm(&diff, math.Inf(1)) / float64(f.Cols); worst > f.Step()/2+1e-12 {
			t.Fatalf("mean error %v above half a step %v", worst, f.Step()/2)
		}
	})
}

// T1 and T2: the mean squared error stays below the bound by dithering, and
// with wide factors below the range finder's (1 + k/(m−k−1))·tail.
func TestErrorBoundsOfTheAnalysis(t *testing.T) {
	const n, d, k, draws = 150, 100, 10, 20
	s := func(i int) float64 { return math.Pow(0.9, float64(i)) }
	a := Spectral(n, d, s, 1)
	tail := 0.0
	for i := k; i < d; i++ {
		tail += squared(s(i))
	}
	for _, m := range []int{12, 20, 30} {
		for _, bits := range []int{6, 8} {
			var measured, bound float64
			for seed := range draws {
				f, err := Factorize(a, Options{Rank: m, BitsL: bits, BitsR: bits, Dithered: true, Seed: int64(seed)})
				if err != nil {
					t.Fatal(err)
				}
				l := f.L.Dense()
				levels := math.Exp2(float64(bits)) - 1
				measured += squared(distance(a, f.Dense())) / draws
				bound += (squared(distance(a, mul(false, l, f.Fitted))) + d*squared(mat.Norm(l, 2))*squared(f.R.Hi/levels)) / draws
			}
			if measured > 1.05*bound {
				t.Errorf("m=%d bits=%d: mean squared error %v above T1 bound %v", m, bits, measured, bound)
			}
			if limit := (1 + float64(k)/float64(m-k-1)) * tail; bits >= 8 && measured > limit {
				t.Errorf("m=%d bits=%d: mean squared error %v above (1+δ)·tail %v", m, bits, measured, limit)
			}
		}
	}
}

// T3: the largest entry of A·S is bounded with probability 1 − fail.
func TestSketchFlattensTheRange(t *testing.T) {
	const n, d, m, draws, fail = 60, 80, 10, 200, 0.05
	a := Spectral(n, d, func(i int) float64 { return 1 / float64(i+1) }, 2)
	row := 0.0
	for i := range n {
		row = max(row, floats.Norm(a.RawRowView(i), 2))
	}
	limit := row * math.Sqrt(2*math.Log(2*n*m/fail)/m)
	exceeded := 0
	for seed := range draws {
		y := mul(false, a, Gaussian(d, m, int64(seed)))
		if max(math.Abs(mat.Min(y)), math.Abs(mat.Max(y))) > limit {
			exceeded++
		}
	}
	if exceeded > draws*fail*2 {
		t.Errorf("range exceeded the bound in %d of %d draws", exceeded, draws)
	}
}

// T4: no basis beats the best rank-m approximation, and quantizing R costs at
// most ‖L‖₂·‖R − W‖_F more.
func TestTriangleInequality(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawMatrix(t)
		rows, cols := a.Dims()
		m := rapid.IntRange(1, min(rows, cols)).Draw(t, "m")
		f, err := Factorize(a, Options{Rank: m, BitsL: rapid.IntRange(1, 8).Draw(t, "B"), BitsR: rapid.IntRange(1, 8).Draw(t, "B'"), Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		l := f.L.Dense()
		fitted := distance(a, mul(false, l, f.Fitted))
		_, s, _ := thinSVD(a)
		best := floats.Norm(s[m:], 2)
		if fitted < best-1e-8*(1+best) {
			t.Fatalf("fitted error %v below the best rank-%d error %v", fitted, m, best)
		}
		_, ls, _ := thinSVD(l)
		limit := fitted + ls[0]*distance(f.R.Dense(), f.Fitted)
		if got := distance(a, f.Dense()); got > limit*(1+1e-9)+1e-9 {
			t.Fatalf("error %v above %v", got, limit)
		}
	})
}

func TestLeastSquaresIsOrthogonal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawMatrix(t)
		rows, _ := a.Dims()
		m := rapid.IntRange(1, 5).Draw(t, "m")
		l := mat.NewDense(rows, m, rapid.SliceOfN(rapid.SampledFrom([]float64{-1, 0, 1}), rows*m, rows*m).Draw(t, "l"))
		var residual mat.Dense
		residual.Sub(a, mul(false, l, LeastSquares(l, a)))
		if worst := mat.Norm(mul(true, l, &residual), 2); worst > 1e-9*(1+mat.Norm(a, 2)) {
			t.Fatalf("Lᵀ·residual = %v", worst)
		}
	})
}

func TestRandomizedSVDIsClose(t *testing.T) {
	a := Spectral(700, 600, func(i int) float64 { return math.Pow(0.9, float64(i)) }, 5)
	svd := LeadingSVD(a, 20, 1)
	for i, s := range svd.S {
		if want := math.Pow(0.9, float64(i)); math.Abs(s-want) > 1e-6*want {
			t.Errorf("singular value %d = %v, want %v", i, s, want)
		}
	}
	u := mul(true, svd.U, svd.U)
	for i := range 20 {
		for j := range 20 {
			want := 0.0
			if i == j {
				want = 1
			}
			if math.Abs(u.At(i, j)-want) > 1e-9 {
				t.Fatalf("UᵀU[%d,%d] = %v", i, j, u.At(i, j))
			}
		}
	}
}

// Relative errors at equal budget on 512×384 with Haar factors: mean of 3
// sketches against reference figures.
func TestErrorsAtEqualBudget(t *testing.T) {
	power := func(i int) float64 { return math.Pow(0.95, float64(i)) }
	inverse := func(i int) float64 { return 1 / float64(i+1) }
	tests := []struct {
		name                       string
		s                          func(int) float64
		bl, br                     int
		budget                     float64
		rank                       int
		lplr, direct, naive, tight float64
	}{
		{"0.95^i", power, 8, 8, 1, 27, .448, .251, 4.37, .615},
		{"0.95^i", power, 4, 4, 1, 54, .325, 0, 4.37, .615}, // direct: .278 to .350 by draw
		{"1/i", inverse, 8, 8, 1, 27, .231, .147, 7.37, .684},
	}
	for _, test := range tests {
		a := Spectral(512, 384, test.s, 9)
		if got := (Budget{512, 384, test.budget, 1}).Rank(test.bl, test.br); got != test.rank {
			t.Errorf("%s: rank %d, want %d", test.name, got, test.rank)
		}
		opts := Options{Rank: test.rank, BitsL: test.bl, BitsR: test.br}
		mean := 0.0
		for seed := range 3 {
			opts.Seed = int64(seed)
			mean += errorOf(t, a, opts) / 3
		}
		check := func(what string, got, want, tolerance float64) {
			if math.Abs(got/want-1) > tolerance {
				t.Errorf("%s %d,%d,%v %s: %.4f, reference %.4f", test.name, test.bl, test.br, test.budget, what, got, want)
			}
		}
		check("lplr", mean, test.lplr, 0.10)
		opts.Basis = DirectUSV
		if test.direct > 0 {
			check("direct", errorOf(t, a, opts), test.direct, 0.05)
		}
		check("naive", RelativeError(a, Naive(a, int(test.budget)).Dense()), test.naive, 0.15)
		check("naive clipped", RelativeError(a, NaiveClipped(a, int(test.budget)).Dense()), test.tight, 0.03)
	}
}

// The chosen plan is at most a quarter worse than the best of all plans that
// spend the budget, found by trying them.
func TestChooseIsNearTheBest(t *testing.T) {
	for _, s := range []func(int) float64{
		func(i int) float64 { return math.Pow(0.95, float64(i)) },
		func(i int) float64 { return 1 / float64(i+1) },
		func(i int) float64 { return 1 / math.Sqrt(float64(i+1)) },
	} {
		a := Spectral(160, 120, s, 4)
		for _, bits := range []float64{1, 2} {
			budget := Budget{160, 120, bits, 1}
			plan, err := Choose(a, budget, 1)
			if err != nil {
				t.Fatal(err)
			}
			chosen := errorOf(t, a, plan.Options)
			best := math.Inf(1)
			for bl := 1; bl <= 8; bl++ {
				for br := 1; br <= 8; br++ {
					for _, basis := range []Basis{SketchBasis, SVDSqrt} {
						best = min(best, errorOf(t, a, Options{Rank: budget.Rank(bl, br), BitsL: bl, BitsR: br, Basis: basis, Seed: 1}))
					}
				}
			}
			t.Logf("%v bits: chose %s m=%d %d/%d: error %.3f, expected %.3f, best %.3f",
				bits, plan.Basis, plan.Rank, plan.BitsL, plan.BitsR, chosen, plan.Expected, best)
			if chosen > 1.25*best {
				t.Errorf("chosen plan has error %v, best %v", chosen, best)
			}
			if spent := Bits(160, 120, plan.Rank, plan.BitsL, plan.BitsR); spent > bits {
				t.Errorf("plan spends %v bits per entry of %v", spent, bits)
			}
		}
	}
}

func errorOf(t *testing.T, a *mat.Dense, opts Options) float64 {
	t.Helper()
	f, err := Factorize(a, opts)
	if err != nil {
		t.Fatal(err)
	}
	return RelativeError(a, f.Dense())
}

func TestFactorizeRejects(t *testing.T) {
	a := mat.NewDense(4, 3, nil)
	for _, opts := range []Options{{Rank: 0, BitsL: 4, BitsR: 4}, {Rank: 4, BitsL: 4, BitsR: 4}, {Rank: 1, BitsL: 0, BitsR: 4}, {Rank: 1, BitsL: 4, BitsR: 17}, {Rank: 1, BitsL: 4, BitsR: 4, Basis: "qr"}} {
		if _, err := Factorize(a, opts); err == nil {
			t.Errorf("%+v: no error", opts)
		}
	}
}

func ExampleFactorize() {
	a := Phantom(200)
	budget := Budget{N: 200, D: 200, BitsPerEntry: 1, Ratio: 1}
	f, err := Factorize(a, Options{Rank: budget.Rank(4, 8), BitsL: 4, BitsR: 8, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("rank %d, %.2f bits per entry, better than naive: %t\n", f.L.Cols,
		Bits(200, 200, f.L.Cols, 4, 8), RelativeError(a, f.Dense()) < RelativeError(a, Naive(a, 1).Dense()))
	// Output: rank 16, 0.96 bits per entry, better than naive: true
}

// TestRangeErrorFromSums: the error of a symmetric grid from running sums is the
// error of quantizing on it.
func TestRangeErrorFromSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	a := mat.NewDense(17, 23, nil)
	a.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() }, a)
	sums := newSortedSums(a)
	for _, bits := range []int{1, 2, 4, 8} {
		for _, c := range []float64{0.05, 0.7, 3} {
			var diff mat.Dense
			diff.Sub(a, Range(a, bits, -c, c).Dense())
			want := mat.Norm(&diff, 2)
			if got := sums.rangeError(bits, c); math.Abs(got-want*want) > 1e-9*(1+want*want) {
				t.Errorf("%d bits, c = %v: error %v, want %v", bits, c, got, want*want)
			}
		}
	}
}

func TestRecall(t *testing.T) {
	a := mat.NewDense(5, 1, []float64{0, 1, 3, 7, 15})
	if got := Recall(a, a, 2); got != 1 {
		t.Errorf("recall of itself %v", got)
	}
	// The nearest of rows 0..4 are 1 0 1 2 3; with row 1 moved away 2 0 0 2 3.
	b := mat.NewDense(5, 1, []float64{0, 100, 3, 7, 15})
	if got := Recall(a, b, 1); got != 0.6 {
		t.Errorf("recall %v, want 0.6", got)
	}
}
