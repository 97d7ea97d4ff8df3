package rff

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/proof"
	"bitcycle/quantizers/rff"
)

// spectralKind is a one-bit scheme of the spectral experiment with the paper's
// figures at m = 150 and 1050.
type spectralKind struct {
	name                         string
	scheme                       rff.Scheme
	delta1, delta2, relativeNorm [2]float64
}

func spectralKinds() []spectralKind {
	one := rff.Alphabet{K: 1}
	return []spectralKind{
		{"RFF float", rff.Scheme{}, [2]float64{.795, .45}, [2]float64{3.2, .8}, [2]float64{.23, .09}},
		{"StocQ", rff.Scheme{Method: rff.StocQ, Alphabet: one}, [2]float64{.915, .58}, [2]float64{13.2, 3.9}, [2]float64{.50, .21}},
		{"SD r=1 λ=15", rff.NewSigmaDelta(1, 15, one), [2]float64{.99, .905}, [2]float64{24.6, 4.8}, [2]float64{.97, .41}},
		{"SD r=2 λ=15", rff.NewSigmaDelta(2, 15, one), [2]float64{.985, .89}, [2]float64{18.2, 3.7}, [2]float64{.985, .40}},
	}
}

// Spectral compares Gram matrices of one-bit features with the exact one in the
// sense that risk bounds need: the smallest Δ₁, Δ₂ with
//
//	(1−Δ₁)(G+μI) ≼ Ĝ+μI ≼ (1+Δ₂)(G+μI).
func Spectral(ctx context.Context, o Options) (Table, error) {
	const n, d, mu = 1000, 5, 1
	draws := pick(o, 1, 5)
	sizes := pick(o, []int{150, 300, 1050}, []int{150, 300, 450, 600, 750, 900, 1050})
	t := Table{
		ID: "spectral", Title: "Spectral approximation of the Gram matrix, one-bit schemes", Metric: "Δ₁, Δ₂ and relative Frobenius error",
		Protocol: fmt.Sprintf("%d points uniform on [−1,1]⁵, Gaussian kernel σ=1, μ=1, %d draws of points and features", n, draws),
	}
	values := map[spectralID][]float64{}
	for draw := range draws {
		if err := ctx.Err(); err != nil {
			return t, err
		}
		problem, err := newSpectral(n, d, mu, o.Seed*1000+uint64(draw))
		if err != nil {
			return t, err
		}
		if err := problem.collect(ctx, values, sizes); err != nil {
			return t, err
		}
	}
	for i, name := range spectralNames {
		t.spectralRows(i, name, sizes, values)
	}
	t.spectralFindings(values)
	return t, nil
}

// spectralNames are the three measures.
var spectralNames = []string{"Δ₁", "Δ₂", "‖Ĝ−G‖/‖G‖"}

// spectralID names one figure: a measure, a scheme and a number of features.
type spectralID struct {
	measure int
	kind    string
	m       int
}

// collect adds the measures of all schemes and sizes to values.
func (s *spectral) collect(ctx context.Context, values map[spectralID][]float64, sizes []int) error {
	for _, m := range sizes {
		for _, kind := range spectralKinds() {
			if err := ctx.Err(); err != nil {
				return err
			}
			v, err := s.measure(kind.scheme, m)
			if err != nil {
				return err
			}
			for i := range spectralNames {
				id := spectralID{i, kind.name, m}
				values[id] = append(values[id], v[i])
			}
		}
	}
	return nil
}

// spectralRows adds the rows and the plot of one measure.
func (t *Table) spectralRows(measure int, name string, sizes []int, values map[spectralID][]float64) {
	plot := Plot{Title: name + " against features", XLabel: "features m", YLabel: name, LogX: true, LogY: true}
	for _, kind := range spectralKinds() {
		curve := Series{Name: kind.name}
		for _, m := range sizes {
			r := coded(fmt.Sprintf("%s m=%d", name, m), kind.name, m, kind.scheme.Bits(m).Real)
			paper := [][2]float64{kind.delta1, kind.delta2, kind.relativeNorm}[measure]
			if m == 150 || m == 1050 {
				r.paper(paper[m/1050])
				r.Bar = proof.Around(r.Want, 0.25)
			}
			r.measured(mean95(values[spectralID{measure, kind.name, m}]))
			t.add(r)
			curve.X, curve.Y = append(curve.X, float64(m)), append(curve.Y, r.Got)
		}
		plot.Series = append(plot.Series, curve)
	}
	t.Plots = append(t.Plots, plot)
}

func (t *Table) spectralFindings(values map[spectralID][]float64) {
	kinds := spectralKinds()
	for _, at := range []struct {
		kind spectralKind
		m    int
	}{{kinds[1], 1050}, {kinds[1], 300}, {kinds[2], 1050}, {kinds[3], 1050}} {
		delta1, _ := mean95(values[spectralID{0, at.kind.name, at.m}])
		delta2, _ := mean95(values[spectralID{1, at.kind.name, at.m}])
		norm, _ := mean95(values[spectralID{2, at.kind.name, at.m}])
		t.find("%s at %.0f bits per point (m=%d): Δ₁ %.2f, Δ₂ %.2f, relative error %.2f.", at.kind.name, at.kind.scheme.Bits(at.m).Real, at.m, delta1, delta2, norm)
	}
}

// spectral is a set of points, features for them and the exact Gram matrix.
type spectral struct {
	seed  uint64
	z     *mat.Dense
	exact *mat.Dense
	norm  float64
	root  *mat.TriDense // L with L·Lᵀ = G + μI
}

func newSpectral(n, d int, mu float64, seed uint64) (*spectral, error) {
	k := rff.Gaussian{Gamma: 0.5}
	rng := rand.New(rand.NewPCG(seed, 0x73706563))
	x := mat.NewDense(n, d, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return 2*rng.Float64() - 1 }, x)
	s := &spectral{seed: seed, z: rff.Draw(k, d, 1050, seed).MapRows(x, 0), exact: rff.KernelMatrix(k, x, x)}
	s.norm = mat.Norm(s.exact, 2)
	a := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			a.SetSym(i, j, s.exact.At(i, j))
		}
		a.SetSym(i, i, s.exact.At(i, i)+mu)
	}
	var chol mat.Cholesky
	if !chol.Factorize(a) {
		return nil, errors.New("the regularised Gram matrix is not positive definite")
	}
	s.root = new(mat.TriDense)
	chol.LTo(s.root)
	return s, nil
}

// measure returns Δ₁, Δ₂ and the relative Frobenius error of the Gram matrix of
// the first m features under a scheme. With L·Lᵀ = G+μI the eigenvalues of
// L⁻¹(G−Ĝ)L⁻ᵀ are those of (G+μI)^−1/2·(G−Ĝ)·(G+μI)^−1/2.
func (s *spectral) measure(scheme rff.Scheme, m int) ([3]float64, error) {
	f, _, err := rff.Embed(scheme, columns(s.z, m), s.seed)
	if err != nil {
		return [3]float64{}, err
	}
	n, _ := f.Dims()
	difference := gram(f, f)
	difference.Sub(s.exact, difference)
	y := make([]float64, n)
	symmetric := blas64.Symmetric{N: n, Stride: n, Data: difference.RawMatrix().Data, Uplo: blas.Upper}
	root := s.root.RawTriangular()
	least, most := extremes(func(dst, x []float64) {
		copy(y, x)
		blas64.Trsv(blas.Trans, root, blas64.Vector{N: n, Inc: 1, Data: y})
		blas64.Symv(1, symmetric, blas64.Vector{N: n, Inc: 1, Data: y}, 0, blas64.Vector{N: n, Inc: 1, Data: dst})
		blas64.Trsv(blas.NoTrans, root, blas64.Vector{N: n, Inc: 1, Data: dst})
	}, n, 60, s.seed)
	return [3]float64{most, -least, mat.Norm(difference, 2) / s.norm}, nil
}
