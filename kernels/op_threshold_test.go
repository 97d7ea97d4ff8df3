package kernels

import (
	"slices"
	"testing"
)

func init() {
	count := func(n *Node, c int, v float64) float64 {
		o, sum := n.Op.(Threshold), 0
		for _, t := range o.Levels[c%len(o.Levels)] {
			if v >= float64(t) {
				sum++
			}
		}
		return float64(o.Offset) + float64(o.Factor)*float64(sum)
	}
	opCases["threshold"] = opCase{
		op: Threshold{Levels: [][]float32{{0}}, Factor: 1},
		draw: func(b *netBuilder, n *Node, in Shape) {
			o := Threshold{Factor: 0.25, Offset: -0.5}
			rows := 1
			if b.int("thresholds of channels", 0, 1) == 1 {
				rows = in.C
			}
			levels := b.int("levels", 1, 5)
			for range rows {
				list := b.floats(levels, 0.5)
				slices.Sort(list)
				o.Levels = append(o.Levels, list)
			}
			n.Op = o
		},
		define: func(n *Node, in []real) real {
			return in[0].mapped(func(c int, v float64) float64 { return count(n, c, v) })
		},
		codes: func(n *Node, in []codes, from []Grid, to Grid) []int32 {
			out := make([]int32, len(in[0].x))
			for i, v := range in[0].x {
				out[i] = to.Quantize(count(n, i/in[0].Pixels(), float64(v)*from[0].Scale))
			}
			return out
		},
	}
}

// The grid of the results holds all of them, at as few bits as possible.
func TestThresholdGrid(t *testing.T) {
	for _, c := range []struct {
		levels         int
		factor, offset float32
		want           Grid
	}{
		{1, 2, -1, Grid{Scale: 1, Bits: 1, Signed: true, Bipolar: true}},
		{15, 1, 0, Grid{Scale: 1, Bits: 4, Round: HalfEven}},
		{15, 1, -8, Grid{Scale: 1, Bits: 4, Signed: true, Round: HalfEven}},
		{14, 0.5, -3.5, Grid{Scale: 0.5, Bits: 4, Signed: true, Round: HalfEven}},
		{3, 1, 1, Grid{Scale: 1, Bits: 2, Zero: -1, Round: HalfEven}},
		{1, 1, -1, Grid{Scale: 1, Bits: 1, Signed: true, Round: HalfEven}},
	} {
		levels := make([]float32, c.levels)
		o := Threshold{Levels: [][]float32{levels}, Factor: c.factor, Offset: c.offset}
		g, err := o.Grid()
		if err != nil || g != c.want {
			t.Errorf("%+v: %+v, %v, want %+v", o, g, err, c.want)
			continue
		}
		for n := range c.levels + 1 {
			v := float64(c.offset) + float64(c.factor)*float64(n)
			if got := float64(g.Quantize(v)) * g.Scale; got != v {
				t.Errorf("%+v: %v is %v on its grid", o, v, got)
			}
		}
	}
	for _, o := range []Threshold{{Factor: -1}, {Factor: 1, Offset: 0.25}, {Factor: 1, Offset: 1 << 20}} {
		o.Levels = [][]float32{{0}}
		if _, err := o.Grid(); err == nil {
			t.Errorf("%+v has a grid", o)
		}
	}
}
