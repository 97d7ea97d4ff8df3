package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/mimo"
	"bitcycle/reports"
	"bitcycle/sim"
)

type mimoCmd struct {
	Machine  string  `short:"m" help:"Shipped front end or TOML file." default:"sd-zf-256" placeholder:"FRONTEND"`
	Precoder string  `help:"Precoders, or detectors in the uplink, separated by commas; default: what fits the front end." placeholder:"LIST"`
	SNR      string  `name:"snr" help:"Signal-to-noise ratios in dB, transmit power over receiver noise: from:to:step." default:"-5:20:2.5"`
	Blocks   int     `help:"Simulate at most N groups of symbols a point, four on each channel; default 16 to 256 by the precoder's speed." placeholder:"N"`
	RelError float64 `name:"rel-error" help:"End a point when half the 95 % interval is within this share of its error rate; 0 never." default:"0.05" placeholder:"X"`
	Plot     string  `help:"Write error-rate.svg, spectrum.svg and power.svg to this folder." placeholder:"DIR"`
	Resume   string  `help:"Keep finished rounds in this file, and go on from those it has." placeholder:"FILE"`
}

// Help shows examples.
func (mimoCmd) Help() string {
	return "--set overrides keys of the front end, see bitcycle show sd-zf-256.\n\nExamples:\n  bitcycle mimo\n  bitcycle mimo -m zf-6bit-256 --set array.antennas=128 --snr=-10:10:5\n  bitcycle mimo --precoder sd-slp,sd-zf,squid --plot plots\n  bitcycle mimo --set array.geometry=rayleigh --set job.qam=256\n  bitcycle mimo --set modulator.order=2 --set modulator.levels=4 --set converter.bits=2\n\nPrecoders: " +
		strings.Join(mimo.Precoders(), ", ")
}

// mimoRow is one point of an error-rate curve.
type mimoRow struct {
	Precoder string `json:"precoder"`
	mimo.Result
	FOMBitJ  float64 `json:"energy_per_bit_fom_j"`
	BinwBitJ float64 `json:"energy_per_bit_binw_j"`
}

// mimoCost is what a precoder costs on the front end.
type mimoCost struct {
	Precoder string `json:"precoder"`
	*sim.FrontEndResult
	FOMW  float64 `json:"total_fom_w"`
	BinwW float64 `json:"total_binw_w"`
	// Stalls are the accelerator's cycles for a coherence block by cause.
	Stalls map[string]int64 `json:"stalls"`
}

func costOf(precoder string, r *sim.FrontEndResult) mimoCost {
	p := r.Stalls
	return mimoCost{precoder, r, r.Total("fom"), r.Total("binw"), map[string]int64{
		"compute": p.Compute, "fill": p.Fill, "imbalance": p.Imbalance, "weight_load": p.WeightLoad, "input": p.Input, "output": p.Output, "dram": p.DRAM,
	}}
}

// Run simulates error rates and runs the front end.
func (c mimoCmd) Run(ctx context.Context, s *session) error {
	fe, err := arch.LoadFrontEnd(c.Machine, s.Set)
	if err != nil {
		return input(err)
	}
	snrs, err := parseRange(c.SNR)
	if err != nil {
		return input(fmt.Errorf("--snr = %s: %w", c.SNR, err))
	}
	if c.Blocks < 0 {
		return input(fmt.Errorf("--blocks = %d: must be at least 1", c.Blocks))
	}
	runs := c.runs(fe)
	for _, f := range runs {
		if _, err := f.Link(s.Seed); err != nil {
			return input(err)
		}
	}
	if c.RelError < 0 {
		return input(fmt.Errorf("--rel-error = %g: must not be negative", c.RelError))
	}
	kept, err := openResumable("mimo", c.Resume)
	if err != nil {
		return err
	}
	return kept.close(s, c.simulate(ctx, s, fe, runs, snrs, &kept.States))
}

// simulate makes the report.
func (c mimoCmd) simulate(ctx context.Context, s *session, fe *arch.FrontEnd, runs []evaluate.FrontEnd, snrs []float64, store *mimo.States) error {
	var rows []mimoRow
	var costs []mimoCost
	bar := s.progress()
	defer bar.done()
	for _, f := range runs {
		cost, err := f.Cost(ctx)
		if err != nil {
			return input(err)
		}
		groups := c.Blocks
		if groups == 0 {
			groups = evaluate.DefaultGroups(f.Precoder)
		}
		curve, err := f.Curve(ctx, snrs, evaluate.Effort{Groups: groups, RelError: c.RelError, Seed: s.Seed, Workers: s.Workers, Progress: bar.update, Store: store})
		if err != nil {
			return err
		}
		costs = append(costs, costOf(f.Precoder, cost))
		for _, r := range curve {
			rows = append(rows, mimoRow{f.Precoder, r, cost.EnergyPerBit("fom", r.BER), cost.EnergyPerBit("binw", r.BER)})
		}
	}
	doc := c.document(s, fe, rows, costs)
	if c.Plot != "" {
		files, err := writeMimoPlots(c.Plot, s.Seed, runs, rows, costs)
		if err != nil {
			return input(err)
		}
		doc.Summary = append(doc.Summary, files...)
	}
	return s.write(doc)
}

// runs is the front end with every precoder asked for.
func (c mimoCmd) runs(fe *arch.FrontEnd) []evaluate.FrontEnd {
	names := evaluate.FittingPrecoders(fe)
	if c.Precoder != "" {
		names = strings.Split(c.Precoder, ",")
	}
	runs := make([]evaluate.FrontEnd, len(names))
	for i, name := range names {
		runs[i] = evaluate.FrontEnd{FrontEnd: fe, Precoder: strings.TrimSpace(name)}
	}
	return runs
}

// parseRange reads from:to:step, or one number.
func parseRange(text string) ([]float64, error) {
	var v [3]float64
	parts := strings.Split(text, ":")
	if len(parts) != 1 && len(parts) != 3 {
		return nil, errors.New("want from:to:step or one number")
	}
	for i, part := range parts {
		x, err := strconv.ParseFloat(part, 64)
		if err != nil || math.IsNaN(x) || math.Abs(x) > 200 {
			return nil, fmt.Errorf("%q: want a number of dB from -200 to 200", part)
		}
		v[i] = x
	}
	if len(parts) == 1 {
		return v[:1], nil
	}
	if v[2] <= 0 || v[1] < v[0] || (v[1]-v[0])/v[2] > 1000 {
		return nil, errors.New("want from ≤ to, a positive step and at most 1000 of them")
	}
	var list []float64
	for i := 0; v[0]+float64(i)*v[2] <= v[1]+1e-9; i++ {
		list = append(list, v[0]+float64(i)*v[2])
	}
	return list, nil
}

func (c mimoCmd) document(s *session, fe *arch.FrontEnd, rows []mimoRow, costs []mimoCost) *reports.Document {
	doc := &reports.Document{
		Tables: []*reports.Table{rateTable(fe.Name, rows), timingTable(costs), powerTable(costs)},
		Result: map[string]any{"frontend": fe.Name, "rows": rows, "costs": costs},
		Assumptions: append([]string{
			"SNR is transmit power over receiver noise at users of gain 1, directions drawn anew on every channel, four groups of symbols on each; 95 % Wilson intervals count symbols of one channel as dependent",
			fmt.Sprintf("energy per correctly delivered bit: all power at %.4g W radiated over the bits that arrive right, of one symbol a user in every symbol interval, without coding or pilots", fe.PA.RadiatedW),
			fmt.Sprintf("seed %d, bitcycle %s", s.Seed, version()),
		}, costs[0].Assumptions...),
	}
	for _, k := range costs {
		if !k.Deadline {
			doc.Summary = append(doc.Summary, fmt.Sprintf("%s misses the symbol deadline: the %s takes %.3g symbol intervals for each vector; its power is that of as many as would keep up", k.Precoder, k.Bottleneck, 1-k.Slack))
		}
	}
	return doc
}

func rateTable(name string, rows []mimoRow) *reports.Table {
	t := &reports.Table{Title: "error rates on " + name, Columns: []reports.Column{
		reports.Text("precoder", "precoder"), reports.Scaled("snr_db", "SNR [dB]", 1, 1),
		reports.Significant("ser", "SER", 3), reports.Significant("ser_low", "95 % from", 3), reports.Significant("ser_high", "to", 3),
		reports.Significant("ber", "BER", 3), reports.Significant("predicted_ser", "SEP formula", 3), reports.Number("symbols", "symbols"),
		reports.Scaled("energy_per_bit_fom_j", "fom [nJ/bit]", 1e-9, 3), reports.Scaled("energy_per_bit_binw_j", "binw [nJ/bit]", 1e-9, 3),
	}}
	for _, r := range rows {
		var predicted any
		if r.HasPredicted {
			predicted = r.PredictedSER
		}
		t.Add(r.Precoder, r.SNRdB, r.SER, r.SER95[0], r.SER95[1], r.BER, predicted, r.Tally.Symbols, r.FOMBitJ, r.BinwBitJ)
	}
	return t
}

func timingTable(costs []mimoCost) *reports.Table {
	t := &reports.Table{Title: "latency and symbol deadline", Columns: []reports.Column{
		reports.Text("precoder", "precoder"), reports.Scaled("latency_s", "latency [µs]", 1e-6, 3),
		reports.Scaled("group_s", "accelerator", 1e-6, 3), reports.Scaled("modulator_s", "modulator", 1e-6, 3),
		reports.Scaled("matrix_s", "matrix [µs]", 1e-6, 3), reports.Scaled("vectors_s", "vectors [µs]", 1e-6, 3), reports.Scaled("block_s", "of block [µs]", 1e-6, 3),
		reports.Text("deadline", "deadline"), reports.Significant("load", "load", 3), reports.Text("bottleneck", "slowest"), reports.Text("stalled", "stalls most"),
	}}
	for _, k := range costs {
		t.Add(k.Precoder, k.LatencyS, k.Stages[0].LatencyS, k.Stages[1].LatencyS, k.MatrixS, k.VectorsS, k.BlockS, k.Deadline, 1-k.Slack, k.Bottleneck, k.Stalled)
	}
	return t
}

// powerTable has a row a component and a column a precoder.
func powerTable(costs []mimoCost) *reports.Table {
	t := &reports.Table{Title: "power by component [W]", Columns: []reports.Column{reports.Text("component", "component")}}
	for _, k := range costs {
		t.Columns = append(t.Columns, reports.Scaled(k.Precoder+"_w", k.Precoder, 1, 3))
	}
	row := func(name string, value func(k mimoCost) float64) {
		values := []any{name}
		for _, k := range costs {
			values = append(values, value(k))
		}
		t.Add(values...)
	}
	for _, model := range arch.ConverterModels() {
		row("converters, "+model, func(k mimoCost) float64 { return k.PowerOf(model, sim.PowerConverters) })
	}
	for _, part := range costs[0].Power["fom"][1:] {
		row(part.Name, func(k mimoCost) float64 { return k.PowerOf("fom", part.Name) })
	}
	for _, model := range arch.ConverterModels() {
		row("total, "+model, func(k mimoCost) float64 { return k.Total(model) })
	}
	return t
}

// writeMimoPlots writes error rates, spectra and power to a folder.
func writeMimoPlots(folder string, seed int64, runs []evaluate.FrontEnd, rows []mimoRow, costs []mimoCost) ([]string, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	rates := reports.Curves{Title: "symbol error rate", XLabel: "transmit power over noise [dB]", YLabel: "SER", LogY: true}
	bars := reports.Bars{Title: "power by component, converters by fom", YLabel: "W"}
	for _, part := range costs[0].Power["fom"] {
		bars.Parts = append(bars.Parts, reports.Part{Name: part.Name})
	}
	for _, k := range costs {
		line := reports.Curve{Name: k.Precoder}
		for _, r := range rows {
			if r.Precoder == k.Precoder {
				line.X, line.Y = append(line.X, r.SNRdB), append(line.Y, r.SER)
			}
		}
		rates.Series = append(rates.Series, line)
		bars.Names = append(bars.Names, k.Precoder)
		for i := range bars.Parts {
			bars.Parts[i].Values = append(bars.Parts[i].Values, k.Power["fom"][i].W)
		}
	}
	plots := []struct {
		name  string
		write func(io.Writer) error
	}{{"error-rate.svg", rates.WriteSVG}, {"power.svg", bars.WriteSVG}}
	if spectra := spectrumCurves(seed, runs); len(spectra.Series) > 0 {
		plots = append(plots, struct {
			name  string
			write func(io.Writer) error
		}{"spectrum.svg", spectra.WriteSVG})
	}
	var said []string
	for _, p := range plots {
		path := filepath.Join(folder, p.name)
		if err := reports.WriteFile(path, p.write); err != nil {
			return nil, err
		}
		said = append(said, "wrote "+path)
	}
	return said, nil
}

// spectrumCurves is the distortion against angle of the precoders that have one.
func spectrumCurves(seed int64, runs []evaluate.FrontEnd) reports.Curves {
	c := reports.Curves{Title: "power beyond what is linear in the symbols, at 10 dB", XLabel: "angle [°]", YLabel: "dB relative to 2N"}
	var angles []float64
	for a := -90.0; a <= 90; a++ {
		angles = append(angles, a)
	}
	for _, f := range runs {
		if y, err := f.Spectrum(seed, 10, angles); err == nil {
			c.Series = append(c.Series, reports.Curve{Name: f.Precoder, X: angles, Y: y})
		}
	}
	return c
}
