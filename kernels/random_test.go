package kernels

import (
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"
)

// drawNetwork draws a small network of the operators, with branches and joins.
func drawNetwork(t *rapid.T, operators []string) *Network {
	b := &netBuilder{t: t, net: &Network{Name: "random"}}
	s := Shape{C: b.int("C", 1, 5), H: b.int("H", 1, 7), W: b.int("W", 1, 7)}
	if b.int("deep", 0, 9) == 0 {
		s.D = 2
	}
	b.add(Node{Op: Input{s}})
	for range b.int("nodes", 1, 12) {
		last := len(b.net.Nodes) - 1
		op := rapid.SampledFrom(operators).Draw(t, "op")
		b.draw(op, b.int("from", max(0, last-3), last))
	}
	b.net.Output = len(b.net.Nodes) - 1
	if rapid.IntRange(0, 3).Draw(t, "early") == 0 {
		b.net.Output = rapid.IntRange(0, len(b.net.Nodes)-1).Draw(t, "output")
	}
	return b.net
}

// drawn lists the operators of random networks: all, or those whose codes are
// defined one by one.
func drawn(exact bool) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(opCases)) {
		c := opCases[name]
		defined := c.op.Selects() || c.codes != nil || HasWeights(c.op)
		if name == "input" || exact && !defined {
			continue
		}
		if _, scalar := c.op.(Scalar); scalar && !slices.Contains([]string{"hardswish", "sqrt", "neg"}, name) {
			continue // one is like another
		}
		for range max(c.often, 1) {
			names = append(names, name)
		}
	}
	return names
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

// add appends a node and tells whether it could: whether its shape can be inferred.
func (b *netBuilder) add(n Node) bool {
	n.Name = fmt.Sprintf("n%d", len(b.net.Nodes))
	b.net.Nodes = append(b.net.Nodes, n)
	if err := b.net.Infer(len(b.net.Nodes) - 1); err != nil {
		b.net.Nodes = b.net.Nodes[:len(b.net.Nodes)-1]
		return false
	}
	return true
}

// draw adds a node of the given operator that reads node from, if one fits.
func (b *netBuilder) draw(operator string, from int) bool {
	n, c := Node{Inputs: []int{from}}, opCases[operator]
	c.draw(b, &n, b.net.Nodes[from].Shape)
	return b.add(n)
}

// window draws a window.
func (b *netBuilder) window() (w Window) {
	for d := range 2 {
		w.Kernel[d], w.Stride[d] = b.int("kernel", 1, 3), b.int("stride", 0, 2)
		if b.int("dilated", 0, 4) == 0 {
			w.Dilation[d] = 2
		}
		w.Pad[d], w.Pad[d+2] = b.int("pad", 0, 1), b.int("pad", 0, 1)
	}
	return w
}

// more lets n read another node, the newest that fits and is taken.
func (b *netBuilder) more(n *Node, fits func(s Shape) bool) {
	for k := len(b.net.Nodes) - 1; k >= 0; k-- {
		if fits(b.net.Nodes[k].Shape) && b.int("take", 0, 1) == 1 {
			n.Inputs = append(n.Inputs, k)
			return
		}
	}
}
