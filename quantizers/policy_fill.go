package quantizers

import (
	"fmt"
	"slices"
	"strings"

	"bitcycle/internal/strict"
	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// For returns the policy of a network: every layer by its name, or by its place.
func (f *PolicyFile) For(net *kernels.Network) (*Policy, error) {
	var places []place
	for _, node := range net.Layers() {
		places = append(places, place{net.Nodes[node].Name, net.Nodes[node].Shape.C, false})
	}
	return f.fill("network "+net.Name, places)
}

// ForWorkload is For for a workload. Products of activations have the widths that
// they are named with, else they keep theirs.
func (f *PolicyFile) ForWorkload(w *workload.Workload) (*Policy, error) {
	var places []place
	for i := range w.Ops {
		if op := &w.Ops[i]; op.Kind <= workload.MatMul {
			places = append(places, place{op.Name, op.VirtualChannels(), op.Dynamic})
		}
	}
	return f.fill("workload "+w.Name, places)
}

// place is a layer that wants widths, or takes them if it is named.
type place struct {
	name     string
	channels int
	optional bool
}

// fill gives the layers of a network or workload their widths.
func (f *PolicyFile) fill(owner string, places []place) (*Policy, error) {
	if f.Ordered != nil {
		return f.inOrder(owner, places)
	}
	at := map[string]int{}
	for i := range f.Layers {
		at[f.Layers[i].Name] = i
	}
	p := &Policy{Name: f.Name}
	var errs []error
	var names, missing []string
	for _, one := range places {
		names = append(names, one.name)
		i, named := at[one.name]
		switch {
		case named:
			p.Layers = append(p.Layers, f.Layers[i])
			if err := f.Layers[i].WeightBits.Check(one.channels); err != nil {
				errs = append(errs, f.doc.Error("layer", i, "weight_bits", "%w", err))
			}
		case !one.optional:
			missing = append(missing, one.name)
			p.Layers = append(p.Layers, workload.LayerWidths{Name: one.name, ActBits: f.Default.ActBits, WeightBits: f.Default.WeightBits})
		}
	}
	for i := range f.Layers {
		if name := f.Layers[i].Name; !slices.Contains(names, name) {
			errs = append(errs, f.doc.Error("layer", i, "name", "%s has no such layer%s", owner, guess(name, names)))
		}
	}
	if len(missing) > 0 && (f.Default.ActBits == 0 || len(f.Default.WeightBits) == 0) {
		errs = append(errs, f.doc.Error("", 0, "", "%s of %s: no widths, and no [default] with act_bits and weight_bits", several(missing), owner))
	}
	if err := strict.Join(errs); err != nil {
		return nil, err
	}
	return p, nil
}

// inOrder gives the layers the pairs in their order.
func (f *PolicyFile) inOrder(owner string, places []place) (*Policy, error) {
	places = slices.DeleteFunc(places, func(one place) bool { return one.optional })
	if len(f.Ordered) != len(places) {
		return nil, f.bad("has %d pairs, %s has %d layers", len(f.Ordered), owner, len(places))
	}
	p := &Policy{Name: f.Name}
	for i, l := range f.Ordered {
		l.Name = places[i].name
		p.Layers = append(p.Layers, l)
	}
	return p, nil
}

func guess(name string, names []string) string {
	if near := strict.Guess(name, names); near != "" {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	return ""
}

// several names a few layers of a list.
func several(names []string) string {
	const most = 5
	if len(names) > most {
		return fmt.Sprintf("layers %s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return "layers " + strings.Join(names, ", ")
}
