package evaluate_test

import (
	"context"
	"fmt"
	"log"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/shipped"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
)

// A network is quantized to 8 and to 4 bits and priced on two machines: one takes a
// bit after the other, so that fewer bits take less time, the other multiplies 8 by 8
// bits whatever they are.
func Example() {
	ctx := context.Background()
	network := shipped.File()
	calib, err := dataset.Load("glyphs:calib[:64]")
	if err != nil {
		log.Fatal(err)
	}
	for _, spec := range []string{"uniform:w=8,a=8", "uniform:w=4,a=4"} {
		method, err := evaluate.ParseMethod(spec, evaluate.MethodContext{Network: network, Seed: 1})
		if err != nil {
			log.Fatal(err)
		}
		q, err := evaluate.Quantize(ctx, network, method, calib, nil)
		if err != nil {
			log.Fatal(err)
		}
		for _, name := range []string{"haq-bismo-edge", "gemmini-default"} {
			machine, err := arch.Load(name, []string{"batch=1"})
			if err != nil {
				log.Fatal(err)
			}
			cost, err := sim.Run(ctx, machine, q.Lower(), sim.Options{})
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf("%s on %-15s %6d cycles\n", spec, name, cost.Totals.Cycles)
		}
	}
	// Output:
	// uniform:w=8,a=8 on haq-bismo-edge  250132 cycles
	// uniform:w=8,a=8 on gemmini-default 211309 cycles
	// uniform:w=4,a=4 on haq-bismo-edge   77670 cycles
	// uniform:w=4,a=4 on gemmini-default 211309 cycles
}

// A workload and a machine that are in no file: a product of two matrices in integers of
// 8 bits on a systolic array of 32 × 32. The array waits for its inputs.
func Example_handMade() {
	machine := arch.Default(arch.Systolic, 28)
	machine.Name = "mine"
	machine.Array.Rows, machine.Array.Cols = 32, 32

	product := workload.Op{
		Name: "product", Kind: workload.MatMul, M: 64, K: 576, N: 3136, Groups: 1, Batch: 1,
		WeightBits: []uint8{8}, ActBits: 8,
	}
	cost, err := sim.Run(context.Background(), &machine, &workload.Workload{Name: "mine", Ops: []workload.Op{product}}, sim.Options{})
	if err != nil {
		log.Fatal(err)
	}
	t := cost.Totals
	fmt.Printf("%d MACs in %d cycles, %.0f %% of the array\n", t.MACs, t.Cycles, 100*t.Utilisation)
	fmt.Printf("stalls: %+v\n", t.Stalls)
	// Output:
	// 115605504 MACs in 399018 cycles, 28 % of the array
	// stalls: {Compute:150528 Fill:62 Imbalance:0 WeightLoad:18496 Input:223072 Output:6860 DRAM:0 Host:0}
}
