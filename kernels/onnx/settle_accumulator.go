package onnx

import (
	"errors"
	"fmt"
	"math"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// Grids of tensors that a quantized model says nothing of: accumulators.

// accumulators finds grids for what is on none.
func (s *settler) accumulators() {
	bits := s.widths()
	for i := range s.net.Nodes {
		if _, known := s.grids[i]; known || s.at(i) != i {
			continue
		}
		in := s.inputsOf(i)
		if g, ok := s.common(in); ok && s.net.Nodes[i].Op.Selects() {
			s.grids[i] = g
			continue
		}
		if !kernels.WritesWide(s.net.Nodes[i].Op) {
			bits[i] = workload.MaxBits
		}
		g, err := s.accumulator(i, bits[i])
		if err != nil {
			s.refuse(i, err)
		}
		s.grids[i] = g
	}
}

// widths returns how many bits the readers of each node take.
func (s *settler) widths() []uint8 {
	bits := make([]uint8, len(s.net.Nodes))
	for i := len(bits) - 1; i >= 0; i-- {
		bits[i] = kernels.MaxGridBits
		for _, r := range s.readers[i] {
			op := s.net.Nodes[r].Op
			own := uint8(workload.MaxBits)
			if op.Selects() {
				own = bits[r]
			} else if kernels.ReadsWide(op) {
				own = kernels.MaxGridBits
			}
			bits[i] = min(bits[i], own)
		}
	}
	return bits
}

// accumulator returns a wide grid for node i: whole sums where they have one unit,
// else what its values can reach, in steps of a power of two.
func (s *settler) accumulator(i int, bits uint8) (kernels.Grid, error) {
	g := kernels.Grid{Bits: bits, Signed: true}
	if i == 0 {
		return s.inputGrid()
	}
	reach, err := s.reach(i)
	if err != nil {
		return g, err
	}
	room := math.Ldexp(1, int(bits)-1) - 1
	if g.Scale = s.unit(i); g.Scale > 0 && reach/g.Scale < room {
		if _, sum := s.net.Nodes[i].Op.(kernels.Add); sum { // sums of sums are no wider than they can be
			g.Bits = uint8(math.Ceil(math.Log2(reach/g.Scale+1))) + 1
		}
		return g, nil
	}
	if reach == 0 {
		reach = 1
	}
	g.Scale = math.Ldexp(1, int(math.Ceil(math.Log2(reach/room))))
	return g, nil
}

// inputGrid returns a grid for images that the model computes with before it puts
// them on one: as far as that reaches, in the smallest steps.
func (s *settler) inputGrid() (kernels.Grid, error) {
	g := kernels.Grid{Bits: kernels.MaxGridBits, Signed: true}
	reach, ok := s.needed(0)
	if !ok || reach == 0 {
		return g, errors.New("the input is not quantized")
	}
	g.Scale = math.Ldexp(1, int(math.Ceil(math.Log2(reach)))-(kernels.MaxGridBits-1))
	return g, nil
}

// needed returns the magnitude beyond which the values of node i make no difference
// to its readers; ok is false if there is none.
func (s *settler) needed(i int) (reach float64, ok bool) {
	for _, r := range s.readers[i] {
		switch op := s.net.Nodes[r].Op.(type) {
		case kernels.Requant:
			reach = max(reach, float64(s.grids[r].Magnitude()+1)*s.grids[r].Scale)
		case kernels.Threshold:
			for _, list := range op.Levels {
				reach = max(reach, 2*math.Abs(float64(list[0])), 2*math.Abs(float64(list[len(list)-1])), math.SmallestNonzeroFloat32)
			}
		case kernels.Scale:
			after, ok := s.needed(r)
			if !ok {
				return 0, false
			}
			for c, f := range op.Factor {
				if f != 0 {
					reach = max(reach, (after+math.Abs(float64(op.Offset[c])))/math.Abs(float64(f)))
				}
			}
		default:
			after, ok := s.needed(r)
			if !ok || !op.Selects() {
				return 0, false
			}
			reach = max(reach, after)
		}
	}
	return reach, len(s.readers[i]) > 0
}

// unit returns the step of the whole sums that node i computes, 0 if there is none.
func (s *settler) unit(i int) float64 {
	l := s.layers[i]
	switch s.net.Nodes[i].Op.(type) {
	case kernels.Add:
		in := s.inputsOf(i)
		if a, b := s.grids[in[0]].Scale, s.grids[in[1]].Scale; a == b {
			return a
		}
	case kernels.TopK: // numbers of channels
		return 1
	}
	if l == nil || len(l.RowScale) != len(l.Gain) {
		return 0
	}
	unit := l.RowScale[0] * l.In.Scale * l.Gain[0]
	for m := range l.Gain {
		if l.RowScale[m]*l.In.Scale*l.Gain[m] != unit || l.Bias[m]/unit != math.Trunc(l.Bias[m]/unit) {
			return 0
		}
	}
	return unit
}

// reach returns the largest magnitude that the values of node i can have.
func (s *settler) reach(i int) (float64, error) {
	n := &s.net.Nodes[i]
	if l := s.layers[i]; l != nil {
		return layerReach(l, n.Reduction()), nil
	}
	var in []kernels.Grid
	var shapes []kernels.Shape
	for _, k := range s.inputsOf(i) {
		in, shapes = append(in, s.grids[k]), append(shapes, s.net.Nodes[k].Shape)
	}
	if r, ok := kernels.Reach(n.Op, in, shapes); ok {
		return r, nil
	}
	return 0, fmt.Errorf("its output is not quantized, and nothing is known of its range")
}

func layerReach(l *kernels.QLayer, k int) float64 {
	most, row := 0.0, 0
	for m := range l.Gain {
		points, sum := 1, 0.0
		if l.Points != nil {
			points = int(l.Points[m])
		}
		for range points {
			magnitudes := int64(0)
			for _, w := range l.W[row*k : (row+1)*k] {
				magnitudes += max(int64(w), -int64(w))
			}
			sum += float64(magnitudes) * math.Abs(l.RowScale[row])
			row++
		}
		most = max(most, sum*float64(l.In.Magnitude())*l.In.Scale*math.Abs(l.Gain[m])+math.Abs(l.Bias[m]))
	}
	return most
}
