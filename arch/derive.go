package arch

import (
	"path/filepath"
	"slices"

	"bitcycle/internal/files"
	"bitcycle/internal/strict"
)

// Derive sets what follows from the other values of a machine put together in code:
// the nominal voltage, what the multiply-accumulate's energy takes from the array,
// the widths of SIMD cores, and the estimates of leakage and area. A file may say
// each of these itself; [Load] derives what it does not say.
func (a *Accelerator) Derive() { a.derive(func(string) bool { return true }) }

// derive fills values that follow from others where nothing else sets them.
func (a *Accelerator) derive(unset func(key string) bool) {
	if unset("voltage_v") {
		a.VoltageV = NominalVoltage(a.TechNm)
	}
	if m := &a.Memory; unset("memory.bits_per_cycle") && m.Ports == "split" {
		m.BitsPerCycle = min(m.WeightBitsPerCycle+m.InputBitsPerCycle+m.OutputBitsPerCycle, maxRate)
	}
	if unset("energy.dram_model") && a.Memory.Kind == "dram" {
		a.Energy.DRAMModel = "idd"
	}
	if unset("energy.mac.serial_operand") && a.Engine == BitSerial {
		a.Energy.MAC.SerialOperand = a.Array.Serial
	}
	if unset("energy.mac.dot_bits") && a.Engine == BitSerial {
		a.Energy.MAC.DotBits = a.Array.Dot
	}
	if a.Engine == SIMD {
		widths := a.Array.rated()
		if unset("array.weight_widths") {
			a.Array.WeightWidths = widths
		}
		if unset("array.act_widths") {
			a.Array.ActWidths = slices.Clone(widths)
		}
	}
	a.estimate(unset)
}

// estimate fills leakage and area.
func (a *Accelerator) estimate(unset func(key string) bool) {
	of := *a
	if !(of.TechNm >= leastNm && of.TechNm <= mostNm) { // which is refused, whatever follows from it
		of.TechNm = leastNm
	}
	area, logic, sram := of.silicon()
	fill := func(key string, into *Constant, from Constant) {
		if unset(key) {
			*into = from
		}
	}
	fill("energy.logic_leakage_mw", &a.Energy.LogicLeak, logic)
	fill("energy.sram.leakage_mw", &a.Energy.SRAM.LeakMW, sram)
	fill("area.array_mm2", &a.Area.Array, area.Array)
	fill("area.weights_mm2", &a.Area.Weights, area.Weights)
	fill("area.inputs_mm2", &a.Area.Inputs, area.Inputs)
	fill("area.outputs_mm2", &a.Area.Outputs, area.Outputs)
}

// besideFile turns the path of a DRAM into one beside the file that names it.
func (a *Accelerator) besideFile(tree *strict.Node) *KeyError {
	return beside(tree, "memory.preset", &a.Memory.Preset)
}

// beside turns a path at a key of a file into one beside that file.
func beside(tree *strict.Node, key string, path *string) *KeyError {
	n := tree.Find(key)
	if n == nil || n.At.Set != "" || !isPath(*path) {
		return nil
	}
	to, err := files.Beside(n.At.File, *path)
	if err != nil {
		return &KeyError{Key: key, Value: *path, Rule: err.Error()}
	}
	if to, err = filepath.Abs(to); err == nil {
		*path = to
	}
	return nil
}
