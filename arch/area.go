package arch

import "fmt"

// areaNodes and areaFactors are Stillmaker & Baas' area factors as Accelergy's
// library ships them: row from, column to.
var (
	areaNodes   = [...]float64{130, 90, 65, 45, 32, 20, 16, 14, 10, 7}
	areaFactors = [...][10]float64{
		{1, 0.44, 0.23, 0.16, 0.072, 0.033, 0.03, 0.027, 0.016, 0.0092},
		{2.3, 1, 0.53, 0.35, 0.16, 0.075, 0.067, 0.061, 0.036, 0.021},
		{4.3, 1.9, 1, 0.66, 0.31, 0.14, 0.13, 0.12, 0.068, 0.039},
		{6.4, 2.8, 1.5, 1, 0.46, 0.21, 0.19, 0.17, 0.1, 0.059},
		{14, 6.1, 3.3, 2.2, 1, 0.46, 0.41, 0.38, 0.22, 0.13},
		{30, 13, 7.1, 4.7, 2.2, 1, 0.89, 0.82, 0.48, 0.28},
		{34, 15, 7.9, 5.3, 2.4, 1.1, 1, 0.91, 0.54, 0.31},
		{37, 16, 8.7, 5.8, 2.7, 1.2, 1.1, 1, 0.59, 0.34},
		{63, 28, 15, 9.8, 4.5, 2.1, 1.9, 1.7, 1, 0.58},
		{110, 48, 25, 17, 7.8, 3.6, 3.2, 2.9, 1.7, 1},
	}
)

// AreaScale is the ratio of areas to/from between technologies: the published
// matrix (65 → 45 nm is 0.66, not the 0.48 of a square), interpolated in the
// logarithms of both nodes.
func AreaScale(fromNm, toNm float64) float64 {
	if fromNm == toNm {
		return 1
	}
	var row, column [len(areaNodes)]nodePoint
	for i, from := range areaNodes {
		for j := range areaNodes {
			k := len(areaNodes) - 1 - j // ascending
			row[j] = nodePoint{areaNodes[k], areaFactors[i][k]}
		}
		at := logLog(row[:], toNm)
		if from == fromNm {
			return at
		}
		column[len(areaNodes)-1-i] = nodePoint{from, at}
	}
	return logLog(column[:], fromNm)
}

// EstimateArea returns the silicon area in mm² that the synthesis fits and CACTI
// give for a machine: of an array of systolic PEs or Fusion Units, and of
// buffers whose energy model is CACTI. What has no source stays absent.
//
// See docs/machine-model.md, section 11.
func EstimateArea(a *Accelerator) Area {
	area, _, _ := a.silicon()
	return area
}

// silicon is [EstimateArea] with the leakage in mW that the same sources give for the
// array, scaled by the inverter's power, and for the buffers; 0 when unknown.
func (a *Accelerator) silicon() (area Area, logic, sram Constant) {
	um2, uw, source := a.arraySilicon()
	if logic = (Constant{0, notCharged}); uw > 0 {
		logic = Constant{digits(uw * 1e-3 * PowerScale(45, a.TechNm)), leakageSource(a.TechNm)}
	}
	if um2 > 0 {
		area.Array = Constant{digits(um2 * 1e-6 * AreaScale(45, a.TechNm)), source}
	}
	if a.Energy.SRAM.Model == "explicit" {
		return area, logic, Constant{0, notCharged}
	}
	bank, leak := a.Energy.SRAM.sources()
	sram.Source = leak
	for _, one := range [...]struct {
		buffer *Buffer
		into   *Constant
	}{{&a.Buffers.Weights, &area.Weights}, {&a.Buffers.Inputs, &area.Inputs}, {&a.Buffers.Outputs, &area.Outputs}} {
		if one.buffer.Bytes > 0 {
			macro, banks := a.Energy.SRAM.Macro(*one.buffer, a.TechNm), float64(one.buffer.Banks)
			*one.into = Constant{digits(macro.AreaMM2 * banks), bank}
			sram.Value += macro.LeakMW * banks
		}
	}
	sram.Value = digits(sram.Value)
	return area, logic, sram
}

// arraySilicon is the area in µm² and the leakage in µW of the array at 45 nm.
func (a *Accelerator) arraySilicon() (um2, uw float64, source string) {
	pes := float64(a.Array.Rows * a.Array.Cols)
	w, act := a.Array.NativeWeightBits, a.Array.NativeActBits
	switch a.Energy.MAC.Model {
	case "synth45":
		return pes * SynthAreaUM2(w, act), pes * SynthLeakUW(w, act), "fit to Bit Fusion's synthesised PEs at 45 nm"
	case "fusion45":
		return pes * fusionUnit.AreaUM2, pes * fusionUnit.LeakUW, "Bit Fusion's synthesised Fusion Unit at 45 nm"
	}
	return 0, 0, ""
}

func leakageSource(nm float64) string {
	if nm == 45 {
		return "leakage of Bit Fusion's synthesised PEs, 45 nm, by the inverters' power at 45 nm (Stillmaker & Baas 2017)"
	}
	return fmt.Sprintf("leakage of Bit Fusion's synthesised PEs, 45 nm, by the inverters' power at %g nm (Stillmaker & Baas 2017)", nm)
}

// sources are those of the area and the leakage of a bank.
func (s *SRAM) sources() (area, leakage string) {
	switch s.Cell {
	case "itrs-hp":
		return "CACTI 7, banks × one bank, itrs-hp", "CACTI 7 at 360 K, itrs-hp"
	case "itrs-lop":
		return "CACTI 7, banks × one bank, itrs-lop", "CACTI 7 at 360 K, itrs-lop"
	}
	return "CACTI 7, banks × one bank, " + s.Cell, "CACTI 7 at 360 K, " + s.Cell
}
