package kernels

import "fmt"

// Slice is a strided subset of channels, rows and columns: Count of each,
// starting at Start and Step apart, which may be negative.
type Slice struct{ Start, Step, Count [3]int }

var _ Operator = Slice{}

func (Slice) Name() string             { return "slice" }
func (Slice) Arity() (least, most int) { return 1, 1 }

func (o Slice) Infer(in []Shape) (Shape, error) {
	if err := in[0].image(); err != nil {
		return Shape{}, err
	}
	for d, size := range [3]int{in[0].C, in[0].H, in[0].W} {
		first, step, n := o.Start[d], o.Step[d], o.Count[d]
		if step == 0 || n < 1 || n > size {
			return Shape{}, fmt.Errorf("%d elements in steps of %d from an axis of %d", n, step, size)
		}
		if last := first + (n-1)*step; first < 0 || first >= size || last < 0 || last >= size {
			return Shape{}, fmt.Errorf("elements %d to %d of an axis of %d", first, last, size)
		}
	}
	return Shape{C: o.Count[0], H: o.Count[1], W: o.Count[2]}, nil
}

func (Slice) Nonnegative(in []bool) bool           { return in[0] }
func (Slice) Selects() bool                        { return true }
func (Slice) Clamp() (l Limits, ok bool)           { return l, false }
func (Slice) Product([]Shape) (p Product, ok bool) { return p, false }
func (Slice) ElementOps([]Shape, Shape) int        { return Free }

func (o Slice) Gradient(in []Shape, out Shape) (Gradient, error) {
	return subset{in[0], out, o.Start, o.Step}, nil
}

func (Slice) storage() storage                    { return anywhere }
func (Slice) fuses(Operator, bool) bool           { return false }
func (Slice) onGrids([]Shape, []Grid, Grid) error { return nil }
func (o Slice) float(s *stepF32) op               { return newSlice(o, s.x, s.y) }

func (o Slice) integer(s *stepInt) op {
	return moved(s, o, newSlice[uint8], newSlice[int8], newSlice[int16], newSlice[int32])
}

func newSlice[T number](o Slice, x []view[T], y view[T]) op {
	return &copyOp[T]{x[0], y, o.Start, o.Step}
}
