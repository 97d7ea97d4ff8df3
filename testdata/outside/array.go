package main

import (
	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers/rff"
	"bitcycle/sim"
	"bitcycle/sim/stepped"
	"context"
	"fmt"
)

const mine = `
base = "multipoint-int8-array"
batch = 1

[array]
rows = 8
cols = 8
`

const product = `
name = "product"
[[op]]
name = "product"
kind = "matmul"
m = 2
k = 3
n = 2
weight_bits = 4
act_bits = 4
`

// timed runs a product cycle by cycle, and its tiles through a port to memory.
func timed(context.Context) error {
	work, err := workload.Parse("product.toml", []byte(product))
	if err != nil {
		return err
	}
	machine, err := arch.Parse("mine.toml", mine, nil)
	if err != nil {
		return err
	}
	peak, err := sim.PeakMACs(machine, 4, 4)
	if err != nil {
		return err
	}
	r, err := stepped.Run(machine, work.Ops[0], []int32{1, 2, 3, -1, 0, 1}, []int32{1, 0, 0, 1, 1, 1}, stepped.Options{})
	if err != nil {
		return err
	}
	fmt.Println("of", peak, "products a cycle,", r.Outputs, "takes", r.Cycles.Total(), "cycles")
	t := sim.Pipeline([]sim.Tile{{Weights: 64, Inputs: 64, Cycles: 10}, {Inputs: 64, Cycles: 10, Outputs: 32}}, sim.Port{BytesPerCycle: 8, Latency: 5, Buffers: 2})
	fmt.Println("two tiles take", t.Cycles, "cycles")
	return nil
}

// built compares an array of fixed elements with one that composes them, at 45 nm.
func built(context.Context) error {
	fixed, _ := arch.SynthArray(4, 4, 8, 8)
	composed, ok := arch.SynthArray(4, 4, 8, 2)
	if !ok {
		return fmt.Errorf("no composable element of 8 and 2 bits among %d", len(arch.SynthesisedPEs()))
	}
	fmt.Printf("elements that compose 2 bits take %.1f times the area of fixed ones\n", composed.AreaUM2/fixed.AreaUM2)
	return nil
}

// features prices random Fourier features of one bit.
func features(ctx context.Context) error {
	s := rff.NewSigmaDelta(1, 8, rff.Alphabet{K: 1})
	machine, err := arch.Load("haq-bismo-edge", nil)
	if err != nil {
		return err
	}
	cost, err := sim.Run(ctx, machine, s.Workload(16, 256, 10, rff.DefaultWidths()), sim.Options{})
	if err != nil {
		return err
	}
	fmt.Println(s, "of 256 features takes", cost.Totals.Cycles, "cycles")
	return nil
}
