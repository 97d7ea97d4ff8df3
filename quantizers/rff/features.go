package rff

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"bitcycle/kernels/gemm"
)

// Features are the frequencies and phases of m random Fourier features
//
//	z_i(x) = cos(ω_i·x + ξ_i),   i = 1..m,
//
// drawn once and shared by all data points. E (2/m)⟨z(x), z(y)⟩ = k(x,y).
type Features struct {
	D, M  int
	Omega []float64 // M×D row-major: frequency ω_i in row i
	Xi    []float64 // M phases, uniform on [0, 2π)
}

// Draw draws m features of kernel k for data of dimension d. Feature i depends
// on k, d, seed and i alone, so a larger m extends a smaller one.
func Draw(k Kernel, d, m int, seed uint64) *Features {
	rng := rand.New(rand.NewPCG(seed, 0x7266662d64726177))
	f := &Features{D: d, M: m, Omega: make([]float64, m*d), Xi: make([]float64, m)}
	for i := range m {
		k.Frequency(rng, f.Omega[i*d:(i+1)*d])
		f.Xi[i] = 2 * math.Pi * rng.Float64()
	}
	return f
}

// First returns the first m features, sharing storage.
func (f *Features) First(m int) *Features {
	return &Features{D: f.D, M: m, Omega: f.Omega[:m*f.D], Xi: f.Xi[:m]}
}

// Map writes features from, from+1, … of point x to z until z is full.
func (f *Features) Map(z, x []float64, from int) {
	project(z, x, f.Omega[from*f.D:])
	gemm.CosF64(z, z, f.Xi[from:from+len(z)], 1)
}

// project writes the products of x with the frequencies in omega to z.
func project(z, x, omega []float64) {
	d := len(x)
	for len(z) >= 4 { // four sums at a time, each in the order of its entries
		w0, w1, w2, w3 := omega[:d], omega[d:2*d], omega[2*d:3*d], omega[3*d:4*d]
		var p0, p1, p2, p3 float64
		for j, v := range x {
			p0 += w0[j] * v
			p1 += w1[j] * v
			p2 += w2[j] * v
			p3 += w3[j] * v
		}
		z[0], z[1], z[2], z[3] = p0, p1, p2, p3
		z, omega = z[4:], omega[4*d:]
	}
	for i := range z {
		z[i] = dot(omega[i*d:(i+1)*d], x)
	}
}

// MapRows returns the n×m matrix of the features of the rows of x, computed by
// the given number of workers (0 = all processors).
func (f *Features) MapRows(x *mat.Dense, workers int) *mat.Dense {
	n, _ := x.Dims()
	z := mat.NewDense(n, f.M, nil)
	eachRow(n, workers, func(i int) { f.Map(z.RawRowView(i), x.RawRowView(i), 0) })
	return z
}

// CheckPoints reports the first row of x that the features cannot take: a
// dimension other than D, or a value that is not finite.
func (f *Features) CheckPoints(x *mat.Dense) error {
	n, d := x.Dims()
	if d != f.D {
		return fmt.Errorf("points have %d columns: the features were drawn for %d", d, f.D)
	}
	for i := range n {
		for j, v := range x.RawRowView(i) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("row %d, column %d: %v is not a finite number", i+1, j+1, v)
			}
		}
	}
	return nil
}
