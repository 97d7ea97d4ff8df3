package train

import (
	"math"

	"bitcycle/kernels/internal/vector"
)

// normEpsilon is ε of Ioffe and Szegedy, ICML 2015, algorithm 1; normMomentum
// is the weight of a batch in the running statistics.
const (
	normEpsilon  = 1e-5
	normMomentum = 0.1
)

// batchNorm normalizes each channel by the mean and (biased) variance over the
// batch, or by the running statistics when not training, and may apply a ReLU:
//
//	x̂ = (x − μ)/√(σ² + ε),  y = γ·x̂ + β
//	∂x = γ/√(σ² + ε) · (∂y − mean(∂y) − x̂·mean(∂y·x̂))
type batchNorm struct {
	link
	name        string
	gamma, beta *Param
	mean, vari  []float32 // running statistics
	momentum    float32
	relu        bool

	sums         [][]float64 // [chunk][2·C]: Σx, Σx² or Σ∂y, Σ∂y·x
	mu, invSigma []float32   // of the batch
	scale, shift []float32   // y = scale·x + shift
	a, b         []float32   // ∂x = scale·∂y + a·x + b
}

func newBatchNorm(n *Node, l link) *batchNorm {
	c := n.Shape.C
	o := &batchNorm{
		link: l, name: n.Name, momentum: normMomentum,
		gamma: newParam(n.Name+".gamma", clone(n.Norm.Gamma, c, 1)),
		beta:  newParam(n.Name+".beta", clone(n.Norm.Beta, c, 0)),
		mean:  clone(n.Norm.Mean, c, 0), vari: clone(n.Norm.Var, c, 1),
		mu: make([]float32, c), invSigma: make([]float32, c),
		scale: make([]float32, c), shift: make([]float32, c),
		a: make([]float32, c), b: make([]float32, c),
	}
	for range maxChunks {
		o.sums = append(o.sums, make([]float64, 2*c))
	}
	return o
}

// prepare sets the affine map of the running statistics.
func (o *batchNorm) prepare(training bool) {
	if training {
		return
	}
	for c := range o.scale {
		o.setAffine(c, float64(o.mean[c]), float64(o.vari[c]))
	}
}

func (o *batchNorm) setAffine(c int, mean, variance float64) {
	inv := 1 / math.Sqrt(variance+normEpsilon)
	scale := inv * float64(o.gamma.Value[c])
	o.mu[c], o.invSigma[c] = float32(mean), float32(inv)
	o.scale[c] = float32(scale)
	// The conversion of the product keeps it from being fused with the sum: an
	// exported network is the same on every machine.
	o.shift[c] = float32(float64(o.beta.Value[c]) - float64(mean*scale))
}

func (o *batchNorm) chunk(s stage, _ *worker, c, lo, hi int) {
	x := o.in[0].images(lo, hi)
	switch s {
	case sumForward:
		vector.Sums(o.sums[c], x, x)
	case forward:
		vector.Affine(o.out.images(lo, hi), x, o.scale, o.shift, o.relu)
	case sumBackward:
		g := o.out.grad(lo, hi)
		if o.relu {
			vector.MaskSums(o.sums[c], g, x, o.scale, o.shift)
		} else {
			vector.Sums(o.sums[c], g, x)
		}
	case backward:
		if o.in[0].needs {
			vector.Combine(o.in[0].grad(lo, hi), o.out.grad(lo, hi), x, o.scale, o.a, o.b, o.add[0])
		}
	}
}

// total turns the chunks' sums into the maps that forward and backward apply.
func (o *batchNorm) total(s stage, e *engine) {
	count, _ := chunks(e.n)
	n := float64(e.n * o.out.shape.Pixels())
	channels := len(o.scale)
	for c := range channels {
		var first, second float64
		for _, part := range o.sums[:count] {
			first += part[c]
			second += part[channels+c]
		}
		if s == sumForward {
			o.normalize(c, n, first, second)
		} else {
			o.differentiate(c, n, first, second)
		}
	}
}

// normalize sets the batch statistics of channel c from Σx and Σx², and moves
// the running ones.
func (o *batchNorm) normalize(c int, n, sum, squares float64) {
	mean := sum / n
	variance := max(squares/n-float64(mean*mean), 0)
	o.setAffine(c, mean, variance)
	unbiased := variance * n / max(n-1, 1)
	o.mean[c] += float32(o.momentum * (float32(mean) - o.mean[c]))
	o.vari[c] += float32(o.momentum * (float32(unbiased) - o.vari[c]))
}

// differentiate sets the gradients of γ and β and the map of ∂y to ∂x from
// Σ∂y and Σ∂y·x.
func (o *batchNorm) differentiate(c int, n, sum, product float64) {
	mu, inv := float64(o.mu[c]), float64(o.invSigma[c])
	dgamma := (product - float64(mu*sum)) * inv
	o.gamma.Grad[c], o.beta.Grad[c] = float32(dgamma), float32(sum)
	scale := float64(o.scale[c])
	// ∂x = scale·∂y − scale·sum/n − scale·inv·(x − μ)·dgamma/n
	a := -scale * inv * dgamma / n
	o.a[c], o.b[c] = float32(a), float32(-scale*sum/n-float64(a*mu))
}
