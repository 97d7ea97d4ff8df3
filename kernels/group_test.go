package kernels

import (
	"slices"
	"strings"
	"testing"

	"bitcycle/kernels/workload"
)

// groupedNet is a convolution and a dense layer.
func groupedNet(t *testing.T) *Network {
	t.Helper()
	net := &Network{Name: "grouped", Output: 2, Nodes: []Node{
		{Name: "x", Op: Input{Shape{C: 5, H: 4, W: 4}}},
		{Name: "conv", Op: Conv{Channels: 6, Window: Window{Kernel: [2]int{2, 2}}}, Inputs: []int{0}, Weight: make([]float32, 6*20), Bias: make([]float32, 6)},
		{Name: "fc", Op: Dense{Channels: 3}, Inputs: []int{1}, Weight: make([]float32, 3*54), Bias: make([]float32, 3)},
	}}
	if err := net.InferShapes(); err != nil {
		t.Fatal(err)
	}
	return net
}

// A layer with groups lowers to a product for each and sums as vector work: the same
// multiply-accumulates, and the same workload from shapes as from integers.
func TestGroupsAreProductsAndSums(t *testing.T) {
	net := groupedNet(t)
	widths := func(group int) []workload.LayerWidths {
		return []workload.LayerWidths{
			{WeightBits: workload.Widths{4}, ActBits: 8, Group: group}, {WeightBits: workload.Widths{4, 4, 4}, ActBits: 8, Group: group},
		}
	}
	plain, split := LowerShape(net, widths(0), true), LowerShape(net, widths(9), true)
	if err := split.Validate(); err != nil {
		t.Fatal(err)
	}
	if plain.MACs() != split.MACs() || plain.WeightCount() != split.WeightCount() {
		t.Errorf("%d multiply-accumulates and %d weights, without groups %d and %d", split.MACs(), split.WeightCount(), plain.MACs(), plain.WeightCount())
	}
	var names []string
	for i := range split.Ops {
		names = append(names, split.Ops[i].Name)
	}
	want := "conv/group1 conv/group2 conv/sum2 conv/group3 conv fc/group1 fc/group2 fc/sum2 fc/group3 fc/sum3 fc/group4 fc/sum4 fc/group5 fc/sum5 fc/group6 fc"
	if strings.Join(names, " ") != want {
		t.Errorf("ops %v, want %s", names, want)
	}
	last := &split.Ops[4] // conv: 9 pixels of 6 channels
	if last.Kind != workload.Vector || last.ElementsIn != 108 || last.ElementsOut != 54 || last.VectorOps != 3*54 || !slices.Equal(last.From, []int{2, 3}) {
		t.Errorf("the last sum: %+v", last)
	}
	if p := &split.Ops[3]; p.K != 4 || p.In[0] != 1 || p.OutBits != 32 {
		t.Errorf("the last group: %+v", p)
	}
}

// Points that are no groups are refused, and groups are of whole kernel windows.
func TestGroupsAreChecked(t *testing.T) {
	net := groupedNet(t)
	conv, _ := net.Product(1)
	for group, want := range map[int]int{0: 0, 1: 4, 9: 8, 19: 16, 20: 0, 100: 0} {
		if got := conv.GroupOf(group); got != want {
			t.Errorf("groups of %d of 20 weights of windows of 4: %d, want %d", group, got, want)
		}
	}
	l := QLayer{Group: 8, Points: slices.Repeat([]uint8{3}, 6), RowBits: slices.Repeat(workload.Widths{4}, 18), W: make([]int16, 18*20)}
	if err := l.checkGroups(20); err != nil {
		t.Error(err)
	}
	l.W[20+3] = 1 // row 1 is weights 8 to 15
	if err := l.checkGroups(20); err == nil {
		t.Error("a weight outside its group is accepted")
	}
	l.W[20+3], l.Points[2] = 0, 2
	if err := l.checkGroups(20); err == nil {
		t.Error("a channel of other groups is accepted")
	}
}
