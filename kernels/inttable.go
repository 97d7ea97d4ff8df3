package kernels

import (
	"math"
	"math/bits"
)

// tableBits is the precision of tabulated factors: a factor f is stored as
// ⌊f·2^tableBits + ½⌋.
const tableBits = 30

// octaves tabulates a function of a nonnegative integer at 64 points between
// each two powers of two, and interpolates linearly between them. Values above
// 2^16 count as 2^16.
type octaves struct{ at []int64 }

// octaveSteps is the number of intervals of an octave.
const octaveSteps = 64

func newOctaves(most int64, f func(u float64) float64) octaves {
	var o octaves
	for i := 0; ; i++ {
		u := octavePoint(i)
		o.at = append(o.at, int64(math.Floor(math.Ldexp(min(f(u), 1<<16), tableBits)+0.5)))
		if u > float64(most) && i > octaveSteps {
			return o
		}
	}
}

// octavePoint is the argument of entry i: i itself in the first octave, then 64
// equal steps from each power of two to the next.
func octavePoint(i int) float64 {
	if i < octaveSteps {
		return float64(i)
	}
	octave, step := i/octaveSteps-1, i%octaveSteps
	return math.Ldexp(float64(octaveSteps+step), octave)
}

// value returns f(u)·2^tableBits, interpolated.
func (o *octaves) value(u int64) int64 {
	if u < octaveSteps {
		return o.at[u]
	}
	octave := bits.Len64(uint64(u)) - bits.Len(octaveSteps)
	i := (octave+1)*octaveSteps + int(u>>octave) - octaveSteps
	rest := u & (1<<octave - 1)
	return o.at[i] + ((o.at[i+1]-o.at[i])*(rest>>max(octave-20, 0)))>>min(octave, 20)
}

// lrnInt is local response normalization on codes,
//
//	y = x·f(Σ x²),  f(u) = (offset + alpha/size·s²·u)^(−beta)·s/s_y,
//
// with f tabulated.
type lrnInt struct {
	x, y         tensor
	below, above int
	f            octaves
	lo, hi       int32
	in, out      []int32
}

func newLRNInt(node *Node, x, y tensor, from, to Grid, lo, hi int32) op {
	size := int64(min(node.LRNSize, x.C))
	o := &lrnInt{x: x, y: y, below: (node.LRNSize - 1) / 2, above: node.LRNSize / 2, lo: lo, hi: hi, in: make([]int32, x.C), out: make([]int32, x.C)}
	square := from.Scale * from.Scale * float64(node.Alpha) / float64(node.LRNSize)
	o.f = newOctaves(size*from.Magnitude()*from.Magnitude(), func(u float64) float64 {
		return math.Pow(float64(node.LRNOffset)+float64(square*u), -float64(node.Beta)) * (from.Scale / to.Scale)
	})
	return o
}

func (o *lrnInt) run(images int) {
	for p := range images * o.x.pixels() {
		o.x.load(o.in, p*o.x.ld)
		for c, v := range o.in {
			sum := int64(0)
			for _, u := range o.in[max(0, c-o.below):min(len(o.in), c+o.above+1)] {
				sum += int64(u) * int64(u)
			}
			y := (int64(v)*o.f.value(sum) + 1<<(tableBits-1)) >> tableBits
			o.out[c] = int32(min(max(y, int64(o.lo)), int64(o.hi)))
		}
		o.y.store(o.out, p*o.y.ld)
	}
}

// softmaxInt is the softmax over the channels of each pixel on codes,
//
//	y = e(m−x) / Σ e(m−x) / s_y,  e(d) = exp(−d·s),
//
// m the largest code, with e tabulated for all differences that matter.
type softmaxInt struct {
	x, y   tensor
	e      []int64
	unit   int64 // 2^16/s_y
	lo, hi int32
	in     []int32
}

func newSoftmaxInt(x, y tensor, from, to Grid, lo, hi int32) op {
	o := &softmaxInt{x: x, y: y, lo: lo, hi: hi, in: make([]int32, x.C)}
	o.unit = int64(math.Floor(min(1/to.Scale, 1<<16)*(1<<16) + 0.5))
	for d := range 1 << 16 {
		e := int64(math.Floor(math.Ldexp(math.Exp(-float64(d)*from.Scale), tableBits) + 0.5))
		if e == 0 {
			break
		}
		o.e = append(o.e, e)
	}
	return o
}

func (o *softmaxInt) run(images int) {
	for p := range images * o.x.pixels() {
		o.x.load(o.in, p*o.x.ld)
		most := o.in[0]
		for _, v := range o.in {
			most = max(most, v)
		}
		sum := int64(0)
		for _, v := range o.in {
			sum += o.exp(most - v)
		}
		for c, v := range o.in {
			y := (o.exp(most-v)*o.unit/sum + 1<<15) >> 16
			o.in[c] = int32(min(max(y, int64(o.lo)), int64(o.hi)))
		}
		o.y.store(o.in, p*o.y.ld)
	}
}

// exp returns e(d)·2^tableBits.
func (o *softmaxInt) exp(d int32) int64 {
	if int(d) < len(o.e) {
		return o.e[d]
	}
	return 0
}
