package validate

import (
	"fmt"
	"io/fs"
	"strings"

	"bitcycle/arch"
	"bitcycle/internal/proof"
	"bitcycle/internal/proof/validate/replay"
)

// dramSim3 compares with runs of DRAMsim3 (@2981759): bursts that a DMA engine would
// issue in the order of the addresses, and streams whose address order keeps them in
// one bank group, which its scheduler reorders.
func dramSim3(golden fs.FS) ([]proof.Source, error) {
	list, err := readPublished(golden)
	if err != nil {
		return nil, err
	}
	var rows, window []proof.Row
	for _, p := range list {
		if p.accelerator != "DRAMsim3" {
			continue
		}
		spec, err := arch.LoadDRAM(replay.PresetName(p.config))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.id, err)
		}
		oneGroup := spec.TCCDL > spec.TCCDS && strings.Contains(p.config, "map=rochrababgco")
		r, err := replayed(p, spec, oneGroup)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.id, err)
		}
		if p.workload == "rand4k" {
			r = r.Show()
		}
		if _, exact := p.bound(); oneGroup || !exact {
			window = append(window, r)
		} else {
			rows = append(rows, r)
		}
	}
	return []proof.Source{
		proof.NewSource("DRAMsim3, DMA streams", "every run within 0.6 %", "in program order; single accesses, hits, conflicts, streams, strides and read-write blocks", rows, proof.WorstWithin(0.006)),
		proof.NewSource("DRAMsim3, one bank group", "mean error below 23 %, the least of the in-order model", "with the bank-group reordering window; random bursts are orientation only", window, func(s *proof.Source) bool {
			return s.MeanError < 0.23
		}),
	}, nil
}

func replayed(p published, spec *arch.DRAM, reorder bool) (proof.Row, error) {
	run, err := replay.Published(*spec, p.config, p.workload, reorder)
	if err != nil {
		return proof.Row{}, err
	}
	stats, err := run.Run(*spec)
	if err != nil {
		return proof.Row{}, err
	}
	r := p.figure(float64(stats.Last))
	r.What = p.config + " " + r.What
	return r, nil
}
