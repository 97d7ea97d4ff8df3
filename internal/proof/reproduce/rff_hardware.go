package reproduce

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"bitcycle/arch"
	"bitcycle/quantizers/rff"
	"bitcycle/reports"
	"bitcycle/sim"
)

// vectorEnergy charges a vector or chain operation of 16 bits like 16 binary
// multiply-accumulates of the machine's array, 1.042 pJ each with buffers and board.
const vectorEnergy = `energy.vector_pj_per_op={ value = 16.67, source = "16 bits as 16 binary multiply-accumulates of the array, our assumption" }`

// featureHardware charges every scheme to the bit-serial machine with a vector
// unit and chain units, beside its kernel error and stored bits.
func featureHardware(ctx context.Context, o Options, points int) (*reports.Table, error) {
	const d, m = 10, 1920
	settings := []string{"batch=1", "vector.lanes=16", "vector.chain_units=16", "vector.chain_cycles=1", vectorEnergy}
	machine, err := arch.Load("haq-bismo-cloud", settings)
	if err != nil {
		return nil, err
	}
	t := &reports.Table{Title: fmt.Sprintf("encoding %d points of %d dimensions by %d features and all kernel values among them, on %s", points, d, m, machine.Name), Columns: []reports.Column{
		reports.Text("scheme", "scheme"), reports.Scaled("stored_bits", "stored bits/point", 1, 0), reports.Significant("relative_error", "relative kernel error", 3),
		reports.Number("cycles", "cycles"), reports.Number("project_cycles", "project"), reports.Number("cosine_cycles", "cosine"), reports.Number("chain_cycles", "recursion"), reports.Number("condense_cycles", "condense"), reports.Number("kernel_cycles", "kernel"),
		reports.Scaled("energy_pj", "energy [µJ]", 1e6, 3), reports.Scaled("array_pj", "array", 1e6, 3), reports.Scaled("vector_pj", "vector", 1e6, 3), reports.Scaled("dram_pj", "DRAM", 1e6, 3), reports.Scaled("dram_bytes", "DRAM [KiB]", 1<<10, 1),
	}}
	one := rff.Alphabet{K: 1}
	kernel := rff.Gaussian{Gamma: 1.0 / d}
	x := clouds(max(points, 64), d, uint64(o.Seed))
	exact := rff.KernelMatrix(kernel, x, x)
	z := rff.Draw(kernel, d, m, uint64(o.Seed)).MapRows(x, o.Workers)
	for _, s := range []rff.Scheme{
		{Method: rff.Float},
		{Method: rff.MSQ, Alphabet: one},
		{Method: rff.StocQ, Alphabet: one},
		rff.NewSigmaDelta(1, 15, one), rff.NewSigmaDelta(2, 15, one), rff.NewBeta(1.9, 12, one),
	} {
		embedded, _, err := rff.Embed(s, z, uint64(o.Seed))
		if err != nil {
			return nil, err
		}
		w := s.Workload(d, m, points, rff.DefaultWidths())
		cost, err := sim.Run(ctx, machine, w, sim.Options{})
		if err != nil {
			return nil, err
		}
		by := map[string]int64{}
		for i := range cost.Layers {
			by[cost.Layers[i].Name] += cost.Layers[i].Cycles
		}
		total := &cost.Totals
		t.Add(s.String(), s.Cost(d, m, rff.DefaultWidths()).StoredBits, gramError(exact, embedded), total.Cycles,
			by["project"], by["cosine"], by["shape"]+by["quantize"], by["condense"], by["kernel"],
			total.Energy.Total(), total.Energy.MAC, total.Energy.Vector, total.Energy.DRAM, total.DRAMRead+total.DRAMWrite)
	}
	t.Notes = append(t.Notes,
		"a vector unit of 16 lanes, 16 chain units of one cycle a step and 16.67 pJ an operation of either are our additions to the machine; kernel error over 64 points",
		"a Sigma-Delta recursion is serial over all features of a point; distributed noise shaping resets after each block, so its chains are short and run side by side: the gain shows when points are fewer than chain units",
		"a block of distributed noise shaping is stored as its levels and multiplied as one condensed word of 13 bits, as precise as its quantization error",
		"float features are charged at 16 bits, the machine's widest operands")
	return t, nil
}

// clouds draws points of unit-variance Gaussian coordinates.
func clouds(n, d int, seed uint64) *mat.Dense {
	rng := rand.New(rand.NewPCG(seed, 0x636c6f75))
	x := mat.NewDense(n, d, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() }, x)
	return x
}

// gramError returns ‖F·Fᵀ − K‖_F/‖K‖_F.
func gramError(exact, f *mat.Dense) float64 {
	var gram, diff mat.Dense
	gram.Mul(f, f.T())
	diff.Sub(&gram, exact)
	e := mat.Norm(&diff, 2) / mat.Norm(exact, 2)
	if math.IsNaN(e) {
		return math.Inf(1)
	}
	return e
}
