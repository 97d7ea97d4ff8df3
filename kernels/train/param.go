package train

import (
	"math"
	"math/rand/v2"
)

// Param is a trained tensor.
type Param struct {
	Name  string
	Value []float32 // the float weights
	Used  []float32 // what the layer computes with; Value itself without a transform
	Grad  []float32 // of the mean loss, with respect to Used

	velocity []float32 // momentum buffer
	// partial holds gradient sums, one a user (node) and chunk; none if the
	// gradient is computed as a whole.
	partial [][]float32
	users   int

	channels  int             // for the transform
	transform WeightTransform // nil: none
	rule      []Parameter     // of an activation's parameters; nil for weights
}

func newParam(name string, value []float32) *Param {
	p := &Param{Name: name, Value: value, Used: value}
	p.Grad = make([]float32, len(value))
	p.velocity = make([]float32, len(value))
	return p
}

// use counts one more node that forms gradient sums and returns its number.
func (p *Param) use() int {
	p.users++
	return p.users - 1
}

// reserve makes room for gradient sums.
func (p *Param) reserve() {
	for len(p.partial) < p.users*maxChunks {
		p.partial = append(p.partial, make([]float32, len(p.Value)))
	}
}

// part returns the gradient sums of a user's chunk.
func (p *Param) part(user, chunk int) []float32 { return p.partial[user*maxChunks+chunk] }

// setTransform gives the parameter separate used weights.
func (p *Param) setTransform(t WeightTransform, channels int) {
	if t == nil {
		return
	}
	p.transform, p.channels = t, channels
	p.Used = make([]float32, len(p.Value))
}

// prepare computes the used weights.
func (p *Param) prepare() {
	if p.transform != nil {
		p.transform.Transform(p.Used, p.Value, p.channels)
	}
}

// sum adds up the gradients of the first count chunks of all users, in order.
func (p *Param) sum(count int) {
	for u := range p.users {
		for c := range count {
			pass(p.Grad, p.part(u, c), u+c > 0)
		}
	}
}

// normal draws weights from N(0, sd²).
func normal(n int, sd float64, seed, stream uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, stream))
	w := make([]float32, n)
	for i := range w {
		w[i] = float32(sd * r.NormFloat64())
	}
	return w
}

// heFanOut is the standard deviation √(2 / (k·k·channels)) of He, Zhang, Ren
// and Sun, ICCV 2015, eq. 14.
func heFanOut(taps, channels int) float64 {
	return math.Sqrt(2 / float64(taps*channels))
}

func filled(n int, v float32) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = v
	}
	return s
}

// clone returns a copy of s, or n times v if s is nil.
func clone(s []float32, n int, v float32) []float32 {
	if s == nil {
		return filled(n, v)
	}
	return append([]float32(nil), s...)
}
