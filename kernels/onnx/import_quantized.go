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
	return m, m.Quantized.Validate()
}

// quantizes tells whether a graph puts activations on grids.
func (g *graph) quantizes() bool {
	return slices.ContainsFunc(g.nodes, func(n node) bool {
		_, coded := expansions[n.op]
		return coded || quantOperators[n.op] != nil && n.op != "DequantizeLinear" || n.op == "ConvInteger" || n.op == "MatMulInteger" || n.op == "QLinearConcat"
	})
}

// quantImporter collects what makes the network of an importer quantized.
type quantImporter struct {
	exact   exactScales
	own     bool                 // written by ExportQuantized: rounded as this program rounds
	shifts  bool                 // of whole numbers: Deeploy's
	grids   map[int]kernels.Grid // of nodes that put their values on one
	weights map[int]*coded       // of layer nodes
}

// startQuantized prepares an importer for a quantized model.
func (im *importer) startQuantized() error {
	im.quant = &quantImporter{grids: map[int]kernels.Grid{}, weights: map[int]*coded{}}
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
	l := &kernels.QLayer{Node: i, Gain: slices.Repeat([]float64{1}, n.Shape.C)}
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
