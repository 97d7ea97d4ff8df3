package kernels

import (
	"math"

	"bitcycle/kernels/internal/lanes"
)

var inf32 = float32(math.Inf(1))

// elementF32 computes y = clamp(x + other), or clamp(x): relu, clip and add.
type elementF32 struct {
	x, other, y view[float32] // other.data is nil if there is none
	Limits
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
		lanes.Clamp(o.y.data[p*o.y.ld:][:n], o.x.data[p*o.x.ld:], other, o.Lo, o.Hi)
	}
}

// clampGradient passes the gradient of a clamp on where the value lies within
// its limits.
type clampGradient struct{ Limits }

func (clampGradient) Keep() int { return 0 }

func (o clampGradient) Forward(p *Pass) { lanes.Clamp(p.Y, p.X[0], nil, o.Lo, o.Hi) }

func (o clampGradient) Backward(p *Pass) {
	dx := p.DX[0]
	for i, v := range p.X[0] {
		d := float32(0)
		if v > o.Lo && v < o.Hi {
			d = p.DY[i]
		}
		if p.Add[0] {
			d += dx[i]
		}
		dx[i] = d
	}
}
