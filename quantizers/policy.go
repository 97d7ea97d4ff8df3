package quantizers

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"bitcycle/internal/strict"
	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// Policy decides the bit widths of a network: one entry for each layer with
// weights, in the order of kernels.Network.Layers.
type Policy struct {
	Name   string
	Layers []LayerPolicy
}

// LayerPolicy is the widths of one layer.
type LayerPolicy struct {
	Name       string  // of the network's node
	ActBits    uint8   // of the layer's input, 1 to 16
	WeightBits []uint8 // one entry per output channel, or one for all; 0 = pruned
}

// Bits returns the weight bits of output channel c.
func (l *LayerPolicy) Bits(c int) uint8 {
	if len(l.WeightBits) == 1 {
		return l.WeightBits[0]
	}
	return l.WeightBits[c]
}

// Uniform returns a policy of w weight and a activation bits in every layer;
// first and last replace both widths of the first and the last layer unless 0.
func Uniform(net *kernels.Network, w, a, first, last uint8) *Policy {
	layers := net.Layers()
	p := &Policy{Name: fmt.Sprintf("w%da%d", w, a)}
	for i, node := range layers {
		l := LayerPolicy{Name: net.Nodes[node].Name, ActBits: a, WeightBits: []uint8{w}}
		if i == 0 && first > 0 {
			l.ActBits, l.WeightBits = first, []uint8{first}
		}
		if i == len(layers)-1 && last > 0 {
			l.ActBits, l.WeightBits = last, []uint8{last}
		}
		p.Layers = append(p.Layers, l)
	}
	return p
}

// Widths returns the policy in the form that kernels.LowerShape takes.
func (p *Policy) Widths() []kernels.LayerWidths {
	widths := make([]kernels.LayerWidths, len(p.Layers))
	for i := range p.Layers {
		widths[i] = kernels.LayerWidths{Weight: p.Layers[i].WeightBits, Act: p.Layers[i].ActBits}
	}
	return widths
}

// PolicyOf returns the widths of a quantized network. Several points of a
// channel count as one weight vector of their summed widths, at most 16.
func PolicyOf(q *kernels.Quantized) *Policy {
	p := &Policy{Name: q.Net.Name}
	for i := range q.Layers {
		l := &q.Layers[i]
		entry := LayerPolicy{Name: q.Net.Nodes[l.Node].Name, ActBits: l.In.Bits}
		if l.Points == nil {
			entry.WeightBits = slices.Clone(l.RowBits)
		}
		row := 0
		for _, points := range l.Points {
			bits := 0
			for range points {
				bits += int(l.RowBits[row])
				row++
			}
			entry.WeightBits = append(entry.WeightBits, uint8(min(bits, workload.MaxBits)))
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
		if n := len(l.WeightBits); n != 1 && n != node.Shape.C {
			errs = append(errs, fmt.Errorf("layer %q: %d weight widths for %d output channels", l.Name, n, node.Shape.C))
		}
	}
	return errors.Join(errs...)
}

type policyForm struct {
	Schema int    `toml:"schema"`
	Name   string `toml:"name"`
	Layers []struct {
		Name       string `toml:"name"`
		ActBits    int    `toml:"act_bits"`
		WeightBits widths `toml:"weight_bits"`
	} `toml:"layer"`
}

// widths is a list of bit widths that may be written as a single one.
type widths []int

// UnmarshalTOML reads 4 or [4, 2].
func (v *widths) UnmarshalTOML(data any) error {
	if n, ok := data.(int64); ok {
		*v = widths{int(n)}
		return nil
	}
	list, ok := data.([]any)
	if !ok {
		return fmt.Errorf("%v: must be an integer or a list of integers", data)
	}
	for _, item := range list {
		n, ok := item.(int64)
		if !ok {
			return fmt.Errorf("%v: must be an integer", item)
		}
		*v = append(*v, int(n))
	}
	return nil
}

// LoadPolicy reads a policy file:
//
//	schema = 1
//	name = "resnet20, mean 3.4 bits"
//
//	[[layer]]
//	name = "conv1"                # of the network's node
//	act_bits = 8
//	weight_bits = [4, 4, 2, 0]    # one for all, or one per output channel
//
// Errors name file, line, key and value.
func LoadPolicy(path string) (*Policy, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ParsePolicy(path, data)
}

// ParsePolicy reads a policy; path is what errors call it.
func ParsePolicy(path string, data []byte) (*Policy, error) {
	doc := strict.New(path, data)
	var form policyForm
	if err := doc.Decode(&form); err != nil {
		return nil, err
	}
	if form.Schema > 1 {
		return nil, doc.Error("", 0, "schema", "must be 1")
	}
	if len(form.Layers) == 0 {
		return nil, doc.Error("", 0, "layer", "a policy needs at least one [[layer]]")
	}
	p := &Policy{Name: form.Name}
	var errs []error
	for i, l := range form.Layers {
		entry := LayerPolicy{Name: l.Name, ActBits: uint8(l.ActBits)}
		if l.ActBits < 1 || l.ActBits > workload.MaxBits {
			errs = append(errs, doc.Error("layer", i, "act_bits", "must be 1 to %d", workload.MaxBits))
		}
		if len(l.WeightBits) == 0 {
			errs = append(errs, doc.Error("layer", i, "weight_bits", "is missing: one width for all or one per output channel"))
		}
		for _, b := range l.WeightBits {
			if b < 0 || b > workload.MaxBits {
				errs = append(errs, doc.Error("layer", i, "weight_bits", "must be 0 to %d", workload.MaxBits))
				break
			}
			entry.WeightBits = append(entry.WeightBits, uint8(b))
		}
		p.Layers = append(p.Layers, entry)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return p, nil
}

// Write writes the policy as a file that LoadPolicy reads back equal.
func (p *Policy) Write(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "schema = 1\nname = %q\n", p.Name)
	for i := range p.Layers {
		l := &p.Layers[i]
		words := make([]string, len(l.WeightBits))
		for j, b := range l.WeightBits {
			words[j] = fmt.Sprint(b)
		}
		list := strings.Join(words, ", ")
		if len(words) != 1 {
			list = "[" + list + "]"
		}
		fmt.Fprintf(out, "\n[[layer]]\nname = %q\nact_bits = %d\nweight_bits = %s\n", l.Name, l.ActBits, list)
	}
	return out.Flush()
}
