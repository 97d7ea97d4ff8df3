package bcgd

import (
	"math"

	"bitcycle/quantizers/bcgd"
)

// Dense is a fully connected layer of In×Out weights, W[i·Out+j], with its
// momentum and, when Bits is set, the projection that forward and backward use.
type Dense struct {
	In, Out int
	Bits    int // 0 = float weights
	W, Buf  []float64
	Delta   float64
	Q       []int8
	used    []float64 // weights of the current step: δ·q, or W
	grad    []float64
}

// BatchNorm normalizes each of its features over the batch (biased variance,
// eps 1e-5), then scales and shifts. Running statistics have momentum 0.1.
type BatchNorm struct {
	Gamma, Beta       []float64
	RunMean, RunVar   []float64
	bufGamma, bufBeta []float64
	gradGamma         []float64
	gradBeta          []float64
	xhat, inverse     []float64
}

// bnEps is the constant added to variances.
const bnEps = 1e-5

// NewBatchNorm returns the identity normalization of n features.
func NewBatchNorm(n int) *BatchNorm {
	b := &BatchNorm{Gamma: make([]float64, n), Beta: make([]float64, n), RunMean: make([]float64, n), RunVar: make([]float64, n)}
	for i := range n {
		b.Gamma[i], b.RunVar[i] = 1, 1
	}
	b.bufGamma, b.bufBeta = make([]float64, n), make([]float64, n)
	b.gradGamma, b.gradBeta = make([]float64, n), make([]float64, n)
	return b
}

// Forward normalizes x (rows×n) with the batch's statistics and updates the
// running ones.
func (b *BatchNorm) Forward(x []float64) []float64 {
	n := len(b.Gamma)
	rows := len(x) / n
	out := make([]float64, len(x))
	b.xhat, b.inverse = make([]float64, len(x)), make([]float64, n)
	for j := range n {
		mean, variance := columnMoments(x, j, n)
		b.RunMean[j] += 0.1 * (mean - b.RunMean[j])
		b.RunVar[j] += 0.1 * (variance - b.RunVar[j])
		b.inverse[j] = 1 / math.Sqrt(variance+bnEps)
		for i := range rows {
			b.xhat[i*n+j] = (x[i*n+j] - mean) * b.inverse[j]
			out[i*n+j] = b.Gamma[j]*b.xhat[i*n+j] + b.Beta[j]
		}
	}
	return out
}

func columnMoments(x []float64, j, n int) (mean, variance float64) {
	rows := float64(len(x) / n)
	for i := j; i < len(x); i += n {
		mean += x[i]
	}
	mean /= rows
	for i := j; i < len(x); i += n {
		variance += (x[i] - mean) * (x[i] - mean)
	}
	return mean, variance / rows
}

// Infer normalizes x with the running statistics.
func (b *BatchNorm) Infer(x []float64) []float64 {
	n := len(b.Gamma)
	out := make([]float64, len(x))
	for i, v := range x {
		j := i % n
		out[i] = b.Gamma[j]*(v-b.RunMean[j])/math.Sqrt(b.RunVar[j]+bnEps) + b.Beta[j]
	}
	return out
}

// Backward returns the gradient of the input for the gradient g of the output
// of the last Forward and keeps those of Gamma and Beta.
func (b *BatchNorm) Backward(g []float64) []float64 {
	n := len(b.Gamma)
	rows := len(g) / n
	out := make([]float64, len(g))
	for j := range n {
		var sum, cross float64
		for i := j; i < len(g); i += n {
			sum += g[i]
			cross += g[i] * b.xhat[i]
		}
		b.gradBeta[j], b.gradGamma[j] = sum, cross
		for i := j; i < len(g); i += n {
			out[i] = b.inverse[j] * b.Gamma[j] * (g[i] - sum/float64(rows) - b.xhat[i]*cross/float64(rows))
		}
	}
	return out
}

// Gradients returns the gradients of Gamma and Beta of the last Backward.
func (b *BatchNorm) Gradients() (gamma, beta []float64) { return b.gradGamma, b.gradBeta }

func (b *BatchNorm) step(s SGD) {
	descend(b.Gamma, b.bufGamma, b.gradGamma, s)
	descend(b.Beta, b.bufBeta, b.gradBeta, s)
}

// descend is plain momentum descent with weight decay.
func descend(p, buf, grad []float64, s SGD) {
	for i := range p {
		buf[i] = s.Momentum*buf[i] + grad[i] + s.WeightDecay*p[i]
		p[i] -= s.Rate * buf[i]
	}
}

// NewDense returns a layer with weights w.
func NewDense(in, out, bits int, w []float64) *Dense {
	return &Dense{In: in, Out: out, Bits: bits, W: w, Buf: make([]float64, len(w)), grad: make([]float64, len(w))}
}

// Quantize projects the float weights for the coming step and returns how many
// levels changed since the last projection.
func (d *Dense) Quantize() (changed int) {
	if d.Bits == 0 {
		d.used = d.W
		return 0
	}
	p := bcgd.Project(d.W, d.Bits)
	for i := range d.Q {
		if d.Q[i] != p.Q[i] {
			changed++
		}
	}
	d.Delta, d.Q, d.used = p.Delta, p.Q, p.Values()
	return changed
}

// Forward returns x·W for the weights of the current step.
func (d *Dense) Forward(x []float64) []float64 {
	rows := len(x) / d.In
	out := make([]float64, rows*d.Out)
	for r := range rows {
		y := out[r*d.Out : (r+1)*d.Out]
		for i, v := range x[r*d.In : (r+1)*d.In] {
			if v == 0 {
				continue
			}
			for j, w := range d.used[i*d.Out : (i+1)*d.Out] {
				y[j] += v * w
			}
		}
	}
	return out
}

// Backward returns the gradient of the input and keeps that of the weights.
func (d *Dense) Backward(x, g []float64) []float64 {
	rows := len(x) / d.In
	clear(d.grad)
	out := make([]float64, len(x))
	for r := range rows {
		up := g[r*d.Out : (r+1)*d.Out]
		for i, v := range x[r*d.In : (r+1)*d.In] {
			grad, w := d.grad[i*d.Out:(i+1)*d.Out], d.used[i*d.Out:(i+1)*d.Out]
			sum := 0.0
			for j, u := range up {
				grad[j] += v * u
				sum += u * w[j]
			}
			out[r*d.In+i] = sum
		}
	}
	return out
}

// Gradient returns the weight gradient of the last Backward.
func (d *Dense) Gradient() []float64 { return d.grad }

// MLP is a perceptron of dense layers with batch normalization and a quantized
// (or, where nil, float) ReLU between them: small enough for plain loops, exact
// enough to check the method against.
type MLP struct {
	Layers []*Dense
	Norms  []*BatchNorm  // one per hidden layer
	Acts   []*Resolution // one per hidden layer; nil = float ReLU

	inputs  [][]float64 // input of each dense layer in the last training pass
	normed  [][]float64 // input of each activation
	dalpha  []float64
	logits  []float64
	Changed int // levels that changed in the last projection of all layers
}

// Forward runs the network on x (rows×inputs) with projected weights and
// returns the logits. training uses and updates batch statistics.
func (m *MLP) Forward(x []float64, training bool) []float64 {
	m.inputs, m.normed, m.Changed = nil, nil, 0
	for l, layer := range m.Layers {
		m.Changed += layer.Quantize()
		m.inputs = append(m.inputs, x)
		x = layer.Forward(x)
		if l == len(m.Layers)-1 {
			break
		}
		if training {
			x = m.Norms[l].Forward(x)
		} else {
			x = m.Norms[l].Infer(x)
		}
		m.normed = append(m.normed, x)
		x = m.activate(l, x)
	}
	m.logits = x
	return x
}

// Normed returns the inputs of hidden activation l in the last Forward.
func (m *MLP) Normed(l int) []float64 { return m.normed[l] }

func (m *MLP) activate(l int, x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		if a := m.Acts[l]; a != nil {
			out[i] = a.Forward(v)
		} else {
			out[i] = max(v, 0)
		}
	}
	return out
}

// Backward computes the mean softmax cross-entropy of the last Forward in
// training against the labels, and every coarse gradient.
func (m *MLP) Backward(labels []int) (loss float64) {
	classes := len(m.logits) / len(labels)
	loss, g := crossEntropy(m.logits, labels, classes)
	m.dalpha = make([]float64, len(m.Acts))
	for l := len(m.Layers) - 1; l >= 0; l-- {
		g = m.Layers[l].Backward(m.inputs[l], g)
		if l == 0 {
			break
		}
		for i, v := range m.normed[l-1] {
			if a := m.Acts[l-1]; a != nil {
				dx, da := a.Backward(v)
				m.dalpha[l-1] += g[i] * da
				g[i] *= dx
			} else if v <= 0 {
				g[i] = 0
			}
		}
		g = m.Norms[l-1].Backward(g)
	}
	return loss
}

// AlphaGradients returns the raw gradients of the resolutions of the last Backward.
func (m *MLP) AlphaGradients() []float64 { return m.dalpha }

// crossEntropy returns the mean loss and its gradient in the logits.
func crossEntropy(logits []float64, labels []int, classes int) (loss float64, grad []float64) {
	grad = make([]float64, len(logits))
	n := float64(len(labels))
	for r, label := range labels {
		row, g := logits[r*classes:(r+1)*classes], grad[r*classes:(r+1)*classes]
		top := math.Inf(-1)
		for _, v := range row {
			top = max(top, v)
		}
		sum := 0.0
		for j, v := range row {
			g[j] = math.Exp(v - top)
			sum += g[j]
		}
		loss += (math.Log(sum) + top - row[label]) / n
		for j := range g {
			g[j] /= sum * n
		}
		g[label] -= 1 / n
	}
	return loss, grad
}

// Step updates every parameter from the gradients of the last Backward: blended
// for quantized layers, plain for the rest.
func (m *MLP) Step(rho float64, s SGD) {
	for _, layer := range m.Layers {
		if layer.Bits == 0 {
			descend(layer.W, layer.Buf, layer.grad, s)
		} else {
			Step(layer.W, layer.Buf, layer.used, layer.grad, rho, s)
		}
	}
	for _, b := range m.Norms {
		b.step(s)
	}
	for l, a := range m.Acts {
		if a != nil {
			a.Step(m.dalpha[l], s)
		}
	}
}

// Accuracy returns the share of rows of x that Forward with running statistics
// classifies as labelled.
func (m *MLP) Accuracy(x []float64, labels []int) float64 {
	logits := m.Forward(x, false)
	classes := len(logits) / len(labels)
	right := 0
	for r, label := range labels {
		row := logits[r*classes : (r+1)*classes]
		best := 0
		for j, v := range row {
			if v > row[best] {
				best = j
			}
		}
		if best == label {
			right++
		}
	}
	return float64(right) / float64(len(labels))
}
