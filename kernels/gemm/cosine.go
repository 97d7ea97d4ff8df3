package gemm

import "math"

// CosF32 writes scale·cos(x[i] + b[i]) to dst[i], the map of random Fourier features (Rahimi and Recht,
// NIPS 2007, algorithm 1). The slices have equal length; dst may be x. The work is done in float64, so
// that the result is within 0.501 units in the last place of the exact one, and the same on every path.
func CosF32(dst, x, b []float32, scale float32) {
	for i := 0; i < len(x); {
		i += active.cosF32(dst[i:], x[i:], b[i:len(x)], scale)
		for end := min(i+8, len(x)); i < end; i++ { // the tail, and arguments that are too large
			v := float64(x[i]) + float64(b[i])
			dst[i] = float32(float64(scale) * cosine(v, coefficients32[:]))
		}
	}
}

// CosF64 is CosF32 in double precision: cos of the rounded sum x[i] + b[i] within 2 units in the last
// place, times scale, and the same on every path.
func CosF64(dst, x, b []float64, scale float64) {
	for i := 0; i < len(x); {
		i += active.cosF64(dst[i:], x[i:], b[i:len(x)], scale)
		for end := min(i+8, len(x)); i < end; i++ {
			dst[i] = scale * cosine(x[i]+b[i], coefficients64[:])
		}
	}
}

const (
	maxCosine = 1 << 30  // larger arguments take the library's way
	magic     = 0x1.8p52 // adding it leaves the nearest integer in the low bits
	invPi     = 1 / math.Pi
	pi1       = math.Pi               // the nearest float64,
	pi2       = 0x1.1a62633145c07p-53 // and what it lacks
)

// Coefficients of (sin r / r − 1)/r² in powers of r², near-minimax over |r| ≤ π/2: relative errors of the
// sine 1.1e-10 and 3.6e-17.
var (
	coefficients32 = [...]float64{-0x1.555555546033dp-3, 0x1.11110fda8ff95p-7, -0x1.a01905a717122p-13, 0x1.71968de079b19p-19, -0x1.9db160d0baed4p-26}
	coefficients64 = [...]float64{
		-0x1.5555555555555p-3, 0x1.1111111111107p-7, -0x1.a01a01a018aaap-13, 0x1.71de3a54564dfp-19,
		-0x1.ae6455a1c0795p-26, 0x1.612401540ed0fp-33, -0x1.ae51366b753a9p-41, 0x1.89a43bea5b135p-49,
	}
)

// cosine is cos v by v = (n + 1/2)·π + r, |r| ≤ π/2, cos v = (−1)^(n+1)·sin r. Every operation rounds as
// the vector form does.
func cosine(v float64, c []float64) float64 {
	if !(math.Abs(v) <= maxCosine) {
		return math.Cos(v)
	}
	t := math.FMA(v, invPi, -0.5) + magic
	h := (t - magic) + 0.5
	r := math.FMA(-h, pi2, math.FMA(-h, pi1, v))
	z := r * r
	s := math.FMA(float64(r*z), horner(z, c), r)
	return math.Float64frombits(math.Float64bits(s) ^ ^math.Float64bits(t)<<63)
}

// horner is c[0] + c[1]·z + c[2]·z² + …
func horner(z float64, c []float64) float64 {
	p := c[len(c)-1]
	for i := len(c) - 2; i >= 0; i-- {
		p = math.FMA(p, z, c[i])
	}
	return p
}
