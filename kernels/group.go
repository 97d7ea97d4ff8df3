package kernels

import (
	"fmt"

	"bitcycle/kernels/workload"
)

// GroupOf returns how many weights of a product share a scale if at most group of
// them are to: whole kernel windows, one at least. 0 is all of a channel.
func (p *Product) GroupOf(group int) int {
	if group <= 0 {
		return 0
	}
	if area := p.Area(); !p.Whole && area > 0 {
		group = max(group/area, 1) * area
	}
	if group >= p.K {
		return 0
	}
	return group
}

// groups returns how many groups a reduction is cut into.
func (l *QLayer) groups(k int) int {
	if l.Group == 0 {
		return 1
	}
	return (k + l.Group - 1) / l.Group
}

// checkGroups reports points that are not the groups that they are said to be.
func (l *QLayer) checkGroups(k int) error {
	if l.Group == 0 {
		return nil
	}
	n := l.groups(k)
	if l.Group < 0 || l.Points == nil {
		return fmt.Errorf("groups of %d weights without points", l.Group)
	}
	for m, points := range l.Points {
		if int(points) != n {
			return fmt.Errorf("channel %d has %d points: must be %d groups of %d weights", m, points, n, l.Group)
		}
	}
	for r := range l.RowBits {
		for i, w := range l.W[r*k : (r+1)*k] {
			if w != 0 && i/l.Group != r%n {
				return fmt.Errorf("row %d holds %d outside its group", r, w)
			}
		}
	}
	return nil
}

// split cuts the product of a layer with groups into one for each: a machine that
// knows no groups reads their sums, 32 bits each, multiplies them by their scales and
// adds them up as vector work.
func (l *lowering) split(op workload.Op, layer *QLayer) {
	n, outputs := layer.groups(op.K), int(op.OutputElements())
	area := max(op.Kernel[0]*op.Kernel[1], 1)
	last := -1
	for p := range n {
		part := op
		part.Name, part.Points, part.VectorOps = fmt.Sprintf("%s/group%d", op.Name, p+1), nil, 0
		part.K, part.OutBits = min(layer.Group, op.K-p*layer.Group), workload.MaxVectorBits
		if part.Kind != workload.MatMul {
			part.In[0] = part.K / area * op.Groups
		}
		part.WeightBits = nil
		for m := range op.Channels() {
			row := m
			if len(layer.RowBits) == op.Channels()*n {
				row = m*n + p
			}
			part.WeightBits = append(part.WeightBits, layer.RowBits.At(row))
		}
		l.out.Ops = append(l.out.Ops, part)
		at := len(l.out.Ops) - 1
		if p == 0 {
			last = at
			continue
		}
		sum := workload.Op{
			Name: fmt.Sprintf("%s/sum%d", op.Name, p+1), Kind: workload.Vector, Groups: 1, Batch: 1, From: []int{last, at},
			ActBits: workload.MaxVectorBits, ActSigned: true, OutBits: workload.MaxVectorBits,
			ElementsIn: 2 * outputs, ElementsOut: outputs, VectorOps: 2 * outputs, // scale and add
		}
		if p == 1 {
			sum.VectorOps += outputs // the first scale
		}
		if p == n-1 {
			sum.Name, sum.OutBits = op.Name, op.OutBits
			sum.VectorOps += op.VectorOps * outputs
		}
		l.out.Ops = append(l.out.Ops, sum)
		last = len(l.out.Ops) - 1
	}
}
