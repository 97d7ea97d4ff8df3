package bcgd

import (
	"math"
	"sync"
)

// projector is the weight transform of a layer: by default, the projection on
// its grid.
type projector struct {
	rule WeightRule
	bits int
	eta  float64 // of BinaryRelax
	off  bool    // leaves the weights as they are
}

// Transform writes the quantized weights to used.
func (p *projector) Transform(used, w []float32, channels int) {
	switch {
	case p.off:
		copy(used, w)
	case p.rule == Tanh || p.rule == Bases || p.rule == Relaxed:
		for i, x := range p.other(widened(w)) {
			used[i] = float32(x)
		}
	default:
		deltas, q := p.levels(w, channels)
		size := len(q) / channels
		for i, level := range q {
			used[i] = float32(deltas[i/size] * float64(level))
		}
	}
}

// gauge is the distribution of what an activation sees, in bins of a 128th of
// the value. Counts do not depend on the order of the values.
type gauge struct {
	sync.Mutex
	counts [1 << 16]int64 // by the upper half of the float32
}

func (g *gauge) add(x []float32) {
	g.Lock()
	defer g.Unlock()
	for _, v := range x {
		g.counts[math.Float32bits(v)>>16]++
	}
}

// each shows the middle of every bin that is not empty and its count.
func (g *gauge) each(visit func(x, count float64)) {
	for bin, n := range g.counts {
		if n > 0 {
			visit(float64(math.Float32frombits(uint32(bin)<<16|1<<15)), float64(n))
		}
	}
}

// largest returns the largest value, or with magnitude the largest magnitude.
func (g *gauge) largest(magnitude bool) float64 {
	top := 0.0
	g.each(func(x, _ float64) {
		if magnitude {
			x = math.Abs(x)
		}
		top = max(top, x)
	})
	return top
}

// best returns the step with the least squared error of quantize, steps up to
// top tried 2 % apart; against is what the quantizer stands for.
func (g *gauge) best(top float64, against func(x float64) float64, quantize func(x, step float64) float64) float64 {
	var values, counts []float64
	g.each(func(x, n float64) { values, counts = append(values, x), append(counts, n) })
	best, least := top, math.Inf(1)
	for step := top; step > top/200; step *= 0.98 {
		squared := 0.0
		for i, x := range values {
			d := against(x) - quantize(x, step)
			squared += counts[i] * d * d
		}
		if squared < least {
			best, least = step, squared
		}
	}
	return best
}
