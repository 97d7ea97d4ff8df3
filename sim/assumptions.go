package sim

import (
	"fmt"
	"strings"
)

// assumptions lists the choices and constants behind the numbers.
func (e *Evaluator) assumptions() []string {
	acc := e.m.acc
	list := []string{
		fmt.Sprintf("machine %s: batch %d, clock %.4g MHz, output channels synchronised per %s, order %s", acc.Name, max(acc.Batch, 1), acc.ClockHz/1e6, orElse(acc.Array.Sync, "tile"), orElse(acc.Array.Order, "inorder")),
		fmt.Sprintf("mixed-width weights packed as %s, aligned to %d bits; %s", orElse(acc.Memory.Layout, "rows"), max(1, acc.Memory.AlignBits), e.metadataText()),
		e.memoryText(),
		e.dramEnergyText(),
	}
	if m := acc.Memory.OutBits; m == "" || m == "next" {
		list = append(list, "outputs are written at the width that their readers take, those that no op reads at the width of the op's inputs")
	}
	if s := acc.Energy.MAC.Source; s != "" {
		list = append(list, fmt.Sprintf("multiply-accumulate energy: %s (%s)", orElse(acc.Energy.MAC.Model, "const"), s))
	}
	if len(acc.Unconfirmed) > 0 {
		list = append(list, "unconfirmed values of the machine: "+strings.Join(acc.Unconfirmed, ", "))
	}
	return list
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func (e *Evaluator) metadataText() string {
	if e.m.pack.metadata {
		return "a 32-bit scale per kernel, and a width index where widths differ, travel with the weights"
	}
	return "scales and width indices are not charged"
}

func (e *Evaluator) memoryText() string {
	mem := &e.m.acc.Memory
	switch e.m.overlap {
	case overlapNone:
		return "memory takes no time"
	case overlapMax:
		return "a layer takes as long as the slowest of the array and the memory ports"
	case overlapSteady:
		return "transfers overlap with computation but for the first load and the last store"
	}
	if e.m.dram != nil {
		spec := e.m.dram.channels[0].Spec()
		return fmt.Sprintf("tile pipeline with %d buffers on %d channel(s) of %s, address order %s, DRAM idle and its rows closed at the start of every op; outputs written at %s width",
			e.m.port.Buffers, len(e.m.dram.channels), spec.Name, orElse(mem.Mapping, "ro ba co bg"), orElse(mem.OutBits, "next"))
	}
	where := fmt.Sprintf("%.4g bits per cycle", mem.BitsPerCycle)
	if e.m.port.Split {
		where = fmt.Sprintf("%.4g, %.4g and %.4g bits per cycle for weights, inputs and outputs", mem.WeightBitsPerCycle, mem.InputBitsPerCycle, mem.OutputBitsPerCycle)
	}
	return fmt.Sprintf("tile pipeline with %d buffers on %s, latency %d cycles; outputs written at %s width", e.m.port.Buffers, where, mem.LatencyCycles, orElse(mem.OutBits, "next"))
}

func (e *Evaluator) dramEnergyText() string {
	if e.m.dram != nil && e.m.acc.Energy.DRAMModel == "idd" {
		spec := e.m.dram.channels[0].Spec()
		return fmt.Sprintf("DRAM energy from the IDD currents of %s, background and refresh included, without I/O termination (%s)", spec.Name, orElse(spec.Source, "no source given"))
	}
	d := e.m.acc.Energy.DRAM
	return fmt.Sprintf("DRAM energy %.4g pJ per bit (%s)", d.Value, orElse(d.Source, "no source given"))
}
