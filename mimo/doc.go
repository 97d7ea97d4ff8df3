// Package mimo precodes and detects for massive antenna arrays whose converters
// have one or a few bits, and measures the error rates of such links.
//
// Its subject is spatial Sigma-Delta modulation: the one-bit quantizers of an
// antenna array are chained so that their error is shaped away from the sector
// of the users,
//
//	symbols ──Precoder──► X̄ (amplitude-limited) ──Modulator──► X ∈ {±1±j} ──Channel──► users
//
// after M. Shao, W.-K. Ma, Q. Li, A. L. Swindlehurst, "One-Bit Sigma-Delta MIMO
// Precoding", IEEE J. Sel. Topics Signal Process. 13(5), 2019 (arXiv 1903.03319).
// Beside it stand linear precoding with and without quantization and the
// nonlinear one-bit precoders SQUID, C1PO, C2PO, MSM and GEMM, and the uplink
// counterpart, arrays of Sigma-Delta converters.
//
// A [Scenario] draws channels, a [Scheme] names a [Precoder], and [Simulate] finds the
// error rate of a [Link] at one signal-to-noise ratio.
//
// Letters: N antennas, K users, T symbols a block, H the K×N channel, S the K×T
// symbols, P transmit power, σ_v² (NoiseVar) receiver noise, d the half spacing
// of the received constellation, ψ (Psi) the steering phase an antenna, q the
// quantization error. The signal-to-noise ratio is P/σ_v².
//
// Outside the model: mutual coupling (strong at a spacing of λ/8), pulse
// shaping (the envelope is constant at symbol instants only), multi-carrier
// signals, imperfect channel knowledge at the transmitter, and the reactive
// power of noise shaped outside the visible region.
package mimo
