package stepped_test

import (
	"fmt"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/stepped"
)

func Example() {
	machine := arch.Accelerator{
		Engine: arch.BitSerial,
		Array:  arch.Array{Rows: 2, Cols: 2, Dot: 8, LatencyCycles: 10, Sync: "tile", Order: "inorder"},
	}
	op := workload.Op{
		Name: "fc", Kind: workload.MatMul, M: 2, K: 3, N: 1, Groups: 1, Batch: 1,
		WeightBits: []uint8{2, 4}, ActBits: 3,
	}
	weights := []int32{
		1, -2, 0,
		7, -8, 3,
	}
	acts := []int32{5, 0, 7}
	r, err := stepped.Run(&machine, op, weights, acts, stepped.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Outputs, r.Cycles.Total(), "cycles:", r.Cycles.Compute, "compute,", r.Cycles.Imbalance, "imbalance,", r.Cycles.Fill, "fill")
	// Output: [5 56] 22 cycles: 9 compute, 3 imbalance, 10 fill
}
