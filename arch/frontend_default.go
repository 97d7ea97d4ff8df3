package arch

const (
	yan      = "Yan et al., arXiv 1807.07201"
	inOthers = "default: inside the other items"
)

// DefaultFrontEnd returns the values that a front end has where its file is
// silent: a linear array of 256 antennas at λ/8 with eight 16-QAM users, 0.85 GHz
// at 28 GHz, one-bit converters behind a plain first-order modulator.
func DefaultFrontEnd() FrontEnd {
	f := FrontEnd{
		Schema: 1, Kind: "frontend", Direction: "downlink", Accelerator: "precoder-16x512",
		Antennas: Antennas{Geometry: "ula", Count: 256, Rows: 1, Spacing: 0.125, Carrier: 28e9},
		Signal:   Signal{BandwidthHz: 0.85e9, Oversampling: 2, CoherenceUses: 1800},
		Job: Job{
			Users: 8, QAM: 16, Symbols: 20, Precoder: "sd-zf", Detector: "zf", Headroom: 1, SectorDeg: 30, SeparationDeg: 4,
		},
		Words:     Words{MatrixBits: 12, SymbolBits: 8, SampleBits: 9, ComplexProducts: 4},
		Converter: defaultConverter(),
		Modulator: Modulator{Kind: "plain", Order: 1, Levels: 2, SubChains: 1, Units: 256, CyclesPerStage: 1, ClockHz: 1e9, FractionBits: 6},
		RF: RF{
			Mixer:     Constant{10, yan + ": mixer with its LO drive, one per antenna"},
			VCO:       Constant{60, yan + ": VCO of 30 mW and buffer, one per antenna"},
			PreDriver: Constant{40, yan + ": pre-driver amplifier"},
			Antenna:   Constant{0, inOthers}, SharedLO: Constant{0, inOthers}, Fixed: Constant{0, inOthers},
		},
		PA: PA{
			Model:     "saturated",
			Peak:      Constant{0.30, yan + ": mmWave CMOS, saturated power-added efficiency (survey: 12 to 43 %)"},
			Fixed:     Constant{0.185, yan + ": OFDM at 10 dB back-off, Doherty; their own recipe integrates to 0.164"},
			BackoffDB: 10, RadiatedW: 10,
		},
		Fronthaul: Fronthaul{Mode: "antennas", Energy: Constant{10, yan + ": SerDes, 10 mW per Gb/s"}},
		Digital: Digital{
			TechNm:  40,
			IFFTOps: Constant{72, yan + ": inverse transform of 4096 points, per sample and antenna"},
		},
	}
	f.priceLogic()
	return f
}

func defaultConverter() Converter {
	return Converter{
		Bits: 1, Model: "fom",
		FOM:     Constant{0.08, yan + ", equation 14"},
		Buffer:  Constant{0, "default: a one-bit converter is a switch"},
		Static:  Constant{1.5e-5, "Ribeiro et al., arXiv 1709.05139, recalled, unconfirmed: ½·3 V·10 µA"},
		Dynamic: Constant{9, "Ribeiro et al., arXiv 1709.05139, recalled, unconfirmed: 1 pF at 3 V"},
		Exp:     Constant{1e-5, "vlaxose/twc20, systemModel.m: 0.01/1000 W"},
	}
}

// priceLogic sets the digital constants for the technology: arithmetic by
// Horowitz' 45 nm figures, operations by Yan's 13 GOPS/mW at 40 nm.
func (f *FrontEnd) priceLogic() {
	nm := f.Digital.TechNm
	f.Digital.OpPJ = scaled(1/13.0, 40, nm, yan+", equation 12: 13 GOPS/mW at 40 nm")
	f.Modulator.Add = scaled(AddPJ(1), 45, nm, horowitz+": integer addition, per bit")
	f.Modulator.Register = scaled(0.009, 45, nm, aladdin+": register, per bit, taken as 45 nm")
	word := f.Modulator.WordBits()
	f.Modulator.Multiply = scaled(MultiplyPJ(word, word), 45, nm, horowitz+": integer multiplication of 9 bits")
}
