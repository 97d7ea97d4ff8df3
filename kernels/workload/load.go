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
	Name string   `toml:"name"` // how reports call it; the file's name unless given
	Ops  []opForm `toml:"op"`   // in the order in which they run
}

// opForm is one operation of one image. Pointers tell what is absent, the tag "only" the
// kinds that a key is for.
type opForm struct {
	Name string `toml:"name"` // unique in the file
	// Kind of operation: a convolution, one with a channel a group, a matrix product, a
	// recursion that is serial along its length, or element-wise work.
	Kind        string `toml:"kind"`
	In          []int  `toml:"in" only:"conv depthwise"`                 // channels, height and width of the input
	Kernel      []int  `toml:"kernel" only:"conv depthwise"`             // height and width of the window
	Stride      ints   `toml:"stride" only:"conv depthwise"`             // of the window, one for both or vertical and horizontal
	Pad         ints   `toml:"pad" only:"conv depthwise"`                // zeros around the input, one for all sides or top, left, bottom and right
	Dilation    ints   `toml:"dilation" only:"conv depthwise"`           // between elements of the window, one for both or vertical and horizontal
	Out         []int  `toml:"out" only:"conv depthwise"`                // height and width of the output; as many as whole windows fit unless given
	Groups      *int   `toml:"groups" only:"conv matmul"`                // that divide input and output channels; or products side by side, of m channels each
	OutChannels *int   `toml:"out_channels" only:"conv depthwise"`       // over all groups; a depthwise convolution has as many as input channels unless given
	M           *int   `toml:"m" only:"matmul"`                          // output channels
	K           *int   `toml:"k" only:"matmul"`                          // reduction length
	N           *int   `toml:"n" only:"matmul"`                          // output positions
	WeightBits  Widths `toml:"weight_bits" only:"conv depthwise matmul"` // one width for all output channels, or one for each (each point with points); 0 = pruned
	Points      []int  `toml:"points" only:"conv depthwise matmul"`      // low-bit vectors whose sum each output channel is (multipoint); one each unless given
	Dynamic     bool   `toml:"dynamic" only:"matmul"`                    // the m × k operand is activations too, as in attention
	ActBits     *int   `toml:"act_bits"`                                 // width of the inputs
	ActSigned   bool   `toml:"act_signed"`                               // inputs have a sign
	OutBits     int    `toml:"out_bits"`                                 // width written back; 0 leaves it to the machine
	Batch       *int   `toml:"batch"`                                    // images that are one op before the machine's own batch
	// VectorOps is element operations: of a vector op for one image, of others on each
	// output element after the product.
	VectorOps   int      `toml:"vector_ops"`
	From        []string `toml:"from"`                       // names of ops that it reads; "" is the input; the op before unless given
	ElementsIn  int      `toml:"elements_in" only:"vector"`  // read for one image
	ElementsOut int      `toml:"elements_out" only:"vector"` // written for one image
	Length      int      `toml:"length" only:"chain"`        // serial steps
	Rows        int      `toml:"rows" only:"chain"`          // independent recursions
	Block       int      `toml:"block" only:"chain"`         // steps after which the state is reset; 0 = never
	Order       *int     `toml:"order" only:"chain"`         // of the recursion
	StateBits   *int     `toml:"state_bits" only:"chain"`    // width of the accumulators
}

// ints is a list of integers that may be written as a single one.
type ints = strict.Ints

// kindNames are the kinds of op as files have them.
var kindNames = []string{"conv", "depthwise", "matmul", "chain", "vector"}

var kinds = map[string]Kind{
	"conv": Conv, "depthwise": Depthwise, "matmul": MatMul,
	"chain": Chain, "vector": Vector,
}

const (
	limit       = 1 << 26 // bounds every size in a file, so that products of two stay in range
	maxElements = 1 << 40 // bounds counts of elements and of operations on them
	mostPoints  = 16      // of one output channel
)

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
