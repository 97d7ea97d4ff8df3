// Package learn trains on feature matrices whose inner products are kernels: the
// float, quantized or condensed random Fourier features of package rff.
//
// Kernel ridge regression, support vector machines (binary, one-vs-rest,
// one-vs-one), kernel principal components and the maximum mean discrepancy
// two-sample test each take either features F (n points as rows) or, where that
// is the faster way or the exact kernel is wanted, a Gram matrix.
package learn
