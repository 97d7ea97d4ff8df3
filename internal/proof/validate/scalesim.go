package validate

import (
	"context"
	"fmt"
	"path/filepath"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
)

// ScaleSim compares with runs of SCALE-Sim v2 (@22f88b1). Two of its habits are taken
// into account and stated: it reports the index of the last cycle, one less than the
// number of cycles, and for output stationary folds it counts rows + columns further
// output writes each.
func ScaleSim(golden string) (calc, user Source, err error) {
	dir := filepath.Join(golden, "peers", "scalesim")
	records, err := readCSV(filepath.Join(dir, "results_v2.csv"))
	if err != nil {
		return calc, user, err
	}
	machines := map[string]*arch.Accelerator{}
	var calcRows, userRows []Row
	for _, r := range records {
		run := r.text("run")
		if machines[run] == nil {
			if machines[run], err = scaleConfig(filepath.Join(dir, "configs", run+".cfg")); err != nil {
				return calc, user, err
			}
		}
		acc := machines[run]
		w := scaleWorkload(r)
		if err := r.err(); err != nil {
			return calc, user, err
		}
		res, err := sim.Run(context.Background(), acc, w, sim.Options{})
		if err != nil {
			return calc, user, fmt.Errorf("%s: %w", r.where(), err)
		}
		id := run + " " + r.text("layer")
		lines := compare(id, "compute lines", r.number("compute_lines"), float64(res.Totals.Cycles))
		if r.text("mode") == "USER" {
			userRows = append(userRows, lines)
			continue
		}
		calcRows = append(calcRows, scaleFigures(id, r, acc, res)...)
	}
	calc = newSource("SCALE-Sim v2, CALC mode", "all exact",
		"cycles (its index of the last one) and scratchpad counts (its further output-stationary writes, folds × (rows + columns), added)", calcRows, allExact)
	user = newSource("SCALE-Sim v2, USER mode", "all exact", "lines without stalls; its stalls read im2col streams with duplicates and are not modelled", userRows, allExact)
	return calc, user, nil
}

func scaleFigures(id string, r record, acc *arch.Accelerator, res *sim.Result) []Row {
	t := &res.Totals
	const operand, sum = 8, 32
	writes := float64(t.SRAM.OutputsWritten) / sum
	if acc.Array.Dataflow == "os" {
		writes += r.number("folds") * float64(acc.Array.Rows+acc.Array.Cols)
	}
	return []Row{
		compare(id, "cycles", r.number("total_cycles"), float64(t.Cycles-1)),
		compare(id, "input reads", r.number("sram_ifmap_reads"), float64(t.SRAM.InputsRead)/operand),
		compare(id, "filter reads", r.number("sram_filter_reads"), float64(t.SRAM.WeightsRead)/operand),
		compare(id, "output writes", r.number("sram_ofmap_writes"), writes),
	}
}

// scaleConfig reads a SCALE-Sim configuration file as the machine whose memory never
// stalls: USER rows are compared in lines without stalls.
func scaleConfig(path string) (*arch.Accelerator, error) {
	return arch.Load(path, []string{"memory.kind=ideal", "memory.overlap=none"})
}

// scaleWorkload is the layer of a row. SCALE-Sim counts a last partial window as an
// output: ⌈(H − F + S)/S⌉.
func scaleWorkload(r record) *workload.Workload {
	size := func(in, filter, stride string) int {
		s := max(1, r.whole(stride))
		return (r.whole(in) - r.whole(filter) + 2*s - 1) / s
	}
	h, w := size("IH", "FH", "SH"), size("IW", "FW", "SW")
	fh, fw, ch := r.whole("FH"), r.whole("FW"), r.whole("CH")
	return &workload.Workload{Name: r.text("topology"), Ops: []workload.Op{{
		Name: r.text("layer"), Kind: workload.Conv, M: r.whole("NF"), K: fh * fw * ch, N: h * w, Groups: 1, Batch: 1,
		In: [3]int{ch, r.whole("IH"), r.whole("IW")}, Kernel: [2]int{fh, fw}, Stride: [2]int{r.whole("SH"), r.whole("SW")},
		Dilation: [2]int{1, 1}, Out: [2]int{h, w}, WeightBits: []uint8{8}, ActBits: 8,
	}}}
}
