package validate

import (
	"context"
	"fmt"
	"io/fs"

	"bitcycle/arch"
	"bitcycle/internal/proof"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
)

// scaleSim compares with runs of SCALE-Sim v2 (@22f88b1). Two of its habits are taken
// into account and stated: it reports the index of the last cycle, one less than the
// number of cycles, and for output stationary folds it counts rows + columns further
// output writes each.
func scaleSim(golden fs.FS) ([]proof.Source, error) {
	records, err := proof.ReadCSV(golden, "peers/scalesim/results_v2.csv")
	if err != nil {
		return nil, err
	}
	machines := map[string]*arch.Accelerator{}
	var calcRows, userRows []proof.Row
	for _, r := range records {
		run := r.Text("run")
		if machines[run] == nil {
			if machines[run], err = scaleConfig(golden, "peers/scalesim/configs/"+run+".cfg"); err != nil {
				return nil, err
			}
		}
		acc := machines[run]
		w := scaleWorkload(r)
		if err := r.Err(); err != nil {
			return nil, err
		}
		res, err := sim.Run(context.Background(), acc, w, sim.Options{})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.Where(), err)
		}
		id := run + " " + r.Text("layer")
		lines := proof.Compare(id, "compute lines", r.Number("compute_lines"), float64(res.Totals.Cycles))
		if r.Text("mode") == "USER" {
			userRows = append(userRows, lines)
			continue
		}
		calcRows = append(calcRows, scaleFigures(id, r, acc, res)...)
	}
	return []proof.Source{
		proof.NewSource("SCALE-Sim v2, CALC mode", "all exact",
			"cycles (its index of the last one) and scratchpad counts (its further output-stationary writes, folds × (rows + columns), added)", calcRows, proof.AllExact),
		proof.NewSource("SCALE-Sim v2, USER mode", "all exact", "lines without stalls; its stalls read im2col streams with duplicates and are not modelled", userRows, proof.AllExact),
	}, nil
}

func scaleFigures(id string, r proof.Record, acc *arch.Accelerator, res *sim.Result) []proof.Row {
	t := &res.Totals
	const operand, sum = 8, 32
	writes := float64(t.SRAM.OutputsWritten) / sum
	if acc.Array.Dataflow == "os" {
		writes += r.Number("folds") * float64(acc.Array.Rows+acc.Array.Cols)
	}
	return []proof.Row{
		proof.Compare(id, "cycles", r.Number("total_cycles"), float64(t.Cycles-1)),
		proof.Compare(id, "input reads", r.Number("sram_ifmap_reads"), float64(t.SRAM.InputsRead)/operand),
		proof.Compare(id, "filter reads", r.Number("sram_filter_reads"), float64(t.SRAM.WeightsRead)/operand),
		proof.Compare(id, "output writes", r.Number("sram_ofmap_writes"), writes),
	}
}

// scaleConfig reads a SCALE-Sim configuration file as the machine whose memory never
// stalls: USER rows are compared in lines without stalls.
func scaleConfig(golden fs.FS, path string) (*arch.Accelerator, error) {
	text, err := fs.ReadFile(golden, path)
	if err != nil {
		return nil, err
	}
	return arch.Parse(path, string(text), []string{"memory.kind=ideal", "memory.overlap=none"})
}

// scaleWorkload is the layer of a row. SCALE-Sim counts a last partial window as an
// output: ⌈(H − F + S)/S⌉.
func scaleWorkload(r proof.Record) *workload.Workload {
	size := func(in, filter, stride string) int {
		s := max(1, r.Whole(stride))
		return (r.Whole(in) - r.Whole(filter) + 2*s - 1) / s
	}
	h, w := size("IH", "FH", "SH"), size("IW", "FW", "SW")
	fh, fw, ch := r.Whole("FH"), r.Whole("FW"), r.Whole("CH")
	return &workload.Workload{Name: r.Text("topology"), Ops: []workload.Op{{
		Name: r.Text("layer"), Kind: workload.Conv, M: r.Whole("NF"), K: fh * fw * ch, N: h * w, Groups: 1, Batch: 1,
		In: [3]int{ch, r.Whole("IH"), r.Whole("IW")}, Kernel: [2]int{fh, fw}, Stride: [2]int{r.Whole("SH"), r.Whole("SW")},
		Dilation: [2]int{1, 1}, Out: [2]int{h, w}, WeightBits: []uint8{8}, ActBits: 8,
	}}}
}
