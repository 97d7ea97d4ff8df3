package quantizers

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"

	"bitcycle/internal/files"
	"bitcycle/internal/strict"
	"bitcycle/kernels/workload"
)

// PolicyFile is a policy as a file says it, before it is known for which network:
// widths by the layers' names with a default for the others, or by their order.
type PolicyFile struct {
	Name string
	// Layers are the widths of the layers that are named, in the file's order.
	Layers []workload.LayerWidths
	// Default has the widths of the other layers; ActBits 0 or no WeightBits where it
	// has none.
	Default workload.LayerWidths
	// Ordered are the widths of all layers in the network's order, without names.
	Ordered []workload.LayerWidths

	path string
	doc  *strict.File // nil where the file is a list alone
}

// policyForm is the TOML form of a policy.
type policyForm struct {
	Schema  int       `toml:"schema"`  // version of the format
	Name    string    `toml:"name"`    // for reports
	Default layerForm `toml:"default"` // of layers, or of widths, that are not given below
	// Layers are layers by name, in any order.
	Layers []layerForm `toml:"layer"`
	// Strategy is the widths of every layer in the network's order, as HAQ prints them; -1
	// in the first pair stands for the images. Nothing else goes with it.
	Strategy []pair `toml:"strategy"`
}

// layerForm is the widths of one layer.
type layerForm struct {
	Name       string          `toml:"name"`        // of the network's node
	ActBits    *int            `toml:"act_bits"`    // width of the layer's input; that of [default] unless given
	WeightBits workload.Widths `toml:"weight_bits"` // one width for all output channels, or one for each; 0 = pruned
}

// pair is [weight bits, activation bits].
type pair []int

const pairRule = "must be [weight bits, activation bits]"

// UnmarshalTOML reads a list of integers, however many.
func (p *pair) UnmarshalTOML(data any) error {
	list, ok := data.([]any)
	if !ok {
		return fmt.Errorf("%v: %s", data, pairRule)
	}
	for _, item := range list {
		n, ok := item.(int64)
		if !ok {
			return fmt.Errorf("%v: %s", data, pairRule)
		}
		*p = append(*p, int(n))
	}
	return nil
}

// UnmarshalJSON reads a list of integers, however many.
func (p *pair) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, (*[]int)(p)) != nil {
		return fmt.Errorf("%s: %s", data, pairRule)
	}
	return nil
}

// LoadPolicy reads a policy file:
//
//	schema = 1
//	name = "resnet20, mean 3.4 bits"
//
//	[default]                     # of layers, or of widths, that are not given below
//	act_bits = 4
//	weight_bits = 4
//
//	[[layer]]
//	name = "conv1"                # of the network's node
//	act_bits = 8
//	weight_bits = [4, 4, 2, 0]    # one for all, or one per output channel
//
// or the widths [weight, activation] of every layer in the network's order, as HAQ
// (Wang et al., CVPR 2019) prints them, alone or as a key:
//
//	strategy = [[8, -1], [7, 7], [5, 6], [8, 8]]
//
// where -1 in the first pair stands for the images and is read as 8 bits. Errors name
// file, line, key and value.
func LoadPolicy(path string) (*PolicyFile, error) {
	data, err := files.Read(context.Background(), path, files.Document)
	if err != nil {
		return nil, err
	}
	return ParsePolicy(path, data)
}

// bareList is the beginning of a text that is a list of numbers or of pairs.
var bareList = regexp.MustCompile(`^\s*\[\s*(\[\s*)?[-+]?[0-9]`)

// ByOrder tells a text that is a list of pairs alone, as HAQ prints them.
func ByOrder(text []byte) bool { return bareList.Match(text) }

// ParsePolicy reads a policy; path is what errors call it.
func ParsePolicy(path string, data []byte) (*PolicyFile, error) {
	f := &PolicyFile{path: path}
	if ByOrder(data) {
		var pairs []pair
		if err := json.Unmarshal(data, &pairs); err != nil {
			return nil, f.bad("%w", err)
		}
		if err := f.order(pairs); err != nil {
			return nil, err
		}
		return f, nil
	}
	f.doc = strict.New(path, data)
	var form policyForm
	if err := f.doc.Decode(&form); err != nil {
		return nil, err
	}
	f.Name = form.Name
	switch {
	case form.Schema > 1:
		return nil, f.doc.Error("", 0, "schema", "must be 1")
	case f.doc.Has("strategy") && (len(form.Layers) > 0 || f.doc.Has("default")):
		return nil, f.doc.Error("", 0, "strategy", "has the widths of every layer: [[layer]] and [default] do not go with it")
	case len(form.Layers) == 0 && !f.doc.Has("default") && !f.doc.Has("strategy"):
		return nil, f.doc.Error("", 0, "layer", "a policy needs at least one [[layer]], or a [default]")
	}
	var err error
	if f.doc.Has("strategy") {
		err = f.order(form.Strategy)
	} else {
		err = f.byName(&form)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// bad reports the pairs.
func (f *PolicyFile) bad(rule string, args ...any) error {
	if f.doc == nil {
		return fmt.Errorf("%s: %w", f.path, fmt.Errorf(rule, args...))
	}
	return f.doc.Error("", 0, "strategy", rule, args...)
}

// order reads pairs of widths.
func (f *PolicyFile) order(pairs []pair) error {
	var errs []error
	for i, p := range pairs {
		if i == 0 && len(p) == 2 && p[1] == -1 {
			p = pair{p[0], 8}
		}
		if len(p) != 2 || p[0] < 0 || p[0] > workload.MaxBits || p[1] < 1 || p[1] > workload.MaxBits {
			errs = append(errs, f.bad("entry %d is %v: %s, 0 to %d and 1 to %d", i+1, []int(p), pairRule, workload.MaxBits, workload.MaxBits))
			continue
		}
		f.Ordered = append(f.Ordered, workload.LayerWidths{WeightBits: workload.Widths{uint8(p[0])}, ActBits: uint8(p[1])})
	}
	if len(pairs) == 0 {
		errs = append(errs, f.bad("must have a pair for every layer"))
	}
	return strict.Join(errs)
}

// byName reads the default and the named layers.
func (f *PolicyFile) byName(form *policyForm) error {
	var errs []error
	f.Default = f.widths("default", 0, &form.Default, &errs)
	names := map[string]bool{}
	for i := range form.Layers {
		l := f.widths("layer", i, &form.Layers[i], &errs)
		if l.ActBits == 0 && form.Layers[i].ActBits == nil {
			if l.ActBits = f.Default.ActBits; l.ActBits == 0 {
				errs = append(errs, f.doc.Error("layer", i, "act_bits", "is missing, here and in [default]: 1 to %d", workload.MaxBits))
			}
		}
		if len(l.WeightBits) == 0 {
			if l.WeightBits = f.Default.WeightBits; len(l.WeightBits) == 0 {
				errs = append(errs, f.doc.Error("layer", i, "weight_bits", "is missing, here and in [default]: one width for all or one per output channel"))
			}
		}
		if names[l.Name] {
			errs = append(errs, f.doc.Error("layer", i, "name", "must be given once"))
		}
		names[l.Name] = true
		f.Layers = append(f.Layers, l)
	}
	if n := len(f.Default.WeightBits); n > 1 {
		errs = append(errs, f.doc.Error("default", 0, "weight_bits", "must be one width: layers have different numbers of output channels"))
	}
	return strict.Join(errs)
}

// widths reads what a table says of a layer.
func (f *PolicyFile) widths(table string, i int, form *layerForm, errs *[]error) workload.LayerWidths {
	l := workload.LayerWidths{Name: form.Name, WeightBits: form.WeightBits}
	if a := form.ActBits; a != nil {
		if *a < 1 || *a > workload.MaxBits {
			*errs = append(*errs, f.doc.Error(table, i, "act_bits", "must be 1 to %d", workload.MaxBits))
		} else {
			l.ActBits = uint8(*a)
		}
	}
	if len(l.WeightBits) > 0 {
		if err := l.WeightBits.Check(len(l.WeightBits)); err != nil {
			*errs = append(*errs, f.doc.Error(table, i, "weight_bits", "%w", err))
		}
	}
	return l
}

// About says in a few words what the file holds.
func (f *PolicyFile) About() string {
	text := ""
	if f.Name != "" {
		text = f.Name + ": "
	}
	switch {
	case f.Ordered != nil:
		return text + fmt.Sprintf("%d layers by order", len(f.Ordered))
	case f.doc.Has("default"):
		return text + fmt.Sprintf("%d layers and a default", len(f.Layers))
	}
	return text + fmt.Sprintf("%d layers", len(f.Layers))
}
