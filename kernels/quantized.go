package kernels

import "bitcycle/kernels/workload"

// Grid is a uniform quantization grid: value = Scale · code with code in
// [0, 2^Bits−1], or [−2^(Bits−1), 2^(Bits−1)−1] when Signed.
type Grid struct {
	Scale  float64
	Bits   uint8
	Signed bool
}

// Range returns the smallest and the largest code.
func (g Grid) Range() (lo, hi int32) {
	if g.Signed {
		return -1 << (g.Bits - 1), 1<<(g.Bits-1) - 1
	}
	return 0, 1<<g.Bits - 1
}

// Quantized is a Network whose Conv and Dense nodes hold integers. All tensors
// between nodes are integers on a Grid: 16 bits wide (the residual stream)
// unless every reader quantizes them alike, in which case they are stored at
// the readers' width. Execution is exact integer arithmetic throughout.
type Quantized struct {
	Net    *Network
	Layers []QLayer // one per entry of Net.Layers(), in the same order
	// Factors are the grids that products of tensors read their two factors on, one
	// pair per entry of Net.MatMuls().
	Factors [][2]Grid
	Grids   []Grid // grid of every node's output
}

// QLayer is one quantized Conv or Dense layer of M output channels. Each
// output channel is the sum of one or more points (multipoint quantization);
// rows of W are the points of channel 0, then of channel 1, and so on.
//
//	y[m] = (Σ_{rows r of m} RowScale[r] · Σ_k W[r][k]·x[k]) · In.Scale · Gain[m] + Bias[m]
type QLayer struct {
	Node     int             // index in Net.Nodes
	In       Grid            // grid that the input is quantized to before the product
	RowBits  workload.Widths // of each row; the W of a pruned row is all zero
	Points   []uint8         // rows per output channel; nil = one each
	W        []int16         // rows × K, k in the order of Node.Weight
	RowScale []float64
	Gain     []float64 // per output channel; 1 unless BN re-estimation changed it
	Bias     []float64 // per output channel, real units, after Gain
}
