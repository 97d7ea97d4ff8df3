package autoq

import (
	"math"
	"math/rand/v2"

	"bitcycle/kernels/gemm"
)

// mlp is a perceptron with ReLU between its layers. Parameters lie in one slice,
// layer by layer: out×in weights, then out biases.
type mlp struct {
	sizes   []int
	w       []float32
	at      []int // where layer l starts in w
	sigmoid bool  // on the outputs
}

func newMLP(rng *rand.Rand, sigmoid bool, sizes ...int) *mlp {
	m := &mlp{sizes: sizes, sigmoid: sigmoid}
	for l := range len(sizes) - 1 {
		m.at = append(m.at, len(m.w))
		span := 1 / math.Sqrt(float64(sizes[l]))
		if l == len(sizes)-2 {
			span = 0.003 // as in DDPG (Lillicrap et al., ICLR 2016)
		}
		for range (sizes[l] + 1) * sizes[l+1] {
			m.w = append(m.w, float32(span*(2*rng.Float64()-1)))
		}
	}
	return m
}

func (m *mlp) clone() *mlp {
	c := *m
	c.w = append([]float32(nil), m.w...)
	return &c
}

// approach moves the parameters towards those of another by the part tau.
func (m *mlp) approach(other *mlp, tau float32) {
	for i, w := range other.w {
		m.w[i] += tau * (w - m.w[i])
	}
}

// tape holds what one pass of a batch leaves behind.
type tape struct {
	values [][]float32 // of each layer, batch×size; values[0] is the input
	slopes [][]float32 // gradients of the same
	grad   []float32   // of the parameters
}

func (m *mlp) tape(batch int) *tape {
	t := &tape{grad: make([]float32, len(m.w))}
	for _, n := range m.sizes {
		t.values = append(t.values, make([]float32, batch*n))
		t.slopes = append(t.slopes, make([]float32, batch*n))
	}
	return t
}

// forward computes the outputs of n inputs.
func (m *mlp) forward(t *tape, n int) []float32 {
	last := len(m.sizes) - 1
	for l := range last {
		in, out := m.sizes[l], m.sizes[l+1]
		weights := m.w[m.at[l] : m.at[l]+in*out]
		bias := m.w[m.at[l]+in*out:][:out]
		y := t.values[l+1][:n*out]
		for i := range n {
			copy(y[i*out:(i+1)*out], bias)
		}
		gemm.Float32(false, true, n, out, in, t.values[l], in, weights, in, true, y, out)
		switch {
		case l < last-1:
			for i, x := range y {
				y[i] = max(x, 0)
			}
		case m.sigmoid:
			for i, x := range y {
				y[i] = float32(1 / (1 + math.Exp(-float64(x))))
			}
		}
	}
	return t.values[last][:n*m.sizes[last]]
}

// backward takes the gradient of the outputs in t.slopes and computes those of
// the inputs, and of the parameters if asked for.
func (m *mlp) backward(t *tape, n int, parameters bool) []float32 {
	last := len(m.sizes) - 1
	for l := last - 1; l >= 0; l-- {
		in, out := m.sizes[l], m.sizes[l+1]
		dy, y := t.slopes[l+1][:n*out], t.values[l+1][:n*out]
		for i, v := range y {
			switch {
			case l == last-1 && m.sigmoid:
				dy[i] *= v * (1 - v)
			case l < last-1 && v <= 0:
				dy[i] = 0
			}
		}
		if parameters {
			m.gradient(t, l, n)
		}
		weights := m.w[m.at[l] : m.at[l]+in*out]
		gemm.Float32(false, false, n, in, out, dy, out, weights, in, false, t.slopes[l], in)
	}
	return t.slopes[0][:n*m.sizes[0]]
}

// gradient computes the gradients of the parameters of layer l.
func (m *mlp) gradient(t *tape, l, n int) {
	in, out := m.sizes[l], m.sizes[l+1]
	dy := t.slopes[l+1][:n*out]
	gemm.Float32(true, false, out, in, n, dy, out, t.values[l], in, false, t.grad[m.at[l]:m.at[l]+in*out], in)
	bias := t.grad[m.at[l]+in*out:][:out]
	clear(bias)
	for i := range n {
		for j, d := range dy[i*out : (i+1)*out] {
			bias[j] += d
		}
	}
}

// adam is the optimizer of Kingma and Ba, ICLR 2015, with their constants.
type adam struct {
	rate          float64
	first, second []float32
	steps         int
}

func newAdam(rate float64, m *mlp) *adam {
	return &adam{rate: rate, first: make([]float32, len(m.w)), second: make([]float32, len(m.w))}
}

func (a *adam) step(m *mlp, grad []float32) {
	const beta1, beta2, eps = 0.9, 0.999, 1e-8
	a.steps++
	scale := float32(a.rate * math.Sqrt(1-math.Pow(beta2, float64(a.steps))) / (1 - math.Pow(beta1, float64(a.steps))))
	for i, g := range grad {
		a.first[i] += (1 - beta1) * (g - a.first[i])
		a.second[i] += (1 - beta2) * (g*g - a.second[i])
		m.w[i] -= scale * a.first[i] / (float32(math.Sqrt(float64(a.second[i]))) + eps)
	}
}
