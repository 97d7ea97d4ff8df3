package kernels

import "math"

// RoundsTo tells whether the integer executor of an operator rounds to a grid as
// that asks for. All round to nearest; fewer do it otherwise, or onto two codes.
func RoundsTo(o Operator, g Grid) bool {
	if lo, hi := g.Range(); lo > 0 || hi < 0 {
		if _, pads := o.(Pad); pads { // it writes zeros, which are none of the codes
			return false
		}
	}
	switch o.(type) {
	case Input, Conv, Dense, Add, Scale, Scalar, Requant, MatMul, AvgPool, GlobalPool, Constant, TopK:
		return true
	}
	return o.Selects() || g.Round <= HalfToZero && !g.Bipolar
}

// ReadsWide tells whether the integer executor of an operator reads grids of up to
// MaxGridBits.
func ReadsWide(o Operator) bool {
	switch o.(type) {
	case Add, Scale, Requant, Threshold, TopK, WholeDiv:
		return true
	}
	return o.Selects()
}

// WritesWide tells whether its results may be on such a grid.
func WritesWide(o Operator) bool {
	switch o.(type) {
	case Conv, Dense, MatMul, Add, Scale, Scalar, Requant, WholeDiv:
		return true
	}
	return o.Selects()
}

// Reach bounds the magnitude of the results of an operator without weights whose
// inputs have these grids and shapes; ok is false if nothing is known.
func Reach(o Operator, from []Grid, shapes []Shape) (reach float64, ok bool) {
	in := make([]float64, len(from))
	for i, g := range from {
		in[i] = float64(g.Magnitude()) * g.Scale
		reach = max(reach, in[i])
	}
	switch o := o.(type) {
	case Add:
		return in[0] + in[1], true
	case Scale:
		most := 0.0
		for c, f := range o.Factor {
			most = max(most, math.Abs(float64(f))*in[0]+math.Abs(float64(o.Offset[c])))
		}
		return most, true
	case Scalar:
		if from[0].Bits > 16 {
			return 0, false
		}
		return o.reach(from[0]), true
	case Arithmetic:
		switch o.Function {
		case "mul":
			return in[0] * in[1], true
		case "sub":
			return in[0] + in[1], true
		}
		return reach, o.Function != "div"
	case Reduce:
		return reach, o.Function != "sum"
	case MatMul:
		return in[0] * in[1] * float64(shapes[0].C), true
	case Constant:
		for _, v := range o.Values {
			reach = max(reach, math.Abs(float64(v)))
		}
		return reach, true
	case ResizeCubic: // magnitudes of the shares add up to less than 2 along each axis
		return 4 * reach, true
	case TopK: // else it selects
		return float64(shapes[0].C), true
	case AvgPool, GlobalPool, Requant:
		return reach, true
	case Softmax:
		return 1, true
	case WholeSoftmax:
		return float64(o.Levels - 1), true
	}
	return reach, o.Selects()
}

// reach returns the largest magnitude of the function over all codes of a grid.
func (o Scalar) reach(g Grid) float64 {
	lo, hi := g.Range()
	f, most := o.f64(), 0.0
	for c := int64(lo); c <= int64(hi); c++ {
		if y := math.Abs(f(float64(c) * g.Scale)); y > most && !math.IsInf(y, 1) {
			most = y
		}
	}
	return most
}
