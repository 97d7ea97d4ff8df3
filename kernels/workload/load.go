package workload

import (
	"context"
	"path/filepath"
	"strings"

	"bitcycle/internal/files"
	"bitcycle/internal/strict"
)

// Load reads a workload: a SCALE-Sim topology if the file is a .csv, else TOML.
// Errors name file, line, key and value.
func Load(path string) (*Workload, error) {
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		file, err := files.Open(context.Background(), path, files.Document)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return ReadSCALESim(path, file)
	}
	doc, err := strict.Read(path)
	if err != nil {
		return nil, err
	}
	return decode(doc)
}

// Parse reads a TOML workload; path is what errors call it.
func Parse(path string, data []byte) (*Workload, error) {
	return decode(strict.New(path, data))
}

// file is the TOML form of a workload.
type file struct {
	Name string   `toml:"name"`
	Ops  []opForm `toml:"op"`
}

// opForm is the TOML form of an op; pointers tell what is absent.
type opForm struct {
	Name        string   `toml:"name"`
	Kind        string   `toml:"kind"`
	In          []int    `toml:"in"`
	Kernel      []int    `toml:"kernel"`
	Stride      ints     `toml:"stride"`
	Pad         ints     `toml:"pad"`
	Dilation    ints     `toml:"dilation"`
	Out         []int    `toml:"out"`
	Groups      *int     `toml:"groups"`
	OutChannels *int     `toml:"out_channels"`
	M           *int     `toml:"m"`
	K           *int     `toml:"k"`
	N           *int     `toml:"n"`
	WeightBits  Widths   `toml:"weight_bits"`
	Points      []int    `toml:"points"`
	Dynamic     bool     `toml:"dynamic"`
	ActBits     *int     `toml:"act_bits"`
	ActSigned   bool     `toml:"act_signed"`
	OutBits     int      `toml:"out_bits"`
	Batch       *int     `toml:"batch"`
	VectorOps   int      `toml:"vector_ops"`
	From        []string `toml:"from"`
	ElementsIn  int      `toml:"elements_in"`
	ElementsOut int      `toml:"elements_out"`
	Length      int      `toml:"length"`
	Rows        int      `toml:"rows"`
	Block       int      `toml:"block"`
	Order       *int     `toml:"order"`
	StateBits   *int     `toml:"state_bits"`
}

// ints is a list of integers that may be written as a single one.
type ints = strict.Ints

var kinds = map[string]Kind{
	"conv": Conv, "depthwise": Depthwise, "matmul": MatMul,
	"chain": Chain, "vector": Vector,
}

// limit bounds every size in a file, so that products of two stay in range.
const limit = 1 << 26

func decode(doc *strict.File) (*Workload, error) {
	var form file
	if err := doc.Decode(&form); err != nil {
		return nil, err
	}
	w := &Workload{Name: form.Name}
	if w.Name == "" {
		w.Name = strings.TrimSuffix(filepath.Base(doc.Path), filepath.Ext(doc.Path))
	}
	if len(form.Ops) == 0 {
		return nil, doc.Error("", 0, "op", "a workload needs at least one [[op]]")
	}
	var errs []error
	index := map[string]int{"": -1}
	for i := range form.Ops {
		r := reader{doc: doc, index: i, form: &form.Ops[i]}
		op := r.op(index)
		if len(r.errs) == 0 {
			r.check(&op)
		}
		errs = append(errs, r.errs...)
		if _, taken := index[op.Name]; taken {
			errs = append(errs, doc.Error("op", i, "name", "must be given once and not empty"))
		}
		index[op.Name] = i
		w.Ops = append(w.Ops, op)
	}
	if err := strict.Join(errs); err != nil {
		return nil, err
	}
	return w, nil
}
