package lines

import (
	"math"

	"bitcycle/sim/internal/calls"
)

// Footprint finds what a layer takes without running its lines: the units' times for
// each kind of call, and misses from what the loops touch between two visits of a line.
// It takes some microseconds, whatever the layer.
//
// See docs/machine-model.md, section 8.8.
type Footprint struct {
	path *Path
	u    *Units

	p       *calls.Product
	n       *calls.Nest
	start   Start
	count   [calls.Dims]int64 // tiles of each loop
	calls   float64
	line    float64                // bytes of a line
	misses  [calls.Tensors]float64 // lines that the first cache misses, over the layer
	far     [calls.Tensors]float64 // of these, lines of memory
	out     Outcome
	box     calls.Box // a kind of call
	load    float64   // cycles of misses in the loads of a call
	save    float64   // … and in the stores of a call that ends sums
	total   float64   // cycles of all calls, one after the other
	busy    float64
	longest [3]float64 // load, execution and store of a call
}

// NewFootprint measures layers of these units on this path.
func NewFootprint(p Path, u Units) *Footprint { return &Footprint{path: &p, u: &u} }

// Run is what a layer takes.
func (f *Footprint) Run(p *calls.Product, n *calls.Nest, s Start) Outcome {
	*f = Footprint{path: f.path, u: f.u, p: p, n: n, start: s}
	f.measure()
	f.reuse()
	f.sum()
	f.finish()
	return f.out
}

func (f *Footprint) measure() {
	f.calls = float64(f.p.Groups)
	for d := range calls.Dims {
		f.count[d] = int64((f.p.Extent[d] + f.n.Tile[d] - 1) / f.n.Tile[d])
		f.calls *= float64(f.count[d])
	}
	f.line = float64(max(f.path.Cache.Line, 16))
}

// walks tells which loops move on in which tensor.
var walks = [calls.Tensors][calls.Dims]bool{
	calls.Inputs:  {calls.Batch: true, calls.Rows: true, calls.Cols: true, calls.KRows: true, calls.KCols: true, calls.Ins: true},
	calls.Weights: {calls.Outs: true, calls.KRows: true, calls.KCols: true, calls.Ins: true},
	calls.Outputs: {calls.Batch: true, calls.Rows: true, calls.Cols: true, calls.Outs: true},
}

// reuse finds the misses. From the innermost loop out, the slices of the tensors grow by
// what a loop adds; what it visits again was last touched one turn of its body ago, and
// is gone from a cache of N bytes with the share m of cyclic visits to F bytes under
// random replacement, m = 1 − exp(−m·F/N).
func (f *Footprint) reuse() {
	size := f.n.Tile
	for d := range calls.Dims {
		size[d] = min(size[d], f.p.Extent[d])
	}
	var slice, spread [calls.Tensors]float64
	f.slices(&size, &slice, &spread)
	outer := f.calls
	for i := calls.Dims - 1; i >= 0; i-- {
		d := f.n.Order[i]
		turns := float64(f.count[d])
		if turns == 1 {
			continue
		}
		outer /= turns
		size[d] = f.p.Extent[d]
		before, held := slice, spread
		f.slices(&size, &slice, &spread)
		for t := range calls.Tensors {
			again := outer * max(0, before[t]*turns-slice[t])
			if again == 0 {
				continue
			}
			near, far := f.shares(t, &before, &held)
			f.misses[t] += again * near
			f.far[t] += again * far
		}
	}
	f.first(&slice, &spread, outer)
}

// first adds the first touches of a group's tensors.
func (f *Footprint) first(slice, spread *[calls.Tensors]float64, groups float64) {
	for t := range calls.Tensors {
		near, far := 1.0, 1.0
		switch f.start {
		case Outer:
			_, far = f.shares(t, slice, spread)
		case Warm:
			near, far = f.shares(t, slice, spread)
		}
		f.misses[t] += groups * slice[t] * near
		f.far[t] += groups * slice[t] * far
	}
	if f.p.InHeld {
		f.misses[calls.Inputs], f.far[calls.Inputs] = 0, 0
	}
	if f.p.OutHeld {
		f.misses[calls.Outputs], f.far[calls.Outputs] = 0, 0
	}
}

// shares are the shares of visits to a tensor that miss the first cache, and the outer
// one too, when slices of all tensors were touched in between: its own in the sets that
// it uses.
func (f *Footprint) shares(t calls.Tensor, slice, spread *[calls.Tensors]float64) (near, far float64) {
	var bytes float64
	for o := range calls.Tensors {
		bytes += slice[o] * f.line
	}
	near = f.gone(bytes+slice[t]*f.line*(1/spread[t]-1), float64(f.path.Cache.Bytes))
	if f.path.Outer.Bytes == 0 {
		return near, near
	}
	return near, min(near, f.gone(bytes, float64(f.path.Outer.Bytes)))
}

// gone is m of m = 1 − exp(−m·F/N), F above the bytes as lines fill sets unevenly.
func (f *Footprint) gone(bytes, room float64) float64 {
	if room == 0 {
		return 1
	}
	x := max(f.path.Uneven, 1) * bytes / room
	if x <= 1 {
		return 0
	}
	if x > 8 {
		return 1
	}
	m := 1.0
	for range 12 {
		e := math.Exp(-m * x)
		m -= (m - 1 + e) / (1 - x*e)
	}
	return min(max(m, 0), 1)
}

// slices are the lines of the tensors that a box of so many in each loop touches, and
// the share of a cache's sets that they can use: rows whose distance is a multiple of a
// power of two fall on few.
func (f *Footprint) slices(s *calls.Sizes, lines, spread *[calls.Tensors]float64) {
	p := f.p
	if p.Matrix {
		lines[calls.Inputs], spread[calls.Inputs] = f.block(int64(s[calls.Cols]), s[calls.Ins], p.InBits, p.InStep)
	} else {
		high, wide := p.Window(0, s[calls.Rows], s[calls.KRows]), p.Window(1, s[calls.Cols], s[calls.KCols])
		rows, share := f.block(int64(wide), s[calls.Ins], p.InBits, p.InStep)
		lines[calls.Inputs], spread[calls.Inputs] = float64(s[calls.Batch])*float64(high)*rows, share
	}
	lines[calls.Weights], spread[calls.Weights] = f.block(int64(s[calls.KRows])*int64(s[calls.KCols])*int64(s[calls.Ins]), s[calls.Outs], p.WeightBits, p.WeightStep)
	n, share := f.block(int64(s[calls.Cols]), s[calls.Outs], p.OutBits, p.OutStep)
	lines[calls.Outputs], spread[calls.Outputs] = float64(s[calls.Batch])*float64(s[calls.Rows])*n, share
}

// block is the lines of rows of elements at a distance, and the share of sets.
func (f *Footprint) block(rows int64, elements, bits int, step int64) (lines, spread float64) {
	bytes := int64(elements*bits+7) / 8
	line := int64(f.line)
	if bytes*2 > step || step <= line { // rows follow each other
		return math.Ceil(float64((rows-1)*step+bytes) / f.line), 1
	}
	per := (bytes + f.u.Base%line + line - 1) / line
	sets := int64(max(f.path.Cache.Bytes, 1)) / int64(max(f.path.Cache.Ways, 1)) / line
	return float64(rows * per), math.Min(1, float64(per)/float64(gcd(step/line, max(sets, 1))))
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, 1)
}
