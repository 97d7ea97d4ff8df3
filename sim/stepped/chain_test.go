package stepped

import (
	"math/rand/v2"
	"slices"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
)

func chainOp(r workload.Recursion) workload.Op {
	return workload.Op{Name: "modulator", Kind: workload.Chain, Batch: 1, Recursion: r}
}

// plainChain is the recursion written out for orders 1 and 2.
func plainChain(r workload.Recursion, inputs []int32, opt Options) (q []int64) {
	level, half := max(opt.Level, 1), max(opt.Half, 1)
	low, high := int64(-1)<<(r.StateBits-1), int64(1)<<(r.StateBits-1)-1
	var u1, u2 int64
	for i, y := range inputs {
		if at := i % r.Length; at == 0 || r.Block > 0 && at%r.Block == 0 {
			u1, u2 = 0, 0
		}
		s := int64(y) + u1
		if r.Order == 2 {
			s = int64(y) + 2*u1 - u2
		}
		best := level * (1 - 2*half)
		for n := 1 - 2*half; n < 2*half; n += 2 { // the nearest level, the upper one of two
			if abs(s-level*n) <= abs(s-best) {
				best = level * n
			}
		}
		q = append(q, best)
		u1, u2 = max(low, min(s-best, high)), u1
	}
	return q
}

func abs(v int64) int64 { return max(v, -v) }

func TestRandomChains(t *testing.T) {
	for seed := range 2000 {
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		r := workload.Recursion{
			Length: 1 + rng.IntN(30), Rows: 1 + rng.IntN(6), Order: 1 + rng.IntN(2), StateBits: uint8(6 + rng.IntN(20)),
		}
		r.Block = rng.IntN(r.Length + 1)
		opt := Options{Level: int64(1 + rng.IntN(64)), Half: int64(1 + rng.IntN(4))}
		units, latency := 1+rng.IntN(8), 1+rng.IntN(4)
		inputs := make([]int32, r.Rows*r.Length)
		for i := range inputs {
			inputs[i] = int32(rng.IntN(257)) - 128
		}
		acc := arch.Accelerator{Vector: arch.Vector{ChainUnits: units, ChainCycles: latency}}
		got, err := Run(&acc, chainOp(r), nil, inputs, opt)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if want := plainChain(r, inputs, opt); !slices.Equal(got.Outputs, want) {
			t.Fatalf("seed %d: %+v %+v\ngot  %v\nwant %v", seed, r, opt, got.Outputs, want)
		}
		if want := chainCycles(r, units, latency); got.Cycles.Total() != int64(want) {
			t.Fatalf("seed %d: %+v on %d units of latency %d: %d cycles, want %d", seed, r, units, latency, got.Cycles.Total(), want)
		}
	}
}

// chainCycles is the closed form: the units are all busy, or the longest
// sub-chains run back to back, the last of them starting when the first ones have
// left their units.
func chainCycles(r workload.Recursion, units, latency int) int {
	block := r.Block
	if block == 0 {
		block = r.Length
	}
	longest := r.Rows * (r.Length / block) // sub-chains of full length
	late := min((longest-1)/units, latency-1)
	return max(ceil(r.Rows*r.Length, units)+latency-1, block*latency+late)
}

func TestChainForms(t *testing.T) {
	for _, c := range []struct {
		name           string
		r              workload.Recursion
		units, latency int
		want           int64
	}{
		{"one unit, one vector", workload.Recursion{Length: 256, Rows: 1, Order: 1}, 1, 1, 256},
		{"one unit, four vectors", workload.Recursion{Length: 256, Rows: 4, Order: 1}, 1, 1, 1024},
		{"a unit for each antenna", workload.Recursion{Length: 256, Rows: 512, Order: 1}, 256, 1, 512},
		{"cut into 8 sub-chains", workload.Recursion{Length: 256, Rows: 1, Block: 32, Order: 1}, 8, 1, 32},
		{"three cycles for a step", workload.Recursion{Length: 256, Rows: 1, Order: 2}, 1, 3, 768},
		{"a pipeline filled by three vectors", workload.Recursion{Length: 256, Rows: 3, Order: 2}, 1, 3, 770},
	} {
		acc := arch.Accelerator{Vector: arch.Vector{ChainUnits: c.units, ChainCycles: c.latency}}
		got, err := Run(&acc, chainOp(c.r), nil, make([]int32, c.r.Length*c.r.Rows), Options{})
		if err != nil || got.Cycles.Total() != c.want {
			t.Errorf("%s: %d cycles, want %d (%v)", c.name, got.Cycles.Total(), c.want, err)
		}
	}
}

func TestChainSaturates(t *testing.T) {
	inputs := slices.Repeat([]int32{100}, 20)
	r := workload.Recursion{Length: 20, Rows: 1, Order: 1, StateBits: 8}
	got, err := Run(&arch.Accelerator{}, chainOp(r), nil, inputs, Options{Level: 10})
	if err != nil || got.Saturated == 0 {
		t.Errorf("an overloaded modulator saturated %d times (%v)", got.Saturated, err)
	}
}
