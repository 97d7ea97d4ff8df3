package kernels

import (
	"errors"
	"fmt"
)

// Opaque is an operator of a foreign model that is not executed: all that is
// known is the shape of its output and what work it is. It costs, so that a
// network that cannot run can still be charged to a machine, and says why it
// does not run.
type Opaque struct {
	Operator string // as the model calls it
	Reason   string // why it is not executed
	Out      Shape
	// Moves says that it only tells where values lie, so that nothing is charged.
	Moves bool
	// Work is the matrix product that it is; its output channels are those of Out.
	// nil: it is element-wise work, one operation for each element of the output.
	Work *OpaqueProduct
}

// OpaqueProduct is a product of Groups matrices M×K by K×N. Dynamic says that
// the first factor is activations as well, those of the last input, and not
// weights.
type OpaqueProduct struct {
	M, K, N, Groups int
	Dynamic         bool
}

// MACs returns the multiply-accumulate operations of one image.
func (p *OpaqueProduct) MACs() int64 {
	return int64(p.M) * int64(p.K) * int64(p.N) * int64(p.Groups)
}

func (p *OpaqueProduct) check() error {
	macs := 1.0
	for _, v := range [4]int{p.M, p.K, p.N, p.Groups} {
		if v < 1 {
			return fmt.Errorf("product %+v: every length must be at least 1", *p)
		}
		macs *= float64(v)
	}
	if macs > 1<<60 {
		return fmt.Errorf("product %+v is too large", *p)
	}
	return nil
}

var _ Operator = Opaque{}

func (o Opaque) Name() string           { return o.Operator }
func (Opaque) Arity() (least, most int) { return 1, anyNumber }

func (o Opaque) Infer([]Shape) (Shape, error) {
	if o.Work == nil {
		return o.Out, nil
	}
	if o.Out.C != o.Work.M*o.Work.Groups && !o.Work.Dynamic {
		return o.Out, fmt.Errorf("output %v of a product with %d channels", o.Out, o.Work.M*o.Work.Groups)
	}
	return o.Out, o.Work.check()
}

// Nonnegative: what moves values leaves their signs.
func (o Opaque) Nonnegative(in []bool) bool {
	for _, nonneg := range in {
		if !nonneg {
			return false
		}
	}
	return o.Moves
}

func (o Opaque) Selects() bool            { return o.Moves }
func (Opaque) Clamp() (l Limits, ok bool) { return l, false }

// Product makes a layer of a product with weights, for policies to give widths to.
func (o Opaque) Product([]Shape) (p Product, ok bool) {
	if o.Work == nil || o.Work.Dynamic {
		return p, false
	}
	return Product{Channels: o.Work.M * o.Work.Groups, Groups: o.Work.Groups, K: o.Work.K, Window: Window{}.Complete(), Whole: true}, true
}

// ElementOps is one operation for each element: nothing more is known.
func (o Opaque) ElementOps(_ []Shape, out Shape) int {
	if o.Moves {
		return Free
	}
	return out.Size()
}

func (o Opaque) Gradient([]Shape, Shape) (Gradient, error) { return nil, o.refusal() }

// refusal says why the operator does not run.
func (o Opaque) refusal() error {
	if o.Reason == "" {
		return errors.New("has no execution")
	}
	return errors.New(o.Reason)
}

func (Opaque) storage() storage                      { return anywhere }
func (Opaque) fuses(Operator, bool) bool             { return false }
func (o Opaque) onGrids([]Shape, []Grid, Grid) error { return o.refusal() }
func (Opaque) float(*stepF32) op                     { panic("kernels: an opaque operator does not run") }

func (Opaque) integer(*stepInt) op { panic("kernels: an opaque operator does not run") }
