package arch

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"bitcycle/internal/testdata"
)

// published is one figure of the table of published numbers.
type published struct{ id, group, config, workload, metric, unit, tolerance string }

// TestPublishedFigures compares what this package computes with published
// figures, each within the tolerance that its row states.
func TestPublishedFigures(t *testing.T) {
	file, err := os.Open(testdata.Golden(t, "cycles/published.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	compared := map[string]int{}
	for _, r := range rows[1:] {
		p := published{id: r[0], group: r[1], config: r[2], workload: r[3], metric: r[4], unit: r[6], tolerance: r[8]}
		want, err := strconv.ParseFloat(r[5], 64)
		if err != nil {
			continue
		}
		got, ok := p.compute(t)
		if !ok {
			continue
		}
		compared[p.group]++
		if limit := p.limit(t); math.Abs(got/want-1) > limit {
			t.Errorf("%s %s %s %s: %g %s, published %g, allowed %g %%", p.id, p.group, p.config, p.workload, got, p.unit, want, 100*limit)
		}
	}
	for group, least := range map[string]int{"CACTI7": 100, "BitFusion-synth": 50, "BISMO": 15, "Horowitz": 10, "Aladdin": 5, "UNPU": 2} {
		if compared[group] < least {
			t.Errorf("%s: %d rows compared, want at least %d", group, compared[group], least)
		}
	}
}

// limit reads "35% (log-linear fit)", "2x" or "exact".
func (p *published) limit(t *testing.T) float64 {
	word, _, _ := strings.Cut(p.tolerance, " ")
	switch {
	case word == "exact":
		return 1e-12
	case word == "2x":
		return 1
	}
	percent, err := strconv.ParseFloat(strings.TrimSuffix(word, "%"), 64)
	if err != nil {
		t.Fatalf("%s: tolerance %q", p.id, p.tolerance)
	}
	return percent / 100
}

func (p *published) compute(t *testing.T) (float64, bool) {
	switch p.group {
	case "CACTI7":
		return p.cacti()
	case "BitFusion-synth":
		return p.synthesis()
	case "BISMO":
		return p.bismo()
	case "Horowitz", "Aladdin":
		return p.figure()
	case "UNPU":
		var bits int
		if n, _ := fmt.Sscanf(p.workload, "LBPE vs fixed MAC %db", &bits); n == 1 {
			return 100 * (1 - LUTRatio(bits)), true
		}
	}
	return 0, false
}

// cacti interpolates in the shipped table.
func (p *published) cacti() (float64, bool) {
	var nm, bytes, bits int
	var cell string
	if n, _ := fmt.Sscanf(p.config, "%dnm %s %dB x%db 1RW", &nm, &cell, &bytes, &bits); n != 4 {
		return 0, false
	}
	m := TableMacro(cell, float64(nm), bytes, bits)
	value, ok := map[string]float64{"read_energy": m.ReadPJ, "write_energy": m.WritePJ, "leakage": m.LeakMW, "area": m.AreaMM2}[p.metric]
	return value, ok
}

func (p *published) synthesis() (float64, bool) {
	var rows, cols, largest, least int
	if n, _ := fmt.Sscanf(p.config, "systolic %dx%d max%db min%db", &rows, &cols, &largest, &least); n != 4 {
		return 0, false
	}
	s, ok := SynthArray(rows, cols, largest, least)
	if !ok {
		return 0, false
	}
	value, ok := map[string]float64{"area": s.AreaUM2, "dynamic_energy_per_cycle": s.PJPerCycle, "leakage": s.LeakUW}[p.metric]
	return value, ok
}

func (p *published) bismo() (float64, bool) {
	var dm, dk, dn, bm, bn, version int
	switch p.metric {
	case "BRAM_array":
		n, _ := fmt.Sscanf(p.config, "%dx%dx%d Bm=%d Bn=%d", &dm, &dk, &dn, &bm, &bn)
		_, bram := BISMOCost(2, dm, dk, dn, bm, bn)
		return bram, n == 5
	case "LUT_array":
		n, _ := fmt.Sscanf(p.config, "%dx%dx%d", &dm, &dk, &dn)
		m, _ := fmt.Sscanf(p.workload, "cost model v%d", &version)
		lut, _ := BISMOCost(version, dm, dk, dn, 1024, 1024)
		return lut, n == 3 && m == 1
	case "pipeline_latency":
		n, _ := fmt.Sscanf(p.config, "Dk=%d", &dk)
		return float64(BISMOLatency(dk)), n == 1
	}
	return 0, false
}

// figure looks a constant up in the provenance table, under the row's words.
func (p *published) figure() (float64, bool) {
	name := strings.NewReplacer("int add", "integer addition,", "int mult", "integer multiplication,", "32b", "32 bit", "16b", "16 bit",
		"8b", "8 bit", "1b", "1 bit").Replace(p.workload)
	for from, to := range map[string]string{
		"fp16 add": "float addition, 16 bit", "fp16 mult": "float multiplication, 16 bit", "fp32 add": "float addition, 32 bit",
		"fp32 mult": "float multiplication, 32 bit", "DRAM 64b": "DRAM access of 64 bit", "8KB cache 64b": "cache access of 64 bit, 8 KiB",
		"32KB cache 64b": "cache access of 64 bit, 32 KiB", "1MB cache 64b": "cache access of 64 bit, 1 MiB", "bitwise": "bitwise operation, 32 bit",
		"adder 32b": "adder, 32 bit", "multiplier 32b": "multiplier, 32 bit", "register 1b": "register, 1 bit", "shifter 32b": "shifter, 32 bit",
	} {
		if p.workload == from {
			name = to
		}
	}
	unit := map[string]string{"um2": "µm²", "pJ": "pJ"}[p.unit]
	for _, f := range Figures() {
		if f.Name == name && f.Unit == unit && strings.HasPrefix(f.Source, p.group) {
			return f.Value, true
		}
	}
	return 0, false
}

// The power laws against the points they were fitted to: their errors are those
// that the documentation states.
func TestPowerLawsFitTheTable(t *testing.T) {
	type sum struct{ total, worst, n float64 }
	var read, write, leak, area sum
	add := func(s *sum, got, want float64) {
		e := math.Abs(got/want - 1)
		s.total, s.n, s.worst = s.total+e, s.n+1, math.Max(s.worst, e)
	}
	for key, want := range sramTable() {
		if key.bytes < 1024 || key.bytes*8/key.bits < 64 {
			continue
		}
		got := PowerLawMacro(key.cell, float64(key.nm), key.bytes, key.bits)
		add(&read, got.ReadPJ, want.ReadPJ)
		add(&write, got.WritePJ, want.WritePJ)
		add(&leak, got.LeakMW, want.LeakMW)
		add(&area, got.AreaMM2, want.AreaMM2)
	}
	t.Logf("mean errors: read %.3f, write %.3f, leakage %.3f, area %.3f", read.total/read.n, write.total/write.n, leak.total/leak.n, area.total/area.n)
	near(t, "mean error of reads", read.total/read.n, 0.18, 0.02)
	near(t, "worst error of reads", read.worst, 0.62, 0.03)
	near(t, "mean error of writes", write.total/write.n, 0.14, 0.02)
	if m := leak.total / leak.n; m > 0.1 {
		t.Errorf("mean error of leakage %g", m)
	}
	if m := area.total / area.n; m > 0.13 {
		t.Errorf("mean error of area %g", m)
	}
}
