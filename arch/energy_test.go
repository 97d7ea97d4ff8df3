package arch

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance {
		t.Errorf("%s = %g, want %g ± %g", what, got, want, tolerance)
	}
}

func energyFactor(t *testing.T, name string, v float64) float64 {
	t.Helper()
	for _, n := range nodeModels {
		if n.name == name {
			return n.energy(v)
		}
	}
	t.Fatalf("no technology %q", name)
	return 0
}

// The values of the energy model's own checks.
func TestEnergyChecks(t *testing.T) {
	near(t, "e_mul(8)", MultiplyPJ(8, 8), 0.2, 1e-4)
	near(t, "e_mul(32)", MultiplyPJ(32, 32), 3.1, 1e-4)
	near(t, "e_add(32)", AddPJ(32), 0.1, 1e-12)
	for b, want := range map[int]float64{1: 0.0248, 2: 0.0407, 3: 0.0599, 4: 0.0823, 5: 0.1079, 6: 0.1367, 7: 0.1687, 8: 0.2040, 10: 0.284, 12: 0.377, 16: 0.602} {
		near(t, "E(b)", SynthPJ(b, b), want, 6e-4)
	}
	for b, want := range map[int]float64{1: 42.6, 2: 81.4, 3: 130, 4: 188.5, 5: 257, 6: 335, 7: 424, 8: 522, 10: 748, 12: 1013, 16: 1663} {
		near(t, "A(b)", SynthAreaUM2(b, b), want, 0.6)
	}
	near(t, "P_leak(1)", SynthLeakUW(1, 1), 0.5376, 1e-9)
	near(t, "core of Bit Fusion", 512*FusionPJ(8, 8), 235.104, 0.01)
	near(t, "EF(45 HP, 1.1 V)", energyFactor(t, "45 HP", 1.1), 1.0439, 1e-4)
	near(t, "EF(16, 0.86 V)", energyFactor(t, "16 MG", 0.86), 0.1423, 1e-4)
	near(t, "EF(32 HP, 0.9 V)", energyFactor(t, "32 HP", 0.9), 0.4571, 1e-4)
	near(t, "EF(65, 1.3 V)", energyFactor(t, "65 bulk", 1.3), 2.604, 1e-3)
	near(t, "their ratio", energyFactor(t, "32 HP", 0.9)/energyFactor(t, "65 bulk", 1.3), 0.1755, 1e-4)
	near(t, "45→7 by polynomials", energyFactor(t, "7 MG", 0.8)/energyFactor(t, "45 HP", 1.1), 0.063, 5e-4)
	near(t, "power law, 45 hp, 16 KB × 32", PowerLawMacro("itrs-hp", 45, 16<<10, 32).ReadPJ, 5.30, 0.03)
	near(t, "e_pass(256)", DotPassPJ(256, 32), 1.37, 0.01)
	near(t, "gates at 8×8", MACEnergy{Model: "gates", DotBits: 256}.PJ(8, 8, 45), 0.34, 0.005)
	near(t, "LBPE at 8 bits", LUTRatio(8), 0.728, 1e-12)
	near(t, "LBPE at 1 bit", LUTRatio(1), 0.464, 1e-12)
}

// Arrays by the fits lie within 15 % of the synthesised ones (Bit Fusion repository,
// systolic_array_synth.csv), the smallest too, where a PE has most registers.
func TestSynthArray(t *testing.T) {
	for _, c := range []struct {
		rows, cols, most, least int
		area, energy, leak      float64 // 0: not looked at
	}{
		{1, 1, 2, 2, 124.89, 0.057484, 2.8327},
		{1, 1, 4, 2, 0, 0.15694, 13.545},
		{1, 1, 16, 2, 0, 2.3324, 274.22},
		{1, 1, 8, 8, 687.61, 0.2977, 0},
		{1, 1, 16, 16, 0, 0, 68.98},
		{2, 2, 4, 2, 1513.3, 0, 45.933},
		{8, 2, 2, 2, 1281, 0.646186, 28.867},
		{8, 2, 16, 2, 135464, 34.9278, 4965.9},
	} {
		s, ok := SynthArray(c.rows, c.cols, c.most, c.least)
		for _, pair := range [][2]float64{{s.AreaUM2, c.area}, {s.PJPerCycle, c.energy}, {s.LeakUW, c.leak}} {
			if off := math.Abs(pair[0]/pair[1] - 1); !ok || pair[1] != 0 && off > 0.15 {
				t.Errorf("%d×%d, %d/%d bits: %v, want %v", c.rows, c.cols, c.most, c.least, pair[0], pair[1])
			}
		}
	}
	if _, ok := SynthArray(4, 4, 8, 4); ok {
		t.Error("an array of 8/4 bits that nobody synthesised")
	}
}

func TestTechnologyScaling(t *testing.T) {
	for nm, want := range map[float64]float64{65: 1.61, 45: 1, 32: 0.486, 28: 0.397, 22: 0.276, 16: 0.170, 14: 0.137, 12: 0.127, 10: 0.116, 7: 0.106} {
		near(t, "energy", EnergyScale(45, nm), want, 1e-3)
	}
	for nm, want := range map[float64]float64{45: 0.203, 32: 0.099, 28: 0.081, 22: 0.056, 16: 0.035, 7: 0.022} {
		near(t, "8-bit PE", MACEnergy{Model: "synth45"}.PJ(8, 8, nm), want, 1e-3)
	}
	near(t, "area 65→45", AreaScale(65, 45), 0.66, 1e-12)
	near(t, "area 45→7", AreaScale(45, 7), 0.059, 1e-12)
	near(t, "area 32→32", AreaScale(32, 32), 1, 0)
	if a := AreaScale(45, 28); a <= AreaScale(45, 20) || a >= AreaScale(45, 32) {
		t.Errorf("area at 28 nm %g lies outside its neighbours", a)
	}
	near(t, "power 45→16", PowerScale(45, 16), 1.28/5.19, 1e-12)
	near(t, "voltage, unchanged", VoltageScale(45, 0.9, 0.9), 1, 0)
	near(t, "voltage 45 nm, 1.1→0.9", VoltageScale(45, 1.1, 0.9), 0.69889/1.04391, 1e-4)
	near(t, "nominal voltage", NominalVoltage(32), 0.97, 0)
}

func TestFinerNodesThanCACTI(t *testing.T) {
	at := func(nm float64) Macro { return PowerLawMacro("itrs-lop", nm, 64<<10, 64) }
	near(t, "read 16/22", at(16).ReadPJ/at(22).ReadPJ, 0.853, 1e-3)
	near(t, "read 7/22", at(7).ReadPJ/at(22).ReadPJ, 0.564, 1e-3)
	near(t, "area 7/22", at(7).AreaMM2/at(22).AreaMM2, 7.0/22, 1e-12)
	near(t, "leak 16/22", at(16).LeakMW/at(22).LeakMW, 0.79*0.8528, 1e-3)
	if r := at(28).ReadPJ; r <= at(22).ReadPJ || r >= at(32).ReadPJ {
		t.Errorf("28 nm reads %g pJ, outside its neighbours", r)
	}
}

func TestBufferEnergyPerBit(t *testing.T) {
	b := Buffer{Bytes: 64 << 10, Banks: 4, Word: 64}
	for _, model := range []string{"cacti", "table"} {
		s := SRAM{Model: model, Cell: "itrs-lop"}
		bank := s.Macro(b, 45)
		read, write := s.PJPerBit(b, SRAMAccess{}, 45)
		near(t, model+" read", read, bank.ReadPJ/64, 1e-12)
		near(t, model+" write", write, bank.WritePJ/64, 1e-12)
		if read, write = s.PJPerBit(Buffer{Word: 64, Banks: 1}, SRAMAccess{}, 45); read != 0 || write != 0 {
			t.Errorf("%s: an empty buffer costs %g and %g", model, read, write)
		}
	}
	near(t, "one bank in the table", (&SRAM{Model: "table", Cell: "itrs-lop"}).Macro(b, 45).ReadPJ, TableMacro("itrs-lop", 45, 16<<10, 64).ReadPJ, 0)
	s := SRAM{Model: "explicit"}
	read, write := s.PJPerBit(b, SRAMAccess{Constant{Value: 2}, Constant{Value: 3}}, 45)
	near(t, "explicit read", read, 2, 0)
	near(t, "explicit write", write, 3, 0)
}

func TestSRAMTable(t *testing.T) {
	if n := len(sramTable()); n != 990 {
		t.Fatalf("%d points, want 990", n)
	}
	for _, c := range []struct {
		cell        string
		nm          float64
		bytes, bits int
		read        float64
	}{
		{"itrs-hp", 45, 1 << 10, 32, 0.877},
		{"itrs-hp", 45, 8 << 10, 64, 4.31},
		{"itrs-hp", 45, 64 << 10, 64, 11.5},
		{"itrs-lop", 45, 16 << 10, 32, 2.16},
		{"itrs-lop", 32, 128 << 10, 128, 10.8},
		{"itrs-lop", 22, 1 << 20, 64, 12.8},
	} {
		near(t, "table", TableMacro(c.cell, c.nm, c.bytes, c.bits).ReadPJ, c.read, 0.005*c.read)
	}
	mid := TableMacro("itrs-hp", 45, 12<<10, 48).ReadPJ
	if lo, hi := 4.0, 12.0; mid < lo || mid > hi {
		t.Errorf("between points: %g pJ", mid)
	}
	if got, want := TableMacro("itrs-hp", 45, 64, 8), PowerLawMacro("itrs-hp", 45, 64, 8); got != want {
		t.Errorf("outside the table: %v, want the power law's %v", got, want)
	}
	if got := TableMacro("none", 45, 64, 8); got != (Macro{}) {
		t.Errorf("unknown cell: %v", got)
	}
}

// Energy grows with either width, and not faster than the model's own law.
func TestMACEnergyGrowsWithWidth(t *testing.T) {
	models := []MACEnergy{
		{Model: "synth45"},
		{Model: "horowitz"},
		{Model: "fusion45"},
		{Model: "lut"},
		{Model: "gates", DotBits: 64},
		{Model: "serial", SerialFactor: 1.2, SerialBasePJ: 0.6, SerialOperand: "both"},
		{Model: "serial", SerialFactor: 1.2, SerialBasePJ: 0.6, SerialOperand: "weights"},
		{Model: "serial", SerialFactor: 1.2, SerialBasePJ: 0.6, SerialOperand: "activations", FromNm: 65},
		{Model: "const", PJPerMAC: 2, FromNm: 65},
	}
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(models).Draw(t, "model")
		w, a := rapid.IntRange(1, 15).Draw(t, "w"), rapid.IntRange(1, 15).Draw(t, "a")
		nm := rapid.Float64Range(7, 130).Draw(t, "nm")
		e := m.PJ(w, a, nm)
		if !(e > 0) || m.PJ(w+1, a, nm) < e || m.PJ(w, a+1, nm) < e {
			t.Fatalf("%s at %d×%d bit, %g nm: %g pJ, one bit more %g or %g", m.Model, w, a, nm, e, m.PJ(w+1, a, nm), m.PJ(w, a+1, nm))
		}
		if m.PJ(0, a, nm) != 0 {
			t.Fatal("a pruned weight costs energy")
		}
		if m.PJWide(w, a, 64, nm) < e {
			t.Fatal("a wider accumulator costs less")
		}
	})
}

func TestMACEnergyAllocatesNothing(t *testing.T) {
	for _, model := range []string{"synth45", "fusion45", "horowitz", "serial", "gates", "lut", "const"} {
		m := MACEnergy{Model: model, SerialBasePJ: 1, SerialFactor: 1, DotBits: 64, FromNm: 45}
		if n := testing.AllocsPerRun(10, func() { m.PJ(5, 7, 28) }); n != 0 {
			t.Errorf("%s: %g allocations", model, n)
		}
	}
}

func TestVoltageChangesTabledEnergy(t *testing.T) {
	at := func(name string, volts string) float64 {
		a, err := Load(name, []string{"voltage_v=" + volts})
		if err != nil {
			t.Fatal(err)
		}
		return a.MACPJ(8, 8)
	}
	near(t, "tabled, nominal", at("gemmini-default", "1.1"), SynthPJ(8, 8), 0)
	near(t, "tabled, 0.9 V", at("gemmini-default", "0.9"), SynthPJ(8, 8)*VoltageScale(45, 1.1, 0.9), 1e-12)
	near(t, "measured, any voltage", at("eyeriss-v1-65nm", "0.8"), 2, 0)
}

func TestProvenance(t *testing.T) {
	var lists [][]Figure
	for _, s := range List() {
		a, err := Load(s.Name, nil)
		if err != nil {
			t.Fatal(err)
		}
		lists = append(lists, a.Provenance())
	}
	for _, s := range ListFrontEnds() {
		f, err := LoadFrontEnd(s.Name, nil)
		if err != nil {
			t.Fatal(err)
		}
		lists = append(lists, f.Provenance())
	}
	ratios := map[string]bool{
		"energy.idle_fraction": true, "energy.noc_hops": true, "pa.peak_efficiency": true, "pa.fixed_efficiency": true, "digital.ifft_ops": true,
	}
	for _, list := range lists {
		if len(list) < 10 {
			t.Errorf("only %d constants: %v", len(list), list)
		}
		for _, f := range list {
			if f.Source == "" || f.Unit == "" && !ratios[f.Name] {
				t.Errorf("%+v", f)
			}
		}
	}
	for _, f := range Figures() {
		if f.Name == "" || f.Unit == "" || f.Source == "" || !(f.Value > 0) {
			t.Errorf("%+v", f)
		}
	}
}

func TestProvenanceTellsDoubt(t *testing.T) {
	a, err := Load("haq-bismo-cloud", nil)
	if err != nil {
		t.Fatal(err)
	}
	doubt := map[string]bool{}
	for _, f := range a.Provenance() {
		doubt[f.Name] = !f.Confirmed
	}
	if !doubt["energy.dram_pj_per_bit"] || !doubt["energy.mac (serial, 8×8 bit)"] || doubt["energy.register_pj_per_bit"] {
		t.Errorf("doubts: %v", doubt)
	}
}

func BenchmarkMACEnergy(b *testing.B) {
	m := MACEnergy{Model: "synth45"}
	for b.Loop() {
		m.PJ(4, 8, 28)
	}
}
