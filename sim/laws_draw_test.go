package sim

import (
	"sync"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/simtest"

	"pgregory.net/rapid"
)

// shippedMachines are the machines of the repository.
var shippedMachines = sync.OnceValue(func() (list []*arch.Accelerator) {
	for _, m := range arch.List() {
		acc, err := arch.Load(m.Name, nil)
		if err != nil {
			panic(err)
		}
		list = append(list, acc)
	}
	return list
})

// lawMachine draws one of the shipped machines, or one of any combination of values, and
// changes it as told.
func lawMachine(t *rapid.T, change ...func(acc *arch.Accelerator)) *arch.Accelerator {
	if rapid.Bool().Draw(t, "shipped") {
		acc := *rapid.SampledFrom(shippedMachines()).Draw(t, "machine")
		for _, f := range change {
			f(&acc)
		}
		if acc.Validate() == nil {
			return seldomDRAM(t, &acc)
		}
	}
	return seldomDRAM(t, simtest.Machine(t, change...))
}

// seldomDRAM leaves one in ten machines their closed-loop DRAM, whose search takes a
// hundred times the time of another.
func seldomDRAM(t *rapid.T, acc *arch.Accelerator) *arch.Accelerator {
	if acc.Memory.Kind == "dram" && rapid.IntRange(0, 9).Draw(t, "on DRAM") > 0 {
		acc.Memory.Kind, acc.Energy.DRAMModel = "flat", "flat"
	}
	return acc
}

// changed is a copy of a machine with a difference; draws on which it does not validate
// are skipped.
func changed(t *rapid.T, acc *arch.Accelerator, difference func(acc *arch.Accelerator)) *arch.Accelerator {
	other := *acc
	difference(&other)
	if err := other.Validate(); err != nil {
		t.Skip(err.Error())
	}
	return &other
}

// alone takes the memory away.
func alone(acc *arch.Accelerator) { acc.Memory.Kind, acc.Energy.DRAMModel = "ideal", "flat" }

// lawOp draws a product, seldom a large one.
func lawOp(t *rapid.T) workload.Op {
	op := simtest.Op(t)
	if op.Kind == workload.MatMul && rapid.IntRange(0, 9).Draw(t, "large") == 0 {
		op.M, op.K, op.N = 10*op.M, 10*op.K, 10*op.N
		op.WeightBits = simtest.Bits(t, op.M)
	}
	return op
}

// TestLaws draws machines and products by the ten thousand.
func TestLaws(t *testing.T) {
	draws := lawDraws
	if testing.Short() {
		draws = 100
	}
	const each = 100 // draws of a rapid.Check
	for _, l := range machineLaws {
		t.Run(l.name, func(t *testing.T) {
			for range draws / each {
				rapid.Check(t, l.hold)
			}
		})
	}
}
