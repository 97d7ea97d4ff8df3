// Package rff quantizes random Fourier features to one or a few bits by
// Sigma-Delta modulation or distributed noise shaping, and condenses them:
// blocks of quantized features are summed into short integer codes, whose inner
// products approximate a shift-invariant kernel.
//
//	x ∈ ℝᵈ ──Ωᵀx+ξ──► z = cos(·) ∈ [−1,1]ᵐ ──Modulator──► q ∈ Aᵐ ──block sums──► codes ∈ ℤᵖ
//
// The method is that of J. Zhang, H. Kannan, A. Cloninger, R. Saab,
// "Sigma-Delta and distributed noise-shaping quantization methods for random
// Fourier features", Information and Inference 13(1), 2024 (arXiv 2106.02614);
// the features are those of A. Rahimi, B. Recht, "Random features for
// large-scale kernel machines", NIPS 2007.
//
// [Features] draws and evaluates z(x), a [Scheme] says how z is quantized and
// condensed, an [Encoder] turns data points into [Codes], and [Codes] gives
// inner products, feature vectors and files. Package learn (below this one)
// trains on them, package table reads data sets, package experiments repeats
// the paper's tables.
//
// Letters are those of the paper: d input dimensions, m features, K positive
// levels, r order, λ (Lambda) block length, p = m/λ condensed features, β (Beta)
// base of distributed noise shaping, u quantizer state, h half a step.
package rff
