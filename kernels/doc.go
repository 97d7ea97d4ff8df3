// Package kernels holds the numbers: networks as graphs of standard operators,
// their float and integer execution, and the Workload that a machine runs.
//
// A [Network] is a float graph, imported from ONNX or built by hand. A
// quantizer turns it into a [Quantized]: the same graph whose convolutions and
// dense layers hold integer weights with one bit width per output channel. A
// Quantized executes in integers, bit-exactly the same on every path, and
// lowers to exactly one [Workload]: the shapes and bit widths, without data,
// that package sim charges cycles and energy for.
package kernels
