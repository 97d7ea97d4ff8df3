package zoo

import (
	"slices"

	"bitcycle/kernels/workload"
)

// width is that of weights and activations of a shipped workload.
const width = 8

// tensor is a feature map, or h tokens of c features, and the ops that yield it;
// −1 is the workload's input.
type tensor struct {
	c, h, w int
	signed  bool
	from    []int
}

func (x tensor) size() int { return x.c * x.h * x.w }

// flat is the tensor as one vector.
func (x tensor) flat() tensor {
	x.c, x.h, x.w = x.size(), 1, 1
	return x
}

// concat is the tensors behind one another along the channels; nothing is moved.
func concat(parts ...tensor) tensor {
	out := parts[0]
	out.from = slices.Clone(out.from)
	for _, x := range parts[1:] {
		out.c += x.c
		out.signed = out.signed || x.signed
		out.from = union(out.from, x.from)
	}
	return out
}

func union(a, b []int) []int {
	for _, i := range b {
		if !slices.Contains(a, i) {
			a = append(a, i)
		}
	}
	return a
}

// act is the activation function after an op: one more operation on each output,
// unless linear.
type act int

const (
	linear act = iota
	relu       // and others with results of one sign: ReLU6, sigmoid, hard sigmoid
	curve      // by a table: GELU, swish, hard swish, leaky ReLU, tanh
)

func (a act) operations() int { return min(int(a), 1) }

// net is a workload under construction.
type net struct{ w workload.Workload }

// image is the input of a network.
func image(c, h, w int) tensor { return tensor{c, h, w, true, []int{-1}} }

func (n *net) op(op workload.Op, in tensor, out tensor) tensor {
	op.Batch, op.ActBits, op.ActSigned = 1, width, in.signed
	op.From, op.Groups = in.from, max(op.Groups, 1)
	out.from = []int{len(n.w.Ops)}
	n.w.Ops = append(n.w.Ops, op)
	return out
}

// padding of a convolution.
type padding int

const (
	half  padding = iota // half the kernel on every side
	none                 // whole windows only
	least                // ⌈in/stride⌉ outputs, the odd row and column at the end
)

// conv is a convolution with its batch normalization and activation.
type conv struct {
	out    int // channels
	k, kw  int // kernel height and width; kw = 0: square
	stride int // 0 = 1
	groups int // 0 = 1
	pad    padding
	act    act
}

// zeros are what a padding adds before and after n values.
func (p padding) zeros(n, k, stride int) (before, after int) {
	switch p {
	case none:
		return 0, 0
	case least:
		all := max((n-1)/stride*stride+k-n, 0)
		return all / 2, all - all/2
	}
	return (k - 1) / 2, (k - 1) / 2
}

func (n *net) conv(x tensor, name string, c conv) tensor {
	stride, groups := max(c.stride, 1), max(c.groups, 1)
	if c.kw == 0 {
		c.kw = c.k
	}
	top, bottom := c.pad.zeros(x.h, c.k, stride)
	left, right := c.pad.zeros(x.w, c.kw, stride)
	h, w := (x.h+top+bottom-c.k)/stride+1, (x.w+left+right-c.kw)/stride+1
	op := workload.Op{
		Name: name, Kind: workload.Conv, M: c.out / groups, K: x.c / groups * c.k * c.kw, N: h * w, Groups: groups,
		In: [3]int{x.c, x.h, x.w}, Out: [2]int{h, w}, Kernel: [2]int{c.k, c.kw}, Stride: [2]int{stride, stride},
		Pad: [4]int{top, left, bottom, right}, Dilation: [2]int{1, 1},
		WeightBits: workload.Widths{width}, VectorOps: 1 + c.act.operations(),
	}
	if groups == x.c && groups > 1 {
		op.Kind = workload.Depthwise
	}
	return n.op(op, x, tensor{c: c.out, h: h, w: w, signed: c.act != relu})
}

// depthwise is a convolution of each channel alone.
func (n *net) depthwise(x tensor, name string, c conv) tensor {
	c.out, c.groups = x.c, x.c
	return n.conv(x, name, c)
}

// dense applies the same matrix to the features of every token.
func (n *net) dense(x tensor, name string, out int, a act) tensor {
	op := workload.Op{
		Name: name, Kind: workload.MatMul, M: out, K: x.c, N: x.h * x.w,
		WeightBits: workload.Widths{width}, VectorOps: 1 + a.operations(),
	}
	return n.op(op, x, tensor{c: out, h: x.h, w: x.w, signed: a != relu})
}

// vector is element-wise work: operations on each element of the result.
func (n *net) vector(name string, operations int, out tensor, in ...tensor) tensor {
	op := workload.Op{Name: name, Kind: workload.Vector, ElementsOut: out.size(), VectorOps: operations * out.size()}
	var all tensor
	for _, x := range in {
		op.ElementsIn += x.size()
		all.from, all.signed = union(all.from, x.from), all.signed || x.signed
	}
	return n.op(op, all, out)
}

// add is the sum of two tensors: two values and the requantization.
func (n *net) add(a, b tensor, name string, f act) tensor {
	a.signed = f != relu && (a.signed || b.signed)
	return n.vector(name, 2+f.operations(), a, a, b)
}

// scale multiplies every channel, or every element, by a factor.
func (n *net) scale(x, factor tensor, name string) tensor { return n.vector(name, 2, x, x, factor) }

// pool is the geometry of a pooling window.
type pool struct {
	k, stride, pad int
	ceil           bool // a last partial window counts
}

func (p pool) size(n int) int {
	span := n + 2*p.pad - p.k
	if p.ceil {
		span += p.stride - 1
	}
	return span/p.stride + 1
}

func (p pool) of(x tensor) tensor {
	x.h, x.w = p.size(x.h), p.size(x.w)
	return x
}

// maxPool compares all values of a window.
func (n *net) maxPool(x tensor, name string, p pool) tensor {
	return n.vector(name, p.k*p.k, p.of(x), x)
}

// avgPool adds all values of a window and requantizes.
func (n *net) avgPool(x tensor, name string, p pool) tensor {
	return n.vector(name, p.k*p.k+1, p.of(x), x)
}

// globalPool is the mean of every channel.
func (n *net) globalPool(x tensor, name string) tensor {
	out := x
	out.h, out.w = 1, 1
	return n.vector(name, x.h*x.w+1, out, x)
}

// lrn is the response normalization of AlexNet across five channels: their
// squares, the power, the product.
func (n *net) lrn(x tensor, name string) tensor { return n.vector(name, 5+2, x, x) }
