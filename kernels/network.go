package kernels

// Shape is the size of one image's tensor: channels, height, width. A flat
// vector of n features is {n, 1, 1}.
type Shape struct{ C, H, W int }

// Size returns the number of elements.
func (s Shape) Size() int { return s.C * s.H * s.W }

// Network is a float graph of standard operators in execution order. Nodes[0]
// is the input; every other node reads earlier nodes. Batch normalization is
// folded into the convolution or dense layer before it on import.
type Network struct {
	Name  string
	Nodes []Node
	// Output is the index of the node whose values are the logits.
	Output int
}

// OpType names the operator of a node.
type OpType uint8

var opNames = [...]string{
	"input", "conv", "dense", "relu", "clip", "add", "scale", "concat", "maxpool", "avgpool",
	"globalpool", "flatten", "pad", "slice", "softmax", "lrn",
}

func (t OpType) String() string {
	if int(t) < len(opNames) {
		return opNames[t]
	}
	return "unknown"
}

// The operators. Dense is Gemm or MatMul with constant weights.
const (
	OpInput OpType = iota
	OpConv         // grouped, depthwise, dilated, asymmetric padding
	OpDense
	OpRelu
	OpClip       // clamp to [Lo, Hi]; ReLU6 is 0..6
	OpAdd        // sum of two nodes of the same shape
	OpScale      // per-channel y = Scale·x + Bias (multiplication by a constant, unfolded batch norm)
	OpConcat     // along channels
	OpMaxPool    // padding never wins
	OpAvgPool    // CountPad tells whether padding counts
	OpGlobalPool // mean over height and width
	OpFlatten    // to {C·H·W, 1, 1} in C, H, W order; also Reshape to a vector
	OpPad        // zero padding: Pad on height and width, PadC on channels
	OpSlice      // strided subset of channels, rows and columns
	OpSoftmax    // over channels
	OpLRN        // local response normalization over channels
)

// Node is one operator. Only the fields of its OpType are set.
type Node struct {
	Name   string
	Op     OpType
	Inputs []int // node indices
	Shape  Shape // of the output

	// Conv and pooling.
	Kernel, Stride, Dilation [2]int // vertical, horizontal
	Pad                      [4]int // top, left, bottom, right (OpPad too)
	Groups                   int
	CountPad                 bool

	// Conv: Weight is [Shape.C][C_in/Groups][kh][kw]; Dense: [Shape.C][inputs],
	// inputs in C, H, W order. Bias has Shape.C entries, never nil for these two.
	// OpScale: Scale and Bias have one entry per channel.
	Weight, Bias, Scale []float32
	// Fold is the factor by which folding a batch norm (or a constant scale) into
	// this Conv or Dense multiplied the weights of each output channel; nil = all 1.
	// Weight[m]/Fold[m] are the weights as they were trained.
	Fold []float32

	Lo, Hi float32 // OpClip

	PadC                   [2]int // OpPad: channels before and after
	Start, Step            [3]int // OpSlice: channel, row, column; Shape tells how many
	LRNSize                int
	Alpha, Beta, LRNOffset float32 // OpLRN
}

// InputShape returns the shape of one image.
func (n *Network) InputShape() Shape { return n.Nodes[0].Shape }

// Layers returns the indices of the nodes with weights (Conv and Dense), in
// execution order. A layer's position in this list is its number in policies.
func (n *Network) Layers() []int {
	var layers []int
	for i := range n.Nodes {
		if op := n.Nodes[i].Op; op == OpConv || op == OpDense {
			layers = append(layers, i)
		}
	}
	return layers
}
