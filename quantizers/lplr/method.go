package lplr

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers"
)

// Method factorizes the layers of a network: a convolution of c_out × c_in·k·k
// weights becomes a convolution of rank outputs followed by a 1×1 convolution,
// each at its own widths. Grouped layers, the first and the last layer, and
// layers too small to gain keep their shape.
type Method struct {
	Spec string
	Settings
}

// Settings of the method.
type Settings struct {
	BitsL, BitsR int     // widths of the two factors
	Budget       float64 // stored bits per weight of the original layer
	ActBits      int
	First, Last  int // widths of the first and the last layer
	Basis        Basis
	Reestimate   bool
	Seed         int64
}

// Info describes the method.
var Info = quantizers.Info{
	Name: "lplr", Usage: "lplr:bits=4,l=8,r=8,a=8",
	About: "each layer a product of two low-rank, low-precision factors (Saha et al., NeurIPS 2023)",
	Keys: map[string]string{
		"l": "bits of the left factor", "r": "bits of the right factor", "bits": "budget: stored bits for each weight of the layer", "a": "activation bits",
		"first": "bits of the first layer, which is not factorized", "last": "bits of the last layer, which is not factorized",
		"basis": "of the left factor: sketched (lplr), singular vectors (lsvd), or their balanced split (sqrt-ls)", "bn": "estimate batch statistics again after quantization",
	},
}

// Parse reads "bits=4,l=8,r=8,a=8,basis=sqrt-ls,first=8,last=8,bn=true"; bits is
// the budget per weight.
func Parse(spec, text string, seed int64) (*Method, error) {
	args := quantizers.ParseArgs(spec, text)
	s := Settings{
		BitsL: args.Int("l", 8, 1, 8), BitsR: args.Int("r", 8, 1, 8), Budget: args.Float("bits", 4, 0.1, 16),
		ActBits: args.Int("a", 8, 1, workload.MaxBits), First: args.Int("first", 8, 1, 8), Last: args.Int("last", 8, 1, 8),
		Basis:      Basis(args.Choice("basis", string(SVDSqrt), string(SketchBasis), string(SVDBasis), string(SVDSqrt))),
		Reestimate: args.Bool("bn", true), Seed: seed,
	}
	if err := args.Err(); err != nil {
		return nil, err
	}
	return &Method{Spec: spec, Settings: s}, nil
}

// Name returns the method as written.
func (m *Method) Name() string { return m.Spec }

// Quantize factorizes and quantizes the network.
func (m *Method) Quantize(ctx context.Context, net *kernels.Network, calib kernels.Batch, progress func(done, total int)) (*kernels.Quantized, error) {
	r := &rewriter{method: m, out: &kernels.Network{Name: net.Name}, at: make([]int, len(net.Nodes)), rows: map[int]quantizers.Rows{}}
	policy := &quantizers.Policy{Name: m.Spec}
	layers := net.Layers()
	position := map[int]int{}
	for i, n := range layers {
		position[n] = i
	}
	for n := range net.Nodes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		i, weighted := position[n]
		r.add(net, n, weighted, weighted && i == 0, weighted && i == len(layers)-1, policy)
	}
	r.out.Output = r.at[net.Output]
	if err := r.out.InferShapes(); err != nil {
		return nil, err
	}
	return quantizers.Quantize(ctx, r.out, policy, calib, quantizers.Options{
		Reestimate: m.Reestimate, Original: net,
		Weights: func(l *quantizers.Layer) (quantizers.Rows, error) { return r.rows[l.Index], nil },
	}, progress)
}

// rewriter builds the factorized graph and its integer weights.
type rewriter struct {
	method *Method
	out    *kernels.Network
	at     []int // node of out that stands for each node
	rows   map[int]quantizers.Rows
}

func (r *rewriter) add(net *kernels.Network, n int, weighted, first, last bool, policy *quantizers.Policy) {
	node := net.Nodes[n]
	inputs := make([]int, len(node.Inputs))
	for j, in := range node.Inputs {
		inputs[j] = r.at[in]
	}
	node.Inputs = inputs
	if !weighted {
		r.at[n] = r.push(node)
		return
	}
	if rank := r.method.rank(&node); rank > 0 && !first && !last {
		r.factorize(node, n, rank, policy)
		return
	}
	bits, act := uint8(min(max(math.Round(r.method.Budget), 1), workload.MaxBits)), uint8(r.method.ActBits)
	if first {
		bits, act = uint8(r.method.First), uint8(r.method.First)
	}
	if last {
		bits, act = uint8(r.method.Last), uint8(r.method.Last)
	}
	channels := node.Shape.C
	r.layer(policy, node.Name, act, symmetric(node.Weight, channels, bits))
	r.at[n] = r.push(node)
}

func (r *rewriter) push(node kernels.Node) int {
	r.out.Nodes = append(r.out.Nodes, node)
	return len(r.out.Nodes) - 1
}

func (r *rewriter) layer(policy *quantizers.Policy, name string, act uint8, rows quantizers.Rows) {
	r.rows[len(policy.Layers)] = rows
	policy.Layers = append(policy.Layers, workload.LayerWidths{Name: name, ActBits: act, WeightBits: rows.Bits})
}

// rank returns the rank that the budget allows a layer, 0 if it is not worth
// factorizing.
func (m *Method) rank(node *kernels.Node) int {
	n, d := node.Shape.C, len(node.Weight)/node.Shape.C
	if _, _, ok := factors(node.Op, 1); !ok {
		return 0
	}
	rank := Budget{N: n, D: d, BitsPerEntry: m.Budget, Ratio: 1}.Rank(m.BitsL, m.BitsR)
	if rank >= min(n, d) {
		return 0
	}
	return rank
}

// factors returns the operators of the two layers that a layer can be replaced by:
// one like it with rank channels, one that mixes them.
func factors(op kernels.Operator, rank int) (down, up kernels.Operator, ok bool) {
	switch o := op.(type) {
	case kernels.Conv:
		up = kernels.Conv{Channels: o.Channels, Window: kernels.Window{Kernel: [2]int{1, 1}}}
		o.Channels = rank
		return o, up, o.Groups <= 1
	case kernels.Dense:
		return kernels.Dense{Channels: rank}, o, true
	}
	return nil, nil, false
}

// factorize adds the two layers that replace node n.
func (r *rewriter) factorize(node kernels.Node, n, rank int, policy *quantizers.Policy) {
	m := r.method
	channels := node.Shape.C
	k := len(node.Weight) / channels
	a := mat.NewDense(channels, k, nil)
	for i, w := range node.Weight {
		a.Set(i/k, i%k, float64(w))
	}
	left := m.basis(a, rank)
	leftRows := symmetric(narrow(left), channels, uint8(m.BitsL))
	right := LeastSquares(values(leftRows, rank), a)
	rightRows := symmetric(narrow(right), rank, uint8(m.BitsR))

	down, up := node, kernels.Node{Name: node.Name, Weight: narrow(values(leftRows, rank)), Bias: node.Bias}
	down.Op, up.Op, _ = factors(node.Op, rank)
	down.Name = node.Name + "/r"
	down.Fold = nil
	down.Weight, down.Bias = narrow(values(rightRows, k)), make([]float32, rank)
	r.layer(policy, down.Name, uint8(m.ActBits), rightRows)
	up.Inputs = []int{r.push(down)}
	r.layer(policy, up.Name, uint8(m.ActBits), leftRows)
	r.at[n] = r.push(up)
}

func (m *Method) basis(a *mat.Dense, rank int) *mat.Dense {
	_, d := a.Dims()
	if m.Basis == SketchBasis {
		return mul(false, a, Gaussian(d, rank, m.Seed))
	}
	return svdBasis(LeadingSVD(a, rank, m.Seed), Options{Rank: rank, Basis: m.Basis, Seed: m.Seed})
}

// symmetric quantizes the rows of w on grids symmetric around zero, one scale a
// row, as integer arrays multiply them.
func symmetric(w []float32, rows int, bits uint8) quantizers.Rows {
	k := len(w) / rows
	out := quantizers.Rows{Bits: make([]uint8, rows), Codes: make([]int16, len(w)), Scale: make([]float64, rows)}
	for i := range rows {
		q := quantizers.QuantizeWeights(w[i*k:(i+1)*k], bits)
		out.Bits[i], out.Scale[i] = bits, q.Scale
		copy(out.Codes[i*k:], q.Codes)
	}
	return out
}

func values(rows quantizers.Rows, k int) *mat.Dense {
	out := mat.NewDense(len(rows.Bits), k, nil)
	for i, c := range rows.Codes {
		out.Set(i/k, i%k, rows.Scale[i/k]*float64(c))
	}
	return out
}

func narrow(a *mat.Dense) []float32 {
	rows, cols := a.Dims()
	out := make([]float32, 0, rows*cols)
	for i := range rows {
		for _, v := range a.RawRowView(i) {
			out = append(out, float32(v))
		}
	}
	return out
}
