// Package bcgd trains fully quantized networks by blended coarse gradient
// descent: binary, ternary or low-bit weights and low-bit activations with a
// trainable resolution.
//
// Yin, Zhang, Lyu, Osher, Qi, Xin: Blended Coarse Gradient Descent for Full
// Quantization of Deep Neural Networks, Research in the Mathematical Sciences
// 6:14, 2019 (arXiv 1808.05240). The float weights move by
//
//	w_f ← (1−ρ)·w_f + ρ·w − η·g,   w ← proj_Q(w_f)
//
// with g the coarse gradient: back-propagation at the quantized weights w, with
// the derivative of the activation quantizer, zero almost everywhere, replaced
// by that of a clipped ReLU. ρ = 0 is BinaryConnect, ρ = 1 projected gradient
// descent. The theory is that of two linear layers with Gaussian input (Yin, Lyu,
// Zhang, Osher, Qi, Xin, ICLR 2019, arXiv 1903.05662).
package bcgd
