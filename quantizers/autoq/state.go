package autoq

import "slices"

// stateFields are those of AutoQ's equation 1; extraFields tell channels apart.
const (
	stateFields = 11
	extraFields = 4
)

// Indices of the fields of a state that change from step to step.
const (
	fieldChannel  = 1
	fieldFlag     = 8 // 1 = weights, 0 = activations
	fieldGoal     = 9
	fieldPrevious = 10
)

// observer makes the states of the agents:
//
//	layer, channel, c_in, c_out, channel size, stride, feature map, depthwise,
//	weights or activations, goal, previous width
//
// and, with features, the channel's spread, its peak, the mean width left to reach
// the goal, and its rank in sensitivity; then a field for each layer. All lie in [0, 1]: what is fixed scaled
// by its range over the layers, widths divided by 8.
type observer struct {
	p        *Problem
	features bool
	fixed    [][]float32 // of each layer
	order    [][]int     // in which channels are visited
	spread   [][][3]float32
}

func (p *Problem) observer(features bool) *observer {
	o := &observer{p: p, features: features}
	for i := range p.Layers {
		l := &p.Layers[i]
		depthwise := 0.0
		if l.Depthwise {
			depthwise = 1
		}
		o.fixed = append(o.fixed, floats(float64(i), 0, float64(l.Inputs), float64(l.Channels), float64(l.Kernel), float64(l.Stride), float64(l.Feature), depthwise))
		o.order = append(o.order, p.visit(i, features))
		if features {
			o.spread = append(o.spread, p.spread(i, o.order[i]))
		}
	}
	normalize(o.fixed)
	return o
}

func floats(x ...float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

// normalize scales every column to [0, 1]; constant columns become 0.
func normalize(rows [][]float32) {
	for c := range rows[0] {
		lo, hi := rows[0][c], rows[0][c]
		for _, r := range rows {
			lo, hi = min(lo, r[c]), max(hi, r[c])
		}
		for _, r := range rows {
			if r[c] -= lo; hi > lo {
				r[c] /= hi - lo
			}
		}
	}
}

// visit is the order of the channels of a layer: as stored, or by sensitivity.
func (p *Problem) visit(i int, features bool) []int {
	if features && p.Sensitivity != nil {
		return p.rank(i)
	}
	order := make([]int, p.Layers[i].Channels)
	for j := range order {
		order[j] = j
	}
	if d := p.Layers[i].Deviation; features && d != nil {
		slices.SortStableFunc(order, func(a, b int) int {
			switch {
			case d[a] > d[b]:
				return -1
			case d[a] < d[b]:
				return 1
			}
			return 0
		})
	}
	return order
}

// spread holds deviation, peak and rank of each channel of a layer.
func (p *Problem) spread(i int, order []int) [][3]float32 {
	l := &p.Layers[i]
	out := make([][3]float32, l.Channels)
	widest, highest := 0.0, 0.0
	for j := range l.Deviation {
		widest, highest = max(widest, l.Deviation[j]), max(highest, l.Peak[j])
	}
	for at, j := range order {
		if widest > 0 {
			out[j] = [3]float32{float32(l.Deviation[j] / widest), float32(l.Peak[j] / highest), 0}
		}
		out[j][2] = float32(at) / float32(len(order))
	}
	return out
}

func (o *observer) size() int { return o.base() + len(o.p.Layers) }

// base is where a state tells its layer by a field of each layer's own: one number from 0
// to 1 for all, as in equation 1, takes a critic more updates than a search has.
func (o *observer) base() int {
	if o.features {
		return stateFields + extraFields
	}
	return stateFields
}

// layer is the high-level agent's state.
func (o *observer) layer(i int, weights bool, previous float64) []float32 {
	s := make([]float32, o.size())
	copy(s, o.fixed[i])
	if weights {
		s[fieldFlag] = 1
	}
	s[o.base()+i] = 1
	s[fieldPrevious] = float32(previous / MaxBits)
	return s
}

// channel is the low-level agent's state at the k-th channel that it visits, after
// channels of sum bits.
func (o *observer) kernel(i, k int, goal, previous, sum float64) []float32 {
	s := o.layer(i, true, previous)
	n := float64(o.p.Layers[i].Channels)
	s[fieldChannel] = float32(float64(k) / n)
	s[fieldGoal] = float32(goal / MaxBits)
	if o.features {
		left := (goal*n - sum) / (n - float64(k)) / MaxBits
		f := o.spread[i][o.order[i][k]]
		copy(s[stateFields:], []float32{f[0], f[1], float32(min(max(left, 0), 1)), f[2]})
	}
	return s
}

// round maps an action in [0, 1] to a width: every width owns an equal slice.
func round(u float64, lo, hi uint8) uint8 {
	span := float64(hi-lo) + 1
	return lo + uint8(min(u*span, span-1))
}

// unround is the middle of the slice of a width.
func unround(b, lo, hi uint8) float64 { return (float64(b-lo) + 0.5) / (float64(hi-lo) + 1) }
