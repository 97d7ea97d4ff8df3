package stepped

import (
	"fmt"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
)

// Options tell what an op and its integers do not.
type Options struct {
	// UnsignedWeights: weights are 0 to 2^w−1 instead of two's complement.
	UnsignedWeights bool
	// Flat lowers a convolution flat on machines that reduce by channel, as they
	// do their first layer.
	Flat bool
	// Level is the smallest output of a Chain's quantizer and Half its positive
	// levels: outputs are ±Level, ±3·Level, … ±(2·Half−1)·Level. 0 means 1.
	Level int64
	Half  int64
}

// Result is what the array took and what came out.
type Result struct {
	Cycles Cycles
	// Outputs is [virtual channels][positions], the exact products, before any
	// epilogue; of a Chain [images][Rows][Length], the quantized sequence.
	Outputs []int64
	// PESteps counts every processing element in every cycle.
	PESteps int64
	// Saturated counts the recursion states that did not fit their accumulator.
	Saturated int64
}

// Cycles splits the cycles of the array by cause, as the fast machine does.
type Cycles struct {
	Compute, Fill, Imbalance, WeightLoad, Input, Output int64
}

// Total returns the sum of all causes.
func (c Cycles) Total() int64 {
	return c.Compute + c.Fill + c.Imbalance + c.WeightLoad + c.Input + c.Output
}

// Run executes one op on the array of a machine as a single tile. Weights are
// [virtual channels of all groups][K], acts [Groups][K][positions]: column n of
// group g holds the inputs of output position n, of N positions times the op's
// batch times the machine's. A weight of one bit is −1 or 0, or −1 or +1. The
// inputs of a Chain are acts alone, [images][Rows][Length].
func Run(acc *arch.Accelerator, op workload.Op, weights, acts []int32, opt Options) (Result, error) {
	if op.Kind == workload.Chain {
		return runChain(acc, &op, acts, opt)
	}
	j, err := newJob(acc, &op, weights, acts, opt)
	if err != nil {
		return Result{}, err
	}
	switch {
	case acc.Engine == arch.BitSerial:
		err = j.bitSerial()
	case acc.Engine == arch.Fusion:
		err = j.fusion()
	case acc.Engine != arch.Systolic:
		err = fmt.Errorf("engine = %q: has no stepped twin: must be systolic, bitserial or fusion", acc.Engine)
	case acc.Array.StepCycles > 0:
		err = fmt.Errorf("array.step_cycles = %d: positions in steps have no stepped twin: must be 0", acc.Array.StepCycles)
	case acc.Array.Dataflow == "os":
		j.outputStationary()
	case acc.Array.Dataflow == "is":
		j.inputStationary()
	case acc.Array.Dataflow == "ws" || acc.Array.Dataflow == "":
		j.weightStationary()
	default:
		err = fmt.Errorf("array.dataflow = %q: must be ws, os or is", acc.Array.Dataflow)
	}
	return j.result, err
}
