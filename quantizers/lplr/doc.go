// Package lplr compresses a matrix A (n×d) into two low-rank, low-precision
// factors, A ≈ L·R with L n×m and R m×d, within a budget of bits per entry of A
// that goes down to one.
//
// Saha, Srivastava, Pilanci: Matrix Compression via Randomized Low Rank and Low
// Precision Factorization, NeurIPS 2023 (arXiv 2310.11028). Algorithm 1 sketches
// the range of A, quantizes the sketch, and fits the second factor to the
// quantized first:
//
//	L = Q(A·S),   W = L⁺·A,   R = Q'(W),   S_ij ~ N(0, 1/m)
//
// Beside it stand the rivals that it is measured against: exact or randomized
// SVD bases ([SVDBasis]), direct quantization of the SVD factors ([DirectUSV])
// and naive quantization of A ([Naive]).
package lplr
