package onnx

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"

	"bitcycle/internal/files"
	"bitcycle/kernels"
)

// LoadQuantized reads a quantized network in the form that ExportQuantized
// writes. Errors begin with the path.
func LoadQuantized(path string) (*kernels.Quantized, error) {
	data, err := files.Read(context.Background(), path, files.Data)
	if err != nil {
		return nil, err
	}
	q, err := decodeQuantized(data, filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return q, nil
}

// ImportQuantized is LoadQuantized for a model whose weights lie within it.
func ImportQuantized(r io.Reader) (*kernels.Quantized, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return decodeQuantized(data, "")
}

func decodeQuantized(data []byte, folder string) (*kernels.Quantized, error) {
	im, err := newImporter(data, folder)
	if err != nil {
		return nil, err
	}
	im.quant = &quantImporter{grids: map[int]kernels.Grid{}, reads: map[int]kernels.Grid{}, weights: map[int][]term{}}
	if text, ok := im.meta[metaKey]; ok {
		if err := json.Unmarshal([]byte(text), &im.quant.exact); err != nil {
			return nil, fmt.Errorf("metadata %q: %w", metaKey, err)
		}
	}
	if err := im.run(); err != nil {
		return nil, err
	}
	q, err := im.quantized()
	if err != nil {
		return nil, err
	}
	return q, q.Validate()
}

// quantImporter collects what makes the network of an importer quantized.
type quantImporter struct {
	exact   exactScales
	grids   map[int]kernels.Grid // of each node's output, the first that it is put on
	reads   map[int]kernels.Grid // that each node reads its inputs on
	weights map[int][]term       // of each layer node
}

// term is one point of every output channel of a layer: codes, a scale and a
// width for each. A constant that is a sum of terms carries them.
type term struct {
	codes []int16
	scale []float64
	bits  []uint8
}

// read records the grid that node i of the network reads its inputs on; what
// only selects among them is on the same grid.
func (q *quantImporter) read(i int, y *value, op kernels.Operator, inputs ...value) error {
	for _, v := range inputs {
		if v.grid == nil || inputs[0].grid == nil || *v.grid != *inputs[0].grid {
			if op.Selects() {
				return fmt.Errorf("inputs must be on one grid")
			}
			return nil
		}
	}
	q.reads[i] = *inputs[0].grid
	if op.Selects() {
		q.grids[i], y.grid = *inputs[0].grid, inputs[0].grid
	}
	return nil
}

// quantized makes the quantized network of what was collected.
func (im *importer) quantized() (*kernels.Quantized, error) {
	q := &kernels.Quantized{Net: im.net}
	for i := range im.net.Nodes {
		n := &im.net.Nodes[i]
		grid, ok := im.quant.grids[i]
		if !ok {
			return nil, fmt.Errorf("node %q is on no grid", n.Name)
		}
		q.Grids = append(q.Grids, grid)
		if !kernels.HasWeights(n.Op) {
			continue
		}
		terms := im.quant.weights[i]
		if len(terms) == 0 {
			return nil, fmt.Errorf("layer %q has no integer weights", n.Name)
		}
		in, ok := im.quant.reads[i]
		if !ok {
			return nil, fmt.Errorf("the input of layer %q is on no grid", n.Name)
		}
		layer, err := im.quantLayer(i, terms)
		if err != nil {
			return nil, fmt.Errorf("layer %q: %w", n.Name, err)
		}
		layer.In = in
		q.Layers = append(q.Layers, layer)
	}
	return q, nil
}

// quantLayer makes a layer of its terms, exact where the metadata says how.
func (im *importer) quantLayer(i int, terms []term) (kernels.QLayer, error) {
	n := &im.net.Nodes[i]
	k := n.Reduction()
	l := kernels.QLayer{Node: i}
	exact, known := im.quant.exact.Layers[n.Name]
	if len(terms) > 1 && !known {
		return l, fmt.Errorf("sums of weights need the metadata that tells their points")
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
			t := &terms[p]
			if len(t.codes) != n.Shape.C*k {
				return l, fmt.Errorf("%d weights for %d channels of %d", len(t.codes), n.Shape.C, k)
			}
			l.W = append(l.W, t.codes[m*k:(m+1)*k]...)
			l.RowScale, l.RowBits = append(l.RowScale, t.scale[m]), append(l.RowBits, t.bits[m])
		}
		l.Gain, l.Bias = append(l.Gain, 1), append(l.Bias, float64(n.Bias[m]))
	}
	if !known {
		return l, nil
	}
	if len(exact.RowBits) != len(l.RowBits) || len(exact.RowScale) != len(l.RowScale) || len(exact.Gain) != len(l.Gain) || len(exact.Bias) != len(l.Bias) {
		return l, fmt.Errorf("the metadata is of another layer")
	}
	l.RowScale, l.Gain, l.Bias = exact.RowScale, exact.Gain, exact.Bias
	for r, b := range exact.RowBits {
		l.RowBits[r] = uint8(min(max(b, 0), math.MaxUint8))
	}
	return l, nil
}
