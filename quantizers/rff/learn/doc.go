// Package learn trains on feature matrices whose inner products are kernels: the
// float, quantized or condensed random Fourier features of package rff.
//
// Kernel ridge regression and support vector machines take features F, n points
// as rows, or, where that is the faster way or the exact kernel is wanted, their
// inner products.
package learn
