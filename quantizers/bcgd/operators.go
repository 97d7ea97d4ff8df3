package bcgd

import (
	"bitcycle/kernels"
	"bitcycle/kernels/train"
)

// What the nodes of a specification do to grids.

// clamp returns the limits of a ReLU or another clamp.
func clamp(n *train.Node) (l kernels.Limits, ok bool) {
	if n.Op == nil {
		return l, false
	}
	return n.Op.Clamp()
}

// adds tells whether the node is a sum.
func adds(n *train.Node) bool {
	_, ok := n.Op.(kernels.Add)
	return ok
}

// selects tells whether the node moves the values of one tensor, or picks among
// them, so that they stay on its grid.
func selects(n *train.Node) bool {
	_, clamps := clamp(n)
	return n.Op != nil && n.Op.Selects() && !clamps && len(n.Inputs) == 1
}

// mean returns the window that an operator takes the mean of; ok is false if it
// takes none.
func mean(op kernels.Operator, in kernels.Shape) (w kernels.Window, countPad, ok bool) {
	switch o := op.(type) {
	case kernels.AvgPool:
		return o.Complete(), o.CountPad, true
	case kernels.GlobalPool:
		return kernels.Window{Kernel: [2]int{in.H, in.W}}.Complete(), false, true
	}
	return w, false, false
}
