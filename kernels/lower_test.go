package kernels

import (
	"slices"
	"testing"

	"bitcycle/kernels/workload"

	"pgregory.net/rapid"
)

// What a workload charges for is what the executor does: the same products at
// the same widths in the same order, and a vector op for every other step that
// computes.
func TestWorkloadIsWhatRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuantized(t)
		w := q.Lower()
		if len(w.Ops) > 0 {
			if err := w.Validate(); err != nil {
				t.Fatal(err)
			}
		}
		c, err := newCompilerInt(q, IntOptions{Tile: 1})
		if err != nil {
			t.Fatal(err)
		}
		ops, at := w.Ops, c.tensors()
		for i := range c.steps {
			s := &c.steps[i]
			if c.aliased(s.last()) {
				continue
			}
			run, node := c.op(s, at, &intWorker{}), &c.net.Nodes[s.first()]
			if node.Op.ElementOps(c.net.inputShapes(s.first()), node.Shape) == Free {
				continue
			}
			if len(ops) == 0 {
				t.Fatalf("%s runs and is not charged", node.Name)
			}
			switch o := run.(type) {
			case *productInt:
				checkProduct(t, &ops[0], o)
			case *matmulInt:
				checkActivations(t, &ops[0], o)
			default:
				checkVector(t, &ops[0], node, c.net)
			}
			ops = ops[1:]
		}
		if len(ops) > 0 {
			t.Fatalf("%s is charged and does not run", ops[0].Name)
		}
	})
}

func checkProduct(t *rapid.T, op *workload.Op, o *productInt) {
	var macs, weightBits, charged int64
	for r, bits := range o.layer.RowBits {
		weightBits += int64(bits) * int64(o.k)
		if bits > 0 {
			macs += int64(o.k) * int64(o.rows)
		}
		charged += int64(op.WeightBits.At(r)) * int64(op.K)
	}
	if op.MACs() != macs || charged != weightBits {
		t.Fatalf("%s: %d MACs and %d weight bits charged, %d and %d executed", op.Name, op.MACs(), charged, macs, weightBits)
	}
	if op.ActBits != o.layer.In.Bits || op.ActSigned != o.layer.In.Signed || op.OutBits != o.out.Bits {
		t.Fatalf("%s: %d → %d bits charged, %v → %v executed", op.Name, op.ActBits, op.OutBits, o.layer.In, o.out)
	}
	if op.OutputElements() != int64(o.y.Size()) {
		t.Fatalf("%s: %d outputs charged, %d executed", op.Name, op.OutputElements(), o.y.Size())
	}
}

func checkActivations(t *rapid.T, op *workload.Op, o *matmulInt) {
	if macs := int64(o.a.Size()) * int64(o.b.C); op.MACs() != macs || !op.Dynamic {
		t.Fatalf("%s: %d MACs charged, dynamic: %v, %d executed", op.Name, op.MACs(), op.Dynamic, macs)
	}
	if op.ActBits != o.from[0].Bits || op.WeightBits.At(0) != o.from[1].Bits || op.OutputElements() != int64(o.y.Size()) {
		t.Fatalf("%s: %d×%v bits, %d outputs charged, %v executed", op.Name, op.ActBits, op.WeightBits, op.OutputElements(), o.from)
	}
}

func checkVector(t *rapid.T, op *workload.Op, node *Node, net *Network) {
	in := 0
	for _, k := range node.Inputs {
		in += net.Nodes[k].Shape.Size()
	}
	if op.Name != node.Name || op.Kind != workload.Vector || op.ElementsIn > in || op.ElementsOut != node.Shape.Size() {
		t.Fatalf("%s: %v of %d → %d elements charged, %s of %d → %v executed", op.Name, op.Kind, op.ElementsIn, op.ElementsOut, node.Name, in, node.Shape)
	}
}

// A shortcut that slices and pads the residual stream stays on its grid: no
// requantization but the one for the convolution beside it.
func TestShortcutStaysOnResidualGrid(t *testing.T) {
	window := [4]int{1, 1, 1, 1}
	net := &Network{Name: "shortcut", Output: 6, Nodes: []Node{
		{Name: "x", Op: Input{Shape{C: 3, H: 8, W: 8}}},
		{Name: "a", Op: Conv{Channels: 4, Window: Window{Kernel: [2]int{3, 3}, Pad: window}}, Inputs: []int{0}},
		{Name: "relu", Op: Relu{}, Inputs: []int{1}},
		{Name: "b", Op: Conv{Channels: 8, Window: Window{Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Pad: window}}, Inputs: []int{2}},
		{Name: "half", Op: Slice{Count: [3]int{4, 4, 4}, Step: [3]int{1, 2, 2}}, Inputs: []int{2}},
		{Name: "grow", Op: Pad{Channels: [2]int{2, 2}}, Inputs: []int{4}},
		{Name: "sum", Op: Add{}, Inputs: []int{3, 5}},
	}}
	if err := net.InferShapes(); err != nil {
		t.Fatal(err)
	}
	w := LowerShape(net, []workload.LayerWidths{{WeightBits: workload.Widths{8}, ActBits: 8}, {WeightBits: workload.Widths{4}, ActBits: 4}}, true)
	var names []string
	for i := range w.Ops {
		names = append(names, w.Ops[i].Name)
	}
	want := []string{"a", "relu/to4", "b", "sum"}
	if !slices.Equal(names, want) {
		t.Fatalf("ops %v, want %v", names, want)
	}
	if sum := &w.Ops[3]; sum.ElementsIn != 128+64 || sum.ElementsOut != 128 || !slices.Equal(sum.From, []int{2, 0}) {
		t.Errorf("sum reads %d of %v and writes %d", sum.ElementsIn, sum.From, sum.ElementsOut)
	}
	if w.Ops[0].OutBits != ResidualBits || w.Ops[1].OutBits != 4 || w.Ops[2].ActBits != 4 {
		t.Errorf("widths %d, %d, %d", w.Ops[0].OutBits, w.Ops[1].OutBits, w.Ops[2].ActBits)
	}
}
