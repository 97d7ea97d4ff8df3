package workload

import (
	"slices"
	"strings"

	"bitcycle/internal/strict"
)

// Loops is a nest of loops over tiles: the size of a tile in each loop, 0 for all of it,
// and the loops from the outermost in.
type Loops struct {
	B, OH, OW, OC, KH, KW, IC int
	Order                     []string
}

// LoopNames are the loops over tiles: images, output rows and columns, output channels,
// rows and columns of the window, and input channels. A matrix product has its positions
// in OW.
var LoopNames = []string{"B", "OH", "OW", "OC", "KH", "KW", "IC"}

// Mapping is the loops of the ops of a workload, by name; "*" is for those that it does
// not name. Ops without loops are cut by the machine.
type Mapping map[string]*Loops

// Of returns the loops of an op, nil where the machine cuts it.
func (m Mapping) Of(op string) *Loops {
	if l, ok := m[op]; ok {
		return l
	}
	return m["*"]
}

// Unknown lists the names in the mapping that no product of the workload has.
func (m Mapping) Unknown(w *Workload) []string {
	var list []string
	for name := range m {
		found := name == "*" || slices.ContainsFunc(w.Ops, func(op Op) bool { return op.Name == name && op.Kind <= MatMul })
		if !found {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// mappingFile is the TOML form of a mapping.
type mappingFile struct {
	Ops []loopForm `toml:"op"` // in any order
}

// loopForm is the loops of one op.
type loopForm struct {
	Name string `toml:"name"` // of the op; "*" for all that have no entry
	B    int    `toml:"b"`    // images of a tile; 0 or nothing: all
	OH   int    `toml:"oh"`   // output rows
	OW   int    `toml:"ow"`   // output columns; positions of a matrix product
	OC   int    `toml:"oc"`   // output channels of a group
	KH   int    `toml:"kh"`   // rows of the window
	KW   int    `toml:"kw"`   // columns of the window
	IC   int    `toml:"ic"`   // input channels of a group
	// Order is the loops over tiles from the outermost in, of B, OH, OW, OC, KH, KW and IC;
	// those left out are innermost.
	Order []string `toml:"order"`
}

// LoadMapping reads a mapping. Errors name file, line, key and value, all at once.
func LoadMapping(path string) (Mapping, error) {
	doc, err := strict.Read(path)
	if err != nil {
		return nil, err
	}
	return decodeMapping(doc)
}

func decodeMapping(doc *strict.File) (Mapping, error) {
	var form mappingFile
	if err := doc.Decode(&form); err != nil {
		return nil, err
	}
	if len(form.Ops) == 0 {
		return nil, doc.Error("", 0, "op", "a mapping needs at least one [[op]]")
	}
	m := Mapping{}
	var errs []error
	for i := range form.Ops {
		f := &form.Ops[i]
		if _, taken := m[f.Name]; taken || f.Name == "" {
			errs = append(errs, doc.Error("op", i, "name", "must be given once and not empty"))
		}
		for _, size := range [...]struct {
			key string
			n   int
		}{{"b", f.B}, {"oh", f.OH}, {"ow", f.OW}, {"oc", f.OC}, {"kh", f.KH}, {"kw", f.KW}, {"ic", f.IC}} {
			if size.n < 0 || size.n > limit {
				errs = append(errs, doc.Error("op", i, size.key, "must be 0 to %d", limit))
			}
		}
		for at, name := range f.Order {
			if !slices.Contains(LoopNames, name) || slices.Contains(f.Order[:at], name) {
				errs = append(errs, doc.Error("op", i, "order", "%q: want each of %s at most once", name, strings.Join(LoopNames, ", ")))
			}
		}
		m[f.Name] = &Loops{f.B, f.OH, f.OW, f.OC, f.KH, f.KW, f.IC, f.Order}
	}
	if err := strict.Join(errs); err != nil {
		return nil, err
	}
	return m, nil
}
