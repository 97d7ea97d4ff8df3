package arch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write puts texts into files of a temporary folder, which becomes the working
// directory, so that messages hold plain names.
func write(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// broken are machines with problems, and what is said of them.
var broken = []struct {
	name, text string
	set        []string
	want       []string
}{
	{"unknown keys and a guess", "engine = \"systolic\"\n[array]\nrowz = 4\nquux = 1\n", nil, []string{
		`m.toml:3: no key "array.rowz" (did you mean "array.rows"?)`,
		`m.toml:4: no key "array.quux"`,
	}},
	{"missing unit", "engine = \"systolic\"\nclock = 5e8\ntechnology = 45\n", nil, []string{
		`m.toml:2: no key "clock": the unit is missing (did you mean "clock_hz"?)`,
		`m.toml:3: no key "technology": the unit is missing (did you mean "technology_nm"?)`,
	}},
	{"unit missing in a string", "engine = \"systolic\"\nclock_hz = \"500\"\n[buffers.inputs]\nbytes = \"64 KB\"\n", nil, []string{
		`m.toml:2:12: clock_hz = "500": want a finite number in Hz, or with its unit: "500 MHz"`,
		`m.toml:4:9: buffers.inputs.bytes = "64 KB": want a whole number of bytes, or with its unit: "64 KiB"`,
	}},
	{"wrong types", "engine = \"systolic\"\nbatch = 1.5\n[array]\nrows = \"twelve\"\npack = 1\nweight_widths = 8\n", nil, []string{
		`m.toml:2:9: batch = 1.5: want a whole number`,
		`m.toml:4:8: array.rows = "twelve": want a whole number`,
		`m.toml:5:8: array.pack = 1: want true or false`,
		`m.toml:6:17: array.weight_widths = 8: want a list`,
	}},
	{"impossible values", "engine = \"systolic\"\nclock_hz = 0\n[array]\nrows = 0\ndataflow = \"xs\"\nweight_widths = [8, 4]\n[memory]\nkind = \"tape\"\n", nil, []string{
		`m.toml:2:12: clock_hz = 0.0: must be above 0 and at most 1000e9`,
		`m.toml:4:8: array.rows = 0: must be 1 to 65536`,
		`m.toml:5:12: array.dataflow = "xs": want ws | os | is`,
		`m.toml:6:17: array.weight_widths = [8, 4]: want widths of 1 to 16 bits in ascending order`,
		`m.toml:8:8: memory.kind = "tape": want ideal | flat | dram`,
	}},
	{"not a number", "engine = \"systolic\"\nclock_hz = nan\nvoltage_v = inf\n", nil, []string{
		`m.toml:2:12: clock_hz = nan: want a finite number`,
		`m.toml:3:13: voltage_v = inf: want a finite number`,
	}},
	{"engine", "engine = \"warp\"\n", nil, []string{
		`m.toml:1:10: engine = "warp": want systolic | bitserial | fusion | rowstationary | streaming | simd | ne16 | pixels | software`,
	}},
	{"no engine", "batch = 2\n", nil, []string{
		`m.toml: engine = "": want systolic | bitserial | fusion | rowstationary | streaming | simd | ne16 | pixels | software`,
	}},
	{"key of another engine", "engine = \"systolic\"\n[array]\ndot = 4\n", nil, []string{
		`m.toml:3: engine "systolic" has no key "array.dot" (bitserial has)`,
	}},
	{"constants", "engine = \"simd\"\n[energy]\nidle_mw = { value = -1, source = \"x\" }\nnoc_hops = { source = \"x\" }\nvector_pj_per_op = { value = 1, source = \"\" }\ndram_pj_per_bit = \"8\"\n", nil, []string{
		`m.toml:3:11: energy.idle_mw = -1.0: must be at least 0`,
		`m.toml:4:12: energy.noc_hops has no value: want {value = number, source = "…"}`,
		`m.toml:5:20: energy.vector_pj_per_op = 1.0: needs a source: {value = number, source = "…"}`,
		`m.toml:6:19: energy.dram_pj_per_bit = "8": want a number or {value = number, source = "…"}`,
	}},
	{"rules between keys", "engine = \"bitserial\"\n[array]\norder = \"lpt\"\n[memory]\nkind = \"dram\"\npreset = \"ddr9\"\noverlap = \"max\"\n[buffers]\nunified = true\n", nil, []string{
		`m.toml:3:9: array.order = "lpt": needs array.sync = "lane"`,
		`m.toml:6:10: memory.preset = "ddr9": no DRAM "ddr9": want a file or one of DDR3-1600K-4Gb-x8, DDR4-2400U-8Gb-x8, DDR4-3200-8Gb-x8, LPDDR4-2400-8Gb-x16x4`,
		`m.toml:7:11: memory.overlap = "max": memory.kind = "dram" needs "tiles": transfers are simulated one by one`,
		`m.toml:8: buffers.weights.bytes = 65536: must be 0 when buffers.unified = true: weights live among the inputs`,
	}},
	{"explicit scratchpad energy without constants", "engine = \"simd\"\nenergy.sram.model = \"explicit\"\n", nil, []string{
		`m.toml:2:21: energy.sram.model = "explicit": needs energy.sram.weights.read_pj_per_bit`,
	}},
	{"a buffer smaller than a tile", "engine = \"systolic\"\n[array]\nrows = 512\n[buffers.weights]\nbytes = 512\n", nil, []string{
		`m.toml:5:9: buffers.weights.bytes = 512: too small for one tile of the 512×16 array: needs 512 usable bytes`,
	}},
	{"syntax", "engine = \"systolic\"\n[array\n", nil, []string{`m.toml:2:7: expected '.' or ']' to end table name, but got '\n' instead`}},
	{"settings", "engine = \"systolic\"\n", []string{"array.rows=0", "array.colz=3", "memory.kind=tape", "nonsense", "clock_hz=fast"}, []string{
		`--set nonsense: want key=value`,
	}},
	{"settings, decoded", "engine = \"systolic\"\n", []string{"array.rows=0", "array.colz=3", "memory.kind=tape", "clock_hz=fast"}, []string{
		`--set array.rows=0: must be 1 to 65536`,
		`--set array.colz=3: no key "array.colz" (did you mean "array.cols"?)`,
		`--set memory.kind=tape: want ideal | flat | dram`,
		`--set clock_hz=fast: want a finite number in Hz, or with its unit: "500 MHz"`,
	}},
	{"unknown source and doubt", "engine = \"systolic\"\nunconfirmed = [\"array\", \"array.rowz\"]\n[sources]\n\"array.rowz\" = \"x\"\n", nil, []string{
		`m.toml:2:15: unconfirmed = "array": there is no such value`,
		`m.toml:4:16: sources.array.rowz = "x": there is no key "array.rowz"`,
	}},
	{"a value for a table", "engine = \"systolic\"\nmemory = 3\nsources = \"x\"\n", nil, []string{
		`m.toml:2:10: memory = 3: want a table`,
		`m.toml:3:11: sources = "x": want a table`,
	}},
	{"lists and maps", "engine = \"simd\"\n[array]\nact_widths = [4, \"8\"]\nmacs_per_cycle = {8 = \"fast\", 4 = 1}\n[sources]\narray.cores = 8\n", nil, []string{
		`m.toml:3:14: array.act_widths = [4, "8"]: want a list with items each a whole number`,
		`m.toml:4:23: array.macs_per_cycle.8 = "fast": want a finite number`,
		`m.toml:6:15: sources.array.cores = 8: want a string`,
	}},
	{"a table for a value", "engine = \"systolic\"\n[array.rows]\nx = 1\n[memory]\nkind.x = 1\n", nil, []string{
		`m.toml:2:1: array.rows is a table: want a whole number`,
	}},
}

func TestLoadReportsEveryProblem(t *testing.T) {
	for _, c := range broken {
		t.Run(c.name, func(t *testing.T) {
			write(t, map[string]string{"m.toml": c.text})
			_, err := Load("m.toml", c.set)
			if err == nil {
				t.Fatal("loaded")
			}
			got := strings.Split(err.Error(), "\n")
			for i, want := range c.want {
				if i >= len(got) || got[i] != want {
					t.Errorf("problem %d:\n got %s\nwant %s", i, strings.Join(got, "\n     "), want)
					break
				}
			}
		})
	}
}

func TestLoadNames(t *testing.T) {
	write(t, map[string]string{"empty.toml": ""})
	for _, c := range []struct{ name, want string }{
		{"gemini-default", `no machine "gemini-default" (did you mean "gemmini-default"?)`},
		{"absent.toml", "absent.toml: no such file or directory"},
		{"./", "is a directory"},
		{"", "no machine"},
	} {
		if _, err := Load(c.name, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := Load("/dev/zero", nil); err == nil || err.Error() != "/dev/zero: is a device: want a regular file" {
		t.Errorf("a device: got %v", err)
	}
}

func TestBase(t *testing.T) {
	write(t, map[string]string{
		"deep/child.toml": `
base = "er/parent.toml"
[array]
rows = 8
[energy]
dram_pj_per_bit = { value = 4 }
mac.pj_per_mac = 3
`,
		"deep/er/parent.toml": `
base = "bitmod-28nm"
name = "parent"
unconfirmed = ["array.rows", "array.cols", "energy.mac"]
energy.mac.model = "const"
energy.mac.pj_per_mac = 2
energy.mac.source = "measured"
[sources]
array.rows = "counted"
`,
		"circle.toml": `base = "circle.toml"`,
		"long.toml":   `base = "./x/../long.toml"`,
		"type.toml":   `base = 3`,
		"lost.toml":   "\nbase = \"nowhere.toml\"\n",
	})
	a, err := Load("deep/child.toml", []string{"array.cols=4", "memory.out_bits=32"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, got, want string }{
		{"name", a.Name, "child"},
		{"description", a.Description, "er/parent.toml with changes"},
		{"source of rows", a.Source("array.rows"), "set in deep/child.toml"},
		{"source of cols", a.Source("array.cols"), "set on the command line"},
		{"source of dot", a.Source("array.dot"), "abdelfattah-lab/BitMoD-HPCA-25@e445a5f, bitmod_sim: 32×32 for prefill (64×16 for decoding)"},
		{"source of DRAM", a.Energy.DRAM.Source, "set in deep/child.toml"},
		{"source of MAC", a.Energy.MAC.Source, "set in deep/child.toml"},
		{"unconfirmed", strings.Join(a.Unconfirmed, " "), "clock_hz"},
		{"out bits", a.Memory.OutBits, "32"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, c.got, c.want)
		}
	}
	if a.Array.Rows != 8 || a.Array.Cols != 4 || a.Energy.MAC.PJPerMAC != 3 || a.Energy.DRAM.Value != 4 {
		t.Errorf("values: %+v %+v", a.Array, a.Energy)
	}
	for name, want := range map[string]string{
		"circle.toml": "the bases go round in a circle",
		"long.toml":   "the bases go round in a circle",
		"type.toml":   "type.toml:1:8: base: want the name or path of a machine",
		"lost.toml":   `lost.toml:2:8: base = "nowhere.toml": nowhere.toml: no such file or directory`,
	} {
		if _, err := Load(name, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}

// A source of the base never speaks for a value of the file above it.
func TestSourcesFollowTheirValues(t *testing.T) {
	write(t, map[string]string{
		"base.toml": "engine = \"systolic\"\n[sources]\narray = \"old table\"\n\"array.rows\" = \"old rows\"\n\"buffers.inputs\" = \"old inputs\"\n",
		"top.toml": "base = \"base.toml\"\narray.rows = 4\narray.cols = 4\nbuffers.inputs.bytes = 4096\nbatch = 2\n" +
			"[sources]\narray = \"new table\"\nbuffers = \"new buffers\"\n",
	})
	a, err := Load("top.toml", []string{"array.sync=lane", "buffers.inputs.banks=2"})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"array.rows": "new table", "array.cols": "new table", "array.order": "new table", "array.sync": "set on the command line",
		"buffers.inputs.bytes": "new buffers", "buffers.inputs.word_bits": "old inputs", "buffers.inputs.banks": "set on the command line",
		"buffers.outputs.bytes": "new buffers", "batch": "",
	} {
		if got := a.Source(key); got != want {
			t.Errorf("source of %s: %q, want %q", key, got, want)
		}
	}
}

// A base of another engine leaves the keys behind that the new engine lacks.
func TestBaseOfAnotherEngine(t *testing.T) {
	a, err := Load("bitmod-28nm", []string{"engine=systolic", "energy.mac.model=synth45"})
	if err != nil {
		t.Fatal(err)
	}
	if a.Array.Dot != 0 || a.Array.Serial != "" || a.Array.Dataflow != "ws" {
		t.Errorf("array %+v", a.Array)
	}
}

func TestUnitsInStrings(t *testing.T) {
	a, err := Load("gemmini-default", []string{"clock_hz=1.5 GHz", `buffers.inputs.bytes="0.5 MiB"`, "buffers.outputs.bytes=32 KiB"})
	if err != nil {
		t.Fatal(err)
	}
	if a.ClockHz != 1.5e9 || a.Buffers.Inputs.Bytes != 1<<19 || a.Buffers.Outputs.Bytes != 1<<15 {
		t.Errorf("clock %g, inputs %d, outputs %d", a.ClockHz, a.Buffers.Inputs.Bytes, a.Buffers.Outputs.Bytes)
	}
}

// A DRAM of one's own is found beside the file that names it.
func TestPresetBesideItsMachine(t *testing.T) {
	part, err := os.ReadFile("../arch-configs/dram/DDR4-2400U-8Gb-x8.toml")
	if err != nil {
		t.Fatal(err)
	}
	write(t, map[string]string{
		"sub/m.toml":    "engine = \"systolic\"\n[memory]\nkind = \"dram\"\npreset = \"mine.toml\"\n",
		"sub/mine.toml": strings.Replace(string(part), "DDR4-2400U-8Gb-x8", "mine", 1),
	})
	a, err := Load("sub/m.toml", nil)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := LoadDRAM(a.Memory.Preset); err != nil || p.Name != "mine" {
		t.Errorf("preset %q: %v %v", a.Memory.Preset, p, err)
	}
	if a.Energy.DRAMModel != "idd" {
		t.Errorf("dram_model %q", a.Energy.DRAMModel)
	}
}

// A technology that no source reaches to is refused, not looked up.
func TestTechnologyOutOfReach(t *testing.T) {
	for _, nm := range []string{"nan", "inf", "-inf", "0", "-7", "1e300"} {
		_, err := Load("gemmini-default", []string{"technology_nm=" + nm})
		if err == nil || !strings.Contains(err.Error(), "technology_nm") {
			t.Errorf("%s: %v", nm, err)
		}
	}
}
