package mimo

import "math"

// Cost counts the work of a precoder, for lowering it to hardware.
type Cost struct {
	// MatrixCMACs are complex multiply-accumulates once per coherence block.
	MatrixCMACs float64
	// Products are the matrix-vector products of one symbol vector.
	Products []Product
	// Vectors are the element-wise operations of one symbol vector.
	Vectors []VectorOp
	// Iterations of the precoder that Products and Vectors have been multiplied by.
	Iterations int
	// Chain is the Sigma-Delta recursion; nil if there is none.
	Chain *Chain
	// OutBits is the converter resolution per dimension, 0 if unlimited.
	OutBits int
}

// Product is a complex Rows×Depth matrix times a vector, Count times.
type Product struct {
	Name        string
	Rows, Depth int
	Count       float64
}

// VectorOp is an operation on Length real numbers, Count times, of Ops real
// operations each.
type VectorOp struct {
	Name   string
	Length int
	Ops    float64
	Count  float64
}

// Chain is the recursion of a modulator over the antennas.
type Chain struct {
	Antennas  int
	SubChains int
	Order     int
	Levels    int
	FracBits  int
	WordBits  int  // 0 in floating point
	Steered   bool // a complex product per antenna
	RealAdds  int  // per antenna and symbol
	RealMults int
}

// SymbolCMACs are the complex multiply-accumulates of one symbol vector.
func (c Cost) SymbolCMACs() float64 {
	var sum float64
	for _, p := range c.Products {
		sum += float64(p.Rows*p.Depth) * p.Count
	}
	return sum
}

// SymbolVectorOps are the real element-wise operations of one symbol vector.
func (c Cost) SymbolVectorOps() float64 {
	var sum float64
	for _, v := range c.Vectors {
		sum += float64(v.Length) * v.Ops * v.Count
	}
	return sum
}

// Latency is the number of cycles of a chain whose sub-chains run side by side,
// one antenna a cycle, ⌈N/B⌉.
func (c Chain) Latency() int { return (c.Antennas + c.SubChains - 1) / c.SubChains }

// chainCost describes the modulator over n antennas.
func (m Modulator) chainCost(n int) *Chain {
	c := &Chain{
		Antennas: n, SubChains: m.chains(), Order: m.order(), Levels: m.levels(),
		FracBits: m.FracBits, WordBits: m.WordBits(), Steered: !m.plain(),
		RealAdds: 4 * m.order(), // b = x̄ − q and q = x − b, in I and Q; 2q is a shift
	}
	if c.Steered {
		c.RealMults, c.RealAdds = 4*m.order(), c.RealAdds+2*m.order()
	}
	return c
}

// outBits is the converter resolution behind the modulator.
func (m Modulator) outBits() int { return int(math.Ceil(math.Log2(float64(m.levels())))) }

// RightInverseCMACs counts the complex multiplications of Hᴴ(H·Hᴴ)⁻¹ for n antennas
// and k users once a coherence block,
//
//	3K²N/2 + KN/2 + (K³−K)/3 + 7K/3,
//
// with KN more if a ridge is added first (E. Björnson, J. Hoydis, L. Sanguinetti,
// "Massive MIMO Networks", 2017, Section 5.4).
func RightInverseCMACs(n, k int, ridge bool) float64 {
	N, K := float64(n), float64(k)
	cost := 3*K*K*N/2 + K*N/2 + (K*K*K-K)/3 + 7*K/3
	if ridge {
		cost += K * N
	}
	return cost
}

// Cost of linear precoding: W once, one product a symbol.
func (l *Linear) Cost(n, k int) Cost {
	c := Cost{Products: []Product{{"precode", n, k, 1}}, OutBits: l.Bits}
	if l.Rule != MRT {
		c.MatrixCMACs = RightInverseCMACs(n, k, l.Rule == RZF)
	}
	return c
}
