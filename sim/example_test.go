package sim_test

import (
	"context"
	"fmt"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
)

// A layer whose kernels have different widths, on Bit Fusion's machine.
func Example() {
	acc, err := arch.Load("bitfusion-eyeriss-45nm", []string{"batch=1", "memory.kind=ideal"})
	if err != nil {
		panic(err)
	}
	bits := make([]uint8, 64)
	for i := range bits {
		bits[i] = []uint8{2, 4, 8, 4}[i%4]
	}
	w := &workload.Workload{Ops: []workload.Op{{
		Name: "conv2", Kind: workload.Conv, M: 64, K: 576, N: 3136, Groups: 1, Batch: 1,
		In: [3]int{64, 56, 56}, Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Pad: [4]int{1, 1, 1, 1}, Dilation: [2]int{1, 1}, Out: [2]int{56, 56},
		WeightBits: bits, ActBits: 4,
	}}}
	for _, order := range []string{"inorder", "sorted"} {
		acc.Array.Order = order
		r, err := sim.Run(context.Background(), acc, w, sim.Options{})
		if err != nil {
			panic(err)
		}
		t := r.Totals
		fmt.Printf("%-8s %6d cycles, %.0f %% waiting for the widest kernel of a set\n", order, t.Cycles, 100*float64(t.Stalls.Imbalance)/float64(t.Cycles))
	}
	// Output:
	// inorder  112896 cycles, 43 % waiting for the widest kernel of a set
	// sorted    84672 cycles, 24 % waiting for the widest kernel of a set
}

// The tile pipeline by itself: three tiles through a port of 8 bytes per cycle.
func ExamplePipeline() {
	parts := sim.Stalls{Compute: 20}
	line := sim.Pipeline([]sim.Tile{
		{Weights: 64, Inputs: 64, Outputs: 32, Cycles: 20, Parts: parts},
		{Weights: 64, Outputs: 32, Cycles: 20, Parts: parts},
		{Weights: 64, Inputs: 64, Outputs: 32, Cycles: 20, Parts: parts},
	}, sim.Port{BytesPerCycle: 8, Latency: 3, Buffers: 2})
	fmt.Println(line.Cycles, line.Start)
	fmt.Printf("%+v\n", line.Parts)
	// Output:
	// 89 [19 39 62]
	// {Compute:60 Fill:0 Imbalance:0 WeightLoad:8 Input:8 Output:4 DRAM:9 Host:0}
}
