package bcgd

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// DoReFaWeights quantizes weights as DoReFa-Net does (Zhou et al. 2016):
// sign(w)·mean|w| at one bit, else 2·quant_k(tanh w/(2·max|tanh w|) + ½) − 1.
func DoReFaWeights(w []float64, bits int) []float64 {
	if bits == 1 {
		return Binary(w).Values()
	}
	out := make([]float64, len(w))
	largest := 0.0
	for i, x := range w {
		out[i] = math.Tanh(x)
		largest = max(largest, math.Abs(out[i]))
	}
	if largest == 0 {
		return out
	}
	for i := range out {
		out[i] = 2*quantK(out[i]/(2*largest)+0.5, bits) - 1
	}
	return out
}

// quantK rounds r in [0, 1] to a multiple of 1/(2^k−1), halves up.
func quantK(r float64, k int) float64 {
	n := float64(int(1)<<k - 1)
	return math.Floor(r*n+0.5) / n
}

// Rounded is the activation of the rivals that round, α·clip(⌊x/α + ½⌋, least, n):
// DoReFa-Net's with the step α = 1/n; PACT's (Choi et al. 2018) with an n-th of its
// clipping level; with least = 1 where x > 0 that of half-wave Gaussian quantization
// (Cai et al. 2017).
func Rounded(x, alpha float64, least, n int) float64 {
	return alpha * min(max(math.Floor(x/alpha+0.5), float64(least)), float64(n))
}

// ChannelBinary is binary weight networks' and XNOR-Net's rule (Rastegari et al.
// 2016): sign(w) with one scale mean|w| per output channel of size weights.
func ChannelBinary(w []float64, size int) []Projection {
	out := make([]Projection, 0, len(w)/size)
	for start := 0; start < len(w); start += size {
		out = append(out, Binary(w[start:start+size]))
	}
	return out
}

// bestStep returns the step up to limit whose quantizer has the least mean
// squared error on the positive half of N(0, 1), to about 1e-4 of limit.
func bestStep(limit float64, quantize func(x, step float64) float64) float64 {
	loss := func(step float64) float64 {
		const points = 2000
		sum := 0.0
		for i := range points {
			x := 7 * (float64(i) + 0.5) / points
			e := x - quantize(x, step)
			sum += e * e * math.Exp(-x*x/2)
		}
		return sum
	}
	best := limit
	for width := limit / 40; width > limit*1e-4; width /= 5 {
		center := best
		for i := -40; i <= 40; i++ {
			if step := center + width*float64(i); step > 0 && step <= limit && loss(step) < loss(best) {
				best = step
			}
		}
	}
	return best
}

// Relax returns the pseudo-quantized weights (η·Q(w) + w)/(1 + η) of BinaryRelax
// (Yin et al., SIAM J. Imaging Sciences 2018).
func Relax(w []float64, bits int, eta float64) []float64 {
	out := Project(w, bits).Values()
	for i := range out {
		out[i] = (eta*out[i] + w[i]) / (1 + eta)
	}
	return out
}

// ABCNet approximates w by Σ β_j·sign(w − mean + u_j·std) with bases vectors,
// u_j spread evenly over [−1, 1] and β by least squares (Lin, Zhao, Pan 2017).
// It returns the scales and the sign vectors.
func ABCNet(w []float64, bases int) (beta []float64, signs [][]int8) {
	mean, std := moments(w)
	design := mat.NewDense(len(w), bases, nil)
	for j := range bases {
		u := 0.0
		if bases > 1 {
			u = -1 + 2*float64(j)/float64(bases-1)
		}
		b := make([]int8, len(w))
		for i, x := range w {
			b[i] = signOf(x - mean + u*std)
			design.Set(i, j, float64(b[i]))
		}
		signs = append(signs, b)
	}
	var svd mat.SVD
	beta = make([]float64, bases)
	if svd.Factorize(design, mat.SVDThin) {
		var x mat.VecDense
		svd.SolveVecTo(&x, mat.NewVecDense(len(w), w), svd.Rank(1e-10))
		for j := range beta {
			beta[j] = x.AtVec(j)
		}
	}
	return beta, signs
}

func moments(w []float64) (mean, std float64) {
	for _, x := range w {
		mean += x
	}
	mean /= float64(len(w))
	for _, x := range w {
		std += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(std / float64(len(w)))
}
