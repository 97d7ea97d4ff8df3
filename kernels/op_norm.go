package kernels

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// Norm moves and scales sets of values to mean 0 and variance 1,
//
//	y = Factor·(x − μ)/√(σ² + Epsilon) + Offset,
//
// or, without Center, to mean square 1 (μ = 0, σ² the mean of x²). The channels are
// in Groups sets, by themselves at every pixel or, with Pixels, over all of them:
// layer normalization (Ba, Kiros and Hinton, arXiv 1607.06450, 2016) is one group,
// RMS normalization (Zhang and Sennrich, NeurIPS 2019) one without Center, instance
// normalization (Ulyanov, Vedaldi and Lempitsky, arXiv 1607.08022, 2016) a group for
// each channel over the pixels, group normalization (Wu and He, ECCV 2018) what lies
// between. Factor and Offset are for each channel or for each value, or nil.
//
// In integers, for n codes x of a set with the sums S and Q of them and of their
// squares,
//
//	y = Factor·(n·x − S)/√(n·Q − S² + n²·Epsilon/s²) + Offset,
//
// s the step of x and S = 0 without Center: the root to 31 bits, the quotient as
// precisely as 62 allow. A code is off by ½ + 2⁻²⁰ of itself and of Factor in steps.
type Norm struct {
	Groups         int
	Pixels, Center bool
	Epsilon        float32
	Factor, Offset []float32
}

var _ Operator = Norm{}

func (Norm) Name() string             { return "norm" }
func (Norm) Arity() (least, most int) { return 1, 1 }

func (o Norm) Infer(in []Shape) (Shape, error) {
	s := in[0]
	if o.Groups < 1 || s.C%o.Groups != 0 || !(o.Epsilon >= 0) {
		return Shape{}, fmt.Errorf("%d groups of %d channels, epsilon %v", o.Groups, s.C, o.Epsilon)
	}
	for _, list := range [][]float32{o.Factor, o.Offset} {
		if n := len(list); list != nil && n != s.C && n != s.Size() {
			return Shape{}, fmt.Errorf("%d factors and %d offsets for %d channels", len(o.Factor), len(o.Offset), s.C)
		}
	}
	return s, nil
}

func (Norm) Nonnegative([]bool) bool              { return false }
func (Norm) Selects() bool                        { return false }
func (Norm) Clamp() (l Limits, ok bool)           { return l, false }
func (Norm) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps: sum, square and its sum, quotient, and the map to the grid.
func (Norm) ElementOps(_ []Shape, out Shape) int { return 5 * out.Size() }

func (Norm) Gradient([]Shape, Shape) (Gradient, error) { return nil, errors.New("is not trained") }

func (Norm) storage() storage                       { return anywhere }
func (Norm) fuses(next Operator, integer bool) bool { return integer && clamps(next) }

func (o Norm) onGrids(in []Shape, from []Grid, _ Grid) error {
	if n := int64(o.count(in[0])); from[0].Magnitude() > 1<<31/n {
		return fmt.Errorf("the sum of %d codes of %d bits leaves 31 bits", n, from[0].Bits)
	}
	return nil
}

// count is how many values make up a set.
func (o Norm) count(s Shape) int {
	if o.Pixels {
		return s.Size() / o.Groups
	}
	return s.C / o.Groups
}

// sets calls f for every set of an image: channels from c on of so many pixels from
// p on.
func (o Norm) sets(s Shape, f func(p, pixels, c, channels int)) {
	per, pixels := s.C/o.Groups, 1
	if o.Pixels {
		pixels = s.Pixels()
	}
	for p := 0; p < s.Pixels(); p += pixels {
		for c := 0; c < s.C; c += per {
			f(p, pixels, c, per)
		}
	}
}

// constant returns entry k of a list that may be nil.
func constant(list []float32, k int, otherwise float32) float64 {
	if list == nil {
		return float64(otherwise)
	}
	return float64(list[k%len(list)])
}

func (o Norm) float(s *stepF32) op { return &normF32{s.x[0], s.y, o} }

type normF32 struct {
	x, y view[float32]
	o    Norm
}

func (o *normF32) run(images int) {
	n := o.x.pixels()
	for i := range images {
		o.o.sets(o.x.Shape, func(p, pixels, c, channels int) { o.set(i*n, p, pixels, c, channels) })
	}
}

// set normalizes one set of the image whose first pixel is given.
func (o *normF32) set(image, first, pixels, c, channels int) {
	mean, square := 0.0, 0.0
	each := func(f func(k int, x float64, y *float32)) {
		for p := first; p < first+pixels; p++ {
			x, y := o.x.pixel(image + p)[c:c+channels], o.y.pixel(image + p)[c:c+channels]
			for j, v := range x {
				f(p*o.x.C+c+j, float64(v), &y[j])
			}
		}
	}
	count := float64(pixels * channels)
	if o.o.Center {
		each(func(_ int, x float64, _ *float32) { mean += x })
		mean /= count
	}
	each(func(_ int, x float64, _ *float32) { square += float64((x - mean) * (x - mean)) })
	scale := 1 / math.Sqrt(square/count+float64(o.o.Epsilon))
	each(func(k int, x float64, y *float32) {
		*y = float32(float64((x-mean)*scale)*constant(o.o.Factor, k, 1) + constant(o.o.Offset, k, 0))
	})
}

func (o Norm) integer(s *stepInt) op {
	n := int64(o.count(s.x[0].Shape))
	y := &normInt{x: s.x[0], y: s.y, o: o, n: n, lo: s.lo, hi: s.hi, in: make([]int32, s.x[0].Size()), out: make([]int32, s.y.C)}
	y.epsilon = min(float64(o.Epsilon)*float64(n)*float64(n)/(s.from[0].Scale*s.from[0].Scale), 1<<60)
	largest := int64(math.Ceil(math.Sqrt(float64(n))))
	y.fraction = 62 - 32 - bits.Len64(uint64(largest))
	for k := range max(len(o.Factor), len(o.Offset), 1) {
		factor, bound := constant(o.Factor, k, 1)/s.to.Scale, []int64{largest << y.fraction}
		f := newFixed([]float64{math.Ldexp(factor, -y.fraction)}, constant(o.Offset, k, 0)/s.to.Scale, bound)
		y.f = append(y.f, f.rounded(s.to, bound))
	}
	return y
}

// normInt is normF32 on codes.
type normInt struct {
	x, y     tensor
	o        Norm
	n        int64
	epsilon  float64
	fraction int // bits behind the point of a quotient
	f        []fixed
	lo, hi   int32
	in, out  []int32 // an image, a pixel
}

func (o *normInt) run(images int) {
	n, c := o.x.pixels(), o.x.C
	for i := range images {
		for p := range n {
			o.x.load(o.in[p*c:(p+1)*c], (i*n+p)*o.x.ld)
		}
		o.o.sets(o.x.Shape, o.set)
		for p := range n {
			copy(o.out, o.in[p*c:])
			o.y.store(o.out, (i*n+p)*o.y.ld)
		}
	}
}

// set normalizes one set in place.
func (o *normInt) set(first, pixels, c, channels int) {
	var sum, square int64
	row := func(p int) []int32 { return o.in[p*o.x.C+c:][:channels] }
	for p := first; p < first+pixels; p++ {
		for _, v := range row(p) {
			sum += int64(v)
			square += int64(v) * int64(v)
		}
	}
	if !o.o.Center {
		sum = 0
	}
	spread := o.n*square - sum*sum
	half := max(0, (61-bits.Len64(uint64(spread)+uint64(o.epsilon)))/2)
	root := squareRoot(spread<<(2*half) + int64(math.Floor(math.Ldexp(o.epsilon, 2*half)+0.5)))
	root = max(root, 1) // all values are one, and Epsilon is 0
	for p := first; p < first+pixels; p++ {
		at := p*o.x.C + c
		for j, v := range row(p) {
			z := rounded((o.n*int64(v)-sum)<<(half+o.fraction), root)
			o.in[at+j] = o.f[(at+j)%len(o.f)].apply(z, o.lo, o.hi)
		}
	}
}

// squareRoot is ⌊√v⌋.
func squareRoot(v int64) int64 {
	r := int64(math.Sqrt(float64(v)))
	for r*r > v {
		r--
	}
	for (r+1)*(r+1) <= v {
		r++
	}
	return r
}

// rounded is a/b to nearest, b positive.
func rounded(a, b int64) int64 {
	if a < 0 {
		return -((-a + b/2) / b)
	}
	return (a + b/2) / b
}
