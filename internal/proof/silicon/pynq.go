package silicon

import (
	"context"
	"io/fs"

	"bitcycle/arch"
	"bitcycle/internal/proof"
	"bitcycle/kernels/workload"
	"bitcycle/kernels/workload/zoo"
	"bitcycle/sim"
)

const (
	pynqHLS  = "MLPerf Tiny v0.7, hls4ml-pynq-z2-ad, cycles"
	pynqFINN = "MLPerf Tiny v0.7, finn-pynq-z2-kws, cycles"
	pynqNote = "nothing is fitted; one inference with its transfers: moving the frame and the host take 4 to 11 µs that are not modelled"
)

// pynqZ2 is the open division's two accelerators whose networks and foldings are public
// (mlcommons/tiny_results_v0.7, open/hls4ml-finn; Borras et al., arXiv 2206.11791).
var pynqZ2 = Set{
	File: "pynq_z2.csv", Title: "hls4ml and FINN on a Pynq-Z2",
	Includes: `Median rate of inferences of batch 1, input in memory, of MLPerf Tiny v0.7's open division (open/hls4ml-finn of mlcommons/tiny_results_v0.7), at 100 MHz of the
fabric, each with a network of its own: AD08 of hls4ml, dense layers with 13-bit weights, folded by the reuse factors of its hls4ml_config.yml; KWS-W3A3 of FINN,
dense layers with 3-bit weights, folded by FINN's own rule for the frames a second of its build.py. Transfers by DMA and the host's calls are inside.`,
	Unexplained: `Layers alone take 7 of 19 µs and 13 of 17 µs: the rest is the transfer of a frame and the host, for which nothing is published; the same holds in the
fpgaConvNet rows, whose frames take longer. hls4ml's RN08 of v1.0 is folded by public reuse factors too, but its layers (training/RN08.yml) could not be read: no machine.`,
	Figures: []Figure{
		{Name: pynqHLS, Machine: "hls4ml-pynq-z2-ad", Kind: "silicon", Note: pynqNote},
		{Name: pynqFINN, Machine: "finn-pynq-z2-kws", Kind: "silicon", Note: pynqNote + "; the folding is by FINN's rule, the submission lists none"},
	},
	Open: func(fs.FS) (Comparer, error) { return pynqRow, nil },
}

func pynqRow(r proof.Record) ([]Reading, error) {
	figure := map[string]string{"hls4ml-pynq-z2-ad": pynqHLS, "finn-pynq-z2-kws": pynqFINN}[r.Text("machine")]
	if figure == "" {
		return nil, Skip("of a machine that is not shipped")
	}
	acc, err := arch.Load(r.Text("machine"), nil)
	if err != nil {
		return nil, err
	}
	w, err := zoo.Load(r.Text("workload"))
	if err != nil {
		return nil, Skip("of a network that is not shipped")
	}
	bits := r.Whole("weight_bits")
	if bits < 1 || bits > 32 {
		return nil, Skip("of weights of %d bits", bits)
	}
	for i := range w.Ops {
		if len(w.Ops[i].WeightBits) > 0 {
			w.Ops[i].WeightBits = workload.Widths{uint8(bits)}
		}
	}
	res, err := sim.Run(context.Background(), acc, w, sim.Options{})
	if err != nil {
		return nil, err
	}
	rate := r.Number("inf_per_s")
	if rate <= 0 {
		return nil, nil
	}
	return []Reading{{figure, r.Text("id") + " " + r.Text("network"), "cycles", "cycles", r.Number("clock_MHz") * 1e6 / rate, float64(res.Totals.Cycles), w.Name}}, nil
}
