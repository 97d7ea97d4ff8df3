package bcgd

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/integrate/quad"
)

// TwoLayer is the model y(Z) = vᵀ·1{Z·w > 0}: two linear layers around a binary
// activation, Z m×n with independent N(0, 1) entries, labels from (VStar, WStar)
// with ‖WStar‖ = 1, squared loss ½·(y − y*)². All expectations have closed forms.
type TwoLayer struct {
	VStar, WStar []float64
}

// geometry holds what the closed forms share.
type geometry struct {
	norm, theta     float64   // ‖w‖, angle between w and w*
	u               []float64 // w/‖w‖
	dot, sumV, sumS float64   // v·v*, 1·v, 1·v*
	vv, h           float64   // v·v, h of the expected coarse gradient
}

func (m TwoLayer) geometry(v, w []float64) geometry {
	g := geometry{norm: floats.Norm(w, 2), dot: floats.Dot(v, m.VStar), sumV: floats.Sum(v), sumS: floats.Sum(m.VStar), vv: floats.Dot(v, v)}
	g.u = make([]float64, len(w))
	floats.ScaleTo(g.u, 1/g.norm, w)
	g.theta = math.Acos(min(max(floats.Dot(g.u, m.WStar), -1), 1))
	g.h = g.vv + g.sumV*g.sumV - g.sumV*g.sumS + g.dot
	return g
}

// Theta returns the angle between w and w*.
func (m TwoLayer) Theta(w []float64) float64 { return m.geometry(m.VStar, w).theta }

// H returns h = ‖v‖² + (1·v)² − (1·v)(1·v*) + v·v*.
func (m TwoLayer) H(v []float64) float64 { return m.geometry(v, m.WStar).h }

// Loss returns the population loss
//
//	⅛·[ v·v + (1·v)² − 2((1−2θ/π)·v·v* + (1·v)(1·v*)) + v*·v* + (1·v*)² ]
func (m TwoLayer) Loss(v, w []float64) float64 {
	g := m.geometry(v, w)
	return (g.vv + g.sumV*g.sumV - 2*((1-2*g.theta/math.Pi)*g.dot+g.sumV*g.sumS) +
		floats.Dot(m.VStar, m.VStar) + g.sumS*g.sumS) / 8
}

// GradV returns ∂f/∂v = ¼·(I+11ᵀ)v − ¼·((1−2θ/π)I + 11ᵀ)v*.
func (m TwoLayer) GradV(v, w []float64) []float64 {
	g := m.geometry(v, w)
	out := make([]float64, len(v))
	for i := range out {
		out[i] = (v[i] + g.sumV - (1-2*g.theta/math.Pi)*m.VStar[i] - g.sumS) / 4
	}
	return out
}

// GradW returns ∂f/∂w = −(v·v*)/(2π‖w‖)·P·w*/‖P·w*‖, P the projection orthogonal
// to w; zero where it is undefined (θ = 0 or π).
func (m TwoLayer) GradW(v, w []float64) []float64 {
	g := m.geometry(v, w)
	out := make([]float64, len(w))
	floats.AddScaledTo(out, m.WStar, -floats.Dot(g.u, m.WStar), g.u)
	length := floats.Norm(out, 2)
	if length == 0 {
		return out
	}
	floats.Scale(-g.dot/(2*math.Pi*g.norm*length), out)
	return out
}

// CoarseReLU returns the expected coarse gradient in w with the ReLU's
// derivative: [h·u − (v·v*)(u + w*)]/(2√(2π)).
func (m TwoLayer) CoarseReLU(v, w []float64) []float64 {
	g := m.geometry(v, w)
	out := make([]float64, len(w))
	for i := range out {
		out[i] = (g.h*g.u[i] - g.dot*(g.u[i]+m.WStar[i])) / (2 * math.Sqrt(2*math.Pi))
	}
	return out
}

// Correlation returns ⟨CoarseReLU, GradW⟩ = sin θ·(v·v*)²/(2·(2π)^{3/2}·‖w‖) ≥ 0.
// With the identity's derivative it is twice that.
func (m TwoLayer) Correlation(v, w []float64) float64 {
	g := m.geometry(v, w)
	return math.Sin(g.theta) * g.dot * g.dot / (2 * math.Pow(2*math.Pi, 1.5) * g.norm)
}

// CoarseIdentity returns the expected coarse gradient in w with the identity's
// derivative: (‖v‖²·u − (v·v*)·w*)/√(2π).
func (m TwoLayer) CoarseIdentity(v, w []float64) []float64 {
	g := m.geometry(v, w)
	out := make([]float64, len(w))
	for i := range out {
		out[i] = (g.vv*g.u[i] - g.dot*m.WStar[i]) / math.Sqrt(2*math.Pi)
	}
	return out
}

// CoarseClipped returns the expected coarse gradient in w with the derivative
// 1{0 < x < 1} of the clipped ReLU, by quadrature to about 1e-12:
//
//	½·p(0)·h·u − (v·v*)·[ q(θ)/sin(θ/2)·(u+w*)/‖u+w*‖ + (p(θ) − q(θ)·cot(θ/2))·u ]
//
// for 0 < θ < π.
func (m TwoLayer) CoarseClipped(v, w []float64) []float64 {
	g := m.geometry(v, w)
	p := func(t float64) float64 { return clippedIntegral(t, g.norm, math.Cos) }
	q := clippedIntegral(g.theta, g.norm, math.Sin)
	half := g.theta / 2
	sum := make([]float64, len(w))
	floats.AddTo(sum, g.u, m.WStar)
	along := q / math.Sin(half) / floats.Norm(sum, 2)
	own := p(g.theta) - q/math.Tan(half)
	out := make([]float64, len(w))
	for i := range out {
		out[i] = p(0)*g.h*g.u[i]/2 - g.dot*(along*sum[i]+own*g.u[i])
	}
	return out
}

// clippedIntegral returns (1/2π)·∫_{t−π/2}^{π/2} f(φ)·ξ(sec φ/‖w‖) dφ with
// ξ(x) = √(π/2)·erf(x/√2) − x·exp(−x²/2).
func clippedIntegral(t, norm float64, f func(float64) float64) float64 {
	xi := func(x float64) float64 {
		if x > 40 {
			return math.Sqrt(math.Pi / 2)
		}
		return math.Sqrt(math.Pi/2)*math.Erf(x/math.Sqrt2) - x*math.Exp(-x*x/2)
	}
	integrand := func(phi float64) float64 { return f(phi) * xi(1/(math.Cos(phi)*norm)) }
	const pieces = 24
	lo, hi := t-math.Pi/2, math.Pi/2
	sum := 0.0
	for i := range pieces {
		a := lo + (hi-lo)*float64(i)/pieces
		b := lo + (hi-lo)*float64(i+1)/pieces
		sum += quad.Fixed(integrand, a, b, 32, quad.Legendre{}, 0)
	}
	return sum / (2 * math.Pi)
}

// Spurious returns the second layer v = (I+11ᵀ)⁻¹(11ᵀ − I)v* of the spurious
// local minimizer at θ = π.
func (m TwoLayer) Spurious() []float64 {
	n := float64(len(m.VStar))
	sum := floats.Sum(m.VStar)
	right := make([]float64, len(m.VStar))
	for i, x := range m.VStar {
		right[i] = sum - x
	}
	correction := floats.Sum(right) / (n + 1)
	for i := range right {
		right[i] -= correction
	}
	return right
}

// Sample holds the batch means of one set of inputs.
type Sample struct {
	Loss         float64
	GradV, GradW []float64 // the latter coarse, with the ReLU's derivative
}

// Batch returns the mean loss and gradients over inputs z, each m×n.
func (m TwoLayer) Batch(v, w []float64, z [][][]float64) Sample {
	s := Sample{GradV: make([]float64, len(v)), GradW: make([]float64, len(w))}
	for _, input := range z {
		residual := 0.0
		for i, row := range input {
			if floats.Dot(row, w) > 0 {
				residual += v[i]
			}
			if floats.Dot(row, m.WStar) > 0 {
				residual -= m.VStar[i]
			}
		}
		s.Loss += residual * residual / 2 / float64(len(z))
		for i, row := range input {
			if floats.Dot(row, w) > 0 {
				s.GradV[i] += residual / float64(len(z))
				floats.AddScaled(s.GradW, residual*v[i]/float64(len(z)), row)
			}
		}
	}
	return s
}

// Draw returns count inputs of m×n independent N(0, 1) entries.
func (m TwoLayer) Draw(rng *rand.Rand, count int) [][][]float64 {
	z := make([][][]float64, count)
	for k := range z {
		z[k] = make([][]float64, len(m.VStar))
		for i := range z[k] {
			z[k][i] = make([]float64, len(m.WStar))
			for j := range z[k][i] {
				z[k][i][j] = rng.NormFloat64()
			}
		}
	}
	return z
}

// Descend runs steps of simultaneous population descent on v and w with the
// given coarse gradient, in place.
func (m TwoLayer) Descend(v, w []float64, eta float64, steps int, coarse func(v, w []float64) []float64, visit func(step int)) {
	for step := range steps {
		gv, gw := m.GradV(v, w), coarse(v, w)
		floats.AddScaled(v, -eta, gv)
		floats.AddScaled(w, -eta, gw)
		if visit != nil {
			visit(step)
		}
	}
}
