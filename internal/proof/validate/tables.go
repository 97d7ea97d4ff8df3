package validate

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"bitcycle/arch"
	"bitcycle/internal/proof"
)

// cacti compares the SRAM table with published CACTI 7 points, and the power laws
// that machines use by default with all of its points.
func cacti(golden fs.FS) ([]proof.Source, error) {
	list, err := readPublished(golden)
	if err != nil {
		return nil, err
	}
	var rows []proof.Row
	for _, p := range list {
		if !strings.HasPrefix(p.accelerator, "CACTI7") {
			continue
		}
		var nm, bytes, bits int
		var cell string
		if n, _ := fmt.Sscanf(p.config, "%dnm %s %dB x%db", &nm, &cell, &bytes, &bits); n != 4 {
			continue
		}
		r := p.row(macroFigure(arch.TableMacro(cell, float64(nm), bytes, bits), p.metric))
		r.What = p.config + " " + r.What
		if strings.Contains(p.config, "ECC") && !strings.Contains(p.config, "no ECC") {
			r = r.Show() // two ports and ECC: another macro than the table's
		}
		rows = append(rows, r)
	}
	points := proof.NewSource("CACTI 7 points", "every point within its tolerance", "interpolation in the shipped table", rows, proof.NoneFails)
	laws, err := powerLaws(golden, "cycles/sram_table.csv")
	return []proof.Source{points, laws}, err
}

func macroFigure(m arch.Macro, metric string) float64 {
	switch metric {
	case "read_energy":
		return m.ReadPJ
	case "write_energy":
		return m.WritePJ
	case "leakage":
		return m.LeakMW
	}
	return m.AreaMM2
}

// powerLaws compares the fitted laws with the table: macros of at least 1 KiB and 64
// words, which is where they are stated to hold.
func powerLaws(golden fs.FS, path string) (proof.Source, error) {
	f, err := golden.Open(path)
	if err != nil {
		return proof.Source{}, err
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return proof.Source{}, fmt.Errorf("%s: %w", path, err)
	}
	var rows []proof.Row
	for i, cells := range all[1:] {
		nm, err1 := strconv.Atoi(cells[0])
		bytes, err2 := strconv.Atoi(cells[2])
		bits, err3 := strconv.Atoi(cells[3])
		read, err4 := strconv.ParseFloat(cells[4], 64)
		if err1 != nil || err2 != nil || err3 != nil || err4 != nil {
			return proof.Source{}, fmt.Errorf("%s:%d: not numbers: %v", path, i+2, cells)
		}
		if bytes < 1024 || bytes*8/bits < 64 {
			continue
		}
		what := fmt.Sprintf("%d nm %s %d B × %d", nm, cells[1], bytes, bits)
		rows = append(rows, proof.Compare(what, "read energy", read, arch.PowerLawMacro(cells[1], float64(nm), bytes, bits).ReadPJ))
	}
	s := proof.NewSource("CACTI 7 power laws", "mean error at most 21 %, the stated fit", "CACTI changes its organisation from size to size, a monotone law cannot follow", rows, proof.MeanWithin(0.21))
	return s, nil
}

// tables compares constants and synthesis tables of the energy models: Bit Fusion's
// synthesised arrays, Horowitz' and Aladdin's operations, BISMO's cost equations.
func tables(golden fs.FS) ([]proof.Source, error) {
	list, err := readPublished(golden)
	if err != nil {
		return nil, err
	}
	compute := map[string]func(p published) (float64, bool){
		"BitFusion-synth": synthesised, "Horowitz": constant, "Aladdin": constant, "BISMO": bismo,
	}
	rows := map[string][]proof.Row{}
	for _, p := range list {
		f := compute[p.accelerator]
		if f == nil {
			continue
		}
		got, ok := f(p)
		if !ok {
			continue
		}
		r := p.row(got)
		r.What = p.config + " " + r.What
		rows[p.accelerator] = append(rows[p.accelerator], r)
	}
	notes := map[string]string{
		"BitFusion-synth": "area, energy and leakage of arrays from the fits to one element",
		"Horowitz":        "operations at 45 nm", "Aladdin": "blocks at 40 nm",
		"BISMO": "look-up tables, block RAMs, pipeline depth and peak of the generator's own equations",
	}
	var out []proof.Source
	for _, name := range sortedKeys(rows) {
		bar, pass := "every figure within its tolerance", proof.NoneFails
		if name == "BitFusion-synth" {
			bar += " and 15 %"
			pass = func(s *proof.Source) bool { return proof.NoneFails(s) && s.WorstError <= 0.15 }
		}
		out = append(out, proof.NewSource(name, bar, notes[name], rows[name], pass))
	}
	return out, nil
}

func synthesised(p published) (float64, bool) {
	var rows, cols, largest, least int
	if n, _ := fmt.Sscanf(p.config, "systolic %dx%d max%db min%db", &rows, &cols, &largest, &least); n != 4 {
		return 0, false
	}
	s, ok := arch.SynthArray(rows, cols, largest, least)
	switch p.metric {
	case "area":
		return s.AreaUM2, ok
	case "dynamic_energy_per_cycle":
		return s.PJPerCycle, ok
	}
	return s.LeakUW, ok
}

// constantNames are the figures of the provenance table by the rows' words.
var constantNames = map[string]string{
	"int add 8b": "integer addition, 8 bit", "int add 16b": "integer addition, 16 bit", "int add 32b": "integer addition, 32 bit",
	"int mult 8b": "integer multiplication, 8 bit", "int mult 32b": "integer multiplication, 32 bit",
	"fp16 add": "float addition, 16 bit", "fp16 mult": "float multiplication, 16 bit",
	"fp32 add": "float addition, 32 bit", "fp32 mult": "float multiplication, 32 bit",
	"DRAM 64b": "DRAM access of 64 bit", "8KB cache 64b": "cache access of 64 bit, 8 KiB",
	"32KB cache 64b": "cache access of 64 bit, 32 KiB", "1MB cache 64b": "cache access of 64 bit, 1 MiB",
	"bitwise": "bitwise operation, 32 bit", "adder 32b": "adder, 32 bit", "multiplier 32b": "multiplier, 32 bit",
	"register 1b": "register, 1 bit", "shifter 32b": "shifter, 32 bit",
}

func constant(p published) (float64, bool) {
	unit := map[string]string{"um2": "µm²", "pJ": "pJ"}[p.unit]
	for _, f := range arch.Figures() {
		if f.Name == constantNames[p.workload] && f.Unit == unit && strings.HasPrefix(f.Source, p.accelerator) {
			return f.Value, true
		}
	}
	return 0, false
}
