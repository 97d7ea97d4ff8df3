package reproduce

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"bitcycle/arch"
	"bitcycle/internal/evaluate"
	"bitcycle/mimo"
	"bitcycle/reports"
	"bitcycle/sim"
)

// targetSER is the symbol error rate at which front ends are compared.
const targetSER = 1e-3

// contender is a scheme on the front end that it needs.
type contender struct {
	name, frontEnd, precoder string
	set                      []string
	groups                   [2]int // of symbols at most, in quick and full runs
}

var contenders = []contender{
	{"direct one-bit ZF", "direct-zf-256", "direct", nil, [2]int{400, 2000}},
	{"ΣΔ-ZF", "sd-zf-256", "sd-zf", nil, [2]int{400, 2000}},
	{"ΣΔ-ZF, headroom 1.5", "sd-zf-256", "sd-zf", []string{"job.headroom=1.5"}, [2]int{400, 2000}},
	{"ΣΔ-SLP", "sd-slp-256", "sd-slp", nil, [2]int{32, 256}},
	{"SQUID", "direct-zf-256", "squid", nil, [2]int{64, 400}},
	{"6-bit ZF", "zf-6bit-256", "zf", nil, [2]int{400, 2000}},
	{"10-bit ZF", "zf-10bit-256", "zf", nil, [2]int{400, 2000}},
}

// standing is a contender at the target error rate.
type standing struct {
	contender
	run    evaluate.FrontEnd
	needed evaluate.Needed
	curve  []mimo.Result
	cost   *sim.FrontEndResult
}

// measure finds the signal-to-noise ratio that the contender needs with some antennas.
func (c contender) measure(ctx context.Context, o Options, antennas int) (standing, error) {
	s := standing{contender: c}
	set := append([]string{fmt.Sprintf("array.antennas=%d", antennas), fmt.Sprintf("modulator.units=%d", 2*antennas)}, c.set...)
	fe, err := arch.LoadFrontEnd(c.frontEnd, set)
	if err != nil {
		return s, err
	}
	s.run = evaluate.FrontEnd{FrontEnd: fe, Precoder: c.precoder}
	effort := evaluate.Effort{Groups: c.groups[1], RelError: 0.1, Seed: o.Seed, Workers: o.Workers, Progress: o.Progress, Store: o.Store}
	if o.Quick {
		effort.Groups = c.groups[0]
	}
	s.needed, s.curve, err = s.run.Reach(ctx, targetSER, -5, 30, 2.5, effort)
	if err != nil {
		return s, err
	}
	return s, s.price(ctx, fe.Signal.BandwidthHz)
}

// price runs the front end at a bandwidth with the radiated power that the target needs.
func (s *standing) price(ctx context.Context, bandwidthHz float64) error {
	fe := *s.run.FrontEnd
	fe.Signal.BandwidthHz = bandwidthHz
	fe.PA.RadiatedW = 0
	if s.needed.Reached {
		fe.PA.RadiatedW = evaluate.DefaultLinkBudget().RadiatedW(&fe, s.needed.SNRdB)
	}
	s.run.FrontEnd = &fe
	var err error
	s.cost, err = s.run.Cost(ctx)
	return err
}

// perBit is the energy in J per correct bit at the target; nil if it is not reached.
func (s *standing) perBit(model string) any {
	if !s.needed.Reached {
		return nil
	}
	return s.cost.EnergyPerBit(model, evaluate.BERAt(s.curve, s.needed.SNRdB))
}

// mimoFrontEnds compares the contenders at the target, then over bandwidth and antennas.
func mimoFrontEnds(ctx context.Context, o Options, r *Report) error {
	var list []standing
	for _, c := range contenders {
		s, err := c.measure(ctx, o, 256)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		list = append(list, s)
	}
	r.Tables = append(r.Tables, targetTable(list), componentTable(list))
	r.assumeFrontEnds(list[1])
	if err := r.drawFrontEnds(o, list); err != nil {
		return err
	}
	turn, err := bandwidthTable(ctx, list)
	if err != nil {
		return err
	}
	more, err := antennaTable(ctx, o, list)
	r.Tables = append(r.Tables, turn, more)
	return err
}

func targetTable(list []standing) *reports.Table {
	t := &reports.Table{Title: "at a symbol error rate of 1e-3: 16-QAM, K = 8, N = 256, 0.85 GHz", Columns: []reports.Column{
		reports.Text("scheme", "scheme"), reports.Scaled("snr_db", "SNR [dB]", 1, 1), reports.Text("snr_ci95_db", "95 %"),
		reports.Significant("radiated_w", "radiated [W]", 3), reports.Scaled("latency_s", "latency [µs]", 1e-6, 2),
		reports.Text("deadline", "deadline"), reports.Significant("load", "load", 3),
		reports.Significant("total_fom_w", "fom [W]", 4), reports.Significant("total_binw_w", "binw [W]", 4),
		reports.Significant("nj_per_bit_fom", "fom [nJ/bit]", 3), reports.Significant("nj_per_bit_binw", "binw [nJ/bit]", 3),
		reports.Text("note", "note"),
	}}
	for _, s := range list {
		var snr, radiated, fom, binw any
		interval, note := "", fmt.Sprintf("not reached: at least %.2g up to %.1f dB", s.needed.LeastSER, s.curve[len(s.curve)-1].SNRdB)
		if s.needed.Reached {
			snr, radiated, note = s.needed.SNRdB, s.run.FrontEnd.PA.RadiatedW, ""
			fom, binw = s.cost.Total("fom"), s.cost.Total("binw")
			interval = fmt.Sprintf("%.1f to %.1f", s.needed.CI95[0], s.needed.CI95[1])
		}
		if !s.cost.Deadline {
			note += "too slow alone: priced as many machines"
		}
		t.Add(s.name, snr, interval, radiated, s.cost.LatencyS, s.cost.Deadline, 1-s.cost.Slack, fom, binw, nano(s.perBit("fom")), nano(s.perBit("binw")), note)
	}
	for _, model := range []string{"fom", "binw"} {
		t.Notes = append(t.Notes, fmt.Sprintf("least energy per correct bit by %s: %s", model, winner(list, model)))
	}
	return t
}

func nano(v any) any {
	if j, ok := v.(float64); ok {
		return j * 1e9
	}
	return nil
}

// winner names the contender of least energy per bit, and the best that keeps the
// deadline.
func winner(list []standing, model string) string {
	best, timely := "none", "none"
	least := [2]float64{}
	for _, s := range list {
		v, ok := s.perBit(model).(float64)
		if !ok {
			continue
		}
		if best == "none" || v < least[0] {
			best, least[0] = s.name, v
		}
		if s.cost.Deadline && (timely == "none" || v < least[1]) {
			timely, least[1] = s.name, v
		}
	}
	if best == timely {
		return best
	}
	return fmt.Sprintf("%s; of those that keep the deadline %s", best, timely)
}

// componentTable has a row a component and a column a contender.
func componentTable(list []standing) *reports.Table {
	t := &reports.Table{Title: "power by component at that error rate [W]; amplifiers are 0 where it is not reached", Columns: []reports.Column{reports.Text("component", "component")}}
	for _, s := range list {
		t.Columns = append(t.Columns, reports.Significant(s.precoder+"_w", s.name, 3))
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

// bandwidthTable prices the same error rate at other bandwidths: noise, and with it
// the radiated power, grows with the bandwidth.
func bandwidthTable(ctx context.Context, list []standing) (*reports.Table, error) {
	t := &reports.Table{Title: "energy per correct bit [nJ] over bandwidth, N = 256", Columns: []reports.Column{reports.Text("scheme", "scheme")}}
	bandwidths := []float64{20e6, 100e6, 400e6, 0.85e9}
	rows := make([][]any, len(list))
	for _, b := range bandwidths {
		for _, model := range []string{"fom", "binw"} {
			t.Columns = append(t.Columns, reports.Significant(fmt.Sprintf("nj_%s_%.0fmhz", model, b/1e6), fmt.Sprintf("%.0f MHz, %s", b/1e6, model), 3))
		}
		at := make([]standing, len(list))
		for i, s := range list {
			if err := s.price(ctx, b); err != nil {
				return nil, err
			}
			at[i] = s
			rows[i] = append(rows[i], nano(s.perBit("fom")), nano(s.perBit("binw")))
		}
		t.Notes = append(t.Notes, fmt.Sprintf("%.0f MHz: least by fom %s; by binw %s", b/1e6, winner(at, "fom"), winner(at, "binw")))
	}
	for i, s := range list {
		t.Add(append([]any{s.name}, rows[i]...)...)
	}
	return t, nil
}

// antennaTable repeats the comparison with fewer and more antennas; quick runs leave
// out precoders that iterate.
func antennaTable(ctx context.Context, o Options, at256 []standing) (*reports.Table, error) {
	t := &reports.Table{Title: "over antennas, 0.85 GHz", Columns: []reports.Column{
		reports.Text("scheme", "scheme"), reports.Number("antennas", "N"), reports.Scaled("snr_db", "SNR [dB]", 1, 1),
		reports.Significant("radiated_w", "radiated [W]", 3), reports.Text("deadline", "deadline"), reports.Significant("load", "load", 3),
		reports.Significant("nj_per_bit_fom", "fom [nJ/bit]", 3), reports.Significant("nj_per_bit_binw", "binw [nJ/bit]", 3),
	}}
	for _, n := range []int{128, 256, 512} {
		list := at256
		if n != 256 {
			list = nil
			for _, c := range contenders {
				if o.Quick && c.groups[0] < 400 {
					continue
				}
				s, err := c.measure(ctx, o, n)
				if err != nil {
					return nil, fmt.Errorf("%s, %d antennas: %w", c.name, n, err)
				}
				list = append(list, s)
			}
		}
		for _, s := range list {
			var snr, radiated any
			if s.needed.Reached {
				snr, radiated = s.needed.SNRdB, s.run.FrontEnd.PA.RadiatedW
			}
			t.Add(s.name, n, snr, radiated, s.cost.Deadline, 1-s.cost.Slack, nano(s.perBit("fom")), nano(s.perBit("binw")))
		}
		t.Notes = append(t.Notes, fmt.Sprintf("N = %d: least by fom %s; by binw %s", n, winner(list, "fom"), winner(list, "binw")))
	}
	t.Notes = append(t.Notes, "the precoder's machine is the one for 256 antennas at every N; empty: not reached up to 30 dB")
	return t, nil
}

// assumeFrontEnds states what the comparison rests on.
func (r *Report) assumeFrontEnds(s standing) {
	b := evaluate.DefaultLinkBudget()
	noise := b.NoiseW(s.run.FrontEnd.Antennas.Carrier, s.run.FrontEnd.Signal.BandwidthHz)
	r.Assumptions = append(r.Assumptions,
		fmt.Sprintf("link budget (ours): %g m of free space at %.3g GHz, isotropic elements, noise figure %g dB at %g K: 0 dB is %.3g W radiated at %.3g MHz", b.DistanceM, s.run.FrontEnd.Antennas.Carrier/1e9, b.NoiseFigureDB, b.TemperatureK, noise, s.run.FrontEnd.Signal.BandwidthHz/1e6),
		"needed ratios are interpolated in the logarithm of measured error rates every 2.5 dB from -5 dB, four groups of 20 symbols a channel; their 95 % come from the ends of the rates' Wilson intervals",
		"modulator as shipped: four sub-chains, six fraction bits; energy per correct bit counts every consumer listed, without coding or pilots")
	r.Assumptions = append(r.Assumptions, s.cost.Assumptions...)
}

// drawFrontEnds writes error rates and power as pictures.
func (r *Report) drawFrontEnds(o Options, list []standing) error {
	if o.Folder == "" {
		return nil
	}
	rates := reports.Curves{Title: "16-QAM, K = 8, N = 256", XLabel: "transmit power over noise [dB]", YLabel: "SER", LogY: true}
	bars := reports.Bars{Title: "power at SER 1e-3, converters by fom", YLabel: "W"}
	for _, c := range list[0].cost.Power["fom"] {
		bars.Parts = append(bars.Parts, reports.Part{Name: c.Name})
	}
	for _, s := range list {
		line := reports.Curve{Name: s.name}
		for _, p := range s.curve {
			line.X, line.Y = append(line.X, p.SNRdB), append(line.Y, p.SER)
		}
		rates.Series = append(rates.Series, line)
		if !s.needed.Reached || !s.cost.Deadline {
			continue // nothing to compare, or bars that hide all others
		}
		bars.Names = append(bars.Names, s.name)
		for i := range bars.Parts {
			bars.Parts[i].Values = append(bars.Parts[i].Values, s.cost.Power["fom"][i].W)
		}
	}
	for name, draw := range map[string]func(io.Writer) error{"mimo-error-rate.svg": rates.WriteSVG, "mimo-power.svg": bars.WriteSVG} {
		path := filepath.Join(o.Folder, name)
		file, err := os.Create(path)
		if err != nil {
			return err
		}
		if err := draw(file); err != nil {
			file.Close()
			return err
		}
		if err := file.Close(); err != nil {
			return err
		}
		r.Files = append(r.Files, path)
	}
	return nil
}
