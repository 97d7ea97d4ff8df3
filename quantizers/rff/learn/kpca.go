package learn

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// KernelPCA returns the scores of n points on the first components principal
// components in feature space (n×components), and the variances along them, from
// the Gram matrix of the points. (Schölkopf, Smola, Müller, Neural Computation
// 10, 1998.)
func KernelPCA(g *mat.Dense, components int) (scores *mat.Dense, variances []float64, err error) {
	n, _ := g.Dims()
	if components < 1 || components > n {
		return nil, nil, fmt.Errorf("kernel PCA: components = %d: must be between 1 and the number of points %d", components, n)
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(centered(g), true) {
		return nil, nil, fmt.Errorf("kernel PCA: the eigenvalues of the %d×%d matrix do not converge", n, n)
	}
	values := eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	scores = mat.NewDense(n, components, nil)
	for k := range components {
		value := max(values[n-1-k], 0)
		variances = append(variances, value/float64(n))
		for i := range n {
			scores.Set(i, k, math.Sqrt(value)*vectors.At(i, n-1-k))
		}
	}
	return scores, variances, nil
}

// centered returns the Gram matrix of the points minus their mean in feature
// space, made symmetric.
func centered(g *mat.Dense) *mat.SymDense {
	n, _ := g.Dims()
	rows, all := make([]float64, n), 0.0
	for i := range n {
		for j := range n {
			rows[i] += (g.At(i, j) + g.At(j, i)) / (2 * float64(n))
		}
		all += rows[i] / float64(n)
	}
	c := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			c.SetSym(i, j, (g.At(i, j)+g.At(j, i))/2-rows[i]-rows[j]+all)
		}
	}
	return c
}
