package onnx

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"

	"bitcycle/internal/files"
)

// What a model may not hold, whether it is executed or charged to a machine: numbers that
// are none, and shapes that a small file blows up.

// sensible reports both.
func (g *graph) sensible() error {
	factors := g.factors()
	for _, t := range g.initializers {
		if err := t.finite(factors[t.name]); err != nil {
			return err
		}
	}
	for i := range g.nodes {
		if err := g.nodes[i].finite(); err != nil {
			return err
		}
	}
	return nil
}

// multiplying are the operators that multiply by their constants, on which infinite ones
// make no sense.
var multiplying = map[string]bool{
	"Conv": true, "ConvTranspose": true, "Gemm": true, "MatMul": true, "BatchNormalization": true, "Quant": true, "BipolarQuant": true,
	"QuantizeLinear": true, "DequantizeLinear": true, "QLinearConv": true, "QLinearMatMul": true, "QLinearAdd": true, "QGemm": true,
}

// factors names the tensors that nodes multiply by.
func (g *graph) factors() map[string]bool {
	names := map[string]bool{}
	for i := range g.nodes {
		if n := &g.nodes[i]; multiplying[n.op] && len(n.inputs) > 1 {
			for _, name := range n.inputs[1:] {
				names[name] = true
			}
		}
	}
	return names
}

// finite reports an attribute of a node that is no number.
func (n *node) finite() error {
	for _, name := range slices.Sorted(maps.Keys(n.attrs)) {
		a := n.attrs[name]
		bad := a.f != a.f
		for _, f := range a.floats {
			bad = bad || f != f
		}
		if bad {
			return fmt.Errorf("node %q (%s): attribute %q is NaN", nodeName(n), n.op, name)
		}
		if a.t != nil {
			if err := a.t.finite(false); err != nil {
				return fmt.Errorf("node %q (%s): %w", nodeName(n), n.op, err)
			}
		}
	}
	return nil
}

// finite reports the first value of a tensor in the file that is no number, or infinite if
// it is a factor. Whole numbers, and what lies in other files, pass.
func (t *tensor) finite(factor bool) error {
	at, what := -1, "NaN"
	switch {
	case t.file != nil || !fractional(t.kind):
	case t.raw != nil:
		at = t.firstBad(factor)
	case t.doubles != nil:
		at = firstBad(t.doubles, factor)
	default:
		at = firstBad(t.floats, factor)
	}
	if at < 0 {
		return nil
	}
	if v, err := t.values32(); err == nil && at < len(v) && v[at] == v[at] {
		what = fmt.Sprint(v[at])
	}
	return fmt.Errorf("tensor %q: value %d is %s: must be a finite number", t.name, at, what)
}

func firstBad[F float32 | float64](list []F, infinite bool) int {
	for i, v := range list {
		if v-v != 0 && (infinite || v != v) {
			return i
		}
	}
	return -1
}

// firstBad is the same for values as they lie in the file: an exponent of ones is that of
// infinity, or of no number if there is more than the exponent.
func (t *tensor) firstBad(infinite bool) int {
	switch t.kind {
	case typeHalf, typeBfloat:
		least := map[int64]uint16{typeHalf: 0x7c00, typeBfloat: 0x7f80}[t.kind]
		for i := 0; i+2 <= len(t.raw); i += 2 {
			if v := binary.LittleEndian.Uint16(t.raw[i:]) &^ (1 << 15); v > least || infinite && v == least {
				return i / 2
			}
		}
	case typeFloat:
		for i := 0; i+4 <= len(t.raw); i += 4 {
			if v := binary.LittleEndian.Uint32(t.raw[i:]) &^ (1 << 31); v > 0x7f800000 || infinite && v == 0x7f800000 {
				return i / 4
			}
		}
	case typeDouble:
		for i := 0; i+8 <= len(t.raw); i += 8 {
			if v := math.Float64frombits(binary.LittleEndian.Uint64(t.raw[i:])); v-v != 0 && (infinite || v != v) {
				return i / 8
			}
		}
	}
	return -1
}

// A few nodes that double what they read make gigabytes of nothing. Real networks make no
// more than some thousand numbers of each that they read or hold.
const (
	freeNumbers = 1 << 25 // that all tensors together may have in any case
	mostGrowth  = 1 << 14
)

// blownUp reports a network whose tensors are far larger than what it reads and holds.
func (im *importer) blownUp() error {
	given := float64(0)
	for _, t := range im.graph.initializers {
		given += numbersIn(t.dims)
	}
	for _, v := range im.graph.inputs {
		given += numbersIn(im.facts.of[v.name].dims)
	}
	made, most, largest := float64(0), float64(0), ""
	for i := range im.graph.nodes {
		for _, name := range im.graph.nodes[i].outputs {
			n := numbersIn(im.facts.of[name].dims)
			if made += n; n > most {
				most, largest = n, name
			}
		}
	}
	if made > freeNumbers && made > mostGrowth*max(given, 1) {
		return fmt.Errorf("tensor %q and others take %s, %.3g times what the model reads and holds: a memory bomb is not read",
			largest, files.Size(int64(min(4*made, math.MaxInt64/2))), made/max(given, 1))
	}
	return nil
}

// numbersIn counts those of a tensor; open dimensions are 1.
func numbersIn(dims []int64) float64 {
	n := 1.0
	for _, d := range dims {
		n *= float64(max(d, 1))
	}
	return n
}
