package sim

import (
	"fmt"

	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/memory"
)

// Mapping says how a layer was cut: the chosen tiles and the order of their loops. Its
// String is for people; "" where there is nothing to cut.
type Mapping = memory.Mapping

// Shape is the sizes of an op. Its String is for people, such as
//
//	64×56×56 → 64×56×56, 3×3/1
type Shape struct {
	kind   workload.Kind
	n      [9]int
	groups int // of a grouped convolution, else 0
}

// ShapeOf is the shape of an op.
func ShapeOf(op *workload.Op) Shape {
	s := Shape{kind: op.Kind}
	switch op.Kind {
	case workload.Conv, workload.Depthwise:
		s.n = [9]int{op.In[0], op.In[1], op.In[2], op.Channels(), op.Out[0], op.Out[1], op.Kernel[0], op.Kernel[1], op.Stride[0]}
		if op.Kind == workload.Conv && op.Groups > 1 {
			s.groups = op.Groups
		}
	case workload.MatMul:
		s.n = [9]int{op.M, op.K, op.N}
	case workload.Chain:
		s.n = [9]int{op.Recursion.Rows, op.Recursion.Length, op.Recursion.Order}
	default:
		s.n = [9]int{op.ElementsIn, op.ElementsOut}
	}
	return s
}

// String describes the op in a line; totals have no shape.
func (s Shape) String() string {
	if s == (Shape{}) {
		return ""
	}
	n := &s.n
	switch s.kind {
	case workload.Conv, workload.Depthwise:
		text := fmt.Sprintf("%d×%d×%d → %d×%d×%d, %d×%d/%d", n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8])
		if s.groups > 0 {
			text += fmt.Sprintf(" g%d", s.groups)
		}
		return text
	case workload.MatMul:
		return fmt.Sprintf("%d×%d · %d×%d", n[0], n[1], n[1], n[2])
	case workload.Chain:
		return fmt.Sprintf("%d × %d steps of order %d", n[0], n[1], n[2])
	}
	return fmt.Sprintf("%d → %d elements", n[0], n[1])
}
