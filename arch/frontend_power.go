package arch

import (
	"math"
	"math/bits"
)

// DACPowerFOM is the power in W of a converter by figure of merit, FOM·2^bits·f_s
// + P_buffer, FOM in pJ per conversion step (Yan et al., "Performance, Power, and
// Area Design Trade-offs in mmWave Transmitter Beamforming Architectures", arXiv
// 1807.07201, equation 14). For a receiver it is
// Walden's form of an ADC.
func DACPowerFOM(bits int, sampleHz, fomPJ, bufferW float64) float64 {
	return fomPJ*1e-12*math.Exp2(float64(bits))*sampleHz + bufferW
}

// DACPowerBinary is the power in W of a binary-weighted current-steering
// converter, static·2^bits + dynamic·bits·f_s with dynamic in pJ (Ribeiro et al.,
// arXiv 1709.05139, after Cui, Goldsmith & Bahai: ½·V_dd·I_0·(2^b − 1) +
// b·C_p·(2B + f_cor)·V_dd²).
func DACPowerBinary(bits int, sampleHz, staticW, dynamicPJ float64) float64 {
	return staticW*math.Exp2(float64(bits)) + dynamicPJ*1e-12*float64(bits)*sampleHz
}

// Power returns the power in W of one converter under a model: fom, binw or exp.
// Multi-bit converters need the output buffer; a one-bit one is a switch.
func (c *Converter) Power(model string, sampleHz float64) float64 {
	switch model {
	case "binw":
		return DACPowerBinary(c.Bits, sampleHz, c.Static.Value, c.Dynamic.Value)
	case "exp":
		return c.Exp.Value * math.Exp2(float64(c.Bits))
	}
	return DACPowerFOM(c.Bits, sampleHz, c.FOM.Value, c.Buffer.Value*1e-3)
}

// ConverterModels lists the models of a converter's power: at one bit the first
// two differ by a factor of 55, so results give both.
func ConverterModels() []string { return []string{"fom", "binw", "exp"} }

// SampleHz is the rate of converters and modulator.
func (f *FrontEnd) SampleHz() float64 { return f.Signal.BandwidthHz * f.Signal.Oversampling }

// ConverterPower is the power in W of all converters, two per antenna, under a model.
func (f *FrontEnd) ConverterPower(model string) float64 {
	return 2 * float64(f.Antennas.Count) * f.Converter.Power(model, f.SampleHz())
}

// Power is the power in W of the chains of n antennas.
func (r *RF) Power(n int) float64 {
	each := r.Mixer.Value + r.VCO.Value + r.PreDriver.Value + r.Antenna.Value
	return 1e-3 * (float64(n)*each + r.SharedLO.Value + r.Fixed.Value)
}

// Efficiency is the mean efficiency of the amplifiers.
//
//	saturated  the peak efficiency: the envelope is constant
//	class-a    peak·10^(−OBO/10), peak ½
//	class-b    peak·10^(−OBO/20), peak π/4
//	doherty    peak·E[min(1, 2r/r_peak)] over a Rayleigh envelope r whose mean
//	           power lies OBO below r_peak² (the recipe of Yan et al.)
//	fixed      as given
func (p *PA) Efficiency() float64 {
	switch p.Model {
	case "class-a":
		return p.Peak.Value * math.Pow(10, -p.BackoffDB/10)
	case "class-b":
		return p.Peak.Value * math.Pow(10, -p.BackoffDB/20)
	case "doherty":
		return p.Peak.Value * dohertyShare(p.BackoffDB)
	case "fixed":
		return p.Fixed.Value
	}
	return p.Peak.Value
}

// dohertyShare is E[min(1, sqrt(u/a))] for an exponential power u of mean 1 and a
// quarter of the peak power, a = 10^(OBO/10)/4:
//
//	γ(3/2, a)/√a + e^(−a),  γ(3/2, a) = √π/2·erf(√a) − √a·e^(−a)
func dohertyShare(backoffDB float64) float64 {
	a := math.Pow(10, backoffDB/10) / 4
	root := math.Sqrt(a)
	return (math.Sqrt(math.Pi)/2*math.Erf(root)-root*math.Exp(-a))/root + math.Exp(-a)
}

// Power is the supply power in W of the amplifiers for a radiated power in W.
func (p *PA) Power(radiatedW float64) float64 { return radiatedW / p.Efficiency() }

// FronthaulRate is the traffic in bit/s: 2·bits·N·f_s when samples of every
// antenna travel, 2·bits·K·bandwidth when only the users' symbols do.
func (f *FrontEnd) FronthaulRate() float64 {
	switch f.Fronthaul.Mode {
	case "antennas":
		return 2 * float64(f.Converter.Bits) * float64(f.Antennas.Count) * f.SampleHz()
	case "users":
		return 2 * float64(f.Words.SymbolBits) * float64(f.Job.Users) * f.Signal.BandwidthHz
	}
	return 0
}

// FronthaulPower is the power in W of that traffic.
func (f *FrontEnd) FronthaulPower() float64 {
	return f.FronthaulRate() * f.Fronthaul.Energy.Value * 1e-12
}

// IFFTPower is the power in W of the transforms before the antennas; 0 without OFDM.
func (f *FrontEnd) IFFTPower() float64 {
	if !f.Signal.OFDM {
		return 0
	}
	ops := f.Digital.IFFTOps.Value * float64(f.Antennas.Count) * f.Signal.BandwidthHz
	return ops * f.Digital.OpPJ.Value * 1e-12
}

// WordBits is the width of the modulator's words, a sign, the integer bits of
// |b| < 2·levels and the fraction: 9 bits for 2 levels and 6 fraction bits.
func (m *Modulator) WordBits() int { return 1 + bits.Len(uint(2*m.Levels-1)) + m.FractionBits }

// StepPJ is the energy in pJ of one antenna's stage for one sample, I and Q: two
// real additions per order and dimension and two registered words, and a complex
// product per order when the feedback is rotated.
func (m *Modulator) StepPJ() float64 {
	if m.Kind == "none" {
		return 0
	}
	order, word := float64(m.Order), float64(m.WordBits())
	adds, multiplies := 4*order, 0.0
	if m.Kind != "plain" {
		adds, multiplies = adds+2*order, 4*order
	}
	return adds*word*m.Add.Value + 2*order*word*m.Register.Value + multiplies*m.Multiply.Value
}

// ModulatorPower is the power in W of the recursion at the sample rate.
func (f *FrontEnd) ModulatorPower() float64 {
	return f.Modulator.StepPJ() * 1e-12 * float64(f.Antennas.Count) * f.SampleHz()
}

// Latency is the clock cycles of one vector of n antennas through the sub-chains,
// ⌈n/sub-chains⌉ stages when every sub-chain has a unit, and interval the mean
// cycles between vectors. Vectors are independent of each other, so that units
// are always busy: n units make a pipeline of one vector per stage.
func (m *Modulator) Latency(n int) (latency int, interval float64) {
	if m.Kind == "none" {
		return 0, 0
	}
	chains := min(m.SubChains, n)
	turns := (chains + m.Units - 1) / m.Units
	longest := (n + chains - 1) / chains
	return turns * longest * m.CyclesPerStage, float64(n*m.CyclesPerStage) / float64(m.Units)
}
