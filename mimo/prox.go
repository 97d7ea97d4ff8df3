package mimo

import "math"

// ProxInf is the proximal operator of λ‖·‖²_IQ∞ on the columns of matrices,
//
//	argmin_x λ‖x‖²_IQ∞ + ½‖x − w‖²,
//
// ‖·‖_IQ∞ the largest magnitude of a real or imaginary part: w clipped to the
// radius τ at which Σ max(|w| − τ, 0) = 2λτ. Newton's method ends at it after
// finitely many steps from any start, because the left side is convex and
// piecewise linear. It starts from the radii of the last Apply.
type ProxInf struct {
	Lambda float64

	radius, sums, counts []float64 // of every column
}

// Reset forgets the radii.
func (p *ProxInf) Reset() { clear(p.radius[:cap(p.radius)]) }

// Apply clips every column of m to its radius.
func (p *ProxInf) Apply(m *Matrix) {
	t := m.Cols
	p.radius, p.sums, p.counts = resize(p.radius, t), resize(p.sums, t), resize(p.counts, t)
	for range 100 {
		if !p.step(m) {
			break
		}
	}
	for i := range m.Rows {
		re, im := m.Row(i)
		for j, r := range p.radius {
			re[j] = max(-r, min(r, re[j]))
			im[j] = max(-r, min(r, im[j]))
		}
	}
}

// step is one of Newton's on every radius; it reports whether any has moved.
func (p *ProxInf) step(m *Matrix) bool {
	clear(p.sums)
	clear(p.counts)
	for i := range m.Rows {
		re, im := m.Row(i)
		exceed(re, p.radius, p.sums, p.counts)
		exceed(im, p.radius, p.sums, p.counts)
	}
	moved := false
	for i, sum := range p.sums {
		next := sum / (2*p.Lambda + p.counts[i])
		moved = moved || math.Abs(next-p.radius[i]) > 1e-14*next
		p.radius[i] = next
	}
	return moved
}

// exceed adds up the magnitudes above each column's radius and counts them.
func exceed(w, radius, sums, counts []float64) {
	for j, v := range w {
		if v = math.Abs(v); v > radius[j] {
			sums[j] += v
			counts[j]++
		}
	}
}
