package parquet

import (
	"context"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/snappy"

	"bitcycle/sim"
	"bitcycle/sim/sweep"
)

// LayersFile is the name of the file of layers in a result folder.
const LayersFile = "layers.parquet"

// layerRow is a layer of a point, with the names that layers have in all files.
type layerRow struct {
	ID    string `parquet:"id,dict"` // of the point
	Layer int32  `parquet:"layer"`   // from 0, in the order of the workload
	Name  string `parquet:"name,dict"`
	Kind  string `parquet:"kind,dict"`

	Cycles     int64 `parquet:"cycles"`
	Compute    int64 `parquet:"stall_compute_cycles"`
	Fill       int64 `parquet:"stall_fill_cycles"`
	Imbalance  int64 `parquet:"stall_imbalance_cycles"`
	WeightLoad int64 `parquet:"stall_weight_load_cycles"`
	Input      int64 `parquet:"stall_input_cycles"`
	Output     int64 `parquet:"stall_output_cycles"`
	DRAM       int64 `parquet:"stall_dram_cycles"`
	Host       int64 `parquet:"stall_host_cycles"`

	LatencyS    float64 `parquet:"latency_s"`
	EnergyPJ    float64 `parquet:"energy_pj"`
	MAC         float64 `parquet:"energy_mac_pj"`
	Register    float64 `parquet:"energy_register_pj"`
	SRAMWeights float64 `parquet:"energy_sram_weights_pj"`
	SRAMInputs  float64 `parquet:"energy_sram_inputs_pj"`
	SRAMOutputs float64 `parquet:"energy_sram_outputs_pj"`
	NoC         float64 `parquet:"energy_noc_pj"`
	EnergyDRAM  float64 `parquet:"energy_dram_pj"`
	Vector      float64 `parquet:"energy_vector_pj"`
	Leakage     float64 `parquet:"energy_leakage_pj"`
	MACs        int64   `parquet:"macs"`
	Utilisation float64 `parquet:"utilisation"`
	DRAMRead    int64   `parquet:"dram_read_bytes"`
	DRAMWrite   int64   `parquet:"dram_write_bytes"`
	WeightBits  float64 `parquet:"weight_bits_mean"`
	ActBits     int32   `parquet:"act_bits"`
	Mapping     string  `parquet:"mapping,dict"`
}

// WriteLayers writes every layer of every point that has figures, per run of the batch,
// point by point in the order of results.csv.
func WriteLayers(ctx context.Context, w io.Writer, t *sweep.Table) error {
	out := parquet.NewGenericWriter[layerRow](w, parquet.Compression(&snappy.Codec{}))
	var rows []layerRow
	err := t.EachCost(ctx, func(i int, r *sim.Result) error {
		rows = rows[:0]
		for k := range r.Layers {
			rows = append(rows, rowOf(t.ID(i).String(), k, &r.Layers[k]))
		}
		_, err := out.Write(rows)
		return err
	})
	if err != nil {
		return err
	}
	return out.Close()
}

func rowOf(id string, layer int, l *sim.Layer) layerRow {
	s, e := &l.Stalls, &l.Energy
	return layerRow{
		ID: id, Layer: int32(layer), Name: l.Name, Kind: l.Kind,
		Cycles: l.Cycles, Compute: s.Compute, Fill: s.Fill, Imbalance: s.Imbalance, WeightLoad: s.WeightLoad, Input: s.Input, Output: s.Output, DRAM: s.DRAM, Host: s.Host,
		LatencyS: l.LatencyS, EnergyPJ: e.Total(), MAC: e.MAC, Register: e.Register, SRAMWeights: e.SRAMWeights, SRAMInputs: e.SRAMInputs, SRAMOutputs: e.SRAMOutputs,
		NoC: e.NoC, EnergyDRAM: e.DRAM, Vector: e.Vector, Leakage: e.Leakage, MACs: l.MACs, Utilisation: l.Utilisation, DRAMRead: l.DRAMRead, DRAMWrite: l.DRAMWrite,
		WeightBits: l.WeightBitsMean, ActBits: int32(l.ActBits), Mapping: l.Mapping.String(),
	}
}
