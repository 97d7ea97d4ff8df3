package kernels

import (
	"maps"
	"math"
	"slices"
	"testing"
)

// definitions are the functions of Scalar as their definitions have them. Where
// a function is not defined for all numbers, it is tested above least.
var definitions = map[string]struct {
	op    Scalar
	f     func(x float64) float64
	least float32
}{
	"abs":         {f: func(x float64) float64 { return max(x, -x) }},
	"ceil":        {f: func(x float64) float64 { return -math.Floor(-x) }},
	"celu":        {op: Scalar{A: 0.5}, f: func(x float64) float64 { return max(0, x) + min(0, 0.5*(math.Exp(x/0.5)-1)) }},
	"cos":         {f: func(x float64) float64 { return math.Sin(x + math.Pi/2) }},
	"elu":         {op: Scalar{A: 0.75}, f: func(x float64) float64 { return negative(x, x, 0.75*(math.Exp(x)-1)) }},
	"erf":         {f: func(x float64) float64 { return 1 - math.Erfc(x) }},
	"exp":         {f: func(x float64) float64 { return math.Pow(math.E, x) }},
	"floor":       {f: math.Floor},
	"gelu":        {f: func(x float64) float64 { return x * (1 + math.Erf(x/math.Sqrt(2))) / 2 }},
	"gelutanh":    {f: func(x float64) float64 { return x / (1 + math.Exp(-1.5957691216057308*(x+0.044715*x*x*x))) }},
	"hardsigmoid": {op: Scalar{A: 0.25, B: 0.5}, f: func(x float64) float64 { return max(0, min(1, 0.25*x+0.5)) }},
	"hardswish":   {f: func(x float64) float64 { return x * max(0, min(1, x/6+0.5)) }},
	"igelu": {op: Scalar{A: -40, B: 1743}, f: func(x float64) float64 {
		d := math.Max(40-math.Abs(x), 0)
		return x * math.Floor(negative(x, 3486-d*d, d*d)/2)
	}},
	"leakyrelu":  {op: Scalar{A: 0.125}, f: func(x float64) float64 { return negative(x, x, 0.125*x) }},
	"log":        {f: func(x float64) float64 { return math.Log2(x) * math.Ln2 }, least: 0.25},
	"mish":       {f: func(x float64) float64 { return x * math.Tanh(math.Log(1+math.Exp(x))) }},
	"neg":        {f: func(x float64) float64 { return 0 - x }},
	"pow":        {op: Scalar{A: 1.5}, f: func(x float64) float64 { return x * math.Sqrt(x) }, least: 0.01},
	"reciprocal": {f: func(x float64) float64 { return math.Pow(x, -1) }, least: 0.25},
	"round":      {f: math.RoundToEven},
	"selu": {op: Scalar{A: 1.5, B: 1.25}, f: func(x float64) float64 {
		return 1.25 * negative(x, x, 1.5*math.Exp(x)-1.5)
	}},
	"shrink": {op: Scalar{A: 0.25, B: 0.5}, f: func(x float64) float64 {
		return math.Copysign(negative(0.5-math.Abs(x), 0, math.Abs(x)-0.25), x)
	}},
	"sigmoid":         {f: func(x float64) float64 { return (1 + math.Tanh(x/2)) / 2 }},
	"sign":            {f: func(x float64) float64 { return negative(-math.Abs(x), 0, x/math.Abs(x)) }},
	"sin":             {f: func(x float64) float64 { return math.Cos(x - math.Pi/2) }},
	"softplus":        {f: func(x float64) float64 { return math.Log(1 + math.Exp(x)) }},
	"softsign":        {f: func(x float64) float64 { return x / (math.Abs(x) + 1) }},
	"sqrt":            {f: func(x float64) float64 { return math.Pow(x, 0.5) }, least: 0.01},
	"swish":           {op: Scalar{A: 1}, f: func(x float64) float64 { return x / (1 + math.Exp(-x)) }},
	"tanh":            {f: func(x float64) float64 { return 1 - 2/(math.Exp(2*x)+1) }},
	"thresholdedrelu": {op: Scalar{A: 0.5}, f: func(x float64) float64 { return negative(0.5-x, 0, x) }},
	"trunc":           {f: func(x float64) float64 { return negative(x, math.Floor(x), math.Ceil(x)) }},
}

// negative is one number for x ≥ 0 and another below.
func negative(x, otherwise, below float64) float64 {
	if x < 0 {
		return below
	}
	return otherwise
}

func init() {
	for name, d := range definitions {
		d.op.Function = name
		opCases[name] = opCase{
			op: d.op,
			draw: func(b *netBuilder, n *Node, _ Shape) {
				n.Op = d.op
				if d.least > 0 {
					b.add(Node{Op: Clip{d.least, 4}, Inputs: n.Inputs})
					n.Inputs = []int{len(b.net.Nodes) - 1}
				}
			},
			define: func(_ *Node, in []real) real {
				return in[0].mapped(func(_ int, v float64) float64 { return d.f(v) })
			},
			// Every code is the one nearest to the function.
			codes: func(_ *Node, in []codes, from []Grid, to Grid) []int32 {
				f := d.op.f64()
				out := make([]int32, len(in[0].x))
				for i, c := range in[0].x {
					y := f(float64(c) * from[0].Scale)
					if y != y {
						y = 0
					}
					out[i] = to.Quantize(y)
				}
				return out
			},
		}
	}
}

func TestEveryFunctionIsDefined(t *testing.T) {
	have, want := slices.Sorted(maps.Keys(functions)), slices.Sorted(maps.Keys(definitions))
	if !slices.Equal(have, want) {
		t.Errorf("functions %v\ndefinitions %v", have, want)
	}
	if _, err := (Scalar{Function: "sinc"}).Infer([]Shape{{C: 1, H: 1, W: 1}}); err == nil {
		t.Error("an unknown function is accepted")
	}
}
