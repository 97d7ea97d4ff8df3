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
// A Quantized executes in integers alone: sums of products in 32 bits, or 64
// where they need them, and fixed-point multipliers between grids. The result is
// the same, bit for bit, on every path and machine. It lowers to exactly one
// [Workload]: the shapes and bit widths, without data, that package sim charges
// cycles and energy for.
package kernels
