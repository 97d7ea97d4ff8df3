package arch

// MACEnergy gives the energy of one multiply-accumulate as a function of both
// operand widths. The models:
//
//	synth45   systolic PEs synthesised at 45 nm and 500 MHz (Bit Fusion's repository)
//	fusion45  Fusion Units synthesised with them: one unit's energy over its MACs per cycle
//	horowitz  multiplier plus adder, 45 nm, 0.9 V (Horowitz, ISSCC 2014)
//	serial    factor · base · the share of 16 bits that is processed serially
//	gates     AND, popcount and accumulator of a bit-serial dot product, by gate count
//	lut       UNPU's look-up tables, relative to a synth45 multiplier
//	const     PJPerCycle for the whole array, or PJPerMAC
//
// See docs/machine-model.md, section 10.1.
type MACEnergy struct {
	// Model prices a multiply-accumulate by the widths of its operands, see section 10.1 of
	// machine-model.md. const needs PJPerCycle or PJPerMAC, serial needs SerialBasePJ.
	Model string `toml:"model"`
	// PJPerCycle, const: charged for every cycle in which the array computes, whatever
	// its utilisation; when it is set, PJPerMAC is not used.
	PJPerCycle float64 `toml:"pj_per_cycle"`
	PJPerMAC   float64 `toml:"pj_per_mac"` // const: of each multiply-accumulate
	// SerialFactor, serial: e(w, a) = SerialFactor · SerialBasePJ · w·a/256 (Loom), w/16 or a/16.
	SerialFactor float64 `toml:"serial_factor"`
	SerialBasePJ float64 `toml:"serial_base_pj"` // serial: of a product of 16 by 16 bits
	// SerialOperand, serial: the operand taken bit by bit; that of the array unless given.
	SerialOperand string `toml:"serial_operand"`
	// DotBits, gates: length of the dot product whose gates are counted; that of the array
	// unless given.
	DotBits int     `toml:"dot_bits"`
	FromNm  float64 `toml:"from_nm"` // node of const and serial, scaled to the machine's; 0 = its own
	Source  string  `toml:"source"`  // of the model and its constants
}

// accumulatorBits is the accumulator charged by PJ.
const accumulatorBits = 32

// PJ returns the energy in pJ of one w×a-bit multiply-accumulate into 32 bits
// at a technology of techNm. A pruned weight (w = 0) costs nothing. With
// PJPerCycle set the array is charged per cycle and PJ returns PJPerMAC.
func (e MACEnergy) PJ(w, a int, techNm float64) float64 {
	return e.PJWide(w, a, accumulatorBits, techNm)
}

// PJWide is [MACEnergy.PJ] with an accumulator of acc bits; only the horowitz
// and gates models count the accumulator apart.
func (e MACEnergy) PJWide(w, a, acc int, techNm float64) float64 {
	if w <= 0 || a <= 0 {
		return 0
	}
	switch e.Model {
	case "synth45":
		return SynthPJ(w, a) * EnergyScale(45, techNm)
	case "fusion45":
		return FusionPJ(w, a) * EnergyScale(45, techNm)
	case "horowitz":
		return (MultiplyPJ(w, a) + AddPJ(acc)) * EnergyScale(45, techNm)
	case "gates":
		return float64(w*a) * DotPassPJ(e.DotBits, acc) / float64(max(e.DotBits, 1)) * EnergyScale(45, techNm)
	case "lut":
		return LUTRatio(w) * SynthPJ(w, a) * EnergyScale(45, techNm)
	case "serial":
		return e.serialPJ(w, a) * e.scale(techNm)
	}
	return e.PJPerMAC * e.scale(techNm)
}

// MACPJ is [MACEnergy.PJ] of the machine at its technology and voltage. The
// constants of the models const and serial hold at the machine's own voltage;
// the others are tables at nominal voltage, brought to VoltageV by [VoltageScale].
func (a *Accelerator) MACPJ(w, act int) float64 {
	pj := a.Energy.MAC.PJ(w, act, a.TechNm)
	switch a.Energy.MAC.Model {
	case "const", "serial":
		return pj
	}
	return pj * VoltageScale(a.TechNm, NominalVoltage(a.TechNm), a.VoltageV)
}

// CyclePJ returns PJPerCycle at techNm.
func (e MACEnergy) CyclePJ(techNm float64) float64 { return e.PJPerCycle * e.scale(techNm) }

func (e MACEnergy) scale(techNm float64) float64 {
	if e.FromNm == 0 {
		return 1
	}
	return EnergyScale(e.FromNm, techNm)
}

func (e MACEnergy) serialPJ(w, a int) float64 {
	full := e.SerialFactor * e.SerialBasePJ
	switch e.SerialOperand {
	case "weights":
		return full * float64(w) / 16
	case "activations":
		return full * float64(a) / 16
	}
	return full * float64(w*a) / 256
}
