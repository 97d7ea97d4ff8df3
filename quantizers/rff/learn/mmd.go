package learn

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/stat"
)

// MMD2 returns the squared maximum mean discrepancy of two samples,
//
//	mean k(X,X) + mean k(Y,Y) − 2·mean k(X,Y),
//
// means over all pairs, the diagonal included (Gretton et al., JMLR 13, 2012,
// equation 5).
func MMD2(kxx, kyy, kxy *mat.Dense) float64 { return mean(kxx) + mean(kyy) - 2*mean(kxy) }

// FeatureMMD2 is MMD2 for k = F·Fᵀ: the squared distance of the mean features.
func FeatureMMD2(fx, fy *mat.Dense) float64 {
	d := meanRow(fx)
	floats.Sub(d, meanRow(fy))
	return floats.Dot(d, d)
}

func mean(k *mat.Dense) float64 {
	r, c := k.Dims()
	return mat.Sum(k) / float64(r*c)
}

func meanRow(f *mat.Dense) []float64 {
	n, p := f.Dims()
	sum := make([]float64, p)
	for i := range n {
		floats.Add(sum, f.RawRowView(i))
	}
	floats.Scale(1/float64(n), sum)
	return sum
}

// TwoSample is the outcome of a two-sample test.
type TwoSample struct {
	MMD2      float64
	Threshold float64 // 1−alpha quantile over permutations
	PValue    float64 // (1 + permutations with at least MMD2) / (1 + permutations)
	Reject    bool    // PValue ≤ alpha: the samples differ
}

// TwoSampleTest tests whether the rows of fx and fy, as features, come from the
// same distribution, at level alpha, against random permutations of the pooled
// points.
func TwoSampleTest(fx, fy *mat.Dense, alpha float64, permutations int, seed uint64) (TwoSample, error) {
	nx, p := fx.Dims()
	ny, py := fy.Dims()
	if p != py {
		return TwoSample{}, fmt.Errorf("two-sample test: features of %d and %d dimensions", p, py)
	}
	total := make([]float64, p)
	row := func(i int) []float64 {
		if i < nx {
			return fx.RawRowView(i)
		}
		return fy.RawRowView(i - nx)
	}
	for i := range nx + ny {
		floats.Add(total, row(i))
	}
	first, second := make([]float64, p), make([]float64, p)
	return permutationTest(nx, ny, alpha, permutations, seed, func(order []int) float64 {
		clear(first)
		for _, i := range order[:nx] {
			floats.Add(first, row(i))
		}
		floats.SubTo(second, total, first)
		floats.Scale(1/float64(nx), first)
		floats.AddScaled(first, -1/float64(ny), second)
		return floats.Dot(first, first)
	})
}

// TwoSampleKernelTest is TwoSampleTest for a Gram matrix of the pooled points, the
// nx points of the first sample before those of the second.
func TwoSampleKernelTest(g *mat.Dense, nx int, alpha float64, permutations int, seed uint64) (TwoSample, error) {
	n, _ := g.Dims()
	weight := make([]float64, n)
	return permutationTest(nx, n-nx, alpha, permutations, seed, func(order []int) float64 {
		for k, i := range order {
			weight[i] = 1 / float64(nx)
			if k >= nx {
				weight[i] = -1 / float64(n-nx)
			}
		}
		sum := 0.0
		for i, w := range weight {
			sum += w * floats.Dot(weight, g.RawRowView(i))
		}
		return sum
	})
}

// permutationTest compares the statistic of the points in their order with that
// of random orders, of which the first nx points are one sample.
func permutationTest(nx, ny int, alpha float64, permutations int, seed uint64, statistic func(order []int) float64) (TwoSample, error) {
	if nx < 1 || ny < 1 || permutations < 1 || !(alpha > 0 && alpha < 1) {
		return TwoSample{}, fmt.Errorf("two-sample test: %d and %d points, %d permutations, alpha = %v: "+
			"needs points in both samples, a permutation and alpha between 0 and 1", nx, ny, permutations, alpha)
	}
	order := make([]int, nx+ny)
	for i := range order {
		order[i] = i
	}
	t := TwoSample{MMD2: statistic(order)}
	rng := rand.New(rand.NewPCG(seed, 0x6d6d64))
	null := make([]float64, permutations)
	reached := 1
	for k := range null {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		null[k] = statistic(order)
		if null[k] >= t.MMD2 {
			reached++
		}
	}
	t.PValue = float64(reached) / float64(1+permutations)
	t.Threshold = stat.Quantile(null, 1-alpha)
	t.Reject = t.PValue <= alpha
	return t, nil
}
