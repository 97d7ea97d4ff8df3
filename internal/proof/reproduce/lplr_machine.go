package reproduce

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"bitcycle/arch"
	experiments "bitcycle/internal/proof/experiments/lplr"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers/lplr"
	"bitcycle/reports"
	"bitcycle/sim"
)

// machineTable charges A·X and L·(R·X) to machines: cost beside error.
func machineTable(ctx context.Context, o Options, r *Report) error {
	const n, positions = 1000, 64
	a := experiments.Phantom(n)
	t := &reports.Table{Title: fmt.Sprintf("A·X against L·(R·X), phantom %d×%d, X of %d columns at 8 bits", n, n, positions), Columns: []reports.Column{
		reports.Text("machine", "machine"), reports.Text("form", "form"), reports.Number("rank", "rank"),
		reports.Scaled("bits_per_entry", "bits/entry", 1, 2), reports.Scaled("relative_error", "relative error", 1, 4),
		reports.Number("cycles", "cycles"), reports.Scaled("latency_s", "latency [µs]", 1e-6, 2),
		reports.Scaled("energy_pj", "energy [µJ]", 1e6, 2), reports.Scaled("dram_bytes", "DRAM [KiB]", 1<<10, 1),
	}}
	forms, err := productForms(a, positions, o.Seed)
	if err != nil {
		return err
	}
	for _, name := range []string{"gemmini-default", "haq-bismo-cloud", "bitfusion-eyeriss-45nm"} {
		machine, err := arch.Load(name, nil)
		if err != nil {
			return err
		}
		for _, f := range forms {
			cost, err := sim.Run(ctx, machine, f.workload, sim.Options{})
			if err != nil {
				return err
			}
			c := &cost.Totals
			t.Add(name, f.name, f.rank, f.bits, f.err, c.Cycles, c.LatencyS, c.Energy.Total(), c.DRAMRead+c.DRAMWrite)
		}
	}
	t.Notes = append(t.Notes, "bits 8 for the naive form of A; factors at 8 and 4 bits; costs are per batch of the machine")
	r.Tables = append(r.Tables, t)
	return nil
}

// form is one way to multiply by a compressed matrix.
type form struct {
	name     string
	rank     int
	bits     float64
	err      float64
	workload *workload.Workload
}

func productForms(a *mat.Dense, positions int, seed int64) ([]form, error) {
	n, d := a.Dims()
	product := func(name string, m, k int, w uint8) workload.Op {
		return workload.Op{Name: name, Kind: workload.MatMul, M: m, K: k, N: positions, Groups: 1, Batch: 1, WeightBits: []uint8{w}, ActBits: 8, ActSigned: true, OutBits: 8}
	}
	var forms []form
	for _, bits := range []int{8, 4, 2, 1} {
		e := lplr.RelativeError(a, experiments.NaiveClipped(a, bits).Dense())
		forms = append(forms, form{fmt.Sprintf("A at %d bits", bits), min(n, d), float64(bits), e, &workload.Workload{Name: "A·X", Ops: []workload.Op{product("a", n, d, uint8(bits))}}})
	}
	for _, s := range []struct {
		budget float64
		bits   int
	}{{2, 8}, {1, 8}, {1, 4}} {
		m := lplr.Budget{N: n, D: d, BitsPerEntry: s.budget, Ratio: 1}.Rank(s.bits, s.bits)
		for _, basis := range []lplr.Basis{lplr.SketchBasis, lplr.SVDSqrt} {
			e, err := errorOf(a, lplr.Options{Rank: m, BitsL: s.bits, BitsR: s.bits, Basis: basis, Seed: seed})
			if err != nil {
				return nil, err
			}
			w := &workload.Workload{Name: "L·(R·X)", Ops: []workload.Op{product("r", m, d, uint8(s.bits)), product("l", n, m, uint8(s.bits))}}
			forms = append(forms, form{fmt.Sprintf("L·R %s %d bits", basis, s.bits), m, lplr.Bits(n, d, m, s.bits, s.bits), e, w})
		}
	}
	return forms, nil
}
