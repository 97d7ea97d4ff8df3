package validate

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync"

	"bitcycle/arch"
	"bitcycle/internal/proof"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
)

var fusionNetwork = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(\S+)(?: batch=\d+.*)?$`) })

// fusionFigures compares with the published figures of Bit Fusion's machine: layers
// of the sweep, and network totals, latencies, energies and powers of its notebook.
func fusionFigures(golden fs.FS) ([]proof.Source, error) {
	list, err := readPublished(golden)
	if err != nil {
		return nil, err
	}
	networks := map[string]*sim.Result{}
	layers := map[string]*sim.Result{}
	var rows []proof.Row
	for _, p := range list {
		if p.accelerator != "BitFusion" {
			continue
		}
		got, ok, err := fusionFigure(p, networks, layers)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.id, err)
		}
		if ok {
			rows = append(rows, p.row(got))
		}
	}
	s := proof.NewSource("Bit Fusion figures", "every figure within its tolerance", "layer cycles and traffic, network totals, energies and areas", rows, proof.NoneFails)
	s.Machine, s.Kind = fusionMachine, "published"
	return []proof.Source{s}, nil
}

func fusionFigure(p published, networks, layers map[string]*sim.Result) (float64, bool, error) {
	if strings.Contains(p.workload, " kind=") {
		return fusionLayerFigure(p, layers)
	}
	acc, err := arch.Load(fusionMachine, nil)
	if err != nil {
		return 0, false, err
	}
	switch p.metric {
	case "area":
		value, ok := map[string]float64{"OBUF": acc.Area.Outputs.Value, "IBUF": acc.Area.Inputs.Value, "WBUF": acc.Area.Weights.Value, "core": acc.Area.Array.Value}[p.workload]
		return value, ok, nil
	case "energy_per_bit":
		s := &acc.Energy.SRAM
		value, ok := map[string]float64{
			"WBUF_read": s.Weights.Read.Value, "WBUF_write": s.Weights.Write.Value, "IBUF_read": s.Inputs.Read.Value,
			"IBUF_write": s.Inputs.Write.Value, "OBUF_read": s.Outputs.Read.Value, "OBUF_write": s.Outputs.Write.Value,
		}[p.workload]
		return value, ok, nil
	}
	m := fusionNetwork().FindStringSubmatch(p.workload)
	if m == nil || !strings.HasPrefix(p.config, "bitfusion-eyeriss 16x32") {
		return 0, false, nil
	}
	r, err := runFusionNetwork(m[1], networks)
	if r == nil || err != nil {
		return 0, false, err
	}
	return networkFigure(p.metric, r)
}

func networkFigure(metric string, r *sim.Result) (float64, bool, error) {
	t := &r.Totals
	const milli = 1e-9 // pJ to mJ
	switch metric {
	case "network_total_cycles":
		return float64(t.Cycles), true, nil
	case "latency_per_image":
		return t.LatencyS / float64(r.Batch) * 1e3, true, nil
	case "energy_core":
		return t.Energy.MAC * milli, true, nil
	case "energy_sram":
		return (t.Energy.SRAMWeights + t.Energy.SRAMInputs + t.Energy.SRAMOutputs) * milli, true, nil
	case "energy_dram15pJb":
		return t.Energy.DRAM * milli, true, nil
	case "energy_total":
		return t.Energy.Total() * milli, true, nil
	case "average_power_incl_dram":
		return t.Energy.Total() * 1e-12 / t.LatencyS, true, nil
	}
	return 0, false, nil
}

// runFusionNetwork runs all layers of a network of the sweep; nil when there is none.
func runFusionNetwork(name string, done map[string]*sim.Result) (*sim.Result, error) {
	if r, ok := done[name]; ok {
		return r, nil
	}
	acc, err := arch.Load(fusionMachine, nil)
	if err != nil {
		return nil, err
	}
	w := &workload.Workload{Name: name}
	var flat []workload.Op // lowered flat: only the first op of a workload is
	for _, l := range fusionNetworks {
		switch {
		case l.network != name:
		case l.im2col:
			flat = append(flat, l.op(l.layer))
		default:
			w.Ops = append(w.Ops, l.op(l.layer))
		}
	}
	if len(flat)+len(w.Ops) == 0 {
		return nil, nil
	}
	r, err := runFlatFirst(acc, flat, w)
	done[name] = r
	return r, err
}

// runFlatFirst runs the flat ops one by one and the rest together, and sums them: the
// two towers of a network have two first layers.
func runFlatFirst(acc *arch.Accelerator, flat []workload.Op, rest *workload.Workload) (*sim.Result, error) {
	sum := &sim.Result{Batch: acc.Batch}
	add := func(w *workload.Workload, flat bool) error {
		acc.Array.FirstLayerFlat = flat
		r, err := sim.Run(context.Background(), acc, w, sim.Options{})
		if err != nil {
			return err
		}
		sum.Totals.Cycles += r.Totals.Cycles
		sum.Totals.LatencyS += r.Totals.LatencyS
		sum.Totals.Energy = sum.Totals.Energy.Plus(r.Totals.Energy)
		return nil
	}
	for _, op := range flat {
		if err := add(&workload.Workload{Ops: []workload.Op{op}}, true); err != nil {
			return nil, err
		}
	}
	if len(rest.Ops) > 0 {
		return sum, add(rest, false)
	}
	return sum, nil
}

var fusionShape = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`kind=(\w+) `) })

// fusionLayerFigure runs a layer described in the row itself, such as
// "AlexNet conv2_a kind=conv IC=96 OC=256 K=5 O=28 batch=16 abits=4 wbits=4".
func fusionLayerFigure(p published, done map[string]*sim.Result) (float64, bool, error) {
	r := done[p.workload]
	if r == nil {
		f := p.fields()
		words := strings.Fields(p.workload)
		l := fusionLayer{K: f["K"], O: f["O"], S: 1, IC: f["IC"], OC: f["OC"], B: f["batch"], im2col: fusionShape().FindStringSubmatch(p.workload)[1] == "first", actBits: f["abits"], weightBits: f["wbits"]}
		if known, ok := findFusionLayer(words[0], words[1]+"/"); ok {
			l.S = known.S // the row does not say
		}
		acc, err := arch.Load(fusionMachine, nil)
		if err != nil {
			return 0, false, err
		}
		if r, err = l.run(acc, nil); err != nil {
			return 0, false, err
		}
		done[p.workload] = r
	}
	t := &r.Totals
	switch p.metric {
	case "compute_cycles":
		return float64(t.Stalls.Compute + t.Stalls.Fill + t.Stalls.Imbalance), true, nil
	case "total_cycles":
		return float64(t.Cycles), true, nil
	case "dram_read_bits":
		return float64(t.DRAMRead * 8), true, nil
	case "dram_write_bits":
		return float64(t.DRAMWrite * 8), true, nil
	}
	return 0, false, nil
}
