package kernels

import (
	"errors"
	"fmt"
)

// Recurrent steps through a sequence: long short-term memory (Hochreiter and Schmidhuber,
// Neural Computation 9(8), 1997, with the forget gate of Gers et al., 2000), gated
// recurrent units (Cho et al., EMNLP 2014) or a plain recurrent layer, as ONNX defines
// them. Its first input is what a layer before it made of the sequence: rows are steps,
// columns sequences, and the channels of a pixel, direction by direction, the gates that
// the input alone gives:
//
//	lstm   i, o, f, c:  c = f⊙c + i⊙g(c~),  h = o⊙l(c)
//	gru    z, r, h~:    h = (1 − z)⊙g(h~) + z⊙h
//	rnn    h~:          h = f(h~)
//
// to which R·h of the step before is added. Further inputs are the first h, and of lstm
// the first c, zero if they are left out: rows are directions. The output has the h of
// every step as rows, then the last h, then of lstm the last c; directions are depths.
// There is no execution in integers.
type Recurrent struct {
	Cell       string // "lstm", "gru" or "rnn"
	Hidden     int
	Directions int       // 1 or 2, of which the second begins at the end
	Reverse    bool      // the only direction begins at the end
	R          []float32 // directions × gates × Hidden rows of Hidden weights; nil = shapes alone
	// ResetAfter tells that the reset gate of gru multiplies R·h + Bias, not h; Bias has
	// Hidden values for each direction.
	ResetAfter bool
	Bias       []float32
	// Activations are functions of [Scalar] for each direction: f and g and, of lstm, l.
	Activations []string
	Clip        float32 // bound of what activations read; 0 is none
}

var _ Operator = Recurrent{}

// cells are the number of gates of each cell, of activations, and of element operations
// of a hidden value at each step.
var cells = map[string]struct{ gates, activations, work int }{
	"lstm": {4, 3, 13}, // 4 sums and activations of gates, 3 products and a sum, l(c)
	"gru":  {3, 2, 11}, // 3 sums and activations, r⊙h, 1 − z, 2 products and a sum
	"rnn":  {1, 1, 2},
}

// Gates returns how many values of each direction and hidden value the input has.
func (o Recurrent) Gates() int { return cells[o.Cell].gates }

func (o Recurrent) Name() string           { return o.Cell }
func (Recurrent) Arity() (least, most int) { return 1, 3 }

// states is how many states go from step to step.
func (o Recurrent) states() int {
	if o.Cell == "lstm" {
		return 2
	}
	return 1
}

// Infer checks everything, so that execution cannot fail.
func (o Recurrent) Infer(in []Shape) (Shape, error) {
	cell, known := cells[o.Cell]
	x := in[0]
	switch {
	case !known:
		return Shape{}, fmt.Errorf("no recurrent cell %q", o.Cell)
	case o.Hidden < 1 || o.Directions < 1 || o.Directions > 2 || o.Directions == 2 && o.Reverse:
		return Shape{}, fmt.Errorf("%d hidden values in %d directions", o.Hidden, o.Directions)
	case x.D > 0 || x.C != o.Directions*cell.gates*o.Hidden:
		return Shape{}, fmt.Errorf("gates of %v for %d hidden values in %d directions", x, o.Hidden, o.Directions)
	case o.R != nil && len(o.R) != x.C*o.Hidden:
		return Shape{}, fmt.Errorf("%d recurrent weights for %d gates of %d hidden values", len(o.R), x.C, o.Hidden)
	case o.Bias != nil && len(o.Bias) != o.Directions*o.Hidden:
		return Shape{}, fmt.Errorf("%d biases for %d hidden values in %d directions", len(o.Bias), o.Hidden, o.Directions)
	case len(o.Activations) != o.Directions*cell.activations:
		return Shape{}, fmt.Errorf("%d activations: must be %d", len(o.Activations), o.Directions*cell.activations)
	case len(in) > 1+o.states():
		return Shape{}, fmt.Errorf("%d states: must be at most %d", len(in)-1, o.states())
	}
	for _, name := range o.Activations {
		if _, ok := functions[name]; !ok {
			return Shape{}, fmt.Errorf("no function %q of one value", name)
		}
	}
	state := Shape{C: o.Hidden, H: o.Directions, W: x.W}
	for _, s := range in[1:] {
		if s != state {
			return Shape{}, fmt.Errorf("a state of %v: must be %v", s, state)
		}
	}
	return Shape{C: o.Hidden, D: o.Directions, H: x.H + o.states(), W: x.W}, nil
}

func (Recurrent) Nonnegative([]bool) bool              { return false }
func (Recurrent) Selects() bool                        { return false }
func (Recurrent) Clamp() (l Limits, ok bool)           { return l, false }
func (Recurrent) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps is the work beside the product with R.
func (o Recurrent) ElementOps(in []Shape, _ Shape) int {
	return cells[o.Cell].work * in[0].Pixels() * o.Hidden * o.Directions
}

// product is that with R, all steps together.
func (o Recurrent) product(in []Shape) *OpaqueProduct {
	return &OpaqueProduct{M: o.Gates() * o.Hidden, K: o.Hidden, N: in[0].Pixels(), Groups: o.Directions}
}

// perGate is how many element operations each sum of the product has, rounded up.
func (o Recurrent) perGate() int {
	c := cells[o.Cell]
	return (c.work + c.gates - 1) / c.gates
}

func (Recurrent) Gradient([]Shape, Shape) (Gradient, error) { return nil, errors.New("is not trained") }

func (Recurrent) storage() storage          { return apart }
func (Recurrent) fuses(Operator, bool) bool { return false }

func (o Recurrent) onGrids([]Shape, []Grid, Grid) error {
	return fmt.Errorf("%s has no execution in integers: without images its widths alone have a cost", o.Cell)
}

func (Recurrent) integer(*stepInt) op { panic("kernels: a recurrent layer does not run in integers") }

func (o Recurrent) float(s *stepF32) op {
	r := &recurrentF32{o: o, x: s.x, y: s.y, h: make([]float32, o.Hidden), c: make([]float32, o.Hidden), sum: make([]float32, o.Gates()*o.Hidden)}
	r.reset = make([]float32, o.Hidden)
	for _, name := range o.Activations {
		f := functions[name].f
		r.f = append(r.f, func(x float32) float32 { return float32(f(o.clipped(x), 0, 0)) })
	}
	return r
}

// clipped is what an activation reads.
func (o Recurrent) clipped(x float32) float64 {
	if o.Clip > 0 {
		x = min(max(x, -o.Clip), o.Clip)
	}
	return float64(x)
}

type recurrentF32 struct {
	o                Recurrent
	x                []view[float32]
	y                view[float32]
	f                []func(x float32) float32
	h, c, sum, reset []float32
}

func (o *recurrentF32) run(images int) {
	for i := range images {
		for d := range o.o.Directions {
			for b := range o.y.W {
				o.sequence(i, d, b)
			}
		}
	}
}

// sequence runs through one sequence in one direction.
func (o *recurrentF32) sequence(image, d, b int) {
	steps, width := o.x[0].H, o.y.W
	for k, state := range [][]float32{o.h, o.c} {
		clear(state)
		if len(o.x) > k+1 {
			copy(state, o.x[k+1].pixel((image*o.o.Directions+d)*width+b))
		}
	}
	to := (image*o.o.Directions + d) * o.y.H
	for s := range steps {
		at := s
		if d == 1 || o.o.Reverse {
			at = steps - 1 - s
		}
		gates := o.x[0].pixel((image*steps+at)*width + b)
		o.step(d, gates[d*len(o.sum):(d+1)*len(o.sum)])
		copy(o.y.pixel((to+at)*width+b), o.h)
	}
	copy(o.y.pixel((to+steps)*width+b), o.h)
	if o.o.states() > 1 {
		copy(o.y.pixel((to+steps+1)*width+b), o.c)
	}
}

// times adds R·h to rows of sums from one on.
func (o *recurrentF32) times(d, first int, h, sum []float32) {
	n := o.o.Hidden
	at := (d*len(o.sum) + first) * n
	for m := range sum {
		var s float32
		for k, w := range o.o.R[at+m*n : at+(m+1)*n] {
			s += w * h[k]
		}
		sum[m] += s
	}
}

// step takes h and c to the next step.
func (o *recurrentF32) step(d int, gates []float32) {
	n := o.o.Hidden
	copy(o.sum, gates)
	f := o.f[d*len(o.f)/o.o.Directions:]
	switch o.o.Cell {
	case "lstm":
		o.times(d, 0, o.h, o.sum)
		for j := range n {
			in, out, forget := f[0](o.sum[j]), f[0](o.sum[n+j]), f[0](o.sum[2*n+j])
			o.c[j] = forget*o.c[j] + in*f[1](o.sum[3*n+j])
			o.h[j] = out * f[2](o.c[j])
		}
	case "gru":
		o.gru(d, f)
	default:
		o.times(d, 0, o.h, o.sum)
		for j := range n {
			o.h[j] = f[0](o.sum[j])
		}
	}
}

func (o *recurrentF32) gru(d int, f []func(x float32) float32) {
	n := o.o.Hidden
	o.times(d, 0, o.h, o.sum[:2*n])
	clear(o.reset)
	if o.o.ResetAfter {
		if o.o.Bias != nil {
			copy(o.reset, o.o.Bias[d*n:(d+1)*n])
		}
		o.times(d, 2*n, o.h, o.reset)
		for j := range n {
			o.sum[2*n+j] += f[0](o.sum[n+j]) * o.reset[j]
		}
	} else {
		for j, h := range o.h {
			o.reset[j] = f[0](o.sum[n+j]) * h
		}
		o.times(d, 2*n, o.reset, o.sum[2*n:])
	}
	for j, h := range o.h {
		z := f[0](o.sum[j])
		o.h[j] = (1-z)*f[1](o.sum[2*n+j]) + z*h
	}
}

// recurrentShape tells whether an operator is a recurrent layer without weights.
func recurrentShape(o Operator) bool {
	r, ok := o.(Recurrent)
	return ok && r.R == nil
}
