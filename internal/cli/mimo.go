package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/mimo"
	"bitcycle/reports"
)

// spectrumSNR is the ratio in dB at which spectra are drawn.
const spectrumSNR = 10

type mimoCmd struct {
	Machine  string  `short:"m" predictor:"frontends" help:"Shipped front end or TOML file." default:"sd-zf-256" placeholder:"FRONTEND"`
	Precoder string  `predictor:"precoders" help:"Precoders, or detectors in the uplink, separated by commas; default: what fits the front end." placeholder:"LIST"`
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
	if c.RelError < 0 {
		return input(fmt.Errorf("--rel-error = %g: must not be negative", c.RelError))
	}
	runs, err := evaluate.PriceFrontEnds(ctx, c.runs(fe), s.Seed)
	if err != nil {
		return input(err)
	}
	kept, err := openResumable("mimo", c.Resume)
	if err != nil {
		return err
	}
	return kept.close(s, c.simulate(ctx, s, fe, runs, snrs, &kept.States))
}

// simulate makes the report.
func (c mimoCmd) simulate(ctx context.Context, s *session, fe *arch.FrontEnd, runs []evaluate.FrontEndOutcome, snrs []float64, store *mimo.States) error {
	bar := s.progress()
	err := evaluate.SimulateFrontEnds(ctx, runs, snrs, evaluate.Effort{Groups: c.Blocks, RelError: c.RelError, Seed: s.Seed, Workers: s.Workers, Progress: bar.update, Store: store})
	bar.done()
	if err != nil {
		return input(err)
	}
	doc := reports.FrontEnds(s.origin(), fe, runs)
	if c.Plot != "" {
		evaluate.FrontEndSpectra(runs, spectrumSNR, s.Seed)
		files, err := reports.WriteFigures(c.Plot, reports.FrontEndFigures(runs))
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
