// Package kernel holds the inner loops of package mimo: products of complex
// matrices, first-order Sigma-Delta recursions, and the steps of a projected
// gradient, each in plain Go and, on amd64, in AVX2 and AVX-512.
//
// Complex data are split into a real and an imaginary plane, row-major, with
// rows padded to a multiple of [Lanes] columns. Every path gives the same bits:
// no products are fused into sums, and sums run in one fixed order.
package kernel
