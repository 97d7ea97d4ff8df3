package reports

import (
	"math"

	"bitcycle/evaluate"
	"bitcycle/sim"
)

// RunResult is the "result" object of a run in JSON: base units in the keys.
type RunResult struct {
	Machine  string         `json:"machine"`
	Workload string         `json:"workload"`
	Method   string         `json:"method,omitempty"`
	Batch    int            `json:"batch"`
	ClockHz  float64        `json:"clock_hz"`
	Totals   LayerResult    `json:"totals"`
	Layers   []LayerResult  `json:"layers"`
	Accuracy *AccuracyValue `json:"accuracy,omitempty"`
}

// LayerResult is the cost of one op, or the total.
type LayerResult struct {
	Name             string             `json:"name"`
	Kind             string             `json:"kind,omitempty"`
	Shape            string             `json:"shape,omitempty"`
	Cycles           int64              `json:"cycles"`
	Stalls           map[string]int64   `json:"stalls"`
	LatencyS         float64            `json:"latency_s"`
	LatencyPerImageS float64            `json:"latency_per_image_s"`
	EnergyPJ         float64            `json:"energy_pj"`
	Energy           map[string]float64 `json:"energy"`
	MACs             int64              `json:"macs"`
	Utilisation      float64            `json:"utilisation"`
	DRAMReadBytes    int64              `json:"dram_read_bytes"`
	DRAMWriteBytes   int64              `json:"dram_write_bytes"`
	WeightBitsMean   float64            `json:"weight_bits_mean"`
	WeightBitsMin    int                `json:"weight_bits_min"`
	WeightBitsMax    int                `json:"weight_bits_max"`
	ActBits          int                `json:"act_bits"`
	SQNRDB           *float64           `json:"sqnr_db,omitempty"`
	Mapping          string             `json:"mapping,omitempty"`
}

// AccuracyValue holds fractions.
type AccuracyValue struct {
	Top1      float64    `json:"top1"`
	FloatTop1 float64    `json:"float_top1"`
	Agreement float64    `json:"agreement"`
	Images    int        `json:"images"`
	CI95      [2]float64 `json:"ci95"`
}

// Result makes the JSON object of a cost, with SQNR by op and accuracy where
// the network was executed.
func Result(r *sim.Result, sqnr []float64, accuracy *evaluate.Accuracy) *RunResult {
	out := &RunResult{Machine: r.Machine, Workload: r.Workload, Batch: r.Batch, ClockHz: r.ClockHz}
	out.Totals = layerResult(&r.Totals, r.Batch)
	for i := range r.Layers {
		l := layerResult(&r.Layers[i], r.Batch)
		if i < len(sqnr) && !math.IsNaN(sqnr[i]) && !math.IsInf(sqnr[i], 0) {
			l.SQNRDB = &sqnr[i]
		}
		out.Layers = append(out.Layers, l)
	}
	if accuracy != nil {
		out.Accuracy = &AccuracyValue{accuracy.Top1, accuracy.FloatTop1, accuracy.Agreement, accuracy.Images, accuracy.CI95}
	}
	return out
}

func layerResult(l *sim.Layer, batch int) LayerResult {
	out := LayerResult{
		Name: l.Name, Kind: l.Kind, Shape: l.Shape, Cycles: l.Cycles, Stalls: map[string]int64{},
		LatencyS: l.LatencyS, LatencyPerImageS: l.LatencyS / float64(max(batch, 1)),
		EnergyPJ: l.Energy.Total(), Energy: map[string]float64{},
		MACs: l.MACs, Utilisation: l.Utilisation, DRAMReadBytes: l.DRAMRead, DRAMWriteBytes: l.DRAMWrite,
		WeightBitsMean: l.WeightBitsMean, WeightBitsMin: l.WeightBitsMin, WeightBitsMax: l.WeightBitsMax,
		ActBits: l.ActBits, Mapping: l.Mapping,
	}
	for _, c := range causes {
		out.Stalls[c.key] = c.of(l.Stalls)
	}
	for _, c := range components {
		out.Energy[c.key] = c.of(l.Energy)
	}
	return out
}
