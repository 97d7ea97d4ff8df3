package sim

// Figures are the rates and ratios that data sheets name, of a run of a batch. What a
// machine has no clock or no prices for is 0.
type Figures struct {
	ImagesPerS        float64 // the batch over the initiation interval
	OperationsPerS    float64 // at that rate, two for a multiply-accumulate
	PeakOperationsPS  float64 // of the full array at the widths of the layers, weighed by their work
	OperationsPerJ    float64 // 10¹² are one TOPS/W
	EnergyDelayJS     float64 // energy × latency, in J·s
	AveragePowerW     float64
	PeakPowerW        float64 // of the layer that takes the most on average
	MACsPerDRAMByte   float64 // arithmetic intensity; 0 where nothing comes from DRAM
	DRAMBytesPerCycle float64
	AreaMM2           float64 // of the chip where its source says so, else of array and scratchpads; 0 where no source gives all of them
}

// Figures returns what follows from the totals of a run.
func (r *Result) Figures() Figures {
	t := &r.Totals
	f := Figures{
		MACsPerDRAMByte:   over(float64(t.MACs), float64(t.DRAMRead+t.DRAMWrite)),
		DRAMBytesPerCycle: over(float64(t.DRAMRead+t.DRAMWrite), float64(t.Cycles)),
		ImagesPerS:        over(float64(r.Batch), r.IntervalS),
		OperationsPerS:    over(2*float64(t.MACs), r.IntervalS),
		PeakOperationsPS:  2 * t.PeakMACs() * r.ClockHz,
		OperationsPerJ:    over(2*float64(t.MACs), t.Energy.Total()*1e-12),
		EnergyDelayJS:     t.Energy.Total() * 1e-12 * t.LatencyS,
		AveragePowerW:     over(t.Energy.Total()*1e-12, t.LatencyS),
		AreaMM2:           r.Area.Total(),
	}
	for i := range r.Layers {
		l := &r.Layers[i]
		f.PeakPowerW = max(f.PeakPowerW, over(l.Energy.Total()*1e-12, l.LatencyS))
	}
	return f
}

// PeakMACs is the multiply-accumulates per cycle of the full array at the layer's widths,
// the mean over its work for layers of several; 0 for a layer without products.
func (l *Layer) PeakMACs() float64 { return over(float64(l.MACs), l.work) }

// MACsPerCycle is what the layer reached.
func (l *Layer) MACsPerCycle() float64 { return over(float64(l.MACs), float64(l.Cycles)) }

// MACsPerDRAMByte is the layer's arithmetic intensity; 0 where nothing comes from DRAM.
func (l *Layer) MACsPerDRAMByte() float64 {
	return over(float64(l.MACs), float64(l.DRAMRead+l.DRAMWrite))
}

// Total is the chip's area where its source says so, else the sum of array and
// scratchpads, 0 where the array's is not known.
func (a Area) Total() float64 {
	if a.Chip > 0 || a.Array == 0 {
		return a.Chip
	}
	return a.Array + a.SRAMWeights + a.SRAMInputs + a.SRAMOutputs
}

// over is a ratio, 0 where there is nothing to divide by.
func over(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
