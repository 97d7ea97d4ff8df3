package reproduce

import (
	"context"
	"fmt"
	"strings"

	"bitcycle/reports"
	"bitcycle/sim"
)

// mimoFrontEnds compares the contenders at the target, then over bandwidth, fronthaul
// and antennas.
func mimoFrontEnds(ctx context.Context, o Options, r *Report) error {
	list, err := measureAll(ctx, o, 256, true)
	if err != nil {
		return err
	}
	target, err := targetTable(list)
	if err != nil {
		return err
	}
	r.Tables = append(r.Tables, target, componentTable(list))
	r.assumeFrontEnds(list[1])
	if err := r.plotFrontEnds(o, list); err != nil {
		return err
	}
	var verdicts []string
	for _, f := range fronthauls {
		t, says, err := bandwidthTable(ctx, list, f)
		if err != nil {
			return err
		}
		r.Tables, verdicts = append(r.Tables, t), append(verdicts, says...)
	}
	t, says, err := antennaTable(ctx, o, list)
	if err != nil {
		return err
	}
	t.Notes = append(t.Notes, "", "which wins where, of those that reach the error rate and keep the deadline with one machine:")
	t.Notes = append(t.Notes, append(append(verdicts, says...), shares(list)...)...)
	r.Tables = append(r.Tables, t)
	return nil
}

func targetTable(list []standing) (*reports.Table, error) {
	t := &reports.Table{Title: "at a symbol error rate of 1e-3: 16-QAM, K = 8, N = 256, 0.85 GHz", Columns: []reports.Column{
		reports.Text("scheme", "scheme"), reports.Scaled("snr_db", "SNR [dB]", 1, 1), reports.Text("snr_ci95_db", "95 %"),
		reports.Significant("radiated_w", "radiated [W]", 3), reports.Significant("macs", "MAC/vector", 3),
		reports.Scaled("latency_s", "latency [µs]", 1e-6, 2), reports.Text("deadline", "deadline"), reports.Number("machines", "machines"),
		reports.Significant("total_fom_w", "fom [W]", 4), reports.Significant("total_binw_w", "binw [W]", 4),
		reports.Significant("nj_per_bit_fom", "fom [nJ/bit]", 3), reports.Significant("nj_per_bit_binw", "binw [nJ/bit]", 3),
	}}
	for i := range list {
		s := &list[i]
		ops, err := s.run.Operations()
		if err != nil {
			return nil, err
		}
		var snr, radiated, fom, binw any
		interval := "not reached"
		if s.needed.Reached {
			snr, radiated = s.needed.SNRdB, s.run.FrontEnd.PA.RadiatedW
			fom, binw = s.cost.Total("fom"), s.cost.Total("binw")
			interval = fmt.Sprintf("%.1f to %.1f", s.needed.CI95[0], s.needed.CI95[1])
		}
		macs := 4 * ops.SymbolCMACs() // real ones
		t.Add(s.name, snr, interval, radiated, macs, s.cost.LatencyS, s.cost.Deadline, s.machines(), fom, binw, s.nano("fom"), s.nano("binw"))
		if note := s.remark(macs, ops.SymbolVectorOps(), ops.Iterations); note != "" {
			t.Notes = append(t.Notes, note)
		}
	}
	for _, model := range []string{"fom", "binw"} {
		name, joule := winner(list, model)
		t.Notes = append(t.Notes, fmt.Sprintf("least energy per correct bit by %s, of those that keep the deadline: %s, %.3g nJ", model, name, joule*1e9))
	}
	return t, nil
}

// remark explains a contender that misses the target or the deadline.
func (s *standing) remark(macs, ops float64, iterations int) string {
	switch {
	case !s.needed.Reached:
		return fmt.Sprintf("%s does not reach the error rate at any power: at least %.2g up to %.0f dB", s.name, s.needed.LeastSER, s.curve[len(s.curve)-1].SNRdB)
	case s.cost.Deadline:
		return ""
	}
	precoder := s.cost.PowerOf("fom", sim.PowerPrecoder)
	return fmt.Sprintf("%s: %d iterations are %.3g real multiply-accumulates and %.2g other operations a vector, of %.2g pJ on the mean: %.4g W at %.0f MHz,\n"+
		"  priced as the %d machines that would share the vectors; one keeps up to %.3g kHz",
		s.name, iterations, macs, ops, precoder/s.cost.SymbolHz/(macs+ops)*1e12, precoder, s.cost.SymbolHz/1e6, s.machines(), s.cost.SymbolHz/s.cost.Stages[0].Load/1e3)
}

// componentTable has a row a component and a column a contender.
func componentTable(list []standing) *reports.Table {
	t := &reports.Table{Title: "power by component at that error rate [W]; amplifiers are 0 where it is not reached", Columns: []reports.Column{reports.Text("component", "component")}}
	for _, s := range list {
		t.Columns = append(t.Columns, reports.Significant(strings.Join(append([]string{s.precoder, s.frontEnd}, s.set...), " ")+" w", s.name, 3))
	}
	row := func(label, model, part string) {
		values := []any{label}
		for _, s := range list {
			values = append(values, s.cost.PowerOf(model, part))
		}
		t.Add(values...)
	}
	row("converters, fom", "fom", sim.PowerConverters)
	row("converters, binw", "binw", sim.PowerConverters)
	for _, c := range list[0].cost.Power["fom"][1:] {
		row(c.Name, "fom", c.Name)
	}
	return t
}

// fronthaul is where the precoder stands.
type fronthaul struct{ mode, title, says string }

var fronthauls = []fronthaul{
	{"antennas", "samples of every antenna on the fronthaul", "with samples of every antenna on the fronthaul"},
	{"users", "precoder at the array, the users' symbols on the fronthaul", "with the precoder at the array, the users' symbols on the fronthaul"},
}

// bandwidthTable prices the same error rate at other bandwidths: noise, and with it
// the radiated power, grows with the bandwidth. It says which wins where.
func bandwidthTable(ctx context.Context, list []standing, f fronthaul) (*reports.Table, []string, error) {
	t := &reports.Table{Title: "energy per correct bit [nJ] over bandwidth, N = 256, " + f.title, Columns: []reports.Column{reports.Text("scheme", "scheme")}}
	rows := make([][]any, len(list))
	var labels []string
	winners := map[string][]string{}
	for _, b := range []float64{20e6, 100e6, 400e6, 0.85e9} {
		labels = append(labels, fmt.Sprintf("%.0f MHz", b/1e6))
		at := make([]standing, len(list))
		for i, s := range list {
			var err error
			if at[i], err = s.at(ctx, b, f.mode); err != nil {
				return nil, nil, err
			}
		}
		for _, model := range []string{"fom", "binw"} {
			t.Columns = append(t.Columns, reports.Significant(fmt.Sprintf("nj_%s_%.0fmhz", model, b/1e6), fmt.Sprintf("%.0f MHz, %s", b/1e6, model), 3))
			for i := range at {
				rows[i] = append(rows[i], at[i].nano(model))
			}
			name, _ := winner(at, model)
			winners[model] = append(winners[model], name)
		}
	}
	for i, s := range list {
		t.Add(append([]any{s.name}, rows[i]...)...)
	}
	return t, says("N = 256 "+f.says, labels, winners), nil
}

// says is a sentence for each converter model, or one if both agree.
func says(where string, labels []string, winners map[string][]string) []string {
	fom, binw := turns(labels, winners["fom"]), turns(labels, winners["binw"])
	if fom == binw {
		return []string{fmt.Sprintf("%s, by both models: %s", where, fom)}
	}
	return []string{fmt.Sprintf("%s, by fom: %s", where, fom), fmt.Sprintf("%s, by binw: %s", where, binw)}
}

// antennaTable repeats the comparison with fewer and more antennas; quick runs leave
// out precoders that iterate.
func antennaTable(ctx context.Context, o Options, at256 []standing) (*reports.Table, []string, error) {
	t := &reports.Table{Title: "over antennas, 0.85 GHz, " + fronthauls[0].title, Columns: []reports.Column{
		reports.Text("scheme", "scheme"), reports.Number("antennas", "N"), reports.Scaled("snr_db", "SNR [dB]", 1, 1), reports.Text("snr_ci95_db", "95 %"),
		reports.Significant("radiated_w", "radiated [W]", 3), reports.Text("deadline", "deadline"), reports.Number("machines", "machines"),
		reports.Significant("nj_per_bit_fom", "fom [nJ/bit]", 3), reports.Significant("nj_per_bit_binw", "binw [nJ/bit]", 3),
	}}
	var labels []string
	var all []standing
	winners := map[string][]string{}
	for _, n := range []int{128, 256, 512} {
		list := at256
		if n != 256 {
			var err error
			if list, err = measureAll(ctx, o, n, false); err != nil {
				return nil, nil, err
			}
		}
		for i := range list {
			s := &list[i]
			var snr, radiated any
			interval := "not reached"
			if s.needed.Reached {
				snr, radiated = s.needed.SNRdB, s.run.FrontEnd.PA.RadiatedW
				interval = fmt.Sprintf("%.1f to %.1f", s.needed.CI95[0], s.needed.CI95[1])
			}
			t.Add(s.name, n, snr, interval, radiated, s.cost.Deadline, s.machines(), s.nano("fom"), s.nano("binw"))
			named := *s
			named.name = fmt.Sprintf("%s of %d antennas", s.name, n)
			all = append(all, named)
		}
		labels = append(labels, fmt.Sprintf("N = %d", n))
		for _, model := range []string{"fom", "binw"} {
			name, _ := winner(list, model)
			winners[model] = append(winners[model], name)
		}
	}
	t.Notes = append(t.Notes, "not reached: up to 30 dB; linear precoders run on arrays of 2N columns, at 1.25 GHz, above 256 antennas at 1.5 GHz")
	sentences := says("at 850 MHz "+fronthauls[0].says, labels, winners)
	for _, model := range []string{"fom", "binw"} {
		name, joule := winner(all, model)
		sentences = append(sentences, fmt.Sprintf("at 850 MHz, if the antennas may be chosen, by %s: %s, %.3g nJ", model, name, joule*1e9))
	}
	return t, sentences, nil
}

// shares says what decides: the share of the power that all contenders have alike, and
// of those in which they differ.
func shares(list []standing) []string {
	var lines []string
	for i := range list {
		s := &list[i]
		if !s.needed.Reached || !s.cost.Deadline {
			continue
		}
		total := s.cost.Total("fom")
		alike := s.cost.PowerOf("fom", sim.PowerRF) + s.cost.PowerOf("fom", sim.PowerLO)
		front := s.cost.PowerOf("fom", sim.PowerFronthaul) + s.cost.PowerOf("fom", sim.PowerConverters)
		lines = append(lines, fmt.Sprintf("at 850 MHz and N = 256 by fom, %s spends %.0f %% on chains and oscillators (the same watts for all, at any bandwidth), %.0f %% on amplifiers, %.0f %% on converters and fronthaul",
			s.name, 100*alike/total, 100*s.cost.PowerOf("fom", sim.PowerPA)/total, 100*front/total))
	}
	return lines
}

// assumeFrontEnds states what the comparison rests on.
func (r *Report) assumeFrontEnds(s standing) {
	b := defaultLinkBudget()
	noise := b.noiseW(s.run.FrontEnd.Antennas.Carrier, s.run.FrontEnd.Signal.BandwidthHz)
	r.Assumptions = append(r.Assumptions,
		fmt.Sprintf("link budget (ours): %g m of free space at %.3g GHz, isotropic elements, noise figure %g dB at %g K: 0 dB is %.3g W radiated at %.3g MHz", b.distanceM, s.run.FrontEnd.Antennas.Carrier/1e9, b.noiseFigureDB, b.temperatureK, noise, s.run.FrontEnd.Signal.BandwidthHz/1e6),
		"needed ratios are interpolated in the logarithm of measured error rates every 2.5 dB from -5 dB, four groups of 20 symbols a channel; their 95 % come from the ends of the rates' Wilson intervals",
		"modulator: sub-chains of 64 antennas, six fraction bits; energy per correct bit counts every consumer listed, without coding or pilots",
		"what follows is of ΣΔ-ZF's front end")
	r.Assumptions = append(r.Assumptions, s.cost.Assumptions...)
}
