package kernels

import (
	"fmt"
	"math"

	"bitcycle/kernels/internal/lanes"
	"bitcycle/kernels/internal/vector"
)

// Means over windows: what AvgPool and GlobalPool have in common.

// meanF32 takes the mean under each window and clamps it.
type meanF32 struct {
	sliding
	x, y     view[float32]
	countPad bool
	Limits
	each func(out, at, rows, cols int)
}

func newMeanF32(s *stepF32, w sliding, countPad bool) op {
	o := &meanF32{sliding: w, x: s.x[0], y: s.y, countPad: countPad, Limits: s.limits}
	o.each = o.pixel
	return o
}

func (o *meanF32) run(images int) { o.sliding.each(images, o.each) }

func (o *meanF32) pixel(out, at, rows, cols int) {
	y := o.y.pixel(out)
	clear(y)
	for r := range rows {
		for c := range cols {
			x := o.x.pixel(o.under(at, r, c))[:len(y)]
			for j, v := range x {
				y[j] += v
			}
		}
	}
	scale := 1 / float32(o.count(rows, cols, o.countPad))
	for j := range y {
		y[j] *= scale
	}
	if o.Limits != unlimited {
		lanes.Clamp(y, y, nil, o.Lo, o.Hi)
	}
}

// meanFits reports means of n codes whose sum leaves 32 bits.
func meanFits(n int, from Grid) error {
	if from.Magnitude() > math.MaxInt32/int64(n) {
		return fmt.Errorf("the sum of %d codes of %d bits leaves 32 bits", n, from.Bits)
	}
	return nil
}

// meanInt averages windows: the sum of codes, divided by how many there are and
// moved to the grid of y in one fixed-point step.
type meanInt struct {
	sliding
	x, y     tensor
	f        []fixed // by number of codes in the sum
	countPad bool
	lo, hi   int32
	sum, buf []int32
	each     func(out, at, rows, cols int)
}

func newMeanInt(s *stepInt, w sliding, countPad bool) op {
	o := &meanInt{sliding: w, x: s.x[0], y: s.y, countPad: countPad, lo: s.lo, hi: s.hi}
	o.f = make([]fixed, o.Area()+1)
	for n := 1; n < len(o.f); n++ {
		o.f[n] = meanFixed(s.from[0], s.to, n)
	}
	o.sum, o.buf = make([]int32, o.x.C), make([]int32, o.x.C)
	o.each = o.pixel
	return o
}

func (o *meanInt) run(images int) { o.sliding.each(images, o.each) }

func (o *meanInt) pixel(out, at, rows, cols int) {
	clear(o.sum)
	for r := range rows {
		for c := range cols {
			o.x.addTo(o.sum, o.under(at, r, c)*o.x.ld)
		}
	}
	f := &o.f[o.count(rows, cols, o.countPad)]
	for j, v := range o.sum {
		o.buf[j] = f.apply(int64(v), o.lo, o.hi)
	}
	o.y.store(o.buf, out*o.y.ld)
}

// meanGradient gives every value under a window its share of the mean.
type meanGradient struct {
	sliding
	countPad bool
}

func (meanGradient) Keep() int { return 0 }

func (o meanGradient) Forward(p *Pass) {
	c := o.in.C
	clear(p.Y)
	o.each(p.Images, func(out, at, rows, cols int) {
		y := p.Y[out*c:][:c]
		for r := range rows {
			for col := range cols {
				vector.Add(y, p.X[0][o.under(at, r, col)*c:][:c])
			}
		}
		share := o.share(rows, cols)
		for i := range y {
			y[i] *= share
		}
	})
}

func (o meanGradient) Backward(p *Pass) {
	c := o.in.C
	p.begin(0)
	o.each(p.Images, func(out, at, rows, cols int) {
		share, g := o.share(rows, cols), p.DY[out*c:][:c]
		for r := range rows {
			for col := range cols {
				dx := p.DX[0][o.under(at, r, col)*c:][:c]
				for i, v := range g {
					dx[i] += float32(v * share)
				}
			}
		}
	})
}

// share is the weight of one value in a mean.
func (o *meanGradient) share(rows, cols int) float32 {
	return 1 / float32(o.count(rows, cols, o.countPad))
}
