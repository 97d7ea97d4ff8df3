package arch

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func loadFrontEnd(t *testing.T, name string, set ...string) *FrontEnd {
	t.Helper()
	f, err := LoadFrontEnd(name, set)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestShippedFrontEndsLoadBack(t *testing.T) {
	list := ListFrontEnds()
	if len(list) < 6 {
		t.Errorf("%d front ends, want at least 6", len(list))
	}
	for _, s := range list {
		f := loadFrontEnd(t, s.Name)
		if s.Kind != "frontend" || s.Description == "" {
			t.Errorf("%+v", s)
		}
		var text bytes.Buffer
		if err := EncodeFrontEnd(&text, f); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "again.toml")
		if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(f, loadFrontEnd(t, path)); diff != "" {
			t.Errorf("%s: %s", s.Name, diff)
		}
		if _, err := f.LoadAccelerator(); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
}

func TestFrontEndSources(t *testing.T) {
	f := loadFrontEnd(t, "sd-uplink-128", "array.antennas=64", "rf.mixer_mw=5")
	if f.Validate() != nil || !f.Doubtful("converter.fom_pj") || f.Doubtful("array.antennas") {
		t.Errorf("valid: %v, unconfirmed: %v", f.Validate(), f.Unconfirmed)
	}
	if got := f.Source("array.antennas"); got != "set on the command line" {
		t.Errorf("source of the antennas: %q", got)
	}
	if got := f.RF.Mixer; got != (Constant{5, "set on the command line"}) {
		t.Errorf("mixer: %+v", got)
	}
	f.Antennas.Count = 0
	if f.Validate() == nil {
		t.Error("no antennas are valid")
	}
}

// The scenario of Yan et al.'s spreadsheet: 256 antennas, 8 users, 0.85 GHz,
// 1.7 GS/s, 10 W radiated.
func TestFrontEndPower(t *testing.T) {
	for _, c := range []struct {
		name                              string
		fom, binw, fronthaul, pa, rf, dac float64
	}{
		{"sd-zf-256", 0.14, 7.85, 8.70, 33.3, 2.56 + 15.36 + 10.24, 0.27e-3},
		{"zf-6bit-256", 4.46 + 512*0.01, 47.5, 52.2, 54.05, 2.56 + 15.36 + 10.24, 8.7e-3 + 0.01},
		{"zf-10bit-256", 71.3 + 512*0.01, 86.2, 87.0, 54.05, 2.56 + 15.36 + 10.24, 139.3e-3 + 0.01},
	} {
		f := loadFrontEnd(t, c.name)
		near(t, c.name+" fom", f.ConverterPower("fom"), c.fom, 0.01*c.fom)
		near(t, c.name+" binw", f.ConverterPower("binw"), c.binw, 0.01*c.binw)
		near(t, c.name+" fronthaul", f.FronthaulPower(), c.fronthaul, 0.01*c.fronthaul)
		near(t, c.name+" amplifiers", f.PA.Power(f.PA.RadiatedW), c.pa, 0.05)
		near(t, c.name+" chains", f.RF.Power(f.Antennas.Count), c.rf, 1e-9)
		near(t, c.name+" one converter", f.Converter.Power("fom", f.SampleHz()), c.dac, 0.01*c.dac)
	}
	f := loadFrontEnd(t, "sd-zf-256", "signal.ofdm=true")
	near(t, "transforms", f.IFFTPower(), 1.205, 0.001)
	near(t, "modulator, W", f.ModulatorPower(), 0.13, 0.05) // 4·N·f_s operations at 13 GOPS/mW
	near(t, "exponential model", f.Converter.Power("exp", 0), 2e-5, 1e-12)
	f.Fronthaul.Mode = "users"
	near(t, "symbols of the users", f.FronthaulRate(), 2*8*8*0.85e9, 1)
	f.Fronthaul.Mode = "none"
	near(t, "no fronthaul", f.FronthaulPower(), 0, 0)
}

func TestConverterModels(t *testing.T) {
	for bits, want := range map[int][2]float64{1: {0.000272, 0.01533}, 4: {0.002176, 0.06144}, 10: {0.139264, 0.16836}} {
		near(t, "fom", DACPowerFOM(bits, 1.7e9, 0.08, 0), want[0], 1e-10)
		near(t, "binw", DACPowerBinary(bits, 1.7e9, 1.5e-5, 9), want[1], 1e-10)
	}
}

func TestAmplifierEfficiency(t *testing.T) {
	doherty := PA{Model: "doherty", Peak: Constant{Value: 0.30}}
	for backoff, want := range map[float64]float64{10: 0.164, 9: 0.180, 8: 0.196} {
		doherty.BackoffDB = backoff
		near(t, "Doherty", doherty.Efficiency(), want, 6e-4)
		near(t, "Doherty by numbers", doherty.Efficiency(), 0.30*rayleighMean(backoff), 1e-5)
	}
	classB := PA{Model: "class-b", Peak: Constant{Value: math.Pi / 4}}
	for backoff, want := range map[float64]float64{0: 0.785, 6: 0.39, 10: 0.248} {
		classB.BackoffDB = backoff
		near(t, "class B", classB.Efficiency(), want, 0.005)
	}
	near(t, "class A", (&PA{Model: "class-a", Peak: Constant{Value: 0.5}, BackoffDB: 10}).Efficiency(), 0.05, 1e-12)
	near(t, "saturated", (&PA{Model: "saturated", Peak: Constant{Value: 0.3}, BackoffDB: 10}).Efficiency(), 0.3, 0)
	near(t, "fixed", (&PA{Model: "fixed", Fixed: Constant{Value: 0.185}}).Power(10), 54.05, 0.01)
}

// rayleighMean integrates min(1, 2r/r_peak) over a Rayleigh envelope of mean
// power 1 with midpoints.
func rayleighMean(backoffDB float64) float64 {
	peak, sum := math.Pow(10, backoffDB/20), 0.0
	const step = 1e-4
	for r := step / 2; r < 8; r += step {
		sum += math.Min(1, 2*r/peak) * 2 * r * math.Exp(-r*r) * step
	}
	return sum
}

func TestModulatorTiming(t *testing.T) {
	for _, c := range []struct {
		chains, units, cycles, latency int
		interval                       float64
	}{
		{1, 256, 1, 256, 1}, {1, 1, 1, 256, 256}, {4, 256, 1, 64, 1}, {8, 512, 1, 32, 0.5}, {8, 4, 1, 64, 64}, {32, 256, 2, 16, 2},
	} {
		m := Modulator{Kind: "plain", SubChains: c.chains, Units: c.units, CyclesPerStage: c.cycles}
		if latency, interval := m.Latency(256); latency != c.latency || interval != c.interval {
			t.Errorf("%+v: %d cycles, every %g", c, latency, interval)
		}
	}
	if latency, _ := (&Modulator{Kind: "plain", SubChains: 8, Units: 256, CyclesPerStage: 1}).Latency(250); latency != 32 {
		t.Errorf("250 antennas in 8 chains: %d cycles, want 32", latency)
	}
	if latency, interval := (&Modulator{Kind: "none"}).Latency(256); latency != 0 || interval != 0 {
		t.Errorf("no modulator takes %d cycles", latency)
	}
	for _, c := range []struct{ levels, fraction, want int }{{2, 6, 9}, {2, 8, 11}, {4, 6, 10}} {
		if got := (&Modulator{Levels: c.levels, FractionBits: c.fraction}).WordBits(); got != c.want {
			t.Errorf("%+v: words of %d bits", c, got)
		}
	}
	plain := Modulator{Kind: "plain", Order: 1, Levels: 2, FractionBits: 6, Add: Constant{Value: 1}}
	near(t, "four additions of nine bits", plain.StepPJ(), 36, 0)
	plain.Kind, plain.Multiply.Value = "steered", 100
	near(t, "a complex product more", plain.StepPJ(), 36+18+400, 0)
}

func TestLoadFrontEndReportsEveryProblem(t *testing.T) {
	write(t, map[string]string{
		"f.toml": `
kind = "frontend"
accelerator = "gemini-default"
[array]
antenna = 3
antennas = 0
geometry = "cube"
[job]
qam = 8
users = 30
[converter]
bits = 0
fom_pj = { value = 1 }
[modulator]
levels = 3
clock = 1e9
[signal]
bandwidth_hz = "0.85"
[pa]
peak_efficiency = 1.5
`,
		"none.toml":   "[array]\nantennas = 4\n",
		"uplink.toml": "base = \"sd-uplink-128\"\npa.radiated_w = 1\njob.detector = \"best\"\n",
	})
	for file, wants := range map[string][]string{
		"f.toml": {
			`f.toml:3:15: accelerator = "gemini-default": no machine "gemini-default" (did you mean "gemmini-default"?)`,
			`f.toml:5: no key "array.antenna" (did you mean "array.antennas"?)`,
			`f.toml:6:12: array.antennas = 0: must be 1 to 65536`,
			`f.toml:7:12: array.geometry = "cube": want ula | planar | rayleigh`,
			`f.toml:9:7: job.qam = 8: want 4, 16, 64, 256, 1024 or 4096 points`,
			`f.toml:10:9: job.users = 30: must be at most array.antennas`,
			`f.toml:12:8: converter.bits = 0: must be 1 to 16`,
			`f.toml:15:10: modulator.levels = 3: must be a power of two from 2 to 256`,
			`f.toml:16: no key "modulator.clock": the unit is missing (did you mean "modulator.clock_hz"?)`,
			`f.toml:18:16: signal.bandwidth_hz = "0.85": want a finite number in Hz, or with its unit: "500 MHz"`,
			`f.toml:20:19: pa.peak_efficiency = 1.5: must be above 0 and at most 1.0`,
		},
		"none.toml": {`none.toml: kind is missing: want kind = "frontend"`},
		"uplink.toml": {
			`uplink.toml:2:17: pa.radiated_w = 1.0: must be 0 in the uplink: the users transmit`,
			`uplink.toml:3:16: job.detector = "best": want zf | mrc | lmmse`,
		},
	} {
		_, err := LoadFrontEnd(file, nil)
		for _, want := range wants {
			if err == nil || !strings.Contains("\n"+err.Error()+"\n", "\n"+want+"\n") {
				t.Errorf("got %v\nwant %s", err, want)
			}
		}
	}
}

func TestKind(t *testing.T) {
	write(t, map[string]string{
		"mine.toml":    "base = \"sd-zf-256\"\n",
		"machine.toml": "base = \"gemmini-default\"\n",
	})
	for name, want := range map[string]string{
		"sd-zf-256": "frontend", "gemmini-default": "machine", "mine.toml": "frontend", "machine.toml": "machine",
	} {
		if got, err := Kind(name); got != want || err != nil {
			t.Errorf("%s is a %q (%v), want a %q", name, got, err, want)
		}
	}
	if _, err := Kind("nothing"); err == nil {
		t.Error("nothing has a kind")
	}
	write(t, map[string]string{"f.toml": "kind = \"frontend\"\nname = \"f\"\n"})
	if _, err := Load("f.toml", nil); err == nil || err.Error() != "f.toml:1: a front end, not a machine" {
		t.Errorf("loaded as a machine: %v", err)
	}
}

func FuzzLoadFrontEnd(f *testing.F) {
	for _, s := range ListFrontEnds() {
		doc, err := frontEnds.open(s.Name, ".")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(doc.text)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "accelerator") || strings.Contains(text, "base") { // both read files
			t.Skip()
		}
		path := filepath.Join(dir, "f.toml")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		fe, err := LoadFrontEnd(path, nil)
		if err == nil && fe.Validate() != nil {
			t.Fatal(fe.Validate())
		}
	})
}
