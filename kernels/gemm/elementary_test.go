package gemm

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// exactCos is cos v to 200 bits, by the power series after halving.
func exactCos(v float64) *big.Float {
	const prec, halvings = 400, 60
	x := new(big.Float).SetPrec(prec).SetFloat64(math.Ldexp(v, -halvings))
	x.Mul(x, x) // 1 − cos is a series in x²
	sum, term := new(big.Float).SetPrec(prec), new(big.Float).SetPrec(prec).SetInt64(-1)
	for k := int64(1); k < 30; k++ {
		term.Mul(term, x)
		term.Quo(term, new(big.Float).SetInt64((2*k-1)*(2*k)))
		term.Neg(term)
		sum.Add(sum, term)
	}
	for range halvings { // d = 1 − cos doubles its argument by d' = 2d·(2 − d)
		d := new(big.Float).SetPrec(prec).Sub(new(big.Float).SetInt64(2), sum)
		sum.Mul(sum, d).Mul(sum, new(big.Float).SetInt64(2))
	}
	return sum.Sub(new(big.Float).SetInt64(1), sum)
}

// ulps is the distance of got from exact in units in the last place of the exact value, whose
// precision is bits.
func ulps(got float64, exact *big.Float, bits int) float64 {
	e, _ := exact.Float64()
	_, exp := math.Frexp(e)
	d, _ := new(big.Float).Sub(new(big.Float).SetFloat64(got), exact).Float64()
	return math.Abs(d) / math.Ldexp(1, exp-bits)
}

func TestCosAccuracy(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	worst32, worst64 := 0.0, 0.0
	for range 3000 {
		v := (r.Float64()*2 - 1) * math.Exp(r.Float64()*25-5)
		if r.IntN(3) == 0 { // near a zero
			v = (math.Floor(r.Float64()*1000)+0.5)*math.Pi + r.NormFloat64()*math.Exp(-20*r.Float64())
		}
		var y32 [1]float32
		x32 := float32(v)
		CosF32(y32[:], []float32{x32}, []float32{0}, 1)
		worst32 = max(worst32, ulps(float64(y32[0]), exactCos(float64(x32)), 24))
		var y64 [1]float64
		CosF64(y64[:], []float64{v}, []float64{0}, 1)
		worst64 = max(worst64, ulps(y64[0], exactCos(v), 53))
	}
	t.Logf("worst errors: %.4f ulp in float32, %.3f ulp in float64", worst32, worst64)
	if worst32 > 0.501 || worst64 > 2 {
		t.Errorf("worst errors %v and %v ulp", worst32, worst64)
	}
}

// TestCosSame compares every path with the plain one, bit for bit.
func TestCosSame(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			r, n := rng(t), rapid.IntRange(0, 70).Draw(t, "n")
			large := rapid.Bool().Draw(t, "large")
			draw := func() float64 {
				if large && r.IntN(20) == 0 {
					return []float64{math.Inf(1), math.NaN(), 1e300, -1 << 31, 1 << 30}[r.IntN(5)]
				}
				return r.NormFloat64() * 100
			}
			x, b := matrix(r, 1, n, draw), matrix(r, 1, n, r.Float64)
			x32, b32 := make([]float32, n), make([]float32, n)
			for i := range x {
				x32[i], b32[i] = float32(x[i]), float32(b[i])
			}
			y, y32 := make([]float64, n), make([]float32, n)
			CosF64(y, x, b, 0.3)
			CosF32(y32, x32, b32, 0.3)
			for i := range y {
				if w := 0.3 * cosine(x[i]+b[i], coefficients64[:]); math.Float64bits(y[i]) != math.Float64bits(w) && !math.IsNaN(w) {
					t.Fatalf("cos(%v + %v): %v, want %v", x[i], b[i], y[i], w)
				}
				v := float64(x32[i]) + float64(b32[i])
				if w := float32(float64(float32(0.3)) * cosine(v, coefficients32[:])); math.Float32bits(y32[i]) != math.Float32bits(w) && w == w {
					t.Fatalf("cos(%v + %v): %v, want %v", x32[i], b32[i], y32[i], w)
				}
			}
		})
	})
}
