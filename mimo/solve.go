package mimo

import (
	"errors"
	"math"
)

// ErrDependent reports users whose channels cannot be told apart.
var ErrDependent = errors.New("the users' channels are linearly dependent")

// gram computes the Hermitian matrix dst = h·hᴴ, K×K, given both factors.
func gram(dst, h, hh *Matrix) { Mul(dst, h, hh) }

// cholesky factors the Hermitian matrix a in place, a = L·Lᴴ; the part above the
// diagonal is left alone.
func cholesky(a *Matrix) error {
	n := a.Rows
	var largest float64
	for i := range n {
		largest = max(largest, a.Re[i*a.Stride+i])
	}
	for j := range n {
		rj, ij := a.Row(j)
		d := rj[j]
		for p := range j {
			d -= float64(rj[p]*rj[p]) + float64(ij[p]*ij[p])
		}
		if !(d > 1e-13*largest) {
			return ErrDependent
		}
		d = math.Sqrt(d)
		rj[j], ij[j] = d, 0
		for i := j + 1; i < n; i++ {
			ri, ii := a.Row(i)
			re, im := ri[j], ii[j]
			for p := range j {
				re -= float64(ri[p]*rj[p]) + float64(ii[p]*ij[p])
				im -= float64(ii[p]*rj[p]) - float64(ri[p]*ij[p])
			}
			ri[j], ii[j] = re/d, im/d
		}
	}
	return nil
}

// solveCholesky replaces column c of b by the solution of L·Lᴴ·x = b.
func solveCholesky(l, b *Matrix, c int) {
	n := l.Rows
	for i := range n {
		re, im := b.Re[i*b.Stride+c], b.Im[i*b.Stride+c]
		lr, li := l.Row(i)
		for p := range i {
			br, bi := b.Re[p*b.Stride+c], b.Im[p*b.Stride+c]
			re -= float64(lr[p]*br) - float64(li[p]*bi)
			im -= float64(lr[p]*bi) + float64(li[p]*br)
		}
		b.Re[i*b.Stride+c], b.Im[i*b.Stride+c] = re/lr[i], im/lr[i]
	}
	for i := n - 1; i >= 0; i-- {
		re, im := b.Re[i*b.Stride+c], b.Im[i*b.Stride+c]
		for p := i + 1; p < n; p++ {
			lr, li := l.Re[p*l.Stride+i], l.Im[p*l.Stride+i]
			br, bi := b.Re[p*b.Stride+c], b.Im[p*b.Stride+c]
			re -= float64(lr*br) + float64(li*bi)
			im -= float64(lr*bi) - float64(li*br)
		}
		d := l.Re[i*l.Stride+i]
		b.Re[i*b.Stride+c], b.Im[i*b.Stride+c] = re/d, im/d
	}
}

// inverse computes dst = a⁻¹ for a Hermitian positive definite a, which it
// overwrites by its factor.
func inverse(dst, a *Matrix) error {
	if err := cholesky(a); err != nil {
		return err
	}
	dst.Resize(a.Rows, a.Rows)
	for c := range a.Rows {
		dst.Set(c, c, 1)
		solveCholesky(a, dst, c)
	}
	return nil
}

// addDiagonal adds v to the diagonal.
func (m *Matrix) addDiagonal(v float64) {
	for i := range m.Rows {
		m.Re[i*m.Stride+i] += v
	}
}

// RightInverse computes dst = hᴴ(h·hᴴ + ridge·I)⁻¹, N×K: the pseudo-inverse of h if
// ridge is 0.
func RightInverse(dst *Matrix, ch *Channel, ridge float64) error {
	var g, inv Matrix
	gram(&g, ch.H, ch.HH)
	g.addDiagonal(ridge)
	if err := inverse(&inv, &g); err != nil {
		return err
	}
	Mul(dst, ch.HH, &inv)
	return nil
}
