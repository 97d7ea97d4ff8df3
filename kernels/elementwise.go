package kernels

import (
	"math"

	"bitcycle/kernels/internal/lanes"
)

// limits is the clamp at the end of a step.
type limits struct{ lo, hi float32 }

var unlimited = limits{float32(math.Inf(-1)), float32(math.Inf(1))}

// limits returns the clamp that a Relu or Clip node applies.
func (node *Node) limits() limits {
	if node.Op == OpRelu {
		return limits{0, unlimited.hi}
	}
	return limits{node.Lo, node.Hi}
}

// elementF32 computes y = clamp(x + other), or clamp(x).
type elementF32 struct {
	x, other, y view[float32] // other.data is nil if there is none
	limits
}

func (o *elementF32) run(images int) {
	pixels, per := images*o.y.pixels(), 1
	if o.x.dense() && o.y.dense() && (o.other.data == nil || o.other.dense()) {
		per = max(stretch/o.y.C, 1)
	}
	for p := 0; p < pixels; p += per {
		n := min(per, pixels-p) * o.y.C
		var other []float32
		if o.other.data != nil {
			other = o.other.data[p*o.other.ld:]
		}
		lanes.Clamp(o.y.data[p*o.y.ld:][:n], o.x.data[p*o.x.ld:], other, o.lo, o.hi)
	}
}

// scaleF32 computes y = clamp(scale·x + bias) channel by channel.
type scaleF32 struct {
	x, y        view[float32]
	scale, bias []float32
	limits
}

func (o *scaleF32) run(images int) {
	for p := range images * o.y.pixels() {
		y := o.y.pixel(p)
		scale, bias := o.scale[:len(y)], o.bias[:len(y)]
		for j, v := range o.x.pixel(p)[:len(y)] {
			y[j] = min(max(v*scale[j]+bias[j], o.lo), o.hi)
		}
	}
}

// softmaxF32 is exp(x − max)/Σ exp(x − max) over the channels of each pixel.
type softmaxF32 struct{ x, y view[float32] }

func (o *softmaxF32) run(images int) {
	for p := range images * o.y.pixels() {
		x, y := o.x.pixel(p), o.y.pixel(p)
		top := x[0]
		for _, v := range x {
			top = max(top, v)
		}
		sum := 0.0
		for j, v := range x {
			e := math.Exp(float64(v - top))
			y[j] = float32(e)
			sum += e
		}
		for j := range y {
			y[j] = float32(float64(y[j]) / sum)
		}
	}
}

// lrnF32 is local response normalization over channels,
//
//	y[c] = x[c] / (offset + alpha/size·Σ x²)^beta,
//
// the sum over size channels around c (Krizhevsky, Sutskever and Hinton, NIPS 2012, §3.3).
type lrnF32 struct {
	x, y                view[float32]
	size                int
	alpha, beta, offset float64
}

func newLRN(node *Node, x, y view[float32]) *lrnF32 {
	return &lrnF32{x, y, node.LRNSize, float64(node.Alpha), float64(node.Beta), float64(node.LRNOffset)}
}

func (o *lrnF32) run(images int) {
	below, above := (o.size-1)/2, o.size/2
	for p := range images * o.y.pixels() {
		x, y := o.x.pixel(p), o.y.pixel(p)
		for c, v := range x {
			sum := 0.0
			for _, u := range x[max(0, c-below):min(len(x), c+above+1)] {
				sum += float64(u) * float64(u)
			}
			y[c] = float32(float64(v) / math.Pow(o.offset+o.alpha/float64(o.size)*sum, o.beta))
		}
	}
}
