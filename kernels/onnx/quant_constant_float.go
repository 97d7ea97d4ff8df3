package onnx

import (
	"fmt"
	"strings"

	"bitcycle/kernels"
)

// floatFormat reads the grid of FloatQuant.
func (n *node) floatFormat(in []fact) (o kernels.QuantizeFloat, err error) {
	var x [6]float32
	for i, what := range []string{1: "scale", 2: "width of the exponent", 3: "width of the mantissa", 4: "bias of the exponent", 5: "largest magnitude"} {
		if i == 0 {
			continue
		}
		t := input(in, i).c
		if t == nil {
			return o, fmt.Errorf("the %s is missing", what)
		}
		v, err := t.values32()
		if err != nil {
			return o, err
		}
		if len(v) != 1 {
			return o, fmt.Errorf("%s %q has %d values: must be 1", what, t.name, len(v))
		}
		x[i] = v[0]
	}
	for name, plain := range map[string]int64{"has_subnormal": 1, "saturation": 1} {
		if n.int(name, plain) != plain {
			return o, fmt.Errorf("%s = %d is not supported", name, n.int(name, plain))
		}
	}
	if mode := strings.ToUpper(n.attrs["rounding_mode"].s); mode != "" && mode != "ROUND" && mode != "HALF_EVEN" {
		return o, fmt.Errorf("rounding_mode = %q of floating point is not supported", mode)
	}
	for i, to := range map[int]*int{2: &o.Exponent, 3: &o.Mantissa, 4: &o.Bias} {
		v, err := wholeNumber("width or bias", x[i])
		if err != nil {
			return o, err
		}
		*to = int(v)
	}
	o.Scale, o.Max = x[1], x[5]
	return o, o.Check()
}

// ruleFloatQuant computes FloatQuant of constants.
func ruleFloatQuant(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	y := fact{kind: in[0].kind, dims: in[0].dims}
	x := in[0].c
	if x == nil {
		return []fact{y}, nil
	}
	o, err := n.floatFormat(in)
	if err != nil {
		return nil, err
	}
	y.c = elements(typeFloat, x.dims, []*tensor{x}, func(v []float32) float32 { return o.Of(v[0]) }, nil)
	if y.c != nil {
		y.c.width = uint8(o.Bits())
	}
	return []fact{y}, nil
}
