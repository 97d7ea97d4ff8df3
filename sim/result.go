package sim

// Result is what a workload costs on a machine: per op and in total, for the
// machine's batch.
type Result struct {
	Machine  string
	Workload string
	Batch    int
	ClockHz  float64
	Layers   []Layer
	Totals   Layer // Name "total"; sums of the layers
	Area     Area
	// Assumptions are the choices and constants behind the numbers, one sentence each.
	Assumptions []string
}

// Layer is the cost of one op.
type Layer struct {
	Name   string
	Kind   string
	Shape  string // "64×56×56 → 64×56×56, 3×3/1"
	Cycles int64
	Stalls Stalls // sums to Cycles
	MACs   int64
	// Utilisation is MACs over what the array could do in Cycles at the op's widths, 0 to 1.
	Utilisation    float64
	WeightBitsMean float64
	WeightBitsMin  int
	WeightBitsMax  int
	ActBits        int
	DRAMRead       int64 // bytes
	DRAMWrite      int64 // bytes
	Energy         Energy
	LatencyS       float64
	Mapping        string // chosen tiles and loop order, human readable
	SRAM           SRAMTraffic

	weights int64   // weight vectors behind WeightBitsMean
	work    float64 // cycles of a full array
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

// Stalls splits cycles by cause; the parts sum to the layer's cycles.
type Stalls struct {
	Compute, Fill, Imbalance, WeightLoad, Input, Output, DRAM int64
}

// Total returns the sum of all causes.
func (s Stalls) Total() int64 {
	return s.Compute + s.Fill + s.Imbalance + s.WeightLoad + s.Input + s.Output + s.DRAM
}

func (s *Stalls) add(t Stalls) {
	s.Compute += t.Compute
	s.Fill += t.Fill
	s.Imbalance += t.Imbalance
	s.WeightLoad += t.WeightLoad
	s.Input += t.Input
	s.Output += t.Output
	s.DRAM += t.DRAM
}

func (s Stalls) minus(t Stalls) Stalls {
	s.add(t.times(-1))
	return s
}

// times returns n tiles' worth of s.
func (s Stalls) times(n int64) Stalls {
	return Stalls{n * s.Compute, n * s.Fill, n * s.Imbalance, n * s.WeightLoad, n * s.Input, n * s.Output, n * s.DRAM}
}

// Energy splits energy in pJ by component.
type Energy struct {
	MAC, Register, SRAMWeights, SRAMInputs, SRAMOutputs, NoC, DRAM, Vector, Leakage float64
}

// Total returns the sum of all components in pJ.
func (e Energy) Total() float64 {
	return e.MAC + e.Register + e.SRAMWeights + e.SRAMInputs + e.SRAMOutputs + e.NoC + e.DRAM + e.Vector + e.Leakage
}

// Plus returns the sum of both, component by component.
func (e Energy) Plus(o Energy) Energy {
	e.add(o)
	return e
}

func (e *Energy) add(o Energy) {
	e.MAC += o.MAC
	e.Register += o.Register
	e.SRAMWeights += o.SRAMWeights
	e.SRAMInputs += o.SRAMInputs
	e.SRAMOutputs += o.SRAMOutputs
	e.NoC += o.NoC
	e.DRAM += o.DRAM
	e.Vector += o.Vector
	e.Leakage += o.Leakage
}

func (e Energy) times(n float64) Energy {
	return Energy{
		MAC: n * e.MAC, Register: n * e.Register, SRAMWeights: n * e.SRAMWeights, SRAMInputs: n * e.SRAMInputs, SRAMOutputs: n * e.SRAMOutputs,
		NoC: n * e.NoC, DRAM: n * e.DRAM, Vector: n * e.Vector, Leakage: n * e.Leakage,
	}
}
