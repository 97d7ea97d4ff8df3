package kernels

import "bitcycle/kernels/workload"

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
	// RowZero are the zero points of rows whose codes as stored are W + RowZero; nil =
	// all 0. Unsigned tells that those are not in two's complement.
	RowZero  []int16
	Unsigned bool
	// Group tells that the points of a channel are its weights in groups along the
	// reduction, each with a scale of its own: row p of a channel holds the weights from
	// p·Group to (p+1)·Group and is zero elsewhere. 0: points are as long as the reduction.
	Group int
	Gain  []float64 // per output channel; 1 unless BN re-estimation changed it
	Bias  []float64 // per output channel, real units, after Gain
}
