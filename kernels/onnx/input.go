package onnx

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bitcycle/kernels"
)

// inputs makes the network's input of the graph inputs that are read, and works out
// what is known of all tensors.
func (im *importer) inputs() error {
	read, given := im.readInputs()
	if len(read) == 0 {
		return errors.New("model has no input")
	}
	dims := map[string][]int64{}
	var errs []error
	open := false
	for _, in := range read {
		var err error
		if dims[in.name], err = im.opt.dims(in); err != nil {
			errs = append(errs, err)
		}
		open = open || given[in.name] == nil && slices.ContainsFunc(in.dims, func(d int64) bool { return d < 1 })
		delete(given, in.name)
	}
	if open {
		im.open = &OpenError{}
		for _, in := range read {
			im.open.Inputs = append(im.open.Inputs, fmt.Sprintf("%s=%s", in.name, formatDims(in.dims)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		errs = append(errs, fmt.Errorf("no input %q to give dimensions to: there are %s", name, inputNames(read)))
	}
	if err := errors.Join(errs...); err != nil {
		return im.opened(err)
	}
	im.facts = infer(im.graph, im.opset, dims, im.computed)
	if err := im.constantsOf(im.graph.initializers); err != nil { // those of branches
		return err
	}
	first := read[0]
	if d := dims[first.name]; len(d) > 1 && !im.whole {
		im.batch = d[0]
	}
	if len(read) > 1 {
		return im.several(read, dims)
	}
	return im.first(first, dims[first.name])
}

// OpenError is why a model whose inputs have open dimensions cannot be read
// before they are given.
type OpenError struct {
	Inputs []string // as "x=?x3x?x?"
	err    error
}

func (e *OpenError) Error() string { return e.err.Error() }
func (e *OpenError) Unwrap() error { return e.err }

// opened makes an error that open dimensions may be the cause of say so.
func (im *importer) opened(err error) error {
	if err == nil || im.open == nil || errors.Is(err, errImages) {
		return err
	}
	im.open.err = err
	return im.open
}

// readInputs returns the graph inputs that are no constants and that something
// reads, and the names of the dimensions that were given.
func (im *importer) readInputs() (read []valueInfo, given map[string][]int64) {
	given = maps.Clone(im.opt.Inputs)
	var idle []valueInfo
	for _, v := range im.graph.inputs {
		if _, constant := im.values[v.name]; constant {
			continue
		}
		if n := given[v.name]; len(n) == 1 && v.isNumber() {
			im.number(v, n[0])
			delete(given, v.name)
			continue
		}
		if im.isRead(v.name) {
			read = append(read, v)
		} else {
			idle = append(idle, v)
		}
	}
	if len(read) == 0 && len(idle) > 0 {
		read, idle = idle[:1], idle[1:]
	}
	for _, v := range idle {
		im.notef("input %q is not read: left out", v.name)
		delete(given, v.name)
	}
	return read, given
}

// isNumber tells whether an input is one whole number.
func (v *valueInfo) isNumber() bool {
	return v.dims != nil && len(v.dims) == 0 && (v.elemType == typeInt64 || v.elemType == typeInt32)
}

// number makes a constant of an input that is one whole number, such as a rate of samples
// that branches depend on.
func (im *importer) number(v valueInfo, n int64) {
	t := &tensor{name: v.name, kind: v.elemType, dims: []int64{}, ints: []int64{n}}
	im.graph.initializers = append(im.graph.initializers, t)
	im.values[v.name] = value{constant: t}
	im.notef("input %q is taken as %d", v.name, n)
}

func inputNames(read []valueInfo) string {
	var names []string
	for _, v := range read {
		names = append(names, fmt.Sprintf("%q", v.name))
	}
	if more := len(names) - 8; more > 0 {
		names = append(names[:8], fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}

// dims returns the dimensions of an input: as given, else as the model fixes them,
// one image where it leaves their number open.
func (o *Options) dims(in valueInfo) ([]int64, error) {
	given, ok := o.Inputs[in.name]
	switch {
	case !ok && in.dims == nil:
		return nil, fmt.Errorf("input %q has no dimensions: give them, for example --input %s=1x3x224x224", in.name, in.name)
	case !ok:
		given = slices.Clone(in.dims)
		if len(given) > 0 && given[0] < 1 {
			given[0] = 1
		}
	case in.dims != nil && len(given) != len(in.dims):
		return nil, fmt.Errorf("input %q has %d dimensions, %s: %s does not fit", in.name, len(in.dims), formatDims(in.dims), formatDims(given))
	}
	for i, d := range given {
		switch {
		case d < 1 || d > 1<<24:
			return nil, fmt.Errorf("input %q has open dimensions %s: give them, for example --input %s=%s",
				in.name, formatDims(in.dims), in.name, strings.ReplaceAll(formatDims(given), "?", "224"))
		case ok && in.dims != nil && in.dims[i] > 0 && in.dims[i] != d:
			return nil, fmt.Errorf("input %q has dimensions %s: %s does not fit", in.name, formatDims(in.dims), formatDims(given))
		}
	}
	if given == nil {
		given = []int64{}
	}
	return given, nil
}

// first makes the network's input.
func (im *importer) first(in valueInfo, dims []int64) error {
	axes := im.inputAxes(in.name, dims)
	shape, err := im.shapeOf(dims, axes)
	if err != nil {
		return fmt.Errorf("input %q: %w", in.name, err)
	}
	node, err := im.add(&node{name: in.name}, kernels.Node{Op: kernels.Input{Shape: shape}})
	im.values[in.name] = value{node: node, axes: axes}
	im.in = Tensor{Name: in.name, Node: node, Dims: dims, axes: axes}
	return err
}

// several makes one input of several: a vector of their values, one after the
// other, in the order of the model.
func (im *importer) several(read []valueInfo, dims map[string][]int64) error {
	if im.batch > 1 {
		return errImages
	}
	var total int64
	var parts []string
	for _, in := range read {
		total += product(dims[in.name])
		parts = append(parts, in.name+"="+formatDims(dims[in.name]))
	}
	if total > maxInput {
		return fmt.Errorf("inputs %s: %d values together are too many", inputNames(read), total)
	}
	im.notef("%d inputs, one after the other in one: %s", len(read), strings.Join(parts, ", "))
	if err := im.first(valueInfo{name: "all inputs"}, []int64{total}); err != nil {
		return err
	}
	im.in.Name = strings.Join(parts, ", ")
	all, offset := im.values["all inputs"], 0
	delete(im.values, "all inputs")
	for _, in := range read {
		d := dims[in.name]
		size := int(product(d))
		n := &node{name: in.name, op: "Input"}
		v, err := im.then(n, all, kernels.Slice{Start: [3]int{offset, 0, 0}, Step: [3]int{1, 1, 1}, Count: [3]int{size, 1, 1}})
		if err == nil {
			v.axes = nil
			v, err = im.reorder(n, v, d, im.inputAxes(in.name, d))
		}
		if err != nil {
			return fmt.Errorf("input %q: %w", in.name, err)
		}
		im.values[in.name] = v
		offset += size
	}
	return nil
}

// maxInput bounds the values of several inputs together.
const maxInput = 1 << 28

// inputAxes tells what the axes of the input mean.
func (im *importer) inputAxes(name string, dims []int64) []axis {
	last := im.opt.Layout == "nhwc"
	switch {
	case im.whole || len(dims) < 2 || len(dims) > 5:
		return wholeAxes(len(dims))
	case len(dims) == 4 && (last || im.opt.Layout == "" && (im.channelsLast(name) || im.looksLast(name, dims))):
		return nhwc
	case len(dims) == 5 && last:
		return []axis{axisN, axisD, axisH, axisW, axisC}
	case len(dims) == 3 && !last && im.isReadBy(name, "Conv", "ConvTranspose", "BatchNormalization", "MaxPool", "AveragePool", "Pad", "Unsqueeze"):
		return ncw
	case len(dims) == 3 && !last && im.isReadBy(name, "Reshape", "Flatten"):
		return []axis{axisN, axisH, axisW} // an image of one channel
	}
	return imageAxes(len(dims))
}

// looksLast tells whether dimensions are those of an image with its one, three or
// four channels last.
func (im *importer) looksLast(name string, dims []int64) bool {
	few := func(d int64) bool { return d == 1 || d == 3 || d == 4 }
	if !few(dims[3]) || few(dims[1]) || dims[1] != dims[2] || im.isReadBy(name, "Conv") {
		return false
	}
	im.notef("input %q of %s is taken for an image with its channels last", name, formatDims(dims))
	return true
}

// isReadBy tells whether one of these operators reads a tensor.
func (im *importer) isReadBy(name string, ops ...string) bool {
	return slices.ContainsFunc(im.graph.nodes, func(n node) bool {
		return slices.Contains(n.inputs, name) && slices.Contains(ops, n.op)
	})
}

// imageAxes are the axes of tensors of images by their rank.
func imageAxes(rank int) []axis {
	return [][]axis{{}, {axisN}, flat, {axisN, axisH, axisC}, nchw, {axisN, axisC, axisD, axisH, axisW}}[rank]
}

// wholeAxes are the axes of one image by their number; nil if there are too many.
func wholeAxes(rank int) []axis {
	if rank > 4 {
		return nil
	}
	return [][]axis{{}, {axisC}, {axisH, axisC}, {axisH, axisW, axisC}, {axisD, axisH, axisW, axisC}}[rank]
}

// channelsLast tells whether the input is only read by transpositions to NCHW.
func (im *importer) channelsLast(name string) bool {
	found := false
	for i := range im.graph.nodes {
		n := &im.graph.nodes[i]
		if !slices.Contains(n.inputs, name) {
			continue
		}
		if n.op != "Transpose" || !slices.Equal(n.attrs["perm"].ints, []int64{0, 3, 1, 2}) {
			return false
		}
		found = true
	}
	return found
}
