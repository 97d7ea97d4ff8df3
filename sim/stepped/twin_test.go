package stepped

import (
	"context"
	"math/rand/v2"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
)

func stalls(c Cycles) sim.Stalls {
	return sim.Stalls{Compute: c.Compute, Fill: c.Fill, Imbalance: c.Imbalance, WeightLoad: c.WeightLoad, Input: c.Input, Output: c.Output}
}

// TestSteppedTwinAgrees runs random products on both machines: the one that moves
// integers from element to element must take the cycles of the closed forms, cause by
// cause.
func TestSteppedTwinAgrees(t *testing.T) {
	for seed := range uint64(twinDraws) {
		c := RandomCase(rand.New(rand.NewPCG(seed, 1)))
		slow, err := c.Run()
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		fast, err := sim.Run(context.Background(), &c.Machine, &workload.Workload{Ops: []workload.Op{c.Op}}, sim.Options{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if got, want := fast.Totals.Stalls, stalls(slow.Cycles); got != want {
			t.Errorf("seed %d, %s %+v on %+v: fast %+v, stepped %+v", seed, c.Machine.Engine, c.Op, c.Machine.Array, got, want)
		}
	}
}

func TestSteppedChainsAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for range 500 {
		r := workload.Recursion{Length: 1 + rng.IntN(20), Rows: 1 + rng.IntN(8), Order: 1 + rng.IntN(2), StateBits: 16}
		r.Block = rng.IntN(r.Length + 1)
		op := workload.Op{Name: "chain", Kind: workload.Chain, Batch: 1 + rng.IntN(2), ActBits: 8, Recursion: r}
		acc := arch.Accelerator{Name: "chains", Engine: arch.Systolic, Batch: 1, Array: arch.Array{Rows: 1, Cols: 1}, Vector: arch.Vector{ChainUnits: 1 + rng.IntN(5), ChainCycles: 1 + rng.IntN(4)}}
		slow, err := Run(&acc, op, nil, make([]int32, r.Length*r.Rows*op.Batch), Options{})
		if err != nil {
			t.Fatal(err)
		}
		fast, err := sim.Run(context.Background(), &acc, &workload.Workload{Ops: []workload.Op{op}}, sim.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if fast.Totals.Cycles != slow.Cycles.Total() {
			t.Errorf("%+v batch %d on %+v: fast %d, stepped %d", r, op.Batch, acc.Vector, fast.Totals.Cycles, slow.Cycles.Total())
		}
	}
}
