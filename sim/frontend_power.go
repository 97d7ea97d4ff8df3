package sim

import (
	"fmt"
	"strings"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
)

// Names of the components of a front end's power.
const (
	PowerConverters = "converters"
	PowerRF         = "rf chains"
	PowerLO         = "local oscillators"
	PowerPA         = "amplifiers"
	PowerFronthaul  = "fronthaul"
	PowerPrecoder   = "precoder"
	PowerScaling    = "scaling"
	PowerModulator  = "modulator"
	PowerIFFT       = "transforms"
	PowerFixed      = "fixed"
)

// charge fills the power of every component under every converter model.
func (r *FrontEndResult) charge(fe *arch.FrontEnd, sampleOps float64) {
	n := float64(fe.Antennas.Count)
	rf := &fe.RF
	var radiated float64
	if fe.PA.RadiatedW > 0 {
		radiated = fe.PA.Power(fe.PA.RadiatedW)
	}
	r.Power = map[string][]Component{}
	for _, model := range arch.ConverterModels() {
		r.Power[model] = []Component{
			{PowerConverters, fe.ConverterPower(model)},
			{PowerRF, 1e-3 * n * (rf.Mixer.Value + rf.PreDriver.Value + rf.Antenna.Value)},
			{PowerLO, 1e-3 * (n*rf.VCO.Value + rf.SharedLO.Value)},
			{PowerPA, radiated},
			{PowerFronthaul, fe.FronthaulPower()},
			{PowerPrecoder, r.BlockPJ * 1e-12 / r.BlockS},
			{PowerScaling, sampleOps * fe.Digital.OpPJ.Value * 1e-12 * r.SymbolHz},
			{PowerModulator, fe.ModulatorPower()},
			{PowerIFFT, fe.IFFTPower()},
			{PowerFixed, 1e-3 * rf.Fixed.Value},
		}
	}
}

// assume lists the choices behind the numbers.
func (r *FrontEndResult) assume(fe *arch.FrontEnd, job workload.FrontEnd, ideal, shadow bool, machine []string) {
	say := func(format string, args ...any) { r.Assumptions = append(r.Assumptions, fmt.Sprintf(format, args...)) }
	say("front end %s: %d antennas at %g wavelengths, %.4g MHz of symbol vectors, oversampling %g, coherence of %d vectors, %d users, %d-QAM",
		fe.Name, fe.Antennas.Count, fe.Antennas.Spacing, fe.Signal.BandwidthHz/1e6, fe.Signal.Oversampling, fe.Signal.CoherenceUses, fe.Job.Users, fe.Job.QAM)
	say("converters: %d bit, both models of their power are given (fom and binw differ by a factor of 55 at one bit); totals of the front end's file use %s", fe.Converter.Bits, fe.Converter.Model)
	say("amplifiers: %s, mean efficiency %.3g, %.3g W radiated", fe.PA.Model, fe.PA.Efficiency(), fe.PA.RadiatedW)
	say("precoder: energy of %s for a coherence block times the rate of blocks, also where one such machine is too slow: as many as the load says would share the work at the same energy", r.Machine)
	say("operands of %d and %d bits, complex products as %d real ones; the machine's other widths as in its file", fe.Words.MatrixBits, fe.Words.SymbolBits, fe.Words.ComplexProducts)
	say("the matrix of linear precoding stays in the array for a coherence block; iterations reload it every time")
	if ideal {
		say("%s has ideal memory: symbols stream in and samples out, no DRAM energy is charged", r.Machine)
	}
	if fill := r.fillShare(); shadow && fill > 0 {
		say("in the long run the array does not wait to fill, independent products follow each other closely; filling for each anew would make the accelerator's load %.4g instead of %.4g", (r.MatrixS+r.VectorsS)/r.BlockS, r.Stages[0].Load)
	}
	if job.SampleOps > 0 {
		say("scaling: %.4g operations on each vector in logic beside the antennas, %.3g pJ each, without loss of time", job.SampleOps, fe.Digital.OpPJ.Value)
	}
	if job.Chain != nil {
		m := &fe.Modulator
		say("modulator: %d sub-chains on %d units at %.4g MHz, %d-bit words, %.3g pJ a stage", m.SubChains, m.Units, m.ClockHz/1e6, m.WordBits(), m.StepPJ())
	}
	if fe.Fronthaul.RateGbps == 0 {
		say("fronthaul: no limit of its rate stated, %.4g Gb/s assumed to fit", fe.FronthaulRate()/1e9)
	}
	say("latency counts waiting for %d vectors that are precoded together, the accelerator, the modulator and the fronthaul; not transforms, converters or filters", job.GroupSymbols)
	say("outside the model: mutual coupling, pulse shaping, multi-carrier envelopes, imperfect channel knowledge, the reactive power of noise shaped outside the visible region")
	if len(fe.Unconfirmed) > 0 {
		say("unconfirmed values of the front end: %s", strings.Join(fe.Unconfirmed, ", "))
	}
	for _, line := range machine {
		if !ideal || !strings.HasPrefix(line, "DRAM energy") {
			r.Assumptions = append(r.Assumptions, line)
		}
	}
}
