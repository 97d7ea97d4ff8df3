package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/sim"
)

// Images says which images the error figures rest on.
type Images struct {
	Data, Calib string // names of the sets
	Calibrated  int    // images
}

// Run is the report of a network quantized, executed and priced.
func Run(o Origin, machine *arch.Accelerator, network, method string, out *evaluate.Outcome, images Images, doubt float64) *Document {
	result := Result(out.Cost, out.SQNR, &out.Accuracy)
	if out.Quality != nil {
		result.Accuracy = &AccuracyValue{quality: out.Quality}
	}
	result.Method = method
	lines := result.doubt(machine, out.Cost, doubt)
	return &Document{
		Title:       fmt.Sprintf("%s, %s, on %s", network, method, out.Cost.Machine),
		Answer:      append(costLines(result), append([]string{memoryLine(out.Cost)}, errorLines(out)...)...),
		Tables:      runTables(result),
		Charts:      runCharts(machine, result),
		Attachments: effective(machine),
		Assumptions: slices.Concat(out.Cost.Assumptions, lines, provenance(o, images, evaluate.Executed(out))),
		Identity:    identity(o, machine, network, method),
		Result:      result,
	}
}

// Cost is the report of a workload priced alone; method gave it its widths, "" if
// they are its own.
func Cost(o Origin, machine *arch.Accelerator, r *sim.Result, method string, doubt float64) *Document {
	title := r.Workload + " on " + r.Machine
	if method != "" {
		title = fmt.Sprintf("%s, %s, on %s", r.Workload, method, r.Machine)
	}
	result := Result(r, nil, nil)
	result.Method = method
	lines := result.doubt(machine, r, doubt)
	return &Document{
		Title:       title,
		Answer:      append(costLines(result), memoryLine(r)),
		Tables:      runTables(result),
		Charts:      runCharts(machine, result),
		Attachments: effective(machine),
		Assumptions: slices.Concat(r.Assumptions, lines),
		Identity:    identity(o, machine, r.Workload, method),
		Result:      result,
	}
}

// identity tells the rows of a run from those of others.
func identity(o Origin, machine *arch.Accelerator, network, method string) []Field {
	return []Field{
		{"machine", machine.Name},
		{"set", strings.Join(o.Set, " ")},
		{"network", network},
		{"method", method},
		{"batch", max(machine.Batch, 1)},
		{"memory", machine.MemorySystem()},
		{"seed", o.Seed},
	}
}

// costLines say what a run takes.
func costLines(r *RunResult) []string {
	t := &r.Totals
	one := func(what, value, per string) string {
		if r.Batch > 1 {
			return fmt.Sprintf("%s %s for a batch of %d, %s an image", what, value, r.Batch, per)
		}
		return what + " " + value
	}
	perImage := t.EnergyPJ / float64(max(r.Batch, 1))
	lines := []string{one("latency", inUnits(t.LatencyS, timeUnits), inUnits(t.LatencyPerImageS, timeUnits))}
	if r.IntervalS < t.LatencyS {
		lines = append(lines, one("initiation interval", inUnits(r.IntervalS, timeUnits), inUnits(r.IntervalPerImageS, timeUnits)))
	}
	lines = append(lines, one("energy", inUnits(t.EnergyPJ, energyUnits), inUnits(perImage, energyUnits)))
	if u := r.Uncertainty; u != nil {
		lines = append(lines, fmt.Sprintf("with unconfirmed constants %g %% off: %s%s", 100*u.Share,
			span("latency", u.LatencyS, timeUnits, ", "), span("energy", u.EnergyPJ, energyUnits, "")))
	}
	return lines
}

// span says what a figure may be, nothing of one that is certain.
func span(what string, r [2]float64, units []unit, after string) string {
	if r[0] == r[1] {
		return ""
	}
	u := scaleOf(r[1], units)
	return fmt.Sprintf("%s %s to %s%s", what, fixed(r[0]/u.size, u.decimals), inUnits(r[1], units), after)
}

// doubt adds what the run may take when unconfirmed constants are off, and says what
// that rests on.
func (r *RunResult) doubt(machine *arch.Accelerator, cost *sim.Result, share float64) []string {
	d := evaluate.DoubtOf(machine, share)
	if len(d.Keys) == 0 {
		return nil
	}
	energy, latency := d.Energy(&cost.Totals.Energy), d.Latency(cost.Totals.LatencyS)
	r.Uncertainty = &UncertaintyValue{share, d.Keys, [2]float64{latency.Low, latency.High}, [2]float64{energy.Low, energy.High}}
	return doubtLines(&d)
}

// provenance lists what error figures rest on.
func provenance(o Origin, images Images, executed []string) []string {
	basis := fmt.Sprintf("accuracy measured on %s, calibrated on %d images of %s", images.Data, images.Calibrated, images.Calib)
	if images.Calib == "" {
		basis = fmt.Sprintf("accuracy measured on %s, quantized as the model says", images.Data)
	}
	return slices.Concat([]string{basis}, executed, []string{o.String()})
}

// errorLines say what is lost.
func errorLines(out *evaluate.Outcome) []string {
	if out.Quality != nil {
		return qualityLines(out.Quality)
	}
	return []string{accuracyLine(&out.Accuracy)}
}

func accuracyLine(a *evaluate.Accuracy) string {
	return fmt.Sprintf("top-1 %.2f %% (float %.2f %%) on %d images, 95 %% interval %.2f to %.2f %%; same class as float on %.2f %%",
		100*a.Top1, 100*a.FloatTop1, a.Images, 100*a.CI95[0], 100*a.CI95[1], 100*a.Agreement)
}

// RunResult is the "result" object of a run in JSON: base units in the keys.
type RunResult struct {
	Machine  string  `json:"machine"`          // name
	Workload string  `json:"workload"`         // name of the network or workload
	Method   string  `json:"method,omitempty"` // as -q spells it; absent for a workload with widths of its own
	Batch    int     `json:"batch"`            // images of a run
	ClockHz  float64 `json:"clock_hz"`         // of the machine
	// IntervalS is from the start of a run to that of the next, in seconds: latency_s of the totals unless layers work on different images at a time.
	IntervalS         float64 `json:"interval_s"`
	IntervalPerImageS float64 `json:"interval_per_image_s"` // interval_s over the batch
	// WeightRoomBytes is what the chip holds of weights; absent where there is no limit.
	WeightRoomBytes     int64             `json:"weight_room_bytes,omitempty"`
	ActivationRoomBytes int64             `json:"activation_room_bytes,omitempty"` // the same of activations
	SharedRoom          bool              `json:"shared_room,omitempty"`           // both are one scratchpad, for weights and activations together
	Totals              LayerResult       `json:"totals"`                          // sums of the layers
	Figures             FigureValues      `json:"figures"`                         // rates and ratios of the totals
	Layers              []LayerResult     `json:"layers"`                          // in the order of the network
	Accuracy            *AccuracyValue    `json:"accuracy,omitempty"`              // absent where nothing was executed
	Uncertainty         *UncertaintyValue `json:"uncertainty,omitempty"`           // absent where no constant is unconfirmed, or none is doubted
}

// UncertaintyValue is what a run may take when unconfirmed constants are off.
type UncertaintyValue struct {
	Share       float64    `json:"share"`       // by which each may be off, up and down
	Unconfirmed []string   `json:"unconfirmed"` // constants of energy, and clock_hz
	LatencyS    [2]float64 `json:"latency_s"`   // least and most
	EnergyPJ    [2]float64 `json:"energy_pj"`   // least and most
}

// LayerResult is the cost of one op, or the total.
type LayerResult struct {
	Name             string             `json:"name"`                // of the operation; "total"
	Kind             string             `json:"kind,omitempty"`      // conv, depthwise, matmul, chain or vector
	Shape            string             `json:"shape,omitempty"`     // for people
	Cycles           int64              `json:"cycles"`              // for the batch
	Stalls           map[string]int64   `json:"stalls"`              // cycles by cause: compute, fill, imbalance, weight_load, input, output, dram, host; they sum to cycles
	LatencyS         float64            `json:"latency_s"`           // seconds for the batch
	LatencyPerImageS float64            `json:"latency_per_image_s"` // latency_s over the batch
	EnergyPJ         float64            `json:"energy_pj"`           // picojoules for the batch
	Energy           map[string]float64 `json:"energy"`              // picojoules by component: mac, register, sram_weights, sram_inputs, sram_outputs, noc, dram, vector, leakage; they sum to energy_pj
	MACs             int64              `json:"macs"`                // multiply-accumulates of the batch
	Utilisation      float64            `json:"utilisation"`         // fraction of what the array could do in these cycles at these widths
	DRAMReadBytes    int64              `json:"dram_read_bytes"`     // for the batch
	DRAMWriteBytes   int64              `json:"dram_write_bytes"`    // for the batch
	WeightBitsMean   float64            `json:"weight_bits_mean"`    // over weight vectors, pruned ones included
	WeightBitsMin    int                `json:"weight_bits_min"`     // of the narrowest
	WeightBitsMax    int                `json:"weight_bits_max"`     // of the widest
	ActBits          int                `json:"act_bits"`            // of the inputs
	MACsPerCycle     float64            `json:"macs_per_cycle"`      // reached
	PeakMACsPerCycle float64            `json:"peak_macs_per_cycle"` // of the full array at these widths; 0 without products
	MACsPerDRAMByte  float64            `json:"macs_per_dram_byte"`  // arithmetic intensity; 0 where nothing comes from DRAM
	// Fit is "fits", "spills to DRAM" or "does not fit": what is kept against the room on chip.
	Fit string `json:"fit"`
	// ResidentWeightBytes is the weights of the layer as they are stored, of the totals all.
	ResidentWeightBytes int64 `json:"resident_weight_bytes"`
	// ResidentActivationBytes is the tensors alive while the layer runs, of the totals the most; on streaming machines what the unit keeps, of the totals the sum.
	ResidentActivationBytes int64    `json:"resident_activation_bytes"`
	SQNRDB                  *float64 `json:"sqnr_db,omitempty"` // signal to quantization noise of the outputs, decibels; absent where it was not executed
	Mapping                 string   `json:"mapping,omitempty"` // tiles and loop order, for people
}

// Result makes the JSON object of a cost, with SQNR by op and accuracy where
// the network was executed.
func Result(r *sim.Result, sqnr []float64, accuracy *evaluate.Accuracy) *RunResult {
	out := &RunResult{
		Machine: r.Machine, Workload: r.Workload, Batch: r.Batch, ClockHz: r.ClockHz,
		IntervalS: r.IntervalS, IntervalPerImageS: r.IntervalS / float64(max(r.Batch, 1)),
		WeightRoomBytes: r.Totals.Fit.WeightRoom, ActivationRoomBytes: r.Totals.Fit.ActivationRoom, SharedRoom: r.Totals.Fit.Shared,
	}
	out.Totals = layerResult(&r.Totals, r.Batch)
	out.Figures = FigureValues(r.Figures())
	for i := range r.Layers {
		l := layerResult(&r.Layers[i], r.Batch)
		if i < len(sqnr) && !math.IsNaN(sqnr[i]) && !math.IsInf(sqnr[i], 0) {
			l.SQNRDB = &sqnr[i]
		}
		out.Layers = append(out.Layers, l)
	}
	if accuracy != nil {
		out.Accuracy = &AccuracyValue{accuracy.Top1, accuracy.FloatTop1, accuracy.Agreement, accuracy.Images, accuracy.CI95, nil}
	}
	return out
}

func layerResult(l *sim.Layer, batch int) LayerResult {
	out := LayerResult{
		Name: l.Name, Kind: l.Kind, Shape: l.Shape.String(), Cycles: l.Cycles, Stalls: byCause(l.Stalls),
		LatencyS: l.LatencyS, LatencyPerImageS: l.LatencyS / float64(max(batch, 1)),
		EnergyPJ: l.Energy.Total(), Energy: map[string]float64{},
		MACs: l.MACs, Utilisation: l.Utilisation, DRAMReadBytes: l.DRAMRead, DRAMWriteBytes: l.DRAMWrite,
		WeightBitsMean: l.WeightBitsMean, WeightBitsMin: l.WeightBitsMin, WeightBitsMax: l.WeightBitsMax,
		ActBits: l.ActBits, Mapping: l.Mapping.String(),
		Fit: l.Fit.Verdict.String(), ResidentWeightBytes: l.Fit.Weights, ResidentActivationBytes: l.Fit.Activations,
		MACsPerCycle: l.MACsPerCycle(), PeakMACsPerCycle: l.PeakMACs(), MACsPerDRAMByte: l.MACsPerDRAMByte(),
	}
	for _, c := range components {
		out.Energy[c.key] = c.of(l.Energy)
	}
	return out
}
