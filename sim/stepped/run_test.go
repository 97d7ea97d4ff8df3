package stepped

import (
	"math/rand/v2"
	"strings"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
)

func matmul(m, k, n int, bits ...uint8) workload.Op {
	return workload.Op{Name: "op", Kind: workload.MatMul, M: m, K: k, N: n, Groups: 1, Batch: 1, WeightBits: bits, ActBits: 8, ActSigned: true}
}

func systolicArray(rows, cols int) arch.Accelerator {
	return arch.Accelerator{Engine: arch.Systolic, Array: arch.Array{Rows: rows, Cols: cols, Dataflow: "ws", NativeWeightBits: 8, NativeActBits: 8}}
}

func serialArray(dm, dk, dn int) arch.Accelerator {
	return arch.Accelerator{Engine: arch.BitSerial, Array: arch.Array{Rows: dm, Dot: dk, Cols: dn, Order: "sorted"}}
}

func TestDepthwiseLanes(t *testing.T) {
	op := workload.Op{
		Name: "depthwise", Kind: workload.Depthwise, M: 1, K: 9, N: 4, Groups: 6, Batch: 1,
		In: [3]int{6, 4, 4}, Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Out: [2]int{2, 2},
		WeightBits: []uint8{1, 2, 3, 4, 0, 2}, ActBits: 3,
	}
	acc := serialArray(2, 16, 2)
	c := Case{Machine: acc, Op: op}
	c.draw(rand.New(rand.NewPCG(3, 3)))
	for lanes, want := range map[int]int64{
		0: 3 * 2 * (1 + 2 + 3 + 4 + 2), // one kernel at a time
		2: 3 * 2 * (4 + 2 + 1),         // 4 and 3, 2 and 2, 1
		5: 3 * 2 * (4 + 2 + 1),         // the array has two rows
	} {
		c.Machine.Array.DepthwiseLanes = lanes
		got, err := c.Run()
		if err != nil || got.Cycles.Total() != want || !sameOutputs(got.Outputs, c.product()) {
			t.Errorf("%d lanes: %+v, want %d cycles (%v)", lanes, got.Cycles, want, err)
		}
	}
}

func TestPointsAreChannelsOfTheirOwn(t *testing.T) {
	op := matmul(3, 5, 4, 4)
	op.Points = []uint8{2, 1, 3}
	for _, acc := range []arch.Accelerator{systolicArray(4, 2), serialArray(2, 8, 2)} {
		c := Case{Machine: acc, Op: op}
		c.draw(rand.New(rand.NewPCG(3, 4)))
		got, err := c.Run()
		six := c
		six.Op.M, six.Op.Points = 6, nil
		want, err2 := six.Run()
		if err != nil || err2 != nil || got.Cycles != want.Cycles || !sameOutputs(got.Outputs, six.product()) {
			t.Errorf("%s: %+v, want %+v (%v, %v)", acc.Engine, got.Cycles, want.Cycles, err, err2)
		}
	}
}

func TestMachineBatch(t *testing.T) {
	acc := systolicArray(3, 3)
	acc.Batch = 4
	op := matmul(2, 3, 5, 8)
	got, err := Run(&acc, op, make([]int32, 6), make([]int32, 3*5*4), Options{})
	if err != nil || got.Cycles.Compute != 20 || len(got.Outputs) != 40 {
		t.Errorf("4 images of 5 positions: %+v, %d outputs (%v)", got.Cycles, len(got.Outputs), err)
	}
}

func TestOneBitSpeedup(t *testing.T) {
	acc := serialArray(2, 3, 2)
	acc.Array.Serial, acc.Array.ParallelBits, acc.Array.OneBitSpeedup = "weights", 16, 4.0/3
	c := Case{Machine: acc, Op: matmul(2, 24, 2, 1)}
	c.draw(rand.New(rand.NewPCG(3, 5)))
	if got, err := c.Run(); err != nil || got.Cycles.Total() != 6 || !sameOutputs(got.Outputs, c.product()) {
		t.Errorf("24 one-bit weights, 4 at a time: %+v (%v)", got.Cycles, err)
	}
	c.Op.WeightBits = []uint8{2}
	if got, err := c.Run(); err != nil || got.Cycles.Total() != 16 {
		t.Errorf("24 two-bit weights, 3 at a time: %+v (%v)", got.Cycles, err)
	}
	c.Op.WeightBits = []uint8{1, 2}
	if _, err := c.Run(); err == nil {
		t.Error("one and two bits mixed: no error")
	}
}

func TestRunRefuses(t *testing.T) {
	good := matmul(2, 3, 2, 4)
	weights, acts := make([]int32, 6), make([]int32, 6)
	vector := workload.Op{Name: "add", Kind: workload.Vector, Batch: 1, ElementsOut: 1}
	five := matmul(2, 3, 2, 5)
	lane := systolicArray(2, 2)
	lane.Array.Sync = "lane"
	fusion := arch.Accelerator{Engine: arch.Fusion, Array: arch.Array{Rows: 2, Cols: 2, NativeWeightBits: 8, NativeActBits: 8, Pack: true}}
	odd := systolicArray(2, 2)
	odd.Array.Dataflow = "rs"
	for name, c := range map[string]struct {
		acc     arch.Accelerator
		op      workload.Op
		weights []int32
		acts    []int32
		want    string
	}{
		"engine":      {arch.Accelerator{Engine: arch.RowStationary, Array: arch.Array{Rows: 1, Cols: 1}}, good, weights, acts, "no stepped twin"},
		"vector work": {systolicArray(2, 2), vector, nil, nil, "only products and recursions"},
		"weights":     {systolicArray(2, 2), good, weights[1:], acts, "5 weights: must be 6"},
		"activations": {systolicArray(2, 2), good, weights, acts[1:], "5 activations: must be 6"},
		"wide weight": {systolicArray(2, 2), good, []int32{0, 0, 0, 8, 0, 0}, acts, "weight 0 of channel 1 is 8: must fit 4 bits"},
		"wide act":    {systolicArray(2, 2), good, weights, []int32{0, 200, 0, 0, 0, 0}, "activation 1 is 200: must fit 8 bits"},
		"no rows":     {systolicArray(0, 2), good, weights, acts, "array.rows"},
		"no dot":      {serialArray(2, 0, 2), good, weights, acts, "array.dot = 0"},
		"lanes":       {lane, good, weights, acts, `array.sync = "lane"`},
		"dataflow":    {odd, good, weights, acts, `array.dataflow = "rs"`},
		"brick":       {fusion, five, weights, acts, "2, 4 and 8 bits"},
		"bad op":      {systolicArray(2, 2), workload.Op{Name: "x", Kind: workload.MatMul, Batch: 1}, nil, nil, "each must be at least 1"},
		"chain":       {systolicArray(2, 2), chainOp(workload.Recursion{Length: 4, Rows: 1, Order: 5}), nil, acts[:4], "order = 5"},
		"short chain": {systolicArray(2, 2), chainOp(workload.Recursion{Length: 4, Rows: 1, Order: 1}), nil, acts, "6 inputs: must be 4"},
	} {
		if _, err := Run(&c.acc, c.op, c.weights, c.acts, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}
