package arch

import "math"

// Macro is one SRAM macro as CACTI sees it.
type Macro struct {
	ReadPJ, WritePJ float64 // per access of one word
	LeakMW          float64 // at 360 K
	AreaMM2         float64
}

// powerLaw is X = c·C^p·b^q with the capacity C in KiB and the word width b in bits.
type powerLaw struct{ c, p, q float64 }

func (l powerLaw) at(kib, bits float64) float64 {
	return l.c * math.Pow(kib, l.p) * math.Pow(bits, l.q)
}

// sramLaws are power laws fitted to CACTI 7 runs: one read-write port, one
// bank, no ECC, 360 K, 256 B to 4 MiB, words of 8 to 512 bits, at least 64
// words. Mean errors: read 15–21 %, write 13–15 %; the largest of a read 63 %.
var sramLaws = map[string][]struct {
	nm                      float64
	read, write, leak, area powerLaw
}{
	"itrs-hp": {
		{22, powerLaw{0.0461, 0.535, 0.577}, powerLaw{0.0348, 0.475, 0.734}, powerLaw{0.398, 0.976, -0.036}, powerLaw{0.0008, 0.977, 0.054}},
		{32, powerLaw{0.0912, 0.537, 0.565}, powerLaw{0.0834, 0.454, 0.716}, powerLaw{0.850, 0.975, -0.031}, powerLaw{0.0017, 0.976, 0.048}},
		{45, powerLaw{0.188, 0.524, 0.545}, powerLaw{0.162, 0.447, 0.720}, powerLaw{1.472, 0.980, -0.024}, powerLaw{0.0032, 0.975, 0.046}},
		{65, powerLaw{0.313, 0.542, 0.547}, powerLaw{0.287, 0.451, 0.717}, powerLaw{1.792, 0.971, -0.035}, powerLaw{0.0069, 0.971, 0.041}},
		{90, powerLaw{0.585, 0.536, 0.535}, powerLaw{0.537, 0.448, 0.720}, powerLaw{0.605, 0.973, -0.030}, powerLaw{0.0131, 0.970, 0.042}},
	},
	"itrs-lop": {
		{22, powerLaw{0.0287, 0.545, 0.592}, powerLaw{0.0224, 0.496, 0.699}, powerLaw{0.550, 0.972, -0.036}, powerLaw{0.0008, 0.977, 0.054}},
		{32, powerLaw{0.0400, 0.541, 0.603}, powerLaw{0.0365, 0.479, 0.695}, powerLaw{0.171, 0.973, -0.039}, powerLaw{0.0018, 0.976, 0.050}},
		{45, powerLaw{0.0789, 0.547, 0.594}, powerLaw{0.0824, 0.464, 0.698}, powerLaw{0.132, 0.946, -0.063}, powerLaw{0.0035, 0.972, 0.040}},
		{65, powerLaw{0.150, 0.564, 0.590}, powerLaw{0.167, 0.471, 0.697}, powerLaw{0.0721, 0.964, -0.034}, powerLaw{0.0072, 0.972, 0.041}},
		{90, powerLaw{0.307, 0.565, 0.574}, powerLaw{0.347, 0.469, 0.700}, powerLaw{0.493, 0.975, -0.029}, powerLaw{0.0140, 0.971, 0.032}},
	},
}

// PowerLawMacro returns an SRAM macro of bytes with words of wordBits by the
// CACTI power laws of the cell (itrs-hp or itrs-lop): monotone in size and
// width. Between the nodes 90, 65, 45, 32 and 22 nm it interpolates in the
// logarithms; see [outsideNodes] for other nodes.
func PowerLawMacro(cell string, techNm float64, bytes, wordBits int) Macro {
	laws := sramLaws[cell]
	kib, bits := float64(bytes)/1024, float64(wordBits)
	if len(laws) == 0 || bytes <= 0 || wordBits <= 0 {
		return Macro{}
	}
	return acrossNodes(techNm, func(nm float64) Macro {
		for _, l := range laws {
			if l.nm == nm {
				return Macro{l.read.at(kib, bits), l.write.at(kib, bits), l.leak.at(kib, bits), l.area.at(kib, bits)}
			}
		}
		panic("arch: no SRAM law for the node")
	})
}

// sramNodes are the nodes of the CACTI runs in nm.
var sramNodes = [...]float64{22, 32, 45, 65, 90}

// acrossNodes interpolates macros between the nodes of the CACTI runs in the
// logarithms and scales them outside.
func acrossNodes(nm float64, at func(nm float64) Macro) Macro {
	last := len(sramNodes) - 1
	switch {
	case nm < sramNodes[0]:
		return outsideNodes(at(sramNodes[0]), sramNodes[0], nm)
	case nm > sramNodes[last]:
		return outsideNodes(at(sramNodes[last]), sramNodes[last], nm)
	}
	i := 0
	for sramNodes[i] < nm {
		i++
	}
	if sramNodes[i] == nm {
		return at(nm)
	}
	a, b := sramNodes[i-1], sramNodes[i]
	return blend(at(a), at(b), math.Log(nm/a)/math.Log(b/a))
}

// outsideNodes scales a macro from the nearest CACTI node: below 22 nm by
// Accelergy's rule (energy (nm/22)^½, area nm/22, leakage 0.79·(nm/22)^½;
// wires do not scale as inverters do), above 90 nm by [EnergyScale], area by
// the square and constant leakage.
func outsideNodes(m Macro, from, nm float64) Macro {
	ratio := nm / from
	if nm < from {
		root := math.Sqrt(ratio)
		return Macro{m.ReadPJ * root, m.WritePJ * root, m.LeakMW * 0.79 * root, m.AreaMM2 * ratio}
	}
	e := EnergyScale(from, nm)
	return Macro{m.ReadPJ * e, m.WritePJ * e, m.LeakMW, m.AreaMM2 * ratio * ratio}
}

// blend is the geometric mean of two macros with weight t on b.
func blend(a, b Macro, t float64) Macro {
	mix := func(x, y float64) float64 { return x * math.Pow(y/x, t) }
	return Macro{mix(a.ReadPJ, b.ReadPJ), mix(a.WritePJ, b.WritePJ), mix(a.LeakMW, b.LeakMW), mix(a.AreaMM2, b.AreaMM2)}
}

// Macro returns one bank of a buffer under the model cacti or table; the zero
// Macro when the buffer is empty.
func (s *SRAM) Macro(b Buffer, techNm float64) Macro {
	bytes := b.Bytes / max(b.Banks, 1)
	if s.Model == "table" {
		return TableMacro(s.Cell, techNm, bytes, b.Word)
	}
	return PowerLawMacro(s.Cell, techNm, bytes, b.Word)
}

// PJPerBit returns the read and write energy of a buffer per bit: the explicit
// constants, or those of one bank by CACTI.
func (s *SRAM) PJPerBit(b Buffer, explicit SRAMAccess, techNm float64) (read, write float64) {
	if s.Model == "explicit" {
		return explicit.Read.Value, explicit.Write.Value
	}
	if b.Bytes == 0 {
		return 0, 0
	}
	m := s.Macro(b, techNm)
	return m.ReadPJ / float64(b.Word), m.WritePJ / float64(b.Word)
}
