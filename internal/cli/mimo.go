package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"bitcycle/arch"
	"bitcycle/internal/evaluate"
	"bitcycle/mimo"
	"bitcycle/reports"
	"bitcycle/sim"
)

type mimoCmd struct {
	FrontEnd string   `short:"m" name:"frontend" help:"Shipped front end or TOML file (list frontends)." default:"sd-zf-256"`
	Precoder []string `help:"Precoders or, in the uplink, detectors; default: those that fit the front end." placeholder:"NAME"`
	SNR      string   `name:"snr" help:"Transmit signal-to-noise ratios in dB, from:to:step." default:"-10:10:4"`
	Blocks   int      `help:"Most coherence blocks simulated per point." default:"60"`
}

// Help shows an example.
func (mimoCmd) Help() string {
	return "Example: bitcycle mimo -m sd-zf-512 --precoder sd-zf,direct --snr -10:20:5 --set converter.bits=1"
}

// mimoRow is one point in JSON.
type mimoRow struct {
	Precoder string      `json:"precoder"`
	Point    mimo.Result `json:"point"`
}

// Run simulates error rates and charges the front end.
func (c mimoCmd) Run(ctx context.Context, s *session) error {
	fe, err := arch.LoadFrontEnd(c.FrontEnd, s.Set)
	if err != nil {
		return input(err)
	}
	ratios, err := parseRange(c.SNR)
	if err != nil {
		return input(err)
	}
	if c.Blocks < 1 {
		return input(fmt.Errorf("--blocks = %d: must be at least 1", c.Blocks))
	}
	names := c.Precoder
	if len(names) == 0 {
		names = evaluate.FittingPrecoders(fe)
	}
	rates := &reports.Table{Title: fmt.Sprintf("%s: %d antennas, %d users, %d-QAM, error rate against transmit SNR", fe.Name, fe.Antennas.Count, fe.Job.Users, fe.Job.QAM), Columns: []reports.Column{
		reports.Text("precoder", "precoder"), reports.Scaled("snr_db", "SNR [dB]", 1, 1), reports.Significant("ser", "SER", 3), reports.Significant("ser_low", "low", 3), reports.Significant("ser_high", "high", 3), reports.Significant("ber", "BER", 3),
	}}
	power := &reports.Table{Title: "latency, power and energy per correctly delivered bit at the last point", Columns: []reports.Column{
		reports.Text("precoder", "precoder"), reports.Text("converters", "converter model"), reports.Scaled("latency_s", "latency [µs]", 1e-6, 2),
		reports.Text("deadline", "deadline"), reports.Percent("slack", "slack [%]", 1), reports.Text("bottleneck", "bottleneck"), reports.Text("power", "power by component [W]"),
		reports.Scaled("power_w", "total [W]", 1, 2), reports.Significant("energy_per_bit_j", "J/bit", 3),
	}}
	bar := s.progress()
	defer bar.done()
	var rows []mimoRow
	var costs []*sim.FrontEndResult
	for _, name := range names {
		point, err := c.precoder(ctx, s, evaluate.FrontEnd{FrontEnd: fe, Precoder: name}, ratios, bar, func(r mimo.Result) {
			rows = append(rows, mimoRow{name, r})
			rates.Add(name, r.SNRdB, r.SER, r.SER95[0], r.SER95[1], r.BER)
		})
		if err != nil {
			return err
		}
		cost, err := evaluate.FrontEnd{FrontEnd: fe, Precoder: name}.Cost(ctx)
		if err != nil {
			return input(err)
		}
		costs = append(costs, cost)
		for _, model := range arch.ConverterModels() {
			var parts []string
			for _, p := range cost.Power[string(model)] {
				parts = append(parts, fmt.Sprintf("%s %.3g", p.Name, p.W))
			}
			power.Add(name, string(model), cost.LatencyS, cost.Deadline, cost.Slack, cost.Bottleneck, strings.Join(parts, ", "), cost.Total(string(model)), cost.EnergyPerBit(string(model), point.BER))
		}
	}
	return s.write(&reports.Document{
		Tables: []*reports.Table{rates, power}, Result: map[string]any{"rows": rows, "frontends": costs},
		Assumptions: append(costs[0].Assumptions, fmt.Sprintf("up to %d coherence blocks a point, Wilson intervals corrected for shared channels; seed %d, bitcycle %s", c.Blocks, s.Seed, version())),
	})
}

// precoder simulates the curve of one precoder and returns its last point.
func (c mimoCmd) precoder(ctx context.Context, s *session, f evaluate.FrontEnd, ratios []float64, bar *progressBar, show func(mimo.Result)) (mimo.Result, error) {
	link, err := f.Link(s.Seed)
	if err != nil {
		return mimo.Result{}, input(err)
	}
	var last mimo.Result
	for i, snr := range ratios {
		bar.update(f.Precoder, i, len(ratios))
		link.SNRdB = snr
		state, err := mimo.Simulate(ctx, link, mimo.Stop{Channels: c.Blocks, RelError: 0.1}, mimo.State{}, mimo.Options{Workers: s.Workers})
		if err != nil {
			return last, err
		}
		last = state.Tally.Result(snr)
		show(last)
	}
	return last, nil
}

// parseRange reads from:to:step.
func parseRange(text string) ([]float64, error) {
	bad := fmt.Errorf("--snr = %q: must be from:to:step in dB, at most 200 points", text)
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return nil, bad
	}
	var v [3]float64
	for i, p := range parts {
		x, err := strconv.ParseFloat(p, 64)
		if err != nil {
			return nil, bad
		}
		v[i] = x
	}
	if !(v[2] > 0) || !(v[1] >= v[0]) || (v[1]-v[0])/v[2] > 200 {
		return nil, bad
	}
	var out []float64
	for i := 0; v[0]+float64(i)*v[2] <= v[1]+1e-9; i++ {
		out = append(out, v[0]+float64(i)*v[2])
	}
	return out, nil
}
