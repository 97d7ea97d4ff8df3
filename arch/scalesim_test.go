package arch

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const scaleConfig = `# a comment
[general]
run_name = tpu_like

[architecture_presets]
ArrayHeight:    256
ArrayWidth:     128
IfmapSramSzkB:    6144
FilterSramSzkB:   512
OfmapSramSzkB:    2048
IfmapOffset:    0
FilterOffset:   10000000
OfmapOffset:    20000000
Dataflow : os
Bandwidth : 10
MemoryBanks:   1

[sparsity]
SparsitySupport : false
BlockSize : 8

[layout]
IfmapCustomLayout: False

[run_presets]
InterfaceBandwidth: CALC
UseRamulatorTrace: False
`

// A configuration of SCALE-Sim is a machine: the shipped one with its values.
func TestLoadSCALESimConfiguration(t *testing.T) {
	write(t, map[string]string{"a.cfg": scaleConfig, "b.toml": "base = \"a.cfg\"\n[array]\nrows = 7\n"})
	a := mustLoad(t, "a.cfg")
	base := mustLoad(t, "scalesim-32x32")
	if a.Name != "tpu_like" || a.Array.Rows != 256 || a.Array.Cols != 128 || a.Array.Dataflow != "os" || a.Array.ShadowWeights {
		t.Errorf("%s: %+v", a.Name, a.Array)
	}
	if b := a.Buffers; b.Inputs.Bytes != 6144<<10 || b.Weights.Bytes != 512<<10 || b.Outputs.Bytes != 2048<<10 || !b.Inputs.Double {
		t.Errorf("%+v", b)
	}
	if diff := cmp.Diff(base.Memory, a.Memory); diff != "" {
		t.Errorf("memory of CALC: %s", diff)
	}
	if diff := cmp.Diff(base.Energy.MAC, a.Energy.MAC); diff != "" {
		t.Errorf("energy: %s", diff)
	}
	for key, want := range map[string]string{"array.rows": "set in a.cfg", "buffers.inputs.bytes": "set in a.cfg", "clock_hz": base.Source("clock_hz")} {
		if got := a.Source(key); got != want {
			t.Errorf("source of %s is %q, want %q", key, got, want)
		}
	}
	if own := mustLoad(t, "b.toml"); own.Array.Rows != 7 || own.Array.Cols != 128 || own.Name != "b" {
		t.Errorf("over the configuration: %s, %+v", own.Name, own.Array)
	}
}

// USER gives each operand a port of Bandwidth words.
func TestSCALESimBandwidth(t *testing.T) {
	write(t, map[string]string{"a.cfg": strings.Replace(strings.Replace(scaleConfig, "CALC", "USER", 1), ": 10\n", ": 10, 10,10\n", 1)})
	m := mustLoad(t, "a.cfg").Memory
	if m.Kind != "flat" || m.Overlap != "tiles" || m.Ports != "split" || m.WeightBitsPerCycle != 80 || m.InputBitsPerCycle != 80 || m.OutputBitsPerCycle != 80 || m.BitsPerCycle != 240 {
		t.Errorf("%+v", m)
	}
}

// Errors name file, line, key and value, all at once.
func TestSCALESimConfigurationRefuses(t *testing.T) {
	edit := func(from, to string) string { return strings.Replace(scaleConfig, from, to, 1) }
	for name, c := range map[string]struct{ text, want string }{
		"not a number":     {edit("256", "many"), `m.cfg:6: ArrayHeight = "many": must be 1 to`},
		"beyond the array": {edit("256", "99999999"), `m.cfg:6:17: array.rows = 99999999: must be 1 to 65536`},
		"dataflow":         {edit(": os", ": rs"), `m.cfg:14:12: array.dataflow = "rs": want ws | os | is`},
		"missing":          {edit("ArrayWidth:     128\n", ""), `m.cfg: [architecture_presets] has no ArrayWidth`},
		"unknown":          {edit("MemoryBanks", "MemoryBank"), `m.cfg:16: [architecture_presets] has no key "MemoryBank"`},
		"twice":            {edit("MemoryBanks:   1", "ArrayWidth: 4"), `m.cfg:16: ArrayWidth = "4": is set in line 7 already`},
		"layout":           {edit("Layout: False", "Layout: True"), `m.cfg:23: IfmapCustomLayout = "True": must be False: bank conflicts`},
		"sparsity":         {edit("Support : false", "Support : true"), `m.cfg:19: SparsitySupport = "true": must be False: sparse weights`},
		"traces":           {edit("Trace: False", "Trace: True"), `m.cfg:27: UseRamulatorTrace = "True": must be False`},
		"mode":             {edit("CALC", "calc"), `m.cfg:26: InterfaceBandwidth = "calc": must be CALC or USER`},
		"bandwidths":       {strings.Replace(edit(": 10\n", ": 10,4\n"), "CALC", "USER", 1), `m.cfg:15: Bandwidth = "10,4": SCALE-Sim takes the first`},
		"no bandwidth":     {strings.Replace(edit("Bandwidth : 10\n", "\n"), "CALC", "USER", 1), `needs Bandwidth`},
		"no section":       {"ArrayHeight: 4\n", `m.cfg:1: want [section] and then key = value`},
		"no setting":       {"[general]\nhello\n", `m.cfg:2: want [section] and then key = value`},
		"several":          {edit("256", "0") + "\nX = 1\n", "m.cfg:29: [run_presets] has no key"},
	} {
		write(t, map[string]string{"m.cfg": c.text})
		if _, err := Load("m.cfg", nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
