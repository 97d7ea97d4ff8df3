package onnx

import (
	"math"
	"sync"
)

var (
	adds       = operation{func(a, b float32) float32 { return a + b }, func(a, b int64) int64 { return a + b }}
	subtracts  = operation{func(a, b float32) float32 { return a - b }, func(a, b int64) int64 { return a - b }}
	multiplies = operation{func(a, b float32) float32 { return a * b }, func(a, b int64) int64 { return a * b }}
	divides    = operation{func(a, b float32) float32 { return a / b }, func(a, b int64) int64 {
		if b == 0 {
			return 0
		}
		return a / b
	}}
	powers = operation{
		func(a, b float32) float32 { return float32(math.Pow(float64(a), float64(b))) },
		func(a, b int64) int64 { return int64(math.Pow(float64(a), float64(b))) },
	}
	remainders = operation{
		func(a, b float32) float32 { return float32(math.Mod(float64(a), float64(b))) },
		func(a, b int64) int64 {
			if b == 0 {
				return 0
			}
			if m := a % b; m == 0 || m < 0 == (b < 0) {
				return m
			}
			return a%b + b
		},
	}
	largest  = operation{func(a, b float32) float32 { return max(a, b) }, func(a, b int64) int64 { return max(a, b) }}
	smallest = operation{func(a, b float32) float32 { return min(a, b) }, func(a, b int64) int64 { return min(a, b) }}
	both     = operation{func(a, b float32) float32 { return a * b }, func(a, b int64) int64 { return a & b }}
	either   = operation{func(a, b float32) float32 { return max(a, b) }, func(a, b int64) int64 { return a | b }}
)

// rules holds what is known of each operator of ONNX, once it is wanted.
var rules = sync.OnceValue(func() map[string]rule {
	return map[string]rule{
		"Abs": unary(math.Abs), "Ceil": unary(math.Ceil), "Cos": unary(math.Cos), "Erf": unary(math.Erf), "Exp": unary(math.Exp),
		"Floor": unary(math.Floor), "Log": unary(math.Log), "Neg": unary(func(x float64) float64 { return -x }),
		"Not":        unary(func(x float64) float64 { return 1 - x }),
		"Reciprocal": unary(func(x float64) float64 { return 1 / x }), "Relu": unary(func(x float64) float64 { return max(x, 0) }),
		"Round": unary(math.RoundToEven), "Sigmoid": unary(func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }),
		"Sign": unary(func(x float64) float64 { return float64(order(float32(x), 0)) }), "Sin": unary(math.Sin), "Sqrt": unary(math.Sqrt),
		"Tanh": unary(math.Tanh),

		"Add": many(adds), "And": many(both), "Div": many(divides), "Max": many(largest), "Mean": many(operation{}), "Min": many(smallest),
		"Mod": many(remainders), "Mul": many(multiplies), "Or": many(either), "Pow": many(powers), "Sub": many(subtracts), "Sum": many(adds),
		"Xor": many(operation{}), "BitShift": many(operation{}), "PRelu": many(operation{}),
		"Equal":          compares(func(o int) bool { return o == 0 }),
		"Greater":        compares(func(o int) bool { return o > 0 }),
		"GreaterOrEqual": compares(func(o int) bool { return o >= 0 }),
		"Less":           compares(func(o int) bool { return o < 0 }),
		"LessOrEqual":    compares(func(o int) bool { return o <= 0 }),
		"Where":          ruleWhere,

		"BatchNormalization": sameShape, "Bernoulli": sameShape, "Celu": sameShape, "Clip": ruleClip, "CumSum": sameShape,
		"Dropout": sameShape, "Elu": sameShape, "Gelu": sameShape, "GroupNormalization": sameShape, "HardSigmoid": sameShape,
		"HardSwish": sameShape, "Hardmax": sameShape, "InstanceNormalization": sameShape, "IsInf": sameShape, "IsNaN": sameShape, "LRN": sameShape,
		"LayerNormalization": sameShape, "LeakyRelu": sameShape, "LogSoftmax": sameShape, "LpNormalization": sameShape,
		"MeanVarianceNormalization": sameShape, "Mish": sameShape, "RMSNormalization": sameShape, "ScatterElements": sameShape,
		"ScatterND": sameShape, "Selu": sameShape, "Shrink": sameShape, "Softmax": sameShape, "Softplus": sameShape, "Softsign": sameShape,
		"Swish": sameShape, "ThresholdedRelu": sameShape, "Trilu": sameShape,

		"Cast": ruleCast, "CastLike": ruleCast, "Constant": ruleConstant, "ConstantOfShape": ruleFill, "Identity": ruleIdentity,
		"Range": ruleRange, "Shape": ruleShape, "Size": ruleShape,

		"Concat": ruleConcat, "DepthToSpace": blocks(true), "Expand": ruleExpand, "Flatten": ruleFlatten, "Gather": ruleGather,
		"GatherElements": sameAs(1), "Pad": rulePad, "Reshape": ruleReshape, "Slice": ruleSlice, "SpaceToDepth": blocks(false), "Split": ruleSplit,
		"Squeeze": ruleSqueeze, "Tile": ruleTile, "Transpose": ruleTranspose, "Unsqueeze": ruleUnsqueeze,
		"Resize": ruleResize, "Upsample": ruleResize,

		"ArgMax": ruleArg, "ArgMin": ruleArg, "TopK": ruleTopK,
		"IntegerMean": reduces(nil, false), "ReduceL1": reduces(nil, false), "ReduceL2": reduces(nil, false), "ReduceLogSum": reduces(nil, false),
		"ReduceLogSumExp": reduces(nil, false), "ReduceMax": reduces(&largest, false), "ReduceMean": reduces(&adds, true),
		"ReduceMin": reduces(&smallest, false), "ReduceProd": reduces(&multiplies, false), "ReduceSum": reduces(&adds, false),
		"ReduceSumSquare": reduces(nil, false),

		"AveragePool": rulePool, "Conv": ruleConv(1), "ConvInteger": ruleConv(1), "ConvTranspose": ruleConvTranspose, "FusedConv": ruleConv(1),
		"GRU": ruleRecurrent, "Gemm": ruleGemm(1), "GlobalAveragePool": ruleGlobal, "GlobalLpPool": ruleGlobal, "GlobalMaxPool": ruleGlobal,
		"LSTM": ruleRecurrent, "LpPool": rulePool, "MatMul": ruleMatMul(1), "MatMulInteger": ruleMatMul(1), "MaxPool": rulePool,
		"QGemm": ruleGemm(3), "QLinearAdd": ruleBroadcast(0, 3), "QLinearAveragePool": rulePool, "QLinearConv": ruleConv(3),
		"QLinearGlobalAveragePool": ruleGlobal, "QLinearLeakyRelu": sameShape, "QLinearMatMul": ruleMatMul(3), "QLinearMul": ruleBroadcast(0, 3),
		"QLinearSigmoid": sameShape, "RNN": ruleRecurrent,

		"BipolarQuant": ruleQuant, "FloatQuant": ruleFloatQuant, "IntQuant": ruleQuant, "Quant": ruleQuant,
		"QLinearConcat": ruleQLinearConcat, "QLinearReduceMean": reduces(nil, false), "QLinearSoftmax": sameShape,
		"DequantizeLinear": ruleDequantize, "DynamicQuantizeLinear": ruleDynamicQuantize, "QuantizeLinear": ruleQuantize,
	}
})
