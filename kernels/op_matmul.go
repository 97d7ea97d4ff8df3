package kernels

import (
	"errors"
	"fmt"
)

// MatMul is the product of two tensors that both depend on the input, as in
// attention: at every depth, the pixels of the first, rows of C values, times the
// matrix of the second, whose rows are its H rows. The second may have one depth for
// all. The integer sum is exact and requantized once.
type MatMul struct{}

var _ Operator = MatMul{}

func (MatMul) Name() string             { return "matmul" }
func (MatMul) Arity() (least, most int) { return 2, 2 }

func (MatMul) Infer(in []Shape) (Shape, error) {
	a, b := in[0], in[1]
	if b.W != 1 || b.H != a.C || b.D > 0 && b.D != a.D {
		return Shape{}, fmt.Errorf("rows of %v times the matrices of %v", a, b)
	}
	return Shape{C: b.C, H: a.H, W: a.W, D: a.D}, nil
}

func (MatMul) Nonnegative(in []bool) bool           { return in[0] && in[1] }
func (MatMul) Selects() bool                        { return false }
func (MatMul) Clamp() (l Limits, ok bool)           { return l, false }
func (MatMul) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps is the requantization of the sums.
func (MatMul) ElementOps(_ []Shape, out Shape) int { return out.Size() }

func (MatMul) Gradient([]Shape, Shape) (Gradient, error) { return nil, errors.New("is not trained") }

// work is the product as a machine is charged for it: the second tensor's columns
// are the channels.
func (MatMul) work(in []Shape) *OpaqueProduct {
	p := OpaqueProduct{M: in[1].C, K: in[0].C, N: in[0].H * in[0].W, Groups: max(in[1].D, 1), Dynamic: true}
	p.N *= in[0].Pixels() / (p.N * p.Groups) // depths that share the second
	return &p
}

func (MatMul) storage() storage                 { return anywhere }
func (MatMul) fuses(next Operator, i bool) bool { return i && clamps(next) }

func (MatMul) onGrids(in []Shape, from []Grid, _ Grid) error {
	if from[0].Magnitude()*from[1].Magnitude() > 1<<61/int64(in[0].C) {
		return fmt.Errorf("%d products of %d and %d bits leave 62 bits", in[0].C, from[0].Bits, from[1].Bits)
	}
	return nil
}

func (MatMul) float(s *stepF32) op { return &matmulF32{s.x[0], s.x[1], s.y} }

type matmulF32 struct{ a, b, y view[float32] }

func (o *matmulF32) run(images int) {
	n, rows := o.y.pixels(), o.y.H*o.y.W
	for p := range images * n {
		matrix := (p/n*max(o.b.D, 1) + min(p%n/rows, max(o.b.D, 1)-1)) * o.b.H
		y := o.y.pixel(p)
		clear(y)
		for k, v := range o.a.pixel(p) {
			for c, w := range o.b.pixel(matrix + k)[:len(y)] {
				y[c] += v * w
			}
		}
	}
}

func (MatMul) integer(s *stepInt) op {
	a, b := s.from[0], s.from[1]
	bound := []int64{a.Magnitude() * b.Magnitude() * int64(s.x[0].C)}
	return &matmulInt{
		a: s.x[0], b: s.x[1], y: s.y, lo: s.lo, hi: s.hi, from: [2]Grid{a, b},
		f:   newFixed([]float64{a.Scale * b.Scale / s.to.Scale}, 0, bound).rounded(s.to, bound),
		row: make([]int32, s.x[0].C), matrix: make([]int32, s.x[1].H*s.x[1].C), sum: make([]int64, s.y.C), out: make([]int32, s.y.C),
	}
}

// matmulInt multiplies codes, a matrix at a time.
type matmulInt struct {
	a, b, y tensor
	from    [2]Grid
	f       fixed
	lo, hi  int32
	row     []int32
	matrix  []int32
	sum     []int64
	out     []int32
}

func (o *matmulInt) run(images int) {
	n, rows := o.y.pixels(), o.y.H*o.y.W
	for p := range images * n {
		if p%rows == 0 {
			o.load((p/n*max(o.b.D, 1) + min(p%n/rows, max(o.b.D, 1)-1)) * o.b.H)
		}
		o.a.load(o.row, p*o.a.ld)
		clear(o.sum)
		for k, v := range o.row {
			for c, w := range o.matrix[k*o.b.C : (k+1)*o.b.C] {
				o.sum[c] += int64(v) * int64(w)
			}
		}
		for c, v := range o.sum {
			o.out[c] = o.f.apply(v, o.lo, o.hi)
		}
		o.y.store(o.out, p*o.y.ld)
	}
}

// load copies the matrix whose first row is a pixel.
func (o *matmulInt) load(first int) {
	for k := range o.b.H {
		o.b.load(o.matrix[k*o.b.C:(k+1)*o.b.C], (first+k)*o.b.ld)
	}
}
