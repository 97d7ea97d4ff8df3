package train

import (
	"math"

	"bitcycle/kernels"
)

// loss is the mean softmax cross-entropy of a batch.
type loss struct {
	logits  *value
	labels  []int
	sums    [maxChunks]float64
	correct [maxChunks]int
	n       int
	grad    bool
}

// take sets the labels of the batch; without labels there is no loss.
func (l *loss) take(labels, index []int) {
	l.n = len(index)
	l.labels = l.labels[:0]
	if labels == nil {
		return
	}
	for _, i := range index {
		l.labels = append(l.labels, labels[i])
	}
}

// chunk sums the loss and counts the hits of its images; when training it
// leaves the gradient (softmax − one-hot)/n in the logits.
func (l *loss) chunk(_ stage, _ *worker, c, lo, hi int) {
	l.sums[c], l.correct[c] = 0, 0
	if len(l.labels) == 0 {
		return
	}
	classes := l.logits.shape.Size()
	for i := lo; i < hi; i++ {
		z := l.logits.images(i, i+1)
		top := kernels.Argmax(z)
		if top == l.labels[i] {
			l.correct[c]++
		}
		var total float64
		for _, v := range z {
			total += math.Exp(float64(v - z[top]))
		}
		l.sums[c] += math.Log(total) - float64(z[l.labels[i]]-z[top])
		if !l.grad {
			continue
		}
		g := l.logits.grad(lo, hi)[(i-lo)*classes:][:classes]
		for k, v := range z {
			g[k] = float32(math.Exp(float64(v-z[top])) / total / float64(l.n))
		}
		g[l.labels[i]] -= 1 / float32(l.n)
	}
}

// Metrics sums up a number of images.
type Metrics struct {
	Images  int
	Correct int     // top-1 hits
	Sum     float64 // of the cross-entropy
}

// Loss is the mean cross-entropy in nats.
func (m Metrics) Loss() float64 { return m.Sum / float64(max(m.Images, 1)) }

// Top1 is the fraction of hits.
func (m Metrics) Top1() float64 { return float64(m.Correct) / float64(max(m.Images, 1)) }

func (m *Metrics) add(o Metrics) {
	m.Images += o.Images
	m.Correct += o.Correct
	m.Sum += o.Sum
}

// metrics adds up the chunks of the batch.
func (l *loss) metrics() Metrics {
	m := Metrics{Images: l.n}
	count, _ := chunks(l.n)
	for c := range count {
		m.Sum += l.sums[c]
		m.Correct += l.correct[c]
	}
	return m
}
