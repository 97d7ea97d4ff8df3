package kernels

import (
	"fmt"

	"pgregory.net/rapid"
)

// drawNetwork draws a small network with every operator, branches and joins.
func drawNetwork(t *rapid.T, ops []OpType) *Network {
	b := &netBuilder{t: t, net: &Network{Name: "random"}}
	b.add(Node{Op: OpInput, Shape: Shape{b.int("C", 1, 5), b.int("H", 1, 7), b.int("W", 1, 7)}})
	for range b.int("nodes", 1, 12) {
		b.draw(rapid.SampledFrom(ops).Draw(t, "op"))
	}
	b.net.Output = len(b.net.Nodes) - 1
	if rapid.IntRange(0, 3).Draw(t, "early") == 0 {
		b.net.Output = rapid.IntRange(0, len(b.net.Nodes)-1).Draw(t, "output")
	}
	return b.net
}

var allOps = []OpType{
	OpConv, OpConv, OpConv, OpDense, OpRelu, OpRelu, OpClip, OpAdd, OpAdd, OpScale, OpConcat, OpConcat,
	OpMaxPool, OpAvgPool, OpGlobalPool, OpFlatten, OpPad, OpSlice, OpSoftmax, OpLRN,
}

type netBuilder struct {
	t   *rapid.T
	net *Network
}

func (b *netBuilder) int(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(b.t, name) }

func (b *netBuilder) floats(n int, scale float32) []float32 {
	x := make([]float32, n)
	seed := uint64(b.int("seed", 1, 1<<30))
	for i := range x {
		seed = seed*6364136223846793005 + 1442695040888963407
		x[i] = scale * (float32(seed>>40)/(1<<23) - 1)
	}
	return x
}

// add appends a node if its shape can be inferred.
func (b *netBuilder) add(n Node) {
	n.Name = fmt.Sprintf("n%d", len(b.net.Nodes))
	b.net.Nodes = append(b.net.Nodes, n)
	if err := b.net.Infer(len(b.net.Nodes) - 1); err != nil {
		b.net.Nodes = b.net.Nodes[:len(b.net.Nodes)-1]
	}
}

// draw adds a node of the given operator, reading recent nodes, if one fits.
func (b *netBuilder) draw(op OpType) {
	last := len(b.net.Nodes) - 1
	from := b.int("from", max(0, last-3), last)
	s := b.net.Nodes[from].Shape
	n := Node{Op: op, Inputs: []int{from}}
	switch op {
	case OpConv:
		n.Groups = rapid.SampledFrom([]int{1, 1, 1, 2, s.C}).Draw(b.t, "groups")
		if s.C%n.Groups != 0 {
			n.Groups = 1
		}
		b.window(&n)
		n.Shape.C = n.Groups * b.int("out", 1, 4)
		n.Weight = b.floats(n.Shape.C*s.C/n.Groups*n.Kernel[0]*n.Kernel[1], 0.5)
		n.Bias = b.floats(n.Shape.C, 0.5)
	case OpDense:
		n.Shape.C = b.int("out", 1, 6)
		n.Weight, n.Bias = b.floats(n.Shape.C*s.Size(), 0.3), b.floats(n.Shape.C, 0.5)
	case OpClip:
		n.Lo, n.Hi = -0.25, 0.5
		if b.int("positive", 0, 1) == 1 {
			n.Lo = 0
		}
	case OpAdd, OpConcat:
		for range b.int("more", 1, 2) {
			for k := last; k >= 0; k-- {
				o := b.net.Nodes[k].Shape
				fits := op == OpAdd && o == s && len(n.Inputs) == 1 || op == OpConcat && o.H == s.H && o.W == s.W
				if fits && b.int("take", 0, 1) == 1 {
					n.Inputs = append(n.Inputs, k)
					break
				}
			}
		}
	case OpScale:
		n.Scale, n.Bias = b.floats(s.C, 1), b.floats(s.C, 0.5)
	case OpMaxPool, OpAvgPool:
		b.window(&n)
		n.CountPad = op == OpAvgPool && b.int("count", 0, 1) == 1
	case OpPad:
		n.PadC = [2]int{b.int("before", 0, 2), b.int("after", 0, 2)}
		n.Pad = [4]int{b.int("top", 0, 1), b.int("left", 0, 2), b.int("bottom", 0, 1), b.int("right", 0, 1)}
	case OpSlice:
		count := [3]int{}
		for d, size := range [3]int{s.C, s.H, s.W} {
			n.Start[d], n.Step[d] = b.int("start", 0, size-1), b.int("step", 1, 2)
			count[d] = (size-1-n.Start[d])/n.Step[d] + 1
		}
		n.Shape = Shape{count[0], count[1], count[2]}
	case OpLRN:
		n.LRNSize, n.Alpha, n.Beta, n.LRNOffset = b.int("size", 1, 5), 0.5, 0.75, 1
	}
	b.add(n)
}

func (b *netBuilder) window(n *Node) {
	for d := range 2 {
		n.Kernel[d], n.Stride[d], n.Dilation[d] = b.int("kernel", 1, 3), b.int("stride", 1, 2), 1
		if b.int("dilated", 0, 4) == 0 {
			n.Dilation[d] = 2
		}
		n.Pad[d], n.Pad[d+2] = b.int("pad", 0, 1), b.int("pad", 0, 1)
	}
}
