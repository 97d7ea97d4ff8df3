package sim

import "bitcycle/sim/internal/cost"

// Result is what a workload costs on a machine: per op and in total, for the
// machine's batch.
type Result struct {
	Machine  string
	Workload string
	Batch    int
	ClockHz  float64
	Layers   []Layer
	Totals   Layer // Name "total"; sums of the layers
	// IntervalCycles is the initiation interval: from the start of a run of the batch to
	// that of the next where runs follow each other without a gap. It is the latency,
	// Totals.Cycles, but on streaming machines, which take the next frame when the
	// slowest unit is free, and where a host prepares the next image meanwhile.
	IntervalCycles int64
	IntervalS      float64
	Area           Area
	// Assumptions are the choices and constants behind the numbers, one sentence each.
	Assumptions []string
}

// Layer is the cost of one op.
type Layer struct {
	Name   string
	Kind   string
	Shape  Shape
	Cycles int64
	Stalls Stalls // sums to Cycles
	MACs   int64
	// Utilisation is MACs over what the array could do in Cycles at the op's widths, 0 to 1;
	// on streaming machines over what the op's unit could do while it works on its frames.
	Utilisation    float64
	WeightBitsMean float64
	WeightBitsMin  int
	WeightBitsMax  int
	ActBits        int
	DRAMRead       int64 // bytes
	DRAMWrite      int64 // bytes
	Energy         Energy
	LatencyS       float64
	Mapping        Mapping
	SRAM           SRAMTraffic
	Fit            Fit // whether what it keeps has room on chip

	weights int64   // weight vectors behind WeightBitsMean
	work    float64 // cycles of a full array
	busy    int64   // in which that is done: Cycles, but all frames' where units work on different ones
}

// Area is silicon in mm² by component; 0 where no source gives it.
type Area struct {
	Array, SRAMWeights, SRAMInputs, SRAMOutputs, Chip float64
}

// SRAMTraffic counts the bits that the array moves to and from the scratchpads;
// what memory delivers to them is DRAMRead and DRAMWrite.
type SRAMTraffic struct {
	WeightsRead, InputsRead, OutputsRead, OutputsWritten int64
}

func (s *SRAMTraffic) add(t SRAMTraffic) {
	s.WeightsRead += t.WeightsRead
	s.InputsRead += t.InputsRead
	s.OutputsRead += t.OutputsRead
	s.OutputsWritten += t.OutputsWritten
}

// Stalls splits cycles by cause, and its Total is their sum:
//
//	Compute    the array works
//	Fill       its pipeline fills and drains
//	Imbalance  channels wait for the widest beside them
//	WeightLoad the array waits for weights
//	Input      … for inputs
//	Output     … for outputs to leave, or for the vector unit
//	DRAM       … for memory, while no request of its own is on a port
//	Host       … for the processor that drives it
type Stalls = cost.Stalls

// Energy splits energy in pJ by component: MAC, Register, SRAMWeights, SRAMInputs,
// SRAMOutputs, NoC, DRAM, Vector and Leakage. Its Total is their sum.
type Energy = cost.Energy
