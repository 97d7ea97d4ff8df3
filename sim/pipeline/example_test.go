package pipeline_test

import (
	"fmt"

	"bitcycle/sim/cost"
	"bitcycle/sim/pipeline"
)

// Three tiles through a port of 8 bytes per cycle.
func ExampleRun() {
	parts := cost.Stalls{Compute: 20}
	line := pipeline.Run([]pipeline.Tile{
		{Weights: 64, Inputs: 64, Outputs: 32, Cycles: 20, Parts: parts},
		{Weights: 64, Outputs: 32, Cycles: 20, Parts: parts},
		{Weights: 64, Inputs: 64, Outputs: 32, Cycles: 20, Parts: parts},
	}, pipeline.Port{BytesPerCycle: 8, Latency: 3, Buffers: 2})
	fmt.Println(line.Cycles, line.Start)
	fmt.Printf("%+v\n", line.Parts)
	// Output:
	// 89 [19 39 62]
	// {Compute:60 Fill:0 Imbalance:0 WeightLoad:8 Input:8 Output:4 DRAM:9}
}
