package onnx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"

	"bitcycle/internal/files"
	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// LoadQuantized reads a quantized network: in the form that ExportQuantized writes,
// QDQ and QOperator of onnxruntime, QONNX and FINN, RequantShift of Deeploy. Errors
// begin with the path and name all obstacles.
func LoadQuantized(path string, opt Options) (*Model, error) {
	data, err := files.Read(context.Background(), path, files.Data)
	if err != nil {
		return nil, err
	}
	m, err := decodeQuantized(data, filepath.Dir(path), opt)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// ImportQuantized is LoadQuantized for a model whose weights lie within it.
func ImportQuantized(r io.Reader) (*kernels.Quantized, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	m, err := decodeQuantized(data, "", Options{})
	if err != nil {
		return nil, err
	}
	return m.Quantized, nil
}

func decodeQuantized(data []byte, folder string, opt Options) (*Model, error) {
	opt.quantized, opt.Shapes = true, false // codes and scales are in the weights
	im, err := imported(data, folder, opt, false)
	if errors.Is(err, errImages) {
		im, err = imported(data, folder, opt, true)
	}
	if err != nil {
		return nil, err
	}
	m, err := im.quantized()
	if err != nil {
		return nil, err
	}
	return m, errors.Join(finiteLayers(m.Quantized), m.Quantized.Validate())
}

// quantizes tells whether a graph puts activations on grids.
func (g *graph) quantizes() bool {
	rounded := map[string]bool{}
	return slices.ContainsFunc(g.nodes, func(n node) bool {
		if len(n.inputs) == 0 || len(n.outputs) == 0 {
			return false
		}
		_, coded := expansions[n.op]
		switch n.op {
		case "ConvInteger", "MatMulInteger", "QLinearConcat", "DynamicQuantizeMatMul", "MatMulNBits":
			return true
		case "DequantizeLinear":
			return false
		case "Round":
			rounded[n.outputs[0]] = true
		case "Clip":
			return rounded[n.inputs[0]]
		}
		return coded || matrixUnits[n.op] || quantOperators[n.op] != nil
	})
}

// quantImporter collects what makes the network of an importer quantized.
type quantImporter struct {
	exact   exactScales
	own     bool                 // written by ExportQuantized: rounded as this program rounds
	shifts  bool                 // of whole numbers: Deeploy's
	grids   map[int]kernels.Grid // of nodes that put their values on one
	weights map[int]*coded       // of layer nodes
	widths  map[int]uint8        // of layer nodes whose weights are on a grid of floating point
	gains   map[int]float64      // by which the sums of layer nodes are multiplied
}

func newQuantImporter() *quantImporter {
	return &quantImporter{grids: map[int]kernels.Grid{}, weights: map[int]*coded{}, widths: map[int]uint8{}, gains: map[int]float64{}}
}

// startQuantized prepares an importer for a quantized model.
func (im *importer) startQuantized() error {
	im.coding = newQuantImporter()
	if im.opt.emulated {
		return im.graph.expand()
	}
	im.quant = im.coding
	if text, ok := im.meta[metaKey]; ok {
		im.quant.own = true
		if err := json.Unmarshal([]byte(text), &im.quant.exact); err != nil {
			return fmt.Errorf("metadata %q: %w", metaKey, err)
		}
	}
	return im.graph.expand()
}

// quantized makes the quantized network of what was collected.
func (im *importer) quantized() (*Model, error) {
	s := &settler{im: im, net: im.net, grids: im.quant.grids, layers: map[int]*kernels.QLayer{}, factors: map[int][2]kernels.Grid{}, alias: map[int]int{}}
	for _, o := range im.outputs {
		s.wanted = append(s.wanted, o.Node)
	}
	if err := s.settle(); err != nil {
		return nil, err
	}
	q, to, err := s.network()
	if err != nil {
		return nil, err
	}
	m := &Model{Net: q.Net, Quantized: q, Images: int(im.batch), Input: im.in, Outputs: im.outputs, Notes: im.notes}
	for i := range m.Outputs {
		m.Outputs[i].Node = to[m.Outputs[i].Node]
	}
	return m, nil
}

// quantLayer makes a layer of its terms, exact where the metadata says how.
func (im *importer) quantLayer(i int) (*kernels.QLayer, error) {
	n := &im.net.Nodes[i]
	gain := 1.0
	if g, ok := im.quant.gains[i]; ok {
		gain = g
	}
	l := &kernels.QLayer{Node: i, Gain: slices.Repeat([]float64{gain}, n.Shape.C)}
	for _, b := range n.Bias {
		l.Bias = append(l.Bias, float64(b))
	}
	terms, err := im.terms(i)
	if err != nil {
		return l, err
	}
	exact, known := im.quant.exact.Layers[n.Name]
	if len(terms) > 1 && !known {
		return l, errors.New("sums of weights need the metadata that tells their points")
	}
	if group := groupOf(terms, n.Shape.C); group > 0 && !known {
		return l, addGroups(l, &terms[0], n.Shape.C, group)
	}
	points := make([]int, n.Shape.C)
	for m := range points {
		if points[m] = 1; exact.Points != nil {
			if len(exact.Points) != len(points) {
				return l, fmt.Errorf("%d points entries in the metadata for %d channels", len(exact.Points), len(points))
			}
			points[m] = exact.Points[m]
			l.Points = append(l.Points, uint8(points[m]))
		}
		if points[m] < 0 || points[m] > len(terms) {
			return l, fmt.Errorf("channel %d has %d points in the metadata, %d in the model", m, points[m], len(terms))
		}
		for p := range points[m] {
			if err := addRow(l, &terms[p], m, n.Reduction()); err != nil {
				return l, err
			}
		}
	}
	if !slices.ContainsFunc(l.RowZero, func(z int16) bool { return z != 0 }) {
		l.RowZero = nil
	}
	if !known {
		return l, nil
	}
	return l, exact.restore(l)
}

// restore replaces what the metadata holds more exactly.
func (e *exactLayer) restore(l *kernels.QLayer) error {
	if len(e.RowBits) != len(l.RowBits) || len(e.RowScale) != len(l.RowScale) || len(e.Gain) != len(l.Gain) || len(e.Bias) != len(l.Bias) {
		return errors.New("the metadata is of another layer")
	}
	l.RowScale, l.Gain, l.Bias, l.Group = e.RowScale, e.Gain, e.Bias, e.Group
	for r, b := range e.RowBits {
		l.RowBits[r] = uint8(min(max(b, 0), math.MaxUint8))
	}
	return nil
}

// maxGroupedWeights bounds the weights of a layer with groups, whose rows are as long as
// the reduction.
const maxGroupedWeights = 1 << 27

// groupOf returns how many weights, one after the other, share a scale in all rows of a
// term, if they are fewer than a row; else 0.
func groupOf(terms []term, channels int) int {
	if len(terms) != 1 || terms[0].of == nil || channels < 1 {
		return 0
	}
	t := &terms[0]
	k, group := len(t.codes)/channels, 0
	for m := range channels {
		for j := 1; j < k; j++ {
			if *t.step(m*k + j) != *t.step(m*k + j - 1) {
				for a, b := j, group; ; a, b = b, a%b {
					if b == 0 {
						group = a
						break
					}
				}
			}
		}
	}
	return group
}

// addGroups appends the rows of a term whose channels have a scale for each group of
// weights.
func addGroups(l *kernels.QLayer, t *term, channels, group int) error {
	k := len(t.codes) / channels
	n := (k + group - 1) / group
	if n > math.MaxUint8 || channels*n*k > maxGroupedWeights {
		return fmt.Errorf("scales of %d weights in rows of %d are too many", group, k)
	}
	l.Group, l.Unsigned = group, t.step(0).unsigned
	for m := range channels {
		l.Points = append(l.Points, uint8(n))
		for p := range n {
			s := t.step(m*k + p*group)
			if s.unsigned != l.Unsigned {
				return errors.New("some weights are signed, others not")
			}
			row := make([]int16, k)
			copy(row[p*group:min((p+1)*group, k)], t.codes[m*k+p*group:])
			l.W = append(l.W, row...)
			l.RowScale, l.RowBits, l.RowZero = append(l.RowScale, s.scale), append(l.RowBits, s.bits), append(l.RowZero, s.zero)
		}
	}
	if !slices.ContainsFunc(l.RowZero, func(z int16) bool { return z != 0 }) {
		l.RowZero = nil
	}
	return nil
}

// addRow appends row m of a term to a layer: its elements must be on one grid.
func addRow(l *kernels.QLayer, t *term, m, k int) error {
	if len(t.codes) < (m+1)*k || k == 0 {
		return fmt.Errorf("%d weights for channel %d of %d", len(t.codes), m, k)
	}
	s := t.step(m * k)
	for i := m * k; i < (m+1)*k; i++ {
		if *t.step(i) != *s {
			return fmt.Errorf("channel %d has weights of several scales: one for each output channel is supported", m)
		}
	}
	if len(l.RowBits) > 0 && l.Unsigned != s.unsigned {
		return errors.New("some weights are signed, others not")
	}
	l.Unsigned = s.unsigned
	l.W = append(l.W, t.codes[m*k:(m+1)*k]...)
	l.RowScale, l.RowBits, l.RowZero = append(l.RowScale, s.scale), append(l.RowBits, s.bits), append(l.RowZero, s.zero)
	return nil
}

// terms returns what the weights of layer i are made of. Weights that are no
// quantizer's may be whole numbers all the same.
func (im *importer) terms(i int) ([]term, error) {
	if c := im.quant.weights[i]; c != nil {
		return c.settle()
	}
	w := im.net.Nodes[i].Weight
	t := term{codes: make([]int16, len(w)), steps: []step{{scale: 1, bits: 1}}}
	binary := true
	for k, x := range w {
		v := int16(min(max(x, math.MinInt16), math.MaxInt16))
		if float32(v) != x {
			return nil, fmt.Errorf("the weights are not quantized: number %d is %v", k, x)
		}
		t.codes[k], binary = v, binary && (v == 1 || v == -1)
		for bits := &t.steps[0].bits; *bits < workload.MaxBits && (int(v) < -1<<(*bits-1) || int(v) > 1<<(*bits-1)-1); {
			*bits++
		}
	}
	if binary {
		t.steps[0].bits = 1
	}
	return []term{t}, nil
}
