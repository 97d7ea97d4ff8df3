package llama2

import (
	"fmt"
	"math"

	"bitcycle/kernels"
)

// Network returns the model as a network: it reads the numbers of so many tokens,
// one a row, and gives for each row the logits of the token that follows. The
// classifier and the feed-forward layers are 1×1 convolutions, attention is products
// of activations, and the division by √(head size) is part of the rotation of
// queries.
func (c *Checkpoint) Network(tokens int) (*kernels.Network, error) {
	if tokens < 1 || tokens > c.Sequence {
		return nil, fmt.Errorf("%d tokens: must be 1 to %d", tokens, c.Sequence)
	}
	b := &builder{Checkpoint: c, tokens: tokens, net: &kernels.Network{Name: "llama2"}}
	x := b.add("tokens", kernels.Input{Shape: kernels.Shape{C: 1, H: tokens, W: 1}})
	x = b.add("embedding", kernels.Embedding{Width: c.Dim, Table: c.Embedding}, x)
	for i := range c.Blocks {
		x = b.block(fmt.Sprintf("layers.%d.", i), &c.Blocks[i], x)
	}
	x = b.norm("norm", c.Norm, x)
	b.net.Output = b.linear("classifier", c.Classifier, c.Vocab, x)
	return b.net, b.net.InferShapes()
}

type builder struct {
	*Checkpoint
	tokens int
	net    *kernels.Network
}

func (b *builder) add(name string, op kernels.Operator, inputs ...int) int {
	return b.node(kernels.Node{Name: name, Op: op, Inputs: inputs})
}

func (b *builder) node(n kernels.Node) int {
	b.net.Nodes = append(b.net.Nodes, n)
	return len(b.net.Nodes) - 1
}

func (b *builder) norm(name string, factor []float32, x int) int {
	return b.add(name, kernels.Norm{Groups: 1, Epsilon: 1e-5, Factor: factor}, x)
}

// linear is a matrix for every token.
func (b *builder) linear(name string, w []float32, channels, x int) int {
	op := kernels.Conv{Channels: channels, Window: kernels.Window{Kernel: [2]int{1, 1}}}
	return b.node(kernels.Node{Name: name, Op: op, Inputs: []int{x}, Weight: w, Bias: make([]float32, channels)})
}

// block is attention and a feed-forward network, each added to what it reads.
func (b *builder) block(name string, l *Block, x int) int {
	n := b.norm(name+"attention_norm", l.AttentionNorm, x)
	x = b.add(name+"attended", kernels.Add{}, x, b.linear(name+"wo", l.O, b.Dim, b.attention(name, l, n)))
	n = b.norm(name+"ffn_norm", l.FeedForwardNorm, x)
	gate := b.add(name+"silu", kernels.Scalar{Function: "swish", A: 1}, b.linear(name+"w1", l.W1, b.Hidden, n))
	up := b.linear(name+"w3", l.W3, b.Hidden, n)
	h := b.add(name+"gated", kernels.Arithmetic{Function: "mul"}, gate, up)
	return b.add(name+"out", kernels.Add{}, x, b.linear(name+"w2", l.W2, b.Dim, h))
}

// attention is softmax(q·kᵀ/√size)·v in every head, over the tokens so far.
func (b *builder) attention(name string, l *Block, x int) int {
	size, kv := b.headSize(), b.kv()
	q := b.rotated(name+"q", b.linear(name+"wq", l.Q, b.Dim, x), b.Dim, 1/math.Sqrt(float64(size)))
	k := b.rotated(name+"k", b.linear(name+"wk", l.K, kv, x), kv, 1)
	v := b.linear(name+"wv", l.V, kv, x)
	q = b.heads(name+"q_heads", q, b.Heads, []int{1, 0, 2}, kernels.Shape{D: b.Heads, H: b.tokens, C: size, W: 1})
	k = b.heads(name+"k_heads", k, b.KVHeads, []int{1, 2, 0}, kernels.Shape{D: b.KVHeads, H: size, C: b.tokens, W: 1})
	v = b.heads(name+"v_heads", v, b.KVHeads, []int{1, 0, 2}, kernels.Shape{D: b.KVHeads, H: b.tokens, C: size, W: 1})
	k, v = b.repeated(name+"k_repeated", k), b.repeated(name+"v_repeated", v)
	scores := b.add(name+"scores", kernels.MatMul{}, q, k)
	seen := b.add(name+"softmax", kernels.Softmax{Causal: true}, scores)
	mixed := b.add(name+"mixed", kernels.MatMul{}, seen, v)
	return b.add(name+"joined", kernels.Reorder{From: "HDCW", To: "HCDW", Out: kernels.Shape{C: b.Dim, H: b.tokens, W: 1}}, mixed)
}

// heads lays the heads of a tensor out at depths: its rows, heads and values in
// another order.
func (b *builder) heads(name string, x, heads int, perm []int, out kernels.Shape) int {
	if out.D == 1 {
		out.D = 0
	}
	return b.add(name, kernels.Reorder{
		From: "HCDW", To: "DHCW", Out: out, Dims: []int{b.tokens, heads, b.headSize()}, Perm: perm,
	}, x)
}

// repeated gives every head of queries the keys or values of its group.
func (b *builder) repeated(name string, x int) int {
	if b.KVHeads == b.Heads || b.KVHeads == 1 { // one serves all
		return x
	}
	var index []int
	for h := range b.Heads {
		index = append(index, h*b.KVHeads/b.Heads)
	}
	return b.add(name, kernels.Pick{D: index}, x)
}

// rotated turns neighbouring channels by an angle that grows with the position, and
// multiplies by a factor: x·cos + swapped(x)·(∓sin).
func (b *builder) rotated(name string, x, channels int, factor float64) int {
	stay, swap := make([]float32, b.tokens*channels), make([]float32, b.tokens*channels)
	index := make([]int, channels)
	for c := range channels {
		index[c] = c ^ 1
		for t := range b.tokens {
			cos, sin := b.rotation(t, c%b.headSize()/2)
			if c%2 == 0 {
				sin = -sin
			}
			stay[t*channels+c], swap[t*channels+c] = float32(cos*factor), float32(sin*factor)
		}
	}
	zero := make([]float32, len(stay))
	a := b.add(name+"_cos", kernels.Scale{Factor: stay, Offset: zero}, x)
	s := b.add(name+"_swapped", kernels.Pick{C: index}, x)
	s = b.add(name+"_sin", kernels.Scale{Factor: swap, Offset: zero}, s)
	return b.add(name+"_rotated", kernels.Add{}, a, s)
}
