// Package gemm multiplies matrices near the core's peak: float32 and float64 products,
// integer products of 8, 16 and 32 bits, bit-serial products of 1 to 8 bits, and the pieces of a
// convolution around them (sources that read patches straight from NHWC images, epilogues, depthwise
// kernels).
package gemm
