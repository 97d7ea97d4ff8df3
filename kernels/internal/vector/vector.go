// Package vector holds the element-wise passes of training over values with
// the channel last. They exist in plain Go and in AVX2 and AVX-512 assembly,
// all of which give the same bits: products and sums are rounded apart and
// added in the same order.
//
// Slices of one value each per channel (scale, shift, …) set the number of
// channels; the other slices hold whole positions.
package vector

import (
	"math"

	"bitcycle/kernels/gemm"
)

// path is the assembly for one vector width.
type path struct {
	lanes               int
	affine              func(y, x, scale, shift []float32, floor float32)
	combine, combineAdd func(dx, dy, x, scale, a, b []float32)
	add                 func(y, x []float32)
	addProduct          func(y, a, b []float32)
	addMax              func(y, a, b []float32, floor float32)
	mask                func(dy, y []float32)
	ceil                func(y, x []float32, step, top float32)
}

// active holds the paths for the instruction set that products use, widest
// first; none: plain Go.
var active = paths(gemm.Path())

// fitting returns the widest path whose vectors divide n values.
func fitting(n int) *path {
	for i := range active {
		if n%active[i].lanes == 0 {
			return &active[i]
		}
	}
	return nil
}

// split returns a path and how many of n values it can work on.
func split(n int) (p *path, whole int) {
	if len(active) == 0 {
		return nil, 0
	}
	p = &active[len(active)-1]
	if q := fitting(n); q != nil {
		p = q
	}
	return p, n / p.lanes * p.lanes
}

var negInf = float32(math.Inf(-1))

// floor is the lower bound that means a ReLU or none.
func floor(relu bool) float32 {
	if relu {
		return 0
	}
	return negInf
}

// Affine is y = scale·x + shift, with a ReLU if relu.
func Affine(y, x, scale, shift []float32, relu bool) {
	y = y[:len(x)]
	if p := fitting(len(scale)); p != nil {
		p.affine(y, x, scale, shift, floor(relu))
		return
	}
	affine(y, x, scale, shift, floor(relu))
}

// Combine is dx = scale·g + a·x + b, added to dx if add.
func Combine(dx, g, x, scale, a, b []float32, add bool) {
	dx, x = dx[:len(g)], x[:len(g)]
	p := fitting(len(scale))
	switch {
	case p == nil:
		combine(dx, g, x, scale, a, b, add)
	case add:
		p.combineAdd(dx, g, x, scale, a, b)
	default:
		p.combine(dx, g, x, scale, a, b)
	}
}

// run is the number of positions that are added up in single precision before
// double precision takes over.
const run = 64

// Sums writes to sums the channels' Σa, then the channels' Σa·b.
func Sums(sums []float64, a, b []float32) {
	b = b[:len(a)]
	channels := len(sums) / 2
	clear(sums)
	p := fitting(channels)
	if p == nil {
		columnSums(sums, a, b)
		return
	}
	var s, q [16]float32
	for at := 0; at < len(a); at += run * channels {
		positions := min(run, (len(a)-at)/channels)
		for c := 0; c < channels; c += p.lanes {
			p.sums(&s[0], &q[0], &a[at+c], &b[at+c], positions, 4*channels)
			gather(sums, c, s[:p.lanes], q[:p.lanes])
		}
	}
}

// MaskSums clears g where scale·x + shift is not positive, as behind a ReLU,
// and writes to sums the channels' Σg, then the channels' Σg·x.
func MaskSums(sums []float64, g, x, scale, shift []float32) {
	x = x[:len(g)]
	channels := len(sums) / 2
	clear(sums)
	p := fitting(channels)
	if p == nil {
		maskAffine(g, x, scale, shift)
		columnSums(sums, g, x)
		return
	}
	var s, q [16]float32
	for at := 0; at < len(g); at += run * channels {
		positions := min(run, (len(g)-at)/channels)
		for c := 0; c < channels; c += p.lanes {
			p.maskSums(&s[0], &q[0], &g[at+c], &x[at+c], &scale[c], &shift[c], positions, 4*channels)
			gather(sums, c, s[:p.lanes], q[:p.lanes])
		}
	}
}

// gather adds the sums of the channels from c on to those in double precision.
func gather(sums []float64, c int, s, q []float32) {
	channels := len(sums) / 2
	for i := range s {
		sums[c+i] += float64(s[i])
		sums[channels+c+i] += float64(q[i])
	}
}

// Add is y += x.
func Add(y, x []float32) {
	y = y[:len(x)]
	p, n := split(len(x))
	if n > 0 {
		p.add(y[:n], x[:n])
	}
	for i, v := range x[n:] {
		y[n+i] += v
	}
}

// AddProduct is y += a·b.
func AddProduct(y, a, b []float32) {
	y, b = y[:len(a)], b[:len(a)]
	p, n := split(len(a))
	if n > 0 {
		p.addProduct(y[:n], a[:n], b[:n])
	}
	for i := n; i < len(a); i++ {
		y[i] += float32(a[i] * b[i])
	}
}

// Sum is y = a + b, with a ReLU if relu.
func Sum(y, a, b []float32, relu bool) {
	y, b = y[:len(a)], b[:len(a)]
	p, n := split(len(a))
	if n > 0 {
		p.addMax(y[:n], a[:n], b[:n], floor(relu))
	}
	for i := n; i < len(a); i++ {
		y[i] = atLeast(a[i]+b[i], floor(relu))
	}
}

// Mask clears g where y is not positive.
func Mask(g, y []float32) {
	y = y[:len(g)]
	p, n := split(len(g))
	if n > 0 {
		p.mask(g[:n], y[:n])
	}
	for i := n; i < len(g); i++ {
		if !(y[i] > 0) {
			g[i] = 0
		}
	}
}

// Ceil is y = step·min(max(⌈x/step⌉, 0), top); NaN stays.
func Ceil(y, x []float32, step, top float32) {
	y = y[:len(x)]
	p, n := split(len(x))
	if n > 0 {
		p.ceil(y[:n], x[:n], step, top)
	}
	ceil(y[n:], x[n:], step, top)
}

// sixteen is how many sums CeilGradient forms side by side, whatever the width.
const sixteen = 16

// CeilGradient is dx = g where 0 < x ≤ limit, else 0. It returns Σdx, and Σg
// where x > limit.
func CeilGradient(dx, g, x []float32, limit float32) (inside, above float64) {
	dx, x = dx[:len(g)], x[:len(g)]
	for at := 0; at < len(g); at += run * sixteen {
		var s, q [sixteen]float32
		end := min(at+run*sixteen, len(g))
		done := at
		if whole := (end - at) / sixteen; whole > 0 && len(active) > 0 {
			active[0].ceilGradient(&s[0], &q[0], &dx[at], &g[at], &x[at], limit, whole, 4*sixteen)
			done += whole * sixteen
		}
		ceilGradient(&s, &q, dx[done:end], g[done:end], x[done:end], limit)
		for i := range s {
			inside += float64(s[i])
			above += float64(q[i])
		}
	}
	return inside, above
}

// atLeast is max(x, floor); NaN stays, so that a diverging network shows.
func atLeast(x, floor float32) float32 {
	if x < floor {
		return floor
	}
	return x
}
