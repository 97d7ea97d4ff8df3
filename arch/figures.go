package arch

import (
	"reflect"
	"slices"
	"strings"
)

// Figure is a constant with its unit and provenance.
type Figure struct {
	Name      string
	Value     float64
	Unit      string
	Source    string
	Confirmed bool // read at the source, not recalled or assumed
}

const (
	horowitz = "Horowitz, ISSCC 2014, 45 nm, 0.9 V"
	aladdin  = "Aladdin's 40 nm blocks, 1 ns (Accelergy aladdin plug-in @5e2e126)"
	bitmod   = "abdelfattah-lab/BitMoD-HPCA-25@e445a5f, 28 nm, before its place-and-route factor of 1.5"
	dataflow = "stanford-mast/nn_dataflow, fitted to Eyeriss silicon, 65 nm"
)

// Figures lists the published constants behind the energy and area models.
func Figures() []Figure {
	list := []Figure{
		{"integer addition, 8 bit", 0.03, "pJ", horowitz, true},
		{"integer addition, 16 bit", 0.05, "pJ", horowitz, true},
		{"integer addition, 32 bit", 0.1, "pJ", horowitz, true},
		{"integer multiplication, 8 bit", 0.2, "pJ", horowitz, true},
		{"integer multiplication, 32 bit", 3.1, "pJ", horowitz, true},
		{"float addition, 16 bit", 0.4, "pJ", horowitz, true},
		{"float multiplication, 16 bit", 1.1, "pJ", horowitz, true},
		{"float addition, 32 bit", 0.9, "pJ", horowitz, true},
		{"float multiplication, 32 bit", 3.7, "pJ", horowitz, true},
		{"integer addition, 8 bit", 36, "µm²", horowitz, false},
		{"integer addition, 16 bit", 67, "µm²", horowitz, false},
		{"integer addition, 32 bit", 137, "µm²", horowitz, false},
		{"integer multiplication, 8 bit", 282, "µm²", horowitz, false},
		{"integer multiplication, 32 bit", 3495, "µm²", horowitz, false},
		{"float addition, 16 bit", 1360, "µm²", horowitz, false},
		{"float multiplication, 16 bit", 1640, "µm²", horowitz, false},
		{"float addition, 32 bit", 4184, "µm²", horowitz, false},
		{"float multiplication, 32 bit", 7700, "µm²", horowitz, false},
		{"cache access of 64 bit, 8 KiB", 10, "pJ", horowitz, false},
		{"cache access of 64 bit, 32 KiB", 20, "pJ", horowitz, false},
		{"cache access of 64 bit, 1 MiB", 100, "pJ", horowitz, false},
		{"DRAM access of 64 bit", 1300, "pJ", horowitz, true},

		{"adder, 32 bit", 0.21, "pJ", aladdin, true},
		{"adder, 32 bit", 278, "µm²", aladdin, true},
		{"multiplier, 32 bit", 12.68, "pJ", aladdin, true},
		{"multiplier, 32 bit", 6350, "µm²", aladdin, true},
		{"register, 1 bit", 0.009, "pJ", aladdin, true},
		{"register, 1 bit", 5.98, "µm²", aladdin, true},
		{"shifter, 32 bit", 0.417, "pJ", aladdin, true},
		{"shifter, 32 bit", 250, "µm²", aladdin, true},
		{"bitwise operation, 32 bit", 0.0181, "pJ", aladdin, true},
		{"bitwise operation, 32 bit", 50, "µm²", aladdin, true},
		{"crossbar 1→4, 32 bit", 0.68, "pJ", aladdin, true},
		{"crossbar 1→4, 32 bit", 570, "µm²", aladdin, true},

		{"float MAC, 16 bit", 0.77, "pJ", bitmod, true},
		{"float MAC, 16 bit", 1968.7, "µm²", bitmod, true},
		{"bit-serial PE of 4 lanes", 0.56, "pJ", bitmod, true},
		{"bit-serial PE of 4 lanes", 1507.7, "µm²", bitmod, true},
		{"ANT's PE", 0.56, "pJ", bitmod, true},
		{"ANT's PE", 1318.6, "µm²", bitmod, true},
		{"OliVe's PE", 0.613, "pJ", bitmod, true},
		{"OliVe's PE", 1318.6, "µm²", bitmod, true},

		{"16-bit MAC", 2, "pJ", dataflow, true},
		{"register file, 16 bit", 1, "pJ", dataflow, true},
		{"array network, 16 bit", 4, "pJ", dataflow, true},
		{"global buffer of 108 KB, 16 bit", 15, "pJ", dataflow, true},
		{"DRAM, 16 bit", 460, "pJ", dataflow, true},
		{"idle power at 200 MHz", 30, "mW", dataflow, true},

		{"router, per bit and hop", 20.74 / 256, "pJ", "ISAAC, 32 nm, 256-bit flit (Accelergy)", true},
		{"wire, per bit and mm", 0.125, "pJ", "45 nm, 0.10 to 0.15", false},
		{"eDRAM access of 256 bit, 64 KiB", 20.45, "pJ", "ISAAC, 32 nm (Accelergy)", true},
	}
	return append(list, dramFigures()...)
}

// dramFigures lists the flat DRAM energies that published models use: they
// differ by a factor of eighteen.
func dramFigures() []Figure {
	list := []Figure{}
	for _, one := range []struct {
		name string
		pj   float64
	}{
		{"Horowitz, ISSCC 2014", 20.3125},
		{"Bit Fusion's simulator (its comment says 6)", 15},
		{"BitMoD, 1200 pJ per 64 bit", 18.75},
		{"ZigZag, Eyeriss-like", 15.6},
		{"ZigZag, TPU-like", 10.9},
		{"Accelergy, LPDDR4", 8},
		{"Accelergy, LPDDR", 40},
		{"Accelergy, DDR3", 70},
		{"Accelergy, GDDR5", 14},
		{"Accelergy, HBM2", 3.9},
		{"Accelergy, HMC", 4.2},
		{"nn_dataflow, Eyeriss", 28.75},
	} {
		list = append(list, Figure{"DRAM, flat", one.pj, "pJ/bit", one.name, true})
	}
	return list
}

// Provenance lists every energy and area constant of the machine under its key.
func (a *Accelerator) Provenance() []Figure {
	list := provenance("energy.", reflect.ValueOf(a.Energy), a.Unconfirmed, nil)
	mac := Figure{"energy.mac (" + a.Energy.MAC.Model + ", 8×8 bit)", a.MACPJ(8, 8), "pJ", a.Energy.MAC.Source, true}
	if pj := a.Energy.MAC.CyclePJ(a.TechNm); pj > 0 {
		mac.Name, mac.Value = "energy.mac (array, per cycle)", pj
	}
	mac.Confirmed = confirmed("energy.mac", mac.Source, a.Unconfirmed)
	return provenance("area.", reflect.ValueOf(a.Area), a.Unconfirmed, append([]Figure{mac}, list...))
}

// Provenance lists every constant of the front end under its key.
func (f *FrontEnd) Provenance() []Figure {
	return provenance("", reflect.ValueOf(*f), f.Unconfirmed, nil)
}

// provenance appends the constants below a struct.
func provenance(prefix string, v reflect.Value, unconfirmed []string, list []Figure) []Figure {
	for i := range v.NumField() {
		key := prefix + v.Type().Field(i).Tag.Get("toml")
		if c, ok := v.Field(i).Interface().(Constant); ok {
			if c != (Constant{}) {
				list = append(list, Figure{key, c.Value, unitOf(key), c.Source, confirmed(key, c.Source, unconfirmed)})
			}
		} else if v.Field(i).Kind() == reflect.Struct {
			list = provenance(key+".", v.Field(i), unconfirmed, list)
		}
	}
	return list
}

func confirmed(key, source string, unconfirmed []string) bool {
	return !slices.Contains(unconfirmed, key) && !strings.Contains(strings.ToLower(source), "unconfirmed")
}

// unitOf reads the unit at the end of a key; ratios and counts have none.
func unitOf(key string) string {
	for _, u := range [...][2]string{
		{"_pj_per_bit", "pJ/bit"},
		{"_pj_per_op", "pJ"},
		{"_pj", "pJ"},
		{"_nj", "nJ"},
		{"_mw", "mW"},
		{"_w", "W"},
		{"_mm2", "mm²"},
		{"luts", "LUT"},
		{"bram36", "36 Kb"},
	} {
		if strings.HasSuffix(key, u[0]) {
			return u[1]
		}
	}
	return ""
}
