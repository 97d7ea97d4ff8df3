package rff

import "math"

// Widths are the operand widths in bits that a machine gives to the feature map.
type Widths struct {
	Input   int // data points x
	Omega   int // frequencies
	Phase   int // Ωᵀx+ξ, the address of the cosine table
	Feature int // z, two's complement with Feature−1 fraction bits
}

// DefaultWidths are 8-bit data and frequencies and 12-bit phases and features:
// the error of a 12-bit feature, 2⁻¹², is far below that of any quantizer here.
func DefaultWidths() Widths { return Widths{Input: 8, Omega: 8, Phase: 12, Feature: 12} }

// Cost counts the operations that encode one data point, and what using it costs
// later. It is arithmetic on the scheme alone: no machine is assumed but the
// operand widths.
type Cost struct {
	Widths Widths

	Features       int   // features computed: m without a tail that fills no block
	ProjectionMACs int64 // m·d, Input × Omega bits
	CosineLookups  int64 // m
	RandomDraws    int64 // uniform numbers (StocQ)

	ChainLength int   // serial steps of the recursion; 0 if features are quantized one by one
	ChainBlock  int   // steps after which the state is reset; 0 = never
	ChainRows   int   // independent recursions per data point, without resets
	ChainOrder  int   // past states read per step
	ChainDepth  int   // past states kept
	ChainFolded int   // steps if block sums are quantized instead of features; 0 = not possible
	StateBits   int   // width of state and sum, with the fraction bits of a feature
	ChainMuls   int64 // multiplications by constants that are not powers of two

	CondenseAdds int64 // adder-tree additions of the block sums; Beta: when codes are read
	CondenseMuls int64 // multiplications by weights that are not powers of two, likewise
	CodeBits     int   // bits of a stored code
	Codes        int   // codes per point
	StoredBits   int64 // Codes·CodeBits
	RealBits     float64
	Dim          int   // length of the vector in an inner product of two points
	WordBits     int   // width of its entries: CodeBits, or the fixed point of a condensed word (Beta)
	KernelMACs   int64 // multiply-accumulates of one kernel estimate, WordBits × WordBits
}

// Cost returns the cost of encoding one point of d dimensions by m features.
func (s Scheme) Cost(d, m int, w Widths) Cost {
	used, bits := s.Used(m), s.Bits(m)
	c := Cost{
		Widths: w, Features: used, ProjectionMACs: int64(used) * int64(d), CosineLookups: int64(used),
		Dim: s.Dim(m), StoredBits: int64(bits.Codebook), RealBits: bits.Real,
	}
	if s.Method == Float {
		c.Codes, c.CodeBits, c.WordBits, c.KernelMACs = used, FloatBits, FloatBits, int64(used)
		return c
	}
	c.Codes, c.CodeBits = s.codesPerPoint(m), s.codeBits()
	c.WordBits, c.KernelMACs = c.CodeBits, int64(c.Codes)
	if s.Method == StocQ {
		c.RandomDraws = int64(used)
	}
	if mod, ok := s.Modulator(); ok {
		s.chainCost(&c, &mod)
	}
	return c
}

func (s Scheme) chainCost(c *Cost, mod *Modulator) {
	c.ChainLength, c.ChainBlock, c.ChainRows = c.Features, mod.Block, 1
	c.ChainOrder, c.ChainDepth = len(mod.Delays), mod.depth()
	c.StateBits = c.Widths.Feature - 1 + integerBits(mod)
	for _, w := range mod.Weights {
		if !powerOfTwo(w) {
			c.ChainMuls += int64(c.Features)
		}
	}
	if !powerOfTwo(mod.Scale) {
		c.ChainMuls += int64(c.Features)
	}
	condenser, _ := s.Condenser()
	c.CondenseAdds = int64(c.Dim) * int64(s.Lambda-1)
	for _, v := range condenser.V {
		if !powerOfTwo(v) {
			c.CondenseMuls += int64(c.Dim)
		}
	}
	if s.Method == Beta {
		c.KernelMACs, c.WordBits = int64(c.Dim), s.wordBits(condenser.V)
	}
	if _, ok := newFold(s); ok {
		c.ChainFolded = c.Dim
	}
}

// wordBits returns the width of a condensed word of Beta in fixed point: enough to
// tell values of |v·q| ≤ ‖v‖₁·(2K−1)·h apart by the quantization error of a block,
// β^−λ·h at most.
func (s Scheme) wordBits(v []float64) int {
	sum := 0.0
	for _, w := range v {
		sum += w
	}
	largest := sum * float64(2*s.Alphabet.K-1)
	return int(math.Ceil(math.Log2(2 * largest * math.Pow(s.Base, float64(s.Lambda)))))
}

// integerBits returns the sign and integer bits of the modulator's sums, at most
// 2K·h in a safe one. One that is not safe overshoots: it gets two bits more.
func integerBits(mod *Modulator) int {
	const guard = 2
	largest := max(1, 2*float64(mod.Alphabet.K)*mod.Alphabet.Half())
	bits := 1 + int(math.Ceil(math.Log2(largest*(1-1e-12))))
	if !mod.Safe(1) {
		bits += guard
	}
	return bits
}

func powerOfTwo(w float64) bool {
	frac, _ := math.Frexp(math.Abs(w))
	return frac == 0.5
}
