package quantizers

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"

	"bitcycle/internal/strict"
	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// Policy decides the bit widths of a network: one entry for each layer with
// weights, in the order of kernels.Network.Layers.
type Policy struct {
	Name   string
	Layers []workload.LayerWidths
	// FactorBits is the width of both factors of products of activations; 0 is the
	// widest of the layers' activations, 8 without layers. A file does not hold it.
	FactorBits uint8
}

func (p *Policy) factorBits() uint8 {
	if p.FactorBits > 0 {
		return p.FactorBits
	}
	return kernels.FactorWidth(p.Layers)
}

// Widths returns the widths of the layers of a network and, behind them, those of
// its products of activations, as kernels.LowerShape takes them.
func (p *Policy) Widths(net *kernels.Network) []workload.LayerWidths {
	out := slices.Clone(p.Layers)
	for _, n := range net.MatMuls() {
		bits := p.factorBits()
		out = append(out, workload.LayerWidths{Name: net.Nodes[n].Name, ActBits: bits, WeightBits: workload.Widths{bits}})
	}
	return out
}

// Uniform returns a policy of w weight and a activation bits in every layer;
// first and last replace both widths of the first and the last layer unless 0.
func Uniform(net *kernels.Network, w, a, first, last uint8) *Policy {
	var names []string
	for _, node := range net.Layers() {
		names = append(names, net.Nodes[node].Name)
	}
	p := uniform(names, w, a, first, last)
	if len(net.MatMuls()) > 0 {
		p.FactorBits = a
	}
	return p
}

// UniformWorkload is Uniform for a workload. Both operands of a product of
// activations have a bits.
func UniformWorkload(of *workload.Workload, w, a, first, last uint8) *Policy {
	p := uniform(of.Layers(), w, a, first, last)
	for i := range of.Ops {
		if op := &of.Ops[i]; op.Dynamic {
			p.Layers = append(p.Layers, workload.LayerWidths{Name: op.Name, ActBits: a, WeightBits: workload.Widths{a}})
		}
	}
	return p
}

func uniform(names []string, w, a, first, last uint8) *Policy {
	p := &Policy{Name: fmt.Sprintf("w%da%d", w, a)}
	for i, name := range names {
		l := workload.LayerWidths{Name: name, ActBits: a, WeightBits: workload.Widths{w}}
		if i == 0 && first > 0 {
			l.ActBits, l.WeightBits = first, workload.Widths{first}
		}
		if i == len(names)-1 && last > 0 {
			l.ActBits, l.WeightBits = last, workload.Widths{last}
		}
		p.Layers = append(p.Layers, l)
	}
	return p
}

// PolicyOf returns the widths of a quantized network. Several points of a
// channel count as one weight vector of their summed widths, at most 16.
func PolicyOf(q *kernels.Quantized) *Policy {
	p := &Policy{Name: q.Net.Name}
	for i := range q.Layers {
		l := &q.Layers[i]
		entry := workload.LayerWidths{Name: q.Net.Nodes[l.Node].Name, ActBits: l.In.Bits}
		if l.Points == nil {
			entry.WeightBits = slices.Clone(l.RowBits)
		}
		row := 0
		entry.Group = l.Group
		for _, points := range l.Points {
			n := int(points)
			bits := l.RowBits[row : row+n].Sum(n)
			if l.Group > 0 { // a weight is in one of them
				bits = int64(l.RowBits[row : row+n].Max())
			}
			entry.WeightBits = append(entry.WeightBits, uint8(min(bits, workload.MaxBits)))
			row += n
		}
		p.Layers = append(p.Layers, entry)
	}
	return p
}

// Check reports every difference between the policy and the network.
func (p *Policy) Check(net *kernels.Network) error {
	nodes := net.Layers()
	if len(p.Layers) != len(nodes) {
		return fmt.Errorf("policy has %d layers, network %s has %d", len(p.Layers), net.Name, len(nodes))
	}
	var errs []error
	for i := range p.Layers {
		l, node := &p.Layers[i], &net.Nodes[nodes[i]]
		if l.Name != node.Name {
			errs = append(errs, fmt.Errorf("layer %d is %q in the policy, %q in network %s", i, l.Name, node.Name, net.Name))
		}
		if err := l.WeightBits.Check(node.Shape.C); err != nil {
			errs = append(errs, fmt.Errorf("layer %q: weight_bits = %.60s: %w", l.Name, l.WeightBits, err))
		}
	}
	return errors.Join(errs...)
}

// Write writes the policy as a file that LoadPolicy reads back equal.
func (p *Policy) Write(w io.Writer) error {
	for i := range p.Layers {
		if p.Layers[i].Group > 0 {
			return fmt.Errorf("layer %q has scales of groups, for which policy files have no form: save a model", p.Layers[i].Name)
		}
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "schema = 1\nname = %s\n", strict.Quote(p.Name))
	for i := range p.Layers {
		l := &p.Layers[i]
		fmt.Fprintf(out, "\n[[layer]]\nname = %s\nact_bits = %d\nweight_bits = %s\n", strict.Quote(l.Name), l.ActBits, l.WeightBits)
	}
	return out.Flush()
}
