package lplr

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func drawMatrix(t *rapid.T) *mat.Dense {
	rows, cols := rapid.IntRange(2, 12).Draw(t, "rows"), rapid.IntRange(2, 12).Draw(t, "cols")
	return mat.NewDense(rows, cols, rapid.SliceOfN(rapid.Float64Range(-3, 3), rows*cols, rows*cols).Draw(t, "a"))
}

// spectral returns an n×d matrix with singular values s(0), s(1), … and random
// singular vectors.
func spectral(n, d int, s func(i int) float64, seed int64) *mat.Dense {
	u, v := orthonormalize(Gaussian(n, min(n, d), seed)), orthonormalize(Gaussian(d, min(n, d), -seed))
	scaleColumns(u, s)
	return mul(false, u, mat.DenseCopyOf(v.T()))
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
	a := spectral(n, d, s, 1)
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
	a := spectral(n, d, func(i int) float64 { return 1 / float64(i+1) }, 2)
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
	a := spectral(700, 600, func(i int) float64 { return math.Pow(0.9, float64(i)) }, 5)
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

// The chosen plan is at most a quarter worse than the best of all plans that
// spend the budget, found by trying them.
func TestChooseIsNearTheBest(t *testing.T) {
	for _, s := range []func(int) float64{
		func(i int) float64 { return math.Pow(0.95, float64(i)) },
		func(i int) float64 { return 1 / float64(i+1) },
		func(i int) float64 { return 1 / math.Sqrt(float64(i+1)) },
	} {
		a := spectral(160, 120, s, 4)
		for _, bits := range []float64{1, 2} {
			budget := Budget{160, 120, bits, 1}
			plan, err := ChooseFrom(LeadingSVD(a, 120, 1), mat.Norm(a, 2), budget, 1)
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
	a := mat.NewDense(200, 200, nil)
	a.Apply(func(i, j int, _ float64) float64 { return math.Exp(-math.Abs(float64(i-j)) / 40) }, a)
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
