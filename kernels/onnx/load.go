package onnx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"bitcycle/internal/files"
	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// The range of default-domain operator sets that the reader knows; it reads newer
// ones and says so.
const (
	minOpset = 6
	maxOpset = 25
)

// Options tell what a model file leaves open.
type Options struct {
	// Inputs gives the dimensions of inputs by name. They must agree with those
	// that the model fixes.
	Inputs map[string][]int64
	// Layout is "nchw" or "nhwc", the order of the axes of an image; "" finds out.
	Layout string
	// Shapes asks for shapes alone: weights are not read, need not be there, and the
	// network has none.
	Shapes bool

	// Codes is the type of the numbers that a quantized model of whole numbers reads,
	// if it does not say: "uint8" (also ""), "int8", "uint16" or "int16".
	Codes string

	quantized bool // the model is read as a quantized one
	emulated  bool // the same, to be executed in float32
}

// Model is a model as it was read.
type Model struct {
	Net *kernels.Network
	// Images is how many images a run of the model takes; 1 if it leaves that open.
	Images  int
	Input   Tensor
	Outputs []Tensor // that are computed; the first is the network's
	// Obstacles keep the network from being executed, not from being charged to a
	// machine.
	Obstacles []Obstacle
	Notes     []string // what was assumed or left out
	// Quantized is the network in integers, if the model is a quantized one; Net are
	// the numbers that it stands for.
	Quantized *kernels.Quantized
	// Widths are those of the layers of a quantized model that is no Quantized, and then
	// of the factors of its products of activations, as kernels.LowerShape takes them; 8
	// bits where the model says nothing. It is executed in float32, as its quantizers are
	// defined. nil: any other model.
	Widths []workload.LayerWidths

	refusal error // why it is not Quantized, though it has operators of one
}

// Load reads the model in the file at path, to be executed; weights may lie in
// files beside it. Errors begin with the path and name all obstacles.
func Load(path string, opt Options) (*Model, error) {
	m, err := Open(path, opt)
	if err != nil {
		return nil, err
	}
	if err := m.Executable(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// Open reads the model in the file at path, whether or not it can be executed:
// what cannot is opaque in the network.
func Open(path string, opt Options) (*Model, error) {
	data, err := files.Read(context.Background(), path, files.Data)
	if err != nil {
		return nil, err
	}
	m, err := decodeEither(data, filepath.Dir(path), opt)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// decodeEither reads a quantized model as one. If it cannot be executed in integers, it
// is a float one with quantizers in it, or one that is charged to a machine.
func decodeEither(data []byte, folder string, opt Options) (*Model, error) {
	m, err := parse(data)
	if err != nil {
		return nil, err
	}
	if !m.graph.quantizes() {
		return decode(data, folder, opt)
	}
	q, refusal := decodeQuantized(data, folder, opt)
	if open := (*OpenError)(nil); refusal == nil || errors.As(refusal, &open) {
		return q, refusal
	}
	opt.emulated = true
	float, err := decode(data, folder, opt)
	if err != nil { // operators that are not even written out have a cost all the same
		opt.emulated = false
		if float, err = decode(data, folder, opt); err != nil {
			return nil, refusal
		}
		float.refusal = refusal
	} else if len(float.Obstacles) == 0 {
		float.Notes = append(float.Notes, "executed in float32 as its quantizers are defined, not in integers: "+strings.ReplaceAll(refusal.Error(), "\n", "; "))
	}
	return float, nil
}

// Import reads a float model whose weights lie within it, to be executed.
func Import(r io.Reader) (*kernels.Network, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	m, err := decode(data, "", Options{})
	if err != nil {
		return nil, err
	}
	if err := m.Executable(); err != nil {
		return nil, err
	}
	return m.Net, nil
}

func decode(data []byte, folder string, opt Options) (*Model, error) {
	im, err := imported(data, folder, opt, false)
	if errors.Is(err, errImages) {
		im, err = imported(data, folder, opt, true)
	}
	if err != nil {
		return nil, err
	}
	return im.model()
}

func imported(data []byte, folder string, opt Options, whole bool) (*importer, error) {
	im, err := newImporter(data, folder, opt, whole)
	if err != nil {
		return nil, err
	}
	if err := im.blownUp(); err != nil {
		return nil, err
	}
	return im, im.opened(im.run())
}

// newImporter parses a model. whole makes one image of all that a run takes.
func newImporter(data []byte, folder string, opt Options, whole bool) (*importer, error) {
	m, err := parse(data)
	if err != nil {
		return nil, err
	}
	if opt.Layout != "" && opt.Layout != "nchw" && opt.Layout != "nhwc" {
		return nil, fmt.Errorf("layout %q: must be nchw or nhwc", opt.Layout)
	}
	if _, ok := codeNames[opt.Codes]; !ok {
		return nil, fmt.Errorf("codes %q: must be uint8, int8, uint16 or int16", opt.Codes)
	}
	im := &importer{
		graph: &m.graph, opset: m.opset, opt: opt, whole: whole, batch: 1,
		net:    &kernels.Network{Name: m.graph.name},
		values: map[string]value{}, names: map[string]bool{}, failed: map[string]bool{}, meta: m.meta,
	}
	if m.opset < minOpset {
		return nil, fmt.Errorf("operator set %d: must be at least %d", m.opset, minOpset)
	}
	if m.opset > maxOpset {
		im.notef("operator set %d is newer than %d: read as if nothing had changed", m.opset, maxOpset)
	}
	im.newest()
	if m.graph.sparse {
		return nil, fmt.Errorf("sparse weights are not supported")
	}
	if err := m.graph.sensible(); err != nil {
		return nil, err
	}
	im.folder = folder
	least := int64(leastComputed)
	if opt.quantized || opt.emulated {
		least = leastCoded
	}
	im.computed, im.held = newBudget("constants that the model computes", least, len(data)), newBudget("constants of operators", leastHeld, len(data))
	if err := im.constantsOf(m.graph.initializers); err != nil {
		return nil, err
	}
	if opt.quantized || opt.emulated {
		if err := im.startQuantized(); err != nil {
			return nil, err
		}
		if err := im.constantsOf(m.graph.initializers); err != nil { // those that expansion made
			return nil, err
		}
	}
	for i := range m.graph.nodes {
		m.graph.nodes[i].capture()
	}
	im.sort()
	if err := im.inputs(); err != nil || im.coding == nil {
		return im, err
	}
	im.codedInput()
	return im, nil
}

// constantsOf takes the constants of the graph that are not known yet.
func (im *importer) constantsOf(list []*tensor) error {
	for _, t := range list {
		if v, known := im.values[t.name]; known && v.constant == t {
			continue
		}
		if t.dims == nil {
			t.dims = []int64{}
		}
		if t.folder = im.folder; t.file != nil {
			if err := im.external(t); err != nil {
				return err
			}
		} else if err := t.filled(); err != nil && im.opt.Shapes {
			return err
		}
		im.values[t.name] = value{constant: t}
	}
	return nil
}

// introduced tells with which operator set some operators came that nobody writes
// into older models by another name.
var introduced = map[string]int64{"HardSwish": 14, "Mish": 18, "GroupNormalization": 18, "RMSNormalization": 23, "Swish": 24}

// newest reads a model that uses operators of a newer set than it states, as some
// converters write, as one of that set.
func (im *importer) newest() {
	stated := im.opset
	for i := range im.graph.nodes {
		if n := &im.graph.nodes[i]; n.domain == "" || n.domain == "ai.onnx" {
			im.opset = max(im.opset, introduced[n.op])
		}
	}
	if im.opset > stated {
		im.notef("operator set %d is stated, operators of set %d are used: read as set %d", stated, im.opset, im.opset)
	}
}

// sort brings nodes that some exporters write out of order behind those that they
// read.
func (im *importer) sort() {
	made := map[string]bool{}
	for i := range im.graph.nodes {
		for _, name := range im.graph.nodes[i].outputs {
			made[name] = true
		}
	}
	done, rest := make([]node, 0, len(im.graph.nodes)), im.graph.nodes
	for len(rest) > 0 {
		var later []node
		for _, n := range rest {
			waits := func(name string) bool { return made[name] }
			if slices.ContainsFunc(n.inputs, waits) || slices.ContainsFunc(n.captures, waits) {
				later = append(later, n)
				continue
			}
			for _, name := range n.outputs {
				delete(made, name)
			}
			done = append(done, n)
		}
		if len(later) == len(rest) { // a circle
			done, later = append(done, later...), nil
		}
		rest = later
	}
	im.graph.nodes = done
}

// parse reads the wire format and says what else the data may be.
func parse(data []byte) (*model, error) {
	switch {
	case len(data) == 0:
		return nil, errors.New("the file is empty")
	case strings.HasPrefix(string(data[:min(len(data), 64)]), "version https://git-lfs"):
		return nil, errors.New("a Git LFS pointer, not the model: fetch it with git lfs pull")
	}
	return parseModel(data)
}

// model is what the importer made, folded.
func (im *importer) model() (*Model, error) {
	if len(im.missing) > 0 {
		slices.Sort(im.missing)
		files := slices.Compact(im.missing)
		im.notef("the weights in %s are not there: shapes alone", strings.Join(files[:min(len(files), 3)], ", "))
	}
	var nodes []int
	for _, o := range im.outputs {
		nodes = append(nodes, o.Node)
	}
	fused, first := fuse(im.net, nodes)
	if err := fused.InferShapes(); err != nil {
		return nil, err
	}
	for i, n := range nodes {
		nodes[i] = first[n]
	}
	net, to, err := fold(fused, append(nodes, im.placed(first)...))
	if err != nil {
		return nil, err
	}
	for i := range im.outputs {
		im.outputs[i].Node = to[nodes[i]]
	}
	if err := finite(net); err != nil {
		return nil, err
	}
	widths := im.layerWidths(net, func(i int) int {
		if first[i] < 0 {
			return first[i]
		}
		return to[first[i]]
	})
	return &Model{Net: net, Images: int(im.batch), Input: im.in, Outputs: im.outputs, Obstacles: im.obstacles.list(), Notes: im.notes, Widths: widths}, nil
}

func (im *importer) notef(format string, args ...any) {
	im.notes = append(im.notes, fmt.Sprintf(format, args...))
}

// formatDims writes dimensions as "1x3x224x224"; open ones are question marks.
func formatDims(dims []int64) string {
	var parts []string
	for _, d := range dims {
		if d < 0 {
			parts = append(parts, "?")
			continue
		}
		parts = append(parts, fmt.Sprint(d))
	}
	return strings.Join(parts, "x")
}
