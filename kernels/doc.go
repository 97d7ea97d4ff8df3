// Package kernels holds the numbers: networks as graphs of standard operators,
// their float and integer execution, and the Workload that a machine runs.
//
// A [Network] is a float graph, imported from ONNX (package onnx), trained
// (package train) or built by hand. A quantizer turns it into a [Quantized]: the
// same graph whose convolutions and dense layers hold integer weights with one
// bit width per row. [Compile] and [CompileInt] turn either into a plan: values
// lie NHWC in an arena planned from the graph, weights are packed once, what
// follows a product is fused into it, and images go through in tiles, one
// goroutine each. Running a plan allocates nothing.
//
// An [Operator] knows all that sets it apart: its shape, how it runs in float and
// in integers, what a machine is charged for it, whether its output can be
// negative, where its tensors lie and how it trains. Each is a file op_NAME.go;
// adding one touches that file, its tests, and the table of package onnx.
//
// A Quantized executes in integers alone: sums of products in 32 bits, or 64
// where they need them, and fixed-point multipliers between grids. The result is
// the same, bit for bit, on every path and machine. It lowers to exactly one
// [Workload]: the shapes and bit widths, without data, that package sim charges
// cycles and energy for.
//
// # Speed
//
// go test -run xxx -bench . ./kernels/... measures everything side by side with gonum's products, the
// plain Go forms and the core's measured peak. One core of an AMD EPYC (Zen 4, AVX-512, Go 1.26), whose
// float32 peak is 118 Gop/s, two operations a multiply-accumulate:
//
//	float32 512³ / 1024³       107 / 99 Gop/s (90 / 84 %), AVX2 107 / 103, gonum 21 / 16, plain Go 5
//	float64 512³ / 1024³       53 / 51 Gop/s, gonum 10 / 9
//	uint8×int8 512³            458 Gop/s, AVX2 136
//	one-bit 512²×4096          2083 Gop/s, AVX2 440
//	layers of four networks    float32 80 % of the peak on average, AVX2 67 %; weight gradients 80 %
//	float32 1024³, two cores   200 Gop/s (the two share no core: without memory they reach twice one)
//
// Whole networks, an image on one core; in integers, times float32:
//
//	            float32          8/8    4/4    2/2    1/2    1/1    MiB of a plan
//	ResNet-20   0.95 ms (72 %)   3.3×   3.3×   3.2×   3.4×   3.9×   1.3 to 2.0
//	SqueezeNet  8.0 ms (74 %)    3.0×   3.0×   2.7×   2.8×   3.4×   2.5 to 8.6
//	MobileNetV2 10.3 ms (49 %)   2.3×   2.0×   2.3×   2.5×   2.6×   6.2 to 19
//
// Inference and training allocate nothing in the steady state. A training step of ResNet-20 at batch 64
// reaches 55 % of the peak on one core.
package kernels
