package rff

import (
	"math/bits"

	"gonum.org/v1/gonum/mat"
)

// Codes are the quantized features of N data points, packed: Width integer codes
// of Bits bits for each point. For SigmaDelta a code stands for one condensed
// feature, for the other methods for one level (Beta condenses when it is read).
type Codes struct {
	Scheme Scheme
	M      int // features per point
	N      int // points
	Width  int // codes per point
	Bits   int // bits per code, at most 32

	stride int      // 64-bit words per point
	words  []uint64 // N·stride; code j of a point begins at bit j·Bits
}

// NewCodes returns the codes of n points of m features, all at the lowest level.
func NewCodes(s Scheme, m, n int) *Codes {
	c := &Codes{Scheme: s, M: m, N: n, Width: s.codesPerPoint(m), Bits: s.codeBits()}
	c.stride = (c.Width*c.Bits + 63) / 64
	c.words = make([]uint64, n*c.stride)
	return c
}

// BitsPerPoint returns the exact number of bits that store a point.
func (c *Codes) BitsPerPoint() int { return c.Width * c.Bits }

// Set stores the integers of point i as Stream.Push returns them.
func (c *Codes) Set(i int, values []int32) {
	row := c.row(i)
	clear(row)
	bound := c.Scheme.bound()
	for j, v := range values {
		code := uint64((int64(v) + bound) / 2)
		word, shift := j*c.Bits/64, j*c.Bits%64
		row[word] |= code << shift
		if shift+c.Bits > 64 {
			row[word+1] |= code >> (64 - shift)
		}
	}
}

// Ints writes the integers of point i to dst, of length Width: odd multiples of
// half a step, or sums of them.
func (c *Codes) Ints(dst []int32, i int) {
	row, bound := c.row(i), c.Scheme.bound()
	for j := range dst {
		dst[j] = int32(2*int64(c.code(row, j)) - bound)
	}
}

// code returns code j of the packed row of a point.
func (c *Codes) code(row []uint64, j int) uint64 {
	word, shift := j*c.Bits/64, j*c.Bits%64
	code := row[word] >> shift
	if shift+c.Bits > 64 {
		code |= row[word+1] << (64 - shift)
	}
	return code & (1<<c.Bits - 1)
}

func (c *Codes) row(i int) []uint64 { return c.words[i*c.stride : (i+1)*c.stride] }

// Features writes the feature vector of point i to dst, of length
// Scheme.Dim(M): the kernel estimate of two points is the inner product of
// theirs. MSQ at one bit gives the biased "fully quantized" estimate
// (1/m)⟨sign z, sign z'⟩.
func (c *Codes) Features(dst []float64, i int) {
	ints := make([]int32, c.Width)
	c.Ints(ints, i)
	factor := c.Scheme.factor(c.M)
	if c.Scheme.Method != Beta {
		for j, v := range ints {
			dst[j] = factor * float64(v)
		}
		return
	}
	v := BetaVector(c.Scheme.Base, c.Scheme.Lambda)
	for b := range dst {
		sum := 0.0
		for j, x := range ints[b*len(v) : (b+1)*len(v)] {
			sum += v[j] * float64(x)
		}
		dst[b] = factor * sum
	}
}

// Matrix returns the feature vectors of all points as the rows of a matrix.
func (c *Codes) Matrix() *mat.Dense {
	f := mat.NewDense(c.N, c.Scheme.Dim(c.M), nil)
	eachRow(c.N, 0, func(i int) { c.Features(f.RawRowView(i), i) })
	return f
}

// Kernel returns the kernel estimate between point i of c and point j of o,
// which must come from the same encoder. But for Beta the inner product is
// computed in integers, at one bit by counting differing bits.
func (c *Codes) Kernel(i int, o *Codes, j int) float64 {
	if c.Scheme != o.Scheme || c.M != o.M {
		panic("rff: kernel between codes of different schemes")
	}
	factor := c.Scheme.factor(c.M)
	switch {
	case c.Scheme.Method == Beta:
		a, b := make([]float64, c.Scheme.Dim(c.M)), make([]float64, c.Scheme.Dim(c.M))
		c.Features(a, i)
		o.Features(b, j)
		return dot(a, b)
	case c.Bits == 1:
		differ := 0
		for k, w := range c.row(i) {
			differ += bits.OnesCount64(w ^ o.row(j)[k])
		}
		return factor * factor * float64(c.Width-2*differ)
	}
	a, b := make([]int32, c.Width), make([]int32, c.Width)
	c.Ints(a, i)
	o.Ints(b, j)
	var sum int64
	for k, x := range a {
		sum += int64(x) * int64(b[k])
	}
	return factor * factor * float64(sum)
}

// Gram returns the matrix of kernel estimates between the points of c and o.
func (c *Codes) Gram(o *Codes) *mat.Dense {
	if c.Bits == 1 && c.Scheme.Method != Beta {
		g := mat.NewDense(c.N, o.N, nil)
		eachRow(c.N, 0, func(i int) {
			for j := range o.N {
				g.Set(i, j, c.Kernel(i, o, j))
			}
		})
		return g
	}
	return innerProducts(c.Matrix(), o.Matrix())
}
