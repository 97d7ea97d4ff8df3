package validate

import (
	"context"
	"fmt"
	"io/fs"
	"math"
	"strings"

	"bitcycle/arch"
	"bitcycle/internal/proof"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
)

// fusionMachine is the shipped Bit Fusion machine.
const fusionMachine = "bitfusion-eyeriss-45nm"

// fusionLayer is a layer as Bit Fusion's simulator describes it: square kernel K,
// square output O, stride S; lowered flat when im2col.
type fusionLayer struct {
	K, O, S, IC, OC, B  int
	im2col              bool
	actBits, weightBits int
}

// op returns the layer as an op; batch comes from the machine.
func (l fusionLayer) op(name string) workload.Op {
	op := workload.Op{
		Name: name, Kind: workload.Conv, M: l.OC, K: l.IC * l.K * l.K, N: l.O * l.O, Groups: 1, Batch: 1,
		Kernel: [2]int{l.K, l.K}, Stride: [2]int{l.S, l.S}, Dilation: [2]int{1, 1}, Out: [2]int{l.O, l.O},
		WeightBits: []uint8{uint8(l.weightBits)}, ActBits: uint8(l.actBits),
	}
	size := (l.O-1)*l.S + l.K
	op.In = [3]int{l.IC, size, size}
	if l.K == 1 && l.O == 1 && !l.im2col {
		op.Kind = workload.MatMul
	}
	return op
}

func (l fusionLayer) run(acc *arch.Accelerator, loops *sim.Loops) (*sim.Result, error) {
	acc.Batch = l.B
	acc.Array.FirstLayerFlat = l.im2col
	w := &workload.Workload{Name: "layer", Ops: []workload.Op{l.op("layer")}}
	return sim.Run(context.Background(), acc, w, sim.Options{Loops: loops})
}

// fusionRow prepares a layer and a machine from a row of the ported simulator's runs.
func fusionRow(r proof.Record) (fusionLayer, *arch.Accelerator, error) {
	acc, err := arch.Load(fusionMachine, []string{
		"array.rows=" + r.Text("N"), "array.cols=" + r.Text("M"), "memory.bits_per_cycle=" + r.Text("bw_bits"),
		"buffers.weights.bytes=" + r.Text("wbuf_bytes"), "buffers.inputs.bytes=" + r.Text("ibuf_bytes"), "buffers.outputs.bytes=" + r.Text("obuf_bytes"),
	})
	if err != nil {
		return fusionLayer{}, nil, err
	}
	e := &acc.Energy
	e.MAC.PJPerCycle = r.Number("e_core_pJ_per_cycle")
	e.SRAM.Weights = sramAccess(r, "wbuf")
	e.SRAM.Inputs = sramAccess(r, "ibuf")
	e.SRAM.Outputs = sramAccess(r, "obuf")
	e.DRAM.Value = r.Number("e_dram_pJ_bit")
	l := fusionLayer{
		K: r.Whole("K"), O: r.Whole("O"), S: r.Whole("S"), IC: r.Whole("IC"), OC: r.Whole("OC"), B: r.Whole("B"),
		im2col: r.Whole("im2col") == 1, actBits: r.Whole("iprec"), weightBits: r.Whole("wprec"),
	}
	return l, acc, r.Err()
}

func sramAccess(r proof.Record, name string) arch.SRAMAccess {
	return arch.SRAMAccess{Read: arch.Constant{Value: r.Number("e_" + name + "_rd_pJ_bit")}, Write: arch.Constant{Value: r.Number("e_" + name + "_wr_pJ_bit")}}
}

// simulatorFigures compares what a run gives with the columns of the simulator.
func simulatorFigures(id string, r proof.Record, res *sim.Result) []proof.Row {
	t := res.Totals
	whole := func(name string) float64 { return math.Ceil(r.Number(name)/8) * 8 } // our counts are bytes
	return []proof.Row{
		proof.Compare(id, "compute cycles", r.Number("compute_cycles"), float64(t.Stalls.Compute+t.Stalls.Fill+t.Stalls.Imbalance)),
		proof.Compare(id, "total cycles", r.Number("total_cycles"), float64(t.Cycles)),
		proof.Compare(id, "DRAM read bits", whole("dram_rd_bits"), float64(t.DRAMRead*8)),
		proof.Compare(id, "DRAM write bits", whole("dram_wr_bits"), float64(t.DRAMWrite*8)),
	}
}

// fusionFixed runs the layers of the ported simulator with its tilings and loop
// orders: every count must be equal.
func fusionFixed(golden fs.FS) ([]proof.Source, error) {
	records, err := proof.ReadCSV(golden, "peers/bitfusion/layers_fixed_tiling.csv")
	if err != nil {
		return nil, err
	}
	var rows []proof.Row
	for _, r := range records {
		l, acc, err := fusionRow(r)
		if err != nil {
			return nil, err
		}
		loops := &sim.Loops{B: r.Whole("tile_b"), OW: r.Whole("tile_ow"), OH: r.Whole("tile_oh"), IC: r.Whole("tile_ic"), OC: r.Whole("tile_oc"), Order: strings.Split(r.Text("order"), ">")}
		res, err := l.run(acc, loops)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.Where(), err)
		}
		rows = append(rows, simulatorFigures(fmt.Sprintf("%s %s/%s %s", r.Text("layer"), r.Text("iprec"), r.Text("wprec"), r.Text("order")), r, res)...)
	}
	s := proof.NewSource("Bit Fusion simulator, fixed loops", "all exact", "cycles and DRAM traffic of given tiles and loop orders", rows, proof.AllExact)
	return []proof.Source{s}, nil
}

// fusionSearch lets the tile search find its own loops for the same layers.
func fusionSearch(golden fs.FS) ([]proof.Source, error) {
	records, err := proof.ReadCSV(golden, "peers/bitfusion/layers_search.csv")
	if err != nil {
		return nil, err
	}
	var rows []proof.Row
	worse := 0
	for _, r := range records {
		l, acc, err := fusionRow(r)
		if err != nil {
			return nil, err
		}
		res, err := l.run(acc, nil)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.Where(), err)
		}
		figures := simulatorFigures(fmt.Sprintf("%s %s/%s %sx%s", r.Text("layer"), r.Text("iprec"), r.Text("wprec"), r.Text("N"), r.Text("M")), r, res)
		if float64(res.Totals.Cycles) > r.Number("total_cycles") {
			worse++
		}
		rows = append(rows, figures[0], figures[1])
	}
	note := fmt.Sprintf("cycles of the mapping search; %d of %d layers slower than the simulator's own search", worse, len(records))
	s := proof.NewSource("Bit Fusion simulator, search", "no layer slower, mean error at most 2 %", note, rows, func(s *proof.Source) bool {
		return worse == 0 && s.MeanError <= 0.02
	})
	return []proof.Source{s}, nil
}

func findFusionLayer(network, layer string) (fusionLayer, bool) {
	if at := strings.LastIndex(layer, "/"); at >= 0 {
		layer = layer[:at]
	}
	for _, l := range fusionNetworks {
		if l.network == network && l.layer == layer {
			return l.fusionLayer, true
		}
	}
	return fusionLayer{}, false
}
