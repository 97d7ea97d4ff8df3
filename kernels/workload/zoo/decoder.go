package zoo

import (
	"fmt"

	"bitcycle/kernels/workload"
)

// Decoder is the shape of a language model that decodes token by token.
type Decoder struct {
	Name       string
	Layers     int
	Hidden     int  // features of a token
	Heads      int  // of queries
	KVHeads    int  // of keys and values: as many, or fewer that groups of queries share
	Inner      int  // features between the matrices of the feed-forward part
	Gated      bool // with a third matrix that gates them, root-mean-square norms and rotary positions as in Llama
	Vocabulary int
}

// Decoders are published language models (their public configurations).
func Decoders() []Decoder {
	return []Decoder{
		{"OPT-1.3B", 24, 2048, 32, 32, 8192, false, 50272},
		{"Phi-2", 32, 2560, 32, 32, 10240, false, 51200},
		{"Yi-6B", 32, 4096, 32, 4, 11008, true, 64000},
		{"Llama-2-7B", 32, 4096, 32, 32, 11008, true, 32000},
		{"Llama-2-13B", 40, 5120, 40, 40, 13824, true, 32000},
		{"Llama-3-8B", 32, 4096, 32, 8, 14336, true, 128256},
	}
}

// FindDecoder is the published language model of that name.
func FindDecoder(name string) (Decoder, bool) {
	for _, d := range Decoders() {
		if d.Name == name {
			return d, true
		}
	}
	return Decoder{}, false
}

// Workload is the model on some new tokens, after which it has a context; either the last
// token alone or all new ones are decoded to words. All is of 8 bits.
func (d Decoder) Workload(fresh, context int, all bool) *workload.Workload {
	n := &net{w: workload.Workload{Name: d.Name}}
	d.build(n, fresh, context, all)
	return &n.w
}

// decode builds a published model of which the last token is decoded to words.
func decode(name string, fresh, context int) func(*net) {
	return func(n *net) {
		d, known := FindDecoder(name)
		if !known {
			panic("zoo: no model " + name)
		}
		n.w.Ops = d.Workload(fresh, context, false).Ops
	}
}

func (d Decoder) build(n *net, fresh, context int, all bool) {
	x := tokens(fresh, d.Hidden)
	for i := range d.Layers {
		name := fmt.Sprintf("layer%d", i)
		y := n.dense(d.attend(n, d.norm(n, x, name+".norm1"), name, context), name+".o", d.Hidden, linear)
		x = n.add(y, x, name+".add1", linear)
		x = n.add(d.feed(n, d.norm(n, x, name+".norm2"), name), x, name+".add2", linear)
	}
	x = d.norm(n, x, "norm")
	if !all {
		x = x.last()
	}
	n.dense(x, "head", d.Vocabulary, linear)
}

func (d Decoder) norm(n *net, x tensor, name string) tensor {
	if d.Gated {
		return n.rmsNorm(x, name)
	}
	return n.layerNorm(x, name)
}

// attend is attention on a context. The queries of a group meet the keys of their head
// together, as further tokens.
func (d Decoder) attend(n *net, x tensor, name string, context int) tensor {
	features := d.KVHeads * (d.Hidden / d.Heads)
	q, k, v := n.dense(x, name+".q", d.Hidden, linear), n.dense(x, name+".k", features, linear), n.dense(x, name+".v", features, linear)
	if d.Gated {
		q, k = n.rotary(q, name+".q.rotary"), n.rotary(k, name+".k.rotary")
	}
	k.h, v.h = context, context
	group := d.Heads / d.KVHeads
	q.c, q.h = features, q.h*group
	y := n.attention(q, k, v, name, d.KVHeads)
	y.c, y.h = d.Hidden, y.h/group
	return y
}

func (d Decoder) feed(n *net, x tensor, name string) tensor {
	if !d.Gated {
		return n.dense(n.dense(x, name+".fc1", d.Inner, curve), name+".fc2", d.Hidden, linear)
	}
	y := n.scale(n.dense(x, name+".up", d.Inner, linear), n.dense(x, name+".gate", d.Inner, curve), name+".swiglu")
	return n.dense(y, name+".down", d.Hidden, linear)
}
