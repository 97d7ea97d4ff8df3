package zoo

import (
	"fmt"

	"bitcycle/kernels/workload"
)

// tokens is a sequence of embedded tokens; looking them up is not charged.
func tokens(count, features int) tensor { return tensor{features, count, 1, true, []int{-1}} }

// last is the last token.
func (x tensor) last() tensor {
	x.h = 1
	return x
}

// Operations of the element-wise steps on each element, where a sum over the
// features counts one on each of them.
const (
	softmaxOperations   = 3 // subtract the largest, exponential, divide
	layerNormOperations = 5 // two sums, subtract the mean, divide, scale and shift
	rmsNormOperations   = 3 // sum of squares, divide, scale
	rotaryOperations    = 3 // two products, their sum
)

func (n *net) softmax(x tensor, name string) tensor {
	out := x
	out.signed = false
	return n.vector(name, softmaxOperations, out, x)
}

func (n *net) layerNorm(x tensor, name string) tensor {
	return n.vector(name, layerNormOperations, x, x)
}

func (n *net) rmsNorm(x tensor, name string) tensor { return n.vector(name, rmsNormOperations, x, x) }

func (n *net) rotary(x tensor, name string) tensor { return n.vector(name, rotaryOperations, x, x) }

// product multiplies two activations head by head: for every token of x, out
// values of each head are sums of k products with the values of y.
func (n *net) product(x, y tensor, name string, heads, out, k int) tensor {
	op := workload.Op{
		Name: name, Kind: workload.MatMul, M: out, K: k, N: x.h, Groups: heads,
		WeightBits: workload.Widths{width}, Dynamic: true, VectorOps: 1,
	}
	at := len(n.w.Ops)
	z := n.op(op, x, tensor{c: heads * out, h: x.h, w: 1, signed: true})
	n.w.Ops[at].From = union([]int{x.from[0]}, y.from)
	return z
}

// attention is scaled dot-product attention of queries on context tokens (Vaswani
// et al., NIPS 2017, equation 1), every query on all of them.
func (n *net) attention(q, k, v tensor, name string, heads int) tensor {
	features, context := q.c/heads, k.h
	s := n.softmax(n.product(q, k, name+".qk", heads, context, features), name+".softmax")
	return n.product(s, v, name+".pv", heads, features, context)
}

// bertBase is the encoder of BERT-base with its pooler (Devlin et al., NAACL 2019)
// on 128 tokens.
func bertBase(n *net) {
	x := tokens(128, 768)
	for i := range 12 {
		name := fmt.Sprintf("layer%d", i)
		q, k, v := n.dense(x, name+".q", 768, linear), n.dense(x, name+".k", 768, linear), n.dense(x, name+".v", 768, linear)
		y := n.dense(n.attention(q, k, v, name, 12), name+".proj", 768, linear)
		x = n.layerNorm(n.add(y, x, name+".add1", linear), name+".norm1")
		y = n.dense(n.dense(x, name+".fc1", 3072, curve), name+".fc2", 768, linear)
		x = n.layerNorm(n.add(y, x, name+".add2", linear), name+".norm2")
	}
	n.dense(x.last(), "pooler", 768, curve)
}

// vitB16 is ViT-B/16 (Dosovitskiy et al., ICLR 2021) on 224×224 pixels: 196 patches
// and the class token.
func vitB16(n *net) {
	x := n.conv(image(3, 224, 224), "patches", conv{out: 768, k: 16, stride: 16, pad: none})
	x = tensor{768, 197, 1, true, x.from}
	x = n.vector("positions", 2, x, x)
	x = n.preNormBlocks(x, x.h)
	n.dense(n.layerNorm(x, "norm").last(), "head", 1000, linear)
}

// preNormBlocks are 12 transformer blocks that normalize first, of 768 features and
// 12 heads, on a context of tokens, those of x among them.
func (n *net) preNormBlocks(x tensor, context int) tensor {
	for i := range 12 {
		name := fmt.Sprintf("layer%d", i)
		y := n.dense(n.layerNorm(x, name+".norm1"), name+".qkv", 3*768, linear)
		y.c = 768
		cache := y
		cache.h = context
		y = n.dense(n.attention(y, cache, cache, name, 12), name+".proj", 768, linear)
		x = n.add(y, x, name+".add1", linear)
		y = n.dense(n.layerNorm(x, name+".norm2"), name+".fc1", 3072, curve)
		x = n.add(n.dense(y, name+".fc2", 768, linear), x, name+".add2", linear)
	}
	return x
}

// gpt2 is GPT-2 of 124 million parameters (Radford et al., 2019) on some new tokens,
// after which it has a context; only the last token is decoded to words.
func gpt2(fresh, context int) func(*net) {
	return func(n *net) {
		x := n.preNormBlocks(tokens(fresh, 768), context)
		n.dense(n.layerNorm(x, "norm").last(), "head", 50257, linear)
	}
}
