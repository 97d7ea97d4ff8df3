package lplr

import (
	"fmt"
	"math"
)

// Budget is a number of bits to spend on an n×d matrix.
type Budget struct {
	N, D int
	// BitsPerEntry of A that naive quantization would use; Ratio scales the budget
	// (1 = equal to naive quantization).
	BitsPerEntry, Ratio float64
}

// Rank returns the largest m with m·(n·B + d·B') ≤ Ratio·n·d·BitsPerEntry, at
// most min(n, d). The four floats of the ranges are not counted.
func (b Budget) Rank(bitsL, bitsR int) int {
	m := math.Floor(b.Ratio * float64(b.N) * float64(b.D) * b.BitsPerEntry / float64(b.N*bitsL+b.D*bitsR))
	return min(int(m), b.N, b.D)
}

// Bits returns the stored bits of both factors per entry of A.
func Bits(n, d, m, bitsL, bitsR int) float64 {
	return float64(m*(n*bitsL+d*bitsR)) / float64(n*d)
}

// Plan is a way to spend a budget, with the error expected of it.
type Plan struct {
	Options
	Expected float64 // relative Frobenius error
}

// mostRank is the largest rank that any widths afford.
func (b Budget) mostRank() (int, error) {
	limit := 0
	for bits := 1; bits <= 8; bits++ {
		limit = max(limit, b.Rank(bits, bits))
	}
	if limit < 1 {
		return 0, fmt.Errorf("budget of %v bits per entry is below rank 1 for a %d×%d matrix", b.BitsPerEntry*b.Ratio, b.N, b.D)
	}
	return limit, nil
}

// ChooseFrom returns the plan of least estimated error within the budget among Algorithm
// 1 and the balanced SVD with a fitted second factor, over the widths 1 to 8 of each
// factor, without factorizing the matrix for each. svd are its leading singular triplets,
// norm its Frobenius norm.
//
// The estimate adds three parts, relative to ‖A‖²: the energy beyond rank m
// (for the sketch times 1 + k/(m−k−1), minimized over k: Theorem 3.2 of the
// paper), the quantization noise of L that the fit cannot remove, and the noise
// of R carried by L. Grids span the expected largest of their entries.
func ChooseFrom(svd SVD, norm float64, budget Budget, seed int64) (Plan, error) {
	if _, err := budget.mostRank(); err != nil {
		return Plan{}, err
	}
	n, d := budget.N, budget.D
	spectrum := newSpectrum(svd, norm, min(n, d))
	best := Plan{Expected: math.Inf(1)}
	for bl := 1; bl <= 8; bl++ {
		for br := 1; br <= 8; br++ {
			m := budget.Rank(bl, br)
			if m < 1 {
				continue
			}
			for _, basis := range []Basis{SketchBasis, SVDSqrt} {
				opts := Options{Rank: m, BitsL: bl, BitsR: br, Basis: basis, Seed: seed}
				if e := spectrum.estimate(opts, n, d); e < best.Expected {
					best = Plan{opts, e}
				}
			}
		}
	}
	return best, nil
}

// spectrum holds the leading squared singular values and the total energy.
type spectrum struct {
	square []float64
	total  float64
	min    int
}

func newSpectrum(svd SVD, norm float64, most int) spectrum {
	s := spectrum{square: make([]float64, len(svd.S)), total: norm * norm, min: most}
	for i, v := range svd.S {
		s.square[i] = v * v
	}
	return s
}

// tail returns the energy beyond rank k, spread evenly where the spectrum is
// not known.
func (s spectrum) tail(k int) float64 {
	rest := s.total
	for i := range min(k, len(s.square)) {
		rest -= s.square[i]
	}
	if k > len(s.square) && s.min > len(s.square) {
		rest *= float64(s.min-k) / float64(s.min-len(s.square))
	}
	return max(rest, 0)
}

func (s spectrum) estimate(opts Options, n, d int) float64 {
	if s.total == 0 {
		return 0 // any factors of zeros are exact
	}
	m := opts.Rank
	tail := s.tail(m)
	if opts.Basis == SketchBasis {
		tail = s.tail(0)
		for k := 1; k < m-1; k++ {
			tail = min(tail, (1+float64(k)/float64(m-k-1))*s.tail(k))
		}
	}
	kept := max(s.total-tail, 0)
	// A Gaussian matrix of N entries spans about ±√(2·ln N) deviations; a uniform
	// grid over it has noise span²/(3·4^B) relative to the variance.
	noise := func(entries float64, bits int) float64 {
		levels := math.Exp2(float64(bits)) - 1
		return 2 * math.Log(entries) / (3 * levels * levels)
	}
	noiseL := noise(float64(n*m), opts.BitsL) * disparity(s, opts)
	noiseR := noise(float64(m*d), opts.BitsR) * disparity(s, opts)
	return math.Sqrt((tail + kept*min(noiseL, 1) + kept*min(noiseR, float64(m))) / s.total)
}

// disparity is how much the scales of the columns differ under one grid: mean
// over geometric structure of √σ for the balanced split, 1 for the sketch, whose
// columns are alike.
func disparity(s spectrum, opts Options) float64 {
	if opts.Basis == SketchBasis {
		return 1
	}
	sum, n := 0.0, min(opts.Rank, len(s.square))
	for _, v := range s.square[:n] {
		sum += math.Sqrt(v)
	}
	if sum == 0 {
		return 1
	}
	return math.Sqrt(s.square[0]) * float64(n) / sum
}
