package gemm

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"
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

// TestPhilox is the known answers of Random123 (kat_vectors: philox4x32 10).
func TestPhilox(t *testing.T) {
	for _, c := range []struct{ seed, stream, pos, x, y uint64 }{
		{0, 0, 0, 0xe169c58d6627e8d5, 0x9b00dbd8bc57ac4c},
		{math.MaxUint64, math.MaxUint64, math.MaxUint64, 0x41c83b0e408f276d, 0x6d5451fda20bc7c6},
		{0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88, 0x94fdccebd16cfe09, 0x24126ea15001e420},
	} {
		if x, y := philox(c.seed, c.stream, c.pos); x != c.x || y != c.y {
			t.Errorf("philox(%x, %x, %x) = %x, %x, want %x, %x", c.seed, c.stream, c.pos, x, y, c.x, c.y)
		}
	}
}

// TestRandomSame compares every path with the plain one, bit for bit, and a fill with its parts.
func TestRandomSame(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			seed, stream, pos := rapid.Uint64().Draw(t, "seed"), rapid.Uint64().Draw(t, "stream"), rapid.Uint64().Draw(t, "pos")
			n := rapid.IntRange(0, 70).Draw(t, "n")
			words, uniforms, gaussians := make([]uint64, n), make([]float64, n), make([]float64, n)
			start := Random{seed, stream, pos}
			r := start
			r.FillUint64(words)
			if r.Pos != pos+uint64(n+1)/2 {
				t.Fatalf("position %d after %d numbers from %d", r.Pos, n, pos)
			}
			r = start
			r.FillUniform(uniforms)
			r = start
			r.FillNormal(gaussians)
			for i := range n {
				x, y := philox(seed, stream, pos+uint64(i/2))
				u, v := uniform(x), uniform(y)
				a, b := normals(x, y)
				if i%2 == 1 {
					x, u, a = y, v, b
				}
				if words[i] != x || uniforms[i] != u || math.Float64bits(gaussians[i]) != math.Float64bits(a) {
					t.Fatalf("number %d: %x %v %v, want %x %v %v", i, words[i], uniforms[i], gaussians[i], x, u, a)
				}
			}
		})
	})
}

// TestNormals checks a block against the library's functions.
func TestNormals(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	words := []uint64{0, math.MaxUint64, 1 << 63, 1<<63 - 1, 1 << 61, 7 << 61}
	for range 1000 {
		words = append(words, r.Uint64())
	}
	for i, x := range words {
		y := words[(i*7+3)%len(words)]
		radius := math.Sqrt(-2 * math.Log(uniform(x)))
		sin, cos := math.Sincos(2 * math.Pi * uniform(y))
		a, b := normals(x, y)
		if math.Abs(a-radius*cos) > 1e-14 || math.Abs(b-radius*sin) > 1e-14 {
			t.Fatalf("normals(%x, %x) = %v, %v, want %v, %v", x, y, a, b, radius*cos, radius*sin)
		}
	}
}

// TestNormalMoments checks the distribution by its first four moments and its tails.
func TestNormalMoments(t *testing.T) {
	x := make([]float64, 1<<20)
	NewRandom(1, 2).FillNormal(x)
	n := math.Sqrt(float64(len(x)))
	mean, dev := stat.MeanStdDev(x, nil)
	if skew, kurt := stat.Skew(x, nil), stat.ExKurtosis(x, nil); math.Abs(mean)*n > 4 || math.Abs(dev-1)*n > 4*math.Sqrt(0.5) ||
		math.Abs(skew)*n > 4*math.Sqrt(6) || math.Abs(kurt)*n > 4*math.Sqrt(24) {
		t.Errorf("mean %v, deviation %v, skewness %v, excess kurtosis %v", mean, dev, skew, kurt)
	}
	slices.Sort(x)
	for _, q := range []struct{ z, p float64 }{{-3, 0.001349898}, {-1, 0.158655254}, {0, 0.5}, {2, 0.977249868}} {
		i, _ := slices.BinarySearch(x, q.z)
		if p := float64(i) / float64(len(x)); math.Abs(p-q.p)*n > 4*math.Sqrt(q.p*(1-q.p)) {
			t.Errorf("share below %v: %v, want %v", q.z, p, q.p)
		}
	}
}
