package arch

import "reflect"

// constants checks every constant of a table.
func (r *rules) constants(table string, of any) {
	v := reflect.ValueOf(of)
	for i := range v.NumField() {
		if c, ok := v.Field(i).Interface().(Constant); ok {
			r.constant(table+"."+v.Type().Field(i).Tag.Get("toml"), c)
		}
	}
}

func (a *Antennas) check(r *rules) {
	r.oneOf("array.geometry", a.Geometry, "ula", "planar", "rayleigh")
	r.count("array.antennas", a.Count, 1, maxArray)
	r.count("array.rows", a.Rows, 1, maxArray)
	check(r, a.Geometry == "planar" || a.Rows == 1, "array.rows", a.Rows, `must be 1 unless array.geometry = "planar"`)
	check(r, a.Rows < 1 || a.Count%a.Rows == 0, "array.rows", a.Rows, "must divide array.antennas")
	r.positive("array.spacing_wavelengths", a.Spacing, 10)
	r.positive("array.carrier_hz", a.Carrier, 1e12)
}

func (s *Signal) check(r *rules) {
	r.positive("signal.bandwidth_hz", s.BandwidthHz, 1e11)
	r.within("signal.oversampling", s.Oversampling, 1, 64)
	r.count("signal.coherence_uses", s.CoherenceUses, 1, 1<<30)
}

func (j *Job) check(r *rules, f *FrontEnd) {
	r.count("job.users", j.Users, 1, maxArray)
	check(r, j.Users <= f.Antennas.Count, "job.users", j.Users, "must be at most array.antennas")
	r.among("job.qam", j.QAM, "want 4, 16, 64, 256, 1024 or 4096 points", 4, 16, 64, 256, 1024, 4096)
	r.count("job.symbols", j.Symbols, 1, 1<<20)
	if f.Direction == "uplink" {
		r.oneOf("job.detector", j.Detector, "zf", "mrc", "lmmse")
	} else {
		r.held.Filled("job.precoder")
		check(r, j.Precoder != "", "job.precoder", j.Precoder, "must name a precoder")
	}
	r.count("job.iterations", j.Iterations, 0, 1<<20)
	r.within("job.headroom", j.Headroom, 0.01, 10)
	r.within("job.sector_deg", j.SectorDeg, 0, 90)
	r.within("job.separation_deg", j.SeparationDeg, 0, 180)
	fit := float64(j.Users-1)*j.SeparationDeg <= 2*j.SectorDeg
	check(r, fit, "job.separation_deg", j.SeparationDeg, "the users do not fit into ± job.sector_deg")
}

func (w *Words) check(r *rules) {
	r.count("words.matrix_bits", w.MatrixBits, 1, 16)
	r.count("words.symbol_bits", w.SymbolBits, 1, 16)
	r.count("words.sample_bits", w.SampleBits, 1, 32)
	r.among("words.complex_products", w.ComplexProducts, "want 3 or 4 real multiplications", 3, 4)
}

func (c *Converter) check(r *rules) {
	r.count("converter.bits", c.Bits, 1, 16)
	r.oneOf("converter.model", c.Model, ConverterModels()...)
	r.constants("converter", *c)
}

func (m *Modulator) check(r *rules, f *FrontEnd) {
	r.oneOf("modulator.kind", m.Kind, "none", "plain", "steered", "adaptive")
	r.within("modulator.steer_deg", m.SteerDeg, -90, 90)
	r.count("modulator.order", m.Order, 1, 2)
	r.among("modulator.levels", m.Levels, "must be a power of two from 2 to 256", 2, 4, 8, 16, 32, 64, 128, 256)
	codes := 1 << min(max(f.Converter.Bits, 0), 16)
	check(r, m.Kind == "none" || m.Levels <= codes, "modulator.levels", m.Levels, "must fit into converter.bits")
	r.count("modulator.sub_chains", m.SubChains, 1, maxArray)
	check(r, m.SubChains <= f.Antennas.Count, "modulator.sub_chains", m.SubChains, "must be at most array.antennas")
	r.count("modulator.units", m.Units, 1, 1<<20)
	r.count("modulator.cycles_per_stage", m.CyclesPerStage, 1, 1024)
	r.positive("modulator.clock_hz", m.ClockHz, 1e12)
	r.count("modulator.fraction_bits", m.FractionBits, 1, 24)
	r.constants("modulator", *m)
}

func (rf *RF) check(r *rules) { r.constants("rf", *rf) }

func (p *PA) check(r *rules, uplink bool) {
	r.oneOf("pa.model", p.Model, "saturated", "doherty", "class-a", "class-b", "fixed")
	r.constants("pa", *p)
	r.positive("pa.peak_efficiency", p.Peak.Value, 1)
	r.positive("pa.fixed_efficiency", p.Fixed.Value, 1)
	r.within("pa.backoff_db", p.BackoffDB, 0, 30)
	if uplink {
		r.held.Between("pa.radiated_w", 0, 0)
		check(r, p.RadiatedW == 0, "pa.radiated_w", p.RadiatedW, "must be 0 in the uplink: the users transmit")
	} else {
		r.positive("pa.radiated_w", p.RadiatedW, 1e6)
	}
}

func (h *Fronthaul) check(r *rules) {
	r.oneOf("fronthaul.mode", h.Mode, "none", "antennas", "users")
	r.constants("fronthaul", *h)
	r.within("fronthaul.rate_gbps", h.RateGbps, 0, 1e6)
}
