package bcgd

import (
	"math"
	"slices"
)

// Projection is a weight tensor on the grid δ·q: one scale, integer levels.
type Projection struct {
	Delta float64
	Q     []int8
}

// Values returns δ·q.
func (p Projection) Values() []float64 {
	out := make([]float64, len(p.Q))
	for i, q := range p.Q {
		out[i] = p.Delta * float64(q)
	}
	return out
}

// Project returns the Euclidean projection of w on the grid of the given width:
// binary for 1 bit, exact ternary for 2, one least-squares pass for 3 to 8
// (the paper's rule; see Lloyd and ExactBits for better ones).
func Project(w []float64, bits int) Projection {
	switch bits {
	case 1:
		return Binary(w)
	case 2:
		return Ternary(w)
	}
	return OneShot(w, bits)
}

func signOf(x float64) int8 {
	if x < 0 {
		return -1
	}
	return 1
}

// Binary projects on δ·{±1}: δ = mean|w|, q = sign(w) with sign(0) = +1.
func Binary(w []float64) Projection {
	p := Projection{Q: make([]int8, len(w))}
	for i, x := range w {
		p.Q[i] = signOf(x)
		p.Delta += math.Abs(x)
	}
	p.Delta /= float64(max(len(w), 1))
	return p
}

// Ternary projects on δ·{0, ±1} exactly: the t* largest magnitudes are kept,
// t* the first maximizer of S_t²/t with S_t the sum of the t largest, and
// δ = S_t*/t* (Yin, Zhang, Qi, Xin 2016).
func Ternary(w []float64) Projection {
	magnitudes := make([]float64, len(w))
	for i, x := range w {
		magnitudes[i] = math.Abs(x)
	}
	slices.Sort(magnitudes)
	var sum, best, delta, least float64
	for t := 1; t <= len(w); t++ {
		x := magnitudes[len(w)-t]
		sum += x
		if gain := sum * sum / float64(t); gain > best {
			best, delta, least = gain, sum/float64(t), x
		}
	}
	p := Projection{Delta: delta, Q: make([]int8, len(w))}
	if delta == 0 {
		return p
	}
	// Of equal magnitudes all are kept or none: if the first adds to the gain,
	// the others add more.
	for i, x := range w {
		if math.Abs(x) >= least {
			p.Q[i] = signOf(x)
		}
	}
	return p
}

// TernaryThreshold is the rule of ternary weight networks (Li, Zhang, Liu 2016):
// levels where |w| ≥ 0.7·mean|w|, δ their mean magnitude.
func TernaryThreshold(w []float64) Projection {
	threshold := 0.7 * Binary(w).Delta
	p := Projection{Q: make([]int8, len(w))}
	kept := 0
	for i, x := range w {
		if math.Abs(x) >= threshold && x != 0 {
			p.Q[i] = signOf(x)
			p.Delta += math.Abs(x)
			kept++
		}
	}
	p.Delta /= float64(max(kept, 1))
	return p
}

// OneShot projects on δ·{0, …, ±(2^(b−1)−1)}: levels from δ⁰ = 2·max|w|/(2^b−1),
// rounded half up, then one least-squares scale δ = ⟨|w|,q⟩/⟨q,q⟩.
func OneShot(w []float64, bits int) Projection {
	return lloyd(w, bits, 1)
}

// Lloyd repeats OneShot's two steps from its own scale until the levels stay.
func Lloyd(w []float64, bits int) Projection { return lloyd(w, bits, 1000) }

func lloyd(w []float64, bits, rounds int) Projection {
	top := float64(int(1)<<(bits-1) - 1)
	largest := 0.0
	for _, x := range w {
		largest = max(largest, math.Abs(x))
	}
	p := Projection{Delta: 2 * largest / float64(int(1)<<bits-1), Q: make([]int8, len(w))}
	for range rounds {
		if p.Delta == 0 {
			clear(p.Q)
			return p
		}
		before := p.Delta
		var cross, square float64
		for i, x := range w {
			q := min(math.Floor(math.Abs(x)/p.Delta+0.5), top)
			p.Q[i] = signOf(x) * int8(q)
			cross += math.Abs(x) * q
			square += q * q
		}
		p.Delta = cross / square
		if p.Delta == before {
			return p
		}
	}
	return p
}

// ExactBits projects on δ·{0, …, ±(2^(b−1)−1)} exactly: δ falls through the
// breakpoints |w_i|/(k+½), one level rises at each, and the largest
// ⟨|w|,q⟩²/⟨q,q⟩ wins.
func ExactBits(w []float64, bits int) Projection {
	type rise struct {
		at    float64
		index int
	}
	top := 1<<(bits-1) - 1
	rises := make([]rise, 0, len(w)*top)
	for i, x := range w {
		for k := range top {
			if x != 0 {
				rises = append(rises, rise{math.Abs(x) / (float64(k) + 0.5), i})
			}
		}
	}
	slices.SortStableFunc(rises, func(a, b rise) int {
		switch {
		case a.at > b.at:
			return -1
		case a.at < b.at:
			return 1
		}
		return 0
	})
	p := Projection{Q: make([]int8, len(w))}
	var cross, square, best float64
	count := 0
	for n, r := range rises {
		cross += math.Abs(w[r.index])
		square += float64(2*int(p.Q[r.index]) + 1)
		p.Q[r.index]++
		if n+1 < len(rises) && rises[n+1].at == r.at {
			continue
		}
		if gain := cross * cross / square; gain > best {
			best, count, p.Delta = gain, n+1, cross/square
		}
	}
	clear(p.Q)
	for _, r := range rises[:count] {
		p.Q[r.index]++
	}
	for i, x := range w {
		p.Q[i] *= signOf(x)
	}
	return p
}
