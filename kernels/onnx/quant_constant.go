package onnx

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// coded is what a constant of numbers is made of, in a quantized model: codes and
// scales. Its values lie in the constant; what follows is computed when a layer
// wants its weights.
type coded struct {
	terms []term
	later func() ([]term, error)
}

// term is a summand of a coded constant: element i is codes[i] times the scale of
// steps[of[i]], or of steps[0] if there is but one.
type term struct {
	codes []int16 // without their zero points
	of    []int32
	steps []step
}

// step is what elements of one channel, or of all, have in common.
type step struct {
	scale    float64
	bits     uint8
	zero     int16 // codes as they are stored are so much more
	unsigned bool
}

func (t *term) step(i int) *step {
	if t.of == nil {
		return &t.steps[0]
	}
	return &t.steps[t.of[i]]
}

// settle computes the terms.
func (c *coded) settle() ([]term, error) {
	if c.later != nil {
		var err error
		if c.terms, err = c.later(); err != nil {
			return nil, err
		}
		c.later = nil
	}
	return c.terms, nil
}

// moved is the coded form of a constant of n elements that are element at()(i) of
// that of c.
func (c *coded) moved(n int, at func() func(i int) int) *coded {
	if c == nil {
		return nil
	}
	return &coded{later: func() ([]term, error) {
		terms, err := c.settle()
		if err != nil {
			return nil, err
		}
		out := make([]term, len(terms))
		for k, t := range terms {
			out[k].steps = t.steps
			if out[k].codes, err = picked(func() ([]int16, error) { return t.codes, nil }, n, at()); err != nil {
				return nil, err
			}
			if t.of != nil {
				if out[k].of, err = picked(func() ([]int32, error) { return t.of, nil }, n, at()); err != nil {
					return nil, err
				}
			}
		}
		return out, nil
	}}
}

// plus is the coded form of a sum of constants of the same dimensions.
func (c *coded) plus(o *coded) *coded {
	return &coded{later: func() ([]term, error) {
		a, err := c.settle()
		if err != nil {
			return nil, err
		}
		b, err := o.settle()
		if err != nil {
			return nil, err
		}
		if len(a) == 0 || len(b) == 0 || len(a[0].codes) != len(b[0].codes) {
			return nil, errors.New("a sum of constants of different lengths")
		}
		return append(append([]term(nil), a...), b...), nil
	}}
}

// format is how a quantizer of constants writes codes: its parameters broadcast to
// the constant.
type format struct {
	scale, zero, bits *tensor // zero and bits may be nil
	width             uint8   // of all, where bits is nil
	signed, narrow    bool
	bipolar           bool
	mode              string // rounding_mode of QONNX; "" is that of ONNX
}

// steps returns the steps of a format and, of each element of a constant of the
// given dimensions, which of them is its own.
func (f *format) steps(dims []int64) ([]kernels.Grid, []int32, error) {
	of := []int64{}
	parts := []*tensor{f.scale, f.zero, f.bits}
	for _, p := range parts {
		if p == nil {
			continue
		}
		var err error
		if of, err = broadcast(of, p.dims); err != nil {
			return nil, nil, err
		}
	}
	whole, err := broadcast(of, dims)
	if err != nil || product(whole) != product(dims) {
		return nil, nil, fmt.Errorf("scales, zero points and widths of %v do not fit a constant of %v", of, dims)
	}
	count := int(product(of))
	var values [3][]float32
	for k, p := range parts {
		if p != nil {
			if values[k], err = mapped(of, []*tensor{p}, count, (*tensor).values32, func(x []float32) float32 { return x[0] }); err != nil {
				return nil, nil, err
			}
		}
	}
	grids := make([]kernels.Grid, count)
	for i := range grids {
		g := kernels.Grid{Scale: float64(values[0][i]), Bits: f.width, Signed: f.signed, Narrow: f.narrow, Bipolar: f.bipolar}
		if values[1] != nil {
			if g.Zero, err = wholeNumber("zero point", values[1][i]); err != nil {
				return nil, nil, err
			}
		}
		if values[2] != nil {
			if g.Bits, err = width(values[2][i]); err != nil {
				return nil, nil, err
			}
		}
		if g.Round, err = rounding(f.mode, f.signed, g.Zero); err != nil {
			return nil, nil, err
		}
		if err := g.Check(); err != nil {
			return nil, nil, fmt.Errorf("scale %q: %w", f.scale.name, err)
		}
		grids[i] = g
	}
	if count == 1 {
		return grids, nil, nil
	}
	at, index := walker(dims, broadcastSteps(of, dims), 0), make([]int32, product(dims))
	for i := range index {
		index[i] = int32(at(i))
	}
	return grids, index, nil
}

// width reads a bit width, which QONNX writes as a float.
func width(x float32) (uint8, error) {
	if !(x >= 1 && x <= workload.MaxBits) || x != float32(uint8(x)) {
		return 0, fmt.Errorf("width %v: must be 1 to %d bits", x, workload.MaxBits)
	}
	return uint8(x), nil
}

// wholeNumber reads a number that must be whole.
func wholeNumber(what string, x float32) (int32, error) {
	if x != float32(math.Round(float64(x))) || math.Abs(float64(x)) > 1<<16 {
		return 0, fmt.Errorf("%s %v: must be a whole number of at most 16 bits", what, x)
	}
	return int32(x), nil
}

// each calls f for every element of a constant of the given dimensions and its grid.
func (f *format) each(n int, dims []int64, do func(i int, g *kernels.Grid) error) (grids []kernels.Grid, of []int32, err error) {
	if grids, of, err = f.steps(dims); err != nil {
		return nil, nil, err
	}
	for i := range n {
		g := &grids[0]
		if of != nil {
			g = &grids[of[i]]
		}
		if err := do(i, g); err != nil {
			return nil, nil, err
		}
	}
	return grids, of, nil
}

// coded makes the coded form of a constant; code tells the code of element i without its
// zero point.
func (f *format) coded(n int, dims []int64, code func(i int, g *kernels.Grid) int64) ([]term, error) {
	t := term{codes: make([]int16, n)}
	grids, of, err := f.each(n, dims, func(i int, g *kernels.Grid) error {
		c := code(i, g)
		if c != int64(int16(c)) {
			return fmt.Errorf("code %d and zero point %d: no weight of 16 bits", c+int64(g.Zero), g.Zero)
		}
		t.codes[i] = int16(c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	t.of = of
	return t.finish(grids)
}

// encode makes the coded form of numbers.
func (f *format) encode(x []float32, dims []int64) ([]term, error) {
	return f.coded(len(x), dims, func(i int, g *kernels.Grid) int64 { return int64(g.Quantize(float64(x[i]))) })
}

// decode makes the coded form of stored codes.
func (f *format) decode(codes []int64, dims []int64) ([]term, error) {
	return f.coded(len(codes), dims, func(i int, g *kernels.Grid) int64 { return codes[i] - int64(g.Zero) })
}

// finish takes the steps of grids. Codes that are not negative around the middle of
// their range are two's complement with the top bit turned over: no zero point.
func (t term) finish(grids []kernels.Grid) ([]term, error) {
	for _, g := range grids {
		if int32(int16(g.Zero)) != g.Zero {
			return nil, fmt.Errorf("zero point %d of weights: must be a number of 16 bits", g.Zero)
		}
		s := step{scale: g.Scale, bits: g.Bits, zero: int16(g.Zero), unsigned: !g.Signed && !g.Bipolar}
		if s.unsigned && s.zero == 1<<(s.bits-1) {
			s.zero, s.unsigned = 0, false
		}
		t.steps = append(t.steps, s)
	}
	return []term{t}, nil
}

// valuesOf returns the numbers that terms stand for, in float32 as ONNX has it.
func valuesOf(terms []term) []float32 {
	out := make([]float32, len(terms[0].codes))
	for k := range terms {
		t := &terms[k]
		for i, c := range t.codes {
			out[i] += float32(c) * float32(t.step(i).scale)
		}
	}
	return out
}

// codedConstant returns a constant of the given dimensions whose terms f computes.
func codedConstant(dims []int64, from *tensor, f func() ([]term, error)) *tensor {
	c := &coded{later: f}
	t := lazy(typeFloat, dims, []*tensor{from}, func(int) ([]float32, []int64, error) {
		terms, err := c.settle()
		if err != nil {
			return nil, nil, err
		}
		return valuesOf(terms), nil, nil
	})
	if t != nil {
		t.coded = c
	}
	return t
}

// ruleQuant computes Quant, IntQuant and BipolarQuant of constants.
func ruleQuant(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	y := fact{kind: in[0].kind, dims: in[0].dims}
	if c := constants(in); len(c) < 2 {
		return []fact{y}, nil
	}
	form, err := n.format(input(in, 1).c, input(in, 2).c, input(in, 3).c)
	if err != nil {
		return nil, err
	}
	x := in[0].c
	y.c = codedConstant(x.dims, x, func() ([]term, error) {
		v, err := x.values32()
		if err != nil {
			return nil, err
		}
		return form.encode(v, x.dims)
	})
	return []fact{y}, nil
}

// format reads the attributes of a QONNX quantizer.
func (n *node) format(scale, zero, bits *tensor) (*format, error) {
	if n.op == "BipolarQuant" {
		return &format{scale: scale, width: 1, signed: true, bipolar: true}, nil
	}
	if bits == nil || zero == nil || scale == nil {
		return nil, errors.New("scale, zero point and width must be given")
	}
	f := &format{scale: scale, zero: zero, bits: bits, signed: n.int("signed", 1) != 0, narrow: n.int("narrow", 0) != 0, mode: n.attrs["rounding_mode"].s}
	if f.mode == "" {
		f.mode = "ROUND"
	}
	return f, nil
}

// rounding reads a rounding_mode of QONNX, which is one of stored codes, with their
// zero point in them; QuantizeLinear, which has none, adds it after rounding.
func rounding(mode string, signed bool, zero int32) (kernels.Rounding, error) {
	switch mode = strings.ToUpper(mode); mode {
	case "":
		return kernels.HalfEven, nil
	case "ROUND", "HALF_EVEN":
		if zero%2 != 0 {
			return kernels.HalfOdd, nil
		}
		return kernels.HalfEven, nil
	case "FLOOR":
		return kernels.Floor, nil
	case "CEIL":
		return kernels.Ceil, nil
	}
	r, ok := map[string]kernels.Rounding{
		"ROUND_TO_ZERO": kernels.TowardZero, "DOWN": kernels.TowardZero, "UP": kernels.AwayFromZero,
		"HALF_UP": kernels.HalfAway, "HALF_DOWN": kernels.HalfToZero,
	}[mode]
	switch {
	case !ok:
		return 0, fmt.Errorf("rounding_mode = %q: must be ROUND, FLOOR, CEIL, UP, DOWN, ROUND_TO_ZERO, HALF_UP or HALF_DOWN", mode)
	case zero == 0:
		return r, nil
	case signed || r == kernels.HalfToZero:
		return 0, fmt.Errorf("rounding_mode = %q with a zero point is not supported", mode)
	}
	// What is not negative is rounded toward zero by rounding it down.
	return map[kernels.Rounding]kernels.Rounding{kernels.TowardZero: kernels.Floor, kernels.AwayFromZero: kernels.Ceil, kernels.HalfAway: kernels.HalfUp}[r], nil
}

// stored returns the codes of numbers as they are stored.
func (f *format) stored(x []float32, dims []int64) ([]int64, error) {
	out := make([]int64, len(x))
	_, _, err := f.each(len(x), dims, func(i int, g *kernels.Grid) error {
		out[i] = int64(g.Quantize(float64(x[i]))) + int64(g.Zero)
		return nil
	})
	return out, err
}
