package memory

import (
	"cmp"
	"fmt"

	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/pipeline"
)

// storageText says how weights lie in memory.
func storageText(s *chip.Storage) string {
	with := noMetadata
	if s.Metadata {
		with = "a 32-bit scale per channel, and a width index where widths differ, travel with the weights"
	}
	if s.GroupBits > 0 {
		with = fmt.Sprintf("each %d weights of a channel carry %d bits; %s", s.Group, s.GroupBits, with)
	}
	return fmt.Sprintf("mixed-width weights packed as %s, aligned to %d bits; %s", cmp.Or(s.Layout, "rows"), s.Align, with)
}

const noMetadata = "scales and width indices are not charged"

// rates says how wide the ports are.
func rates(p *pipeline.Port) string {
	if p.Split {
		return fmt.Sprintf("%.4g, %.4g and %.4g bits per cycle for weights, inputs and outputs", 8*p.WeightRate, 8*p.InputRate, 8*p.OutputRate)
	}
	return fmt.Sprintf("%.4g bits per cycle", 8*p.BytesPerCycle)
}
