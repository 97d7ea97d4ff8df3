package rff

import (
	"fmt"
	"math"
)

// Modulator is a noise-shaping quantizer: it feeds its accumulated error back,
//
//	s_i = Scale·y_i + Σ_j Weights_j·u_{i−Delays_j},   q_i = nearest level to s_i,   u_i = s_i − q_i,
//
// with u = 0 before the first entry and, if Block > 0, before every block of
// that many entries. Rows are independent; entries are sequential.
type Modulator struct {
	Alphabet Alphabet
	Delays   []int     // positive, increasing
	Weights  []float64 // one per delay
	Block    int       // 0: the state is never reset
	Scale    float64   // factor on the input
}

// Greedy returns the r-th order Sigma-Delta modulator: its state obeys
// Dʳu = y − q with D the first difference, so the weights are (−1)^{j+1}·C(r,j).
func Greedy(r int, a Alphabet) Modulator {
	m := Modulator{Alphabet: a, Scale: 1}
	binomial := 1.0
	for j := 1; j <= r; j++ {
		binomial *= float64(r-j+1) / float64(j)
		m.Delays = append(m.Delays, j)
		m.Weights = append(m.Weights, -sign(j)*math.Round(binomial))
	}
	return m
}

// Sparse returns the modulator of order r ≥ 2 for alphabets too coarse for
// [Greedy]: delays n_j = σ(j−1)²+1 and weights Π_{i≠j} n_i/(n_i−n_j), which sum
// to 1. Its state u gives Dʳw = y − q with w = g∗u for a short filter g, see
// [StateFilter]. (Deift, Güntürk, Krahmer, CPAM 64, 2011.)
func Sparse(r, sigma int, a Alphabet) Modulator {
	m := Modulator{Alphabet: a, Scale: 1}
	for j := range r {
		m.Delays = append(m.Delays, sigma*j*j+1)
	}
	for j, nj := range m.Delays {
		weight := 1.0
		for i, ni := range m.Delays {
			if i != j {
				weight *= float64(ni) / float64(ni-nj)
			}
		}
		m.Weights = append(m.Weights, weight)
	}
	return m
}

// Distributed returns the modulator of distributed noise shaping: the input is
// scaled by s = (2K−β)/(2K−1), the state is fed back with gain β and reset every
// lambda entries, so that |u| ≤ h whatever the input in [−1,1].
func Distributed(beta float64, lambda int, a Alphabet) Modulator {
	return Modulator{
		Alphabet: a, Delays: []int{1}, Weights: []float64{beta},
		Block: lambda, Scale: (2*float64(a.K) - beta) / float64(2*a.K-1),
	}
}

// StateFilter returns g with (1−t)ʳ·g(t) = 1 − Σ_j Weights_j·t^{Delays_j}: the
// filter that turns the modulator's state into one of order r, w = g∗u. For a
// greedy modulator of order r it is the single coefficient 1. It panics if r
// exceeds the modulator's order.
func (m *Modulator) StateFilter(r int) []float64 {
	poly := make([]float64, m.depth()+1)
	poly[0] = 1
	for j, n := range m.Delays {
		poly[n] -= m.Weights[j]
	}
	for range r {
		for i := 1; i < len(poly); i++ { // divide by 1−t: running sums
			poly[i] += poly[i-1]
		}
		if last := poly[len(poly)-1]; math.Abs(last) > 1e-9 {
			panic(fmt.Sprintf("rff: the modulator's order is below %d", r))
		}
		poly = poly[:len(poly)-1]
	}
	return poly
}

// Diagnostics says how a modulator fared.
type Diagnostics struct {
	Steps    int     // entries quantized
	Peak     float64 // largest |u|; at most h in a stable modulator
	Overload int     // entries with |u| > h, beyond rounding
}

// Add merges the diagnostics of another run.
func (d *Diagnostics) Add(o Diagnostics) {
	d.Steps += o.Steps
	d.Peak = max(d.Peak, o.Peak)
	d.Overload += o.Overload
}

// Quantize writes the levels of y to q and the states to u. All three have the
// same length.
func (m *Modulator) Quantize(y, q, u []float64) Diagnostics {
	s := newState(m)
	odd := make([]int32, len(y))
	s.run(y, odd)
	half := m.Alphabet.Half()
	for i, o := range odd {
		q[i] = float64(o) * half
	}
	copy(u, s.u[s.depth:][:len(y)])
	return s.diag
}

// NoiseGain returns Σ|Weights|, the ℓ1 norm of the feedback filter.
func (m *Modulator) NoiseGain() float64 {
	sum := 0.0
	for _, w := range m.Weights {
		sum += math.Abs(w)
	}
	return sum
}

// Safe reports whether |y| ≤ peak guarantees |u| ≤ h for ever: whether
// NoiseGain·h + Scale·peak ≤ 2K·h.
func (m *Modulator) Safe(peak float64) bool {
	h := m.Alphabet.Half()
	return m.NoiseGain()*h+m.Scale*peak <= 2*float64(m.Alphabet.K)*h*(1+1e-12)
}

// SafeStep returns the smallest step for which a modulator with this feedback
// keeps |u| ≤ h for all |y| ≤ peak: 2·peak·Scale/(2K − NoiseGain), for the greedy
// modulator of order r 2·peak/(2K − 2ʳ + 1). It fails if K is too small for any
// step.
func (m *Modulator) SafeStep(peak float64) (float64, error) {
	room := 2*float64(m.Alphabet.K) - m.NoiseGain()
	if room <= 1e-12 {
		return 0, fmt.Errorf("alphabet K = %d: no step is safe for a feedback of norm %.4g, which needs K of at least %d",
			m.Alphabet.K, m.NoiseGain(), int(m.NoiseGain()/2)+1)
	}
	return 2 * peak * m.Scale / room, nil
}

func (m *Modulator) depth() int {
	depth := 0
	for _, n := range m.Delays {
		depth = max(depth, n)
	}
	return depth
}

func sign(j int) float64 {
	if j%2 == 0 {
		return 1
	}
	return -1
}
