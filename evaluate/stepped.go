package evaluate

import (
	"context"
	"math/rand/v2"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
	"bitcycle/sim/stepped"
)

// Twin is one op run on the stepped array beside the fast clock.
type Twin struct {
	Op            string
	Fast, Stepped sim.Stalls
	MACs, PESteps int64
	// SameCycles: every cause of every cycle agrees. SameIntegers: the stepped
	// array's outputs are the exact products.
	SameCycles, SameIntegers bool
	Skipped                  string // why the op was not stepped
}

// Differs tells whether the op was stepped and disagrees with the fast clock.
func (t Twin) Differs() bool { return t.Skipped == "" && !(t.SameCycles && t.SameIntegers) }

// SteppedLimit is the default number of multiply-accumulates up to which an op
// is stepped.
const SteppedLimit = 50e6

// Step runs every op of a workload of at most limit multiply-accumulates on the
// stepped array of the machine, one image, with integers drawn from the seed that
// use the op's widths fully, and compares cycles with the fast clock of the array
// alone (no memory) and outputs with the plain product. progress may be nil.
func Step(ctx context.Context, machine *arch.Accelerator, w *workload.Workload, seed int64, limit int64, progress func(done, total int)) ([]Twin, error) {
	array := *machine
	array.Batch = 1
	array.Memory = arch.Memory{Kind: "ideal"}
	array.Vector.Lanes = 0
	var twins []Twin
	for i := range w.Ops {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if progress != nil {
			progress(i, len(w.Ops))
		}
		twin, err := stepOp(ctx, &array, w.Ops[i], i == 0, uint64(seed), limit)
		if err != nil {
			return nil, err
		}
		twins = append(twins, twin)
	}
	return twins, nil
}

func stepOp(ctx context.Context, array *arch.Accelerator, op workload.Op, first bool, seed uint64, limit int64) (Twin, error) {
	twin := Twin{Op: op.Name, MACs: op.MACs()}
	switch {
	case op.Kind == workload.Vector || op.Kind == workload.Chain:
		twin.Skipped = "no product"
		return twin, nil
	case twin.MACs > limit:
		twin.Skipped = "too large"
		return twin, nil
	}
	op.From = nil
	op.VectorOps = 0
	weights, acts := draw(&op, seed)
	slow, err := stepped.Run(array, op, weights, acts, stepped.Options{Flat: first && array.Array.FirstLayerFlat})
	if err != nil {
		twin.Skipped = err.Error()
		return twin, nil
	}
	fast, err := sim.Run(ctx, array, &workload.Workload{Name: op.Name, Ops: []workload.Op{op}}, sim.Options{})
	if err != nil {
		return twin, err
	}
	twin.Fast, twin.PESteps = fast.Totals.Stalls, slow.PESteps
	c := slow.Cycles
	twin.Stepped = sim.Stalls{Compute: c.Compute, Fill: c.Fill, Imbalance: c.Imbalance, WeightLoad: c.WeightLoad, Input: c.Input, Output: c.Output}
	twin.SameCycles = twin.Fast == twin.Stepped
	twin.SameIntegers = sameProducts(&op, weights, acts, slow.Outputs)
	return twin, nil
}

// draw fills weights [virtual channels][K] and activations [groups][K][N·batch]
// with random codes of the op's widths.
func draw(op *workload.Op, seed uint64) (weights, acts []int32) {
	rng := rand.New(rand.NewPCG(seed, 0x74776e))
	weights = make([]int32, op.VirtualChannels()*op.K)
	for v := range op.VirtualChannels() {
		bits := int(op.WeightBits.At(v))
		for k := range op.K {
			switch bits {
			case 0:
			case 1:
				weights[v*op.K+k] = int32(2*rng.IntN(2) - 1)
			default:
				weights[v*op.K+k] = int32(rng.IntN(1<<bits) - 1<<(bits-1))
			}
		}
	}
	acts = make([]int32, op.Groups*op.K*op.N*op.Batch)
	for i := range acts {
		acts[i] = int32(rng.IntN(1 << op.ActBits))
		if op.ActSigned {
			acts[i] -= 1 << (op.ActBits - 1)
		}
	}
	return weights, acts
}

// sameProducts compares outputs [virtual channels][positions] with the plain product.
func sameProducts(op *workload.Op, weights, acts []int32, outputs []int64) bool {
	n := op.N * op.Batch
	perGroup := op.VirtualChannels() / op.Groups
	row := make([]int64, n)
	for v := range op.VirtualChannels() {
		clear(row)
		for k := range op.K {
			w := int64(weights[v*op.K+k])
			if w == 0 {
				continue
			}
			for j, x := range acts[(v/perGroup*op.K+k)*n : (v/perGroup*op.K+k+1)*n] {
				row[j] += w * int64(x)
			}
		}
		for j, want := range row {
			if outputs[v*n+j] != want {
				return false
			}
		}
	}
	return true
}
