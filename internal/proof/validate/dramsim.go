package validate

import (
	"fmt"
	"strings"

	"bitcycle/arch"
	"bitcycle/sim/dram"
)

// DRAMsim3 compares with runs of DRAMsim3 (@2981759): bursts that a DMA engine would
// issue in the order of the addresses, and streams whose address order keeps them in
// one bank group, which its scheduler reorders.
func DRAMsim3(golden string) (streams, reordered Source, err error) {
	list, err := readPublished(golden)
	if err != nil {
		return streams, reordered, err
	}
	var rows, window []Row
	for _, p := range list {
		if p.accelerator != "DRAMsim3" {
			continue
		}
		spec, err := arch.LoadDRAM(dram.PresetName(p.config))
		if err != nil {
			return streams, reordered, fmt.Errorf("%s: %w", p.id, err)
		}
		oneGroup := spec.TCCDL > spec.TCCDS && strings.Contains(p.config, "map=rochrababgco")
		r, err := replayed(p, spec, oneGroup)
		if err != nil {
			return streams, reordered, fmt.Errorf("%s: %w", p.id, err)
		}
		r.Orientation = !p.confirmed() || p.workload == "rand4k"
		if _, exact := p.bound(); oneGroup || !exact {
			window = append(window, r)
		} else {
			rows = append(rows, r)
		}
	}
	streams = newSource("DRAMsim3, DMA streams", "every run within 0.6 %", "in program order; single accesses, hits, conflicts, streams, strides and read-write blocks", rows, func(s *Source) bool {
		return s.WorstError <= 0.006
	})
	reordered = newSource("DRAMsim3, one bank group", "mean error below 23 %, the least of the in-order model", "with the bank-group reordering window; random bursts are orientation only", window, func(s *Source) bool {
		return s.MeanError < 0.23
	})
	return streams, reordered, nil
}

func replayed(p published, spec *arch.DRAM, reorder bool) (Row, error) {
	replay, err := dram.PublishedReplay(*spec, p.config, p.workload, reorder)
	if err != nil {
		return Row{}, err
	}
	stats, err := replay.Run(*spec)
	if err != nil {
		return Row{}, err
	}
	r := p.row(float64(stats.Last))
	r.What = p.config + " " + r.What
	return r, nil
}
