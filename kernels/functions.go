package kernels

import "math"

// function is a row of the functions of one value.
type function struct {
	// f computes the function with the parameters a and b.
	f func(x, a, b float64) float64
	// slope is its derivative; nil: it cannot be trained.
	slope func(x, a, b float64) float64
	sign  sign
}

// sign is what is known of the sign of a function.
type sign uint8

const (
	anySign   sign = iota
	keepsSign      // not negative for values that are not
	positive       // never negative
)

// functions holds the functions of [Scalar] by name. Those of ONNX are as its
// operators of these names define them, a and b their parameters in its order.
var functions = map[string]function{
	"abs":             {one(math.Abs), one(signum), positive},
	"ceil":            {one(math.Ceil), nil, keepsSign},
	"celu":            {celu, func(x, a, _ float64) float64 { return min(1, math.Exp(min(x, 0)/a)) }, keepsSign},
	"cos":             {one(math.Cos), one(func(x float64) float64 { return -math.Sin(x) }), anySign},
	"elu":             {elu, eluSlope, keepsSign},
	"erf":             {one(math.Erf), one(func(x float64) float64 { return 2 / math.SqrtPi * math.Exp(-x*x) }), keepsSign},
	"exp":             {one(math.Exp), one(math.Exp), positive},
	"floor":           {one(math.Floor), nil, keepsSign},
	"gelu":            {one(gelu), one(geluSlope), keepsSign},
	"gelutanh":        {one(geluTanh), one(geluTanhSlope), keepsSign},
	"hardsigmoid":     {hardSigmoid, hardSigmoidSlope, positive},
	"hardswish":       {one(hardSwish), one(hardSwishSlope), keepsSign},
	"igelu":           {wholeGelu, nil, anySign},
	"leakyrelu":       {leakyRelu, leakyReluSlope, keepsSign},
	"log":             {one(math.Log), one(func(x float64) float64 { return 1 / x }), anySign},
	"mish":            {one(mish), one(mishSlope), keepsSign},
	"neg":             {one(func(x float64) float64 { return -x }), one(func(float64) float64 { return -1 }), anySign},
	"pow":             {func(x, a, _ float64) float64 { return math.Pow(x, a) }, powSlope, keepsSign},
	"reciprocal":      {one(func(x float64) float64 { return 1 / x }), one(func(x float64) float64 { return -1 / (x * x) }), keepsSign},
	"round":           {one(math.RoundToEven), nil, keepsSign},
	"selu":            {selu, seluSlope, anySign},
	"shrink":          {shrink, nil, anySign},
	"sigmoid":         {one(sigmoid), one(sigmoidSlope), positive},
	"sign":            {one(signum), nil, keepsSign},
	"sin":             {one(math.Sin), one(math.Cos), anySign},
	"softplus":        {one(softplus), one(sigmoid), positive},
	"softsign":        {one(softsign), one(softsignSlope), keepsSign},
	"sqrt":            {one(math.Sqrt), one(func(x float64) float64 { return 0.5 / math.Sqrt(x) }), positive},
	"swish":           {swish, swishSlope, keepsSign},
	"tanh":            {one(math.Tanh), one(func(x float64) float64 { return 1 - math.Tanh(x)*math.Tanh(x) }), keepsSign},
	"thresholdedrelu": {thresholdedRelu, nil, keepsSign},
	"trunc":           {one(math.Trunc), nil, keepsSign},
}

// one is a function without parameters.
func one(f func(x float64) float64) func(x, a, b float64) float64 {
	return func(x, _, _ float64) float64 { return f(x) }
}

func signum(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

func sigmoid(x float64) float64      { return 1 / (1 + math.Exp(-x)) }
func sigmoidSlope(x float64) float64 { return sigmoid(x) * sigmoid(-x) }

// softplus is log(1 + exp x).
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func softsign(x float64) float64      { return x / (1 + math.Abs(x)) }
func softsignSlope(x float64) float64 { return 1 / ((1 + math.Abs(x)) * (1 + math.Abs(x))) }

// swish is x·sigmoid(a·x); with a = 1 also SiLU.
func swish(x, a, _ float64) float64 { return x * sigmoid(a*x) }

func swishSlope(x, a, _ float64) float64 { return sigmoid(a*x) + a*x*sigmoidSlope(a*x) }

func mish(x float64) float64 { return x * math.Tanh(softplus(x)) }

func mishSlope(x float64) float64 {
	t := math.Tanh(softplus(x))
	return t + x*(1-t*t)*sigmoid(x)
}

// gelu is x·Φ(x), Φ the distribution function of N(0, 1) (Hendrycks and Gimpel,
// arXiv 1606.08415, 2016, §2).
func gelu(x float64) float64 { return x * math.Erfc(-x/math.Sqrt2) / 2 }

func geluSlope(x float64) float64 {
	return math.Erfc(-x/math.Sqrt2)/2 + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
}

// geluTanh is the approximation of gelu by a hyperbolic tangent, of the same place.
func geluTanh(x float64) float64 { return x / 2 * (1 + math.Tanh(geluArgument(x))) }

func geluArgument(x float64) float64 { return math.Sqrt(2/math.Pi) * (x + 0.044715*x*x*x) }

func geluTanhSlope(x float64) float64 {
	t := math.Tanh(geluArgument(x))
	return (1+t)/2 + x/2*(1-t*t)*math.Sqrt(2/math.Pi)*(1+3*0.044715*x*x)
}

// wholeGelu is gelu in whole numbers (Kim et al., "I-BERT: Integer-only BERT
// quantization", ICML 2021, algorithm 2, as Deeploy's integer networks scale it),
//
//	x·⌊(b + sgn(x)·(b − (min(|x|, −a) + a)²))/2⌋.
func wholeGelu(x, a, b float64) float64 {
	d := min(math.Abs(x), -a) + a
	l := signum(x) * (b - float64(d*d))
	return x * math.Floor((b+l)/2)
}

func elu(x, a, _ float64) float64 { return max(x, 0) + a*math.Expm1(min(x, 0)) }

func eluSlope(x, a, _ float64) float64 {
	if x > 0 {
		return 1
	}
	return a * math.Exp(x)
}

func celu(x, a, _ float64) float64 { return max(x, 0) + a*math.Expm1(min(x, 0)/a) }

func selu(x, a, b float64) float64 { return b * elu(x, a, 0) }

func seluSlope(x, a, b float64) float64 { return b * eluSlope(x, a, 0) }

func hardSigmoid(x, a, b float64) float64 { return min(max(a*x+b, 0), 1) }

func hardSigmoidSlope(x, a, b float64) float64 {
	if y := a*x + b; y <= 0 || y >= 1 {
		return 0
	}
	return a
}

// hardSwish is of Howard et al., "Searching for MobileNetV3", ICCV 2019, §5.2.
func hardSwish(x float64) float64 { return x * min(max(x+3, 0), 6) / 6 }

func hardSwishSlope(x float64) float64 {
	switch {
	case x <= -3:
		return 0
	case x >= 3:
		return 1
	}
	return (2*x + 3) / 6
}

func leakyRelu(x, a, _ float64) float64 { return max(x, 0) + a*min(x, 0) }

func leakyReluSlope(x, a, _ float64) float64 {
	if x > 0 {
		return 1
	}
	return a
}

func powSlope(x, a, _ float64) float64 { return a * math.Pow(x, a-1) }

func thresholdedRelu(x, a, _ float64) float64 {
	if x > a {
		return x
	}
	return 0
}

// shrink moves values beyond ±b towards zero by a, and the others to zero.
func shrink(x, a, b float64) float64 {
	switch {
	case x < -b:
		return x + a
	case x > b:
		return x - a
	}
	return 0
}
