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
	Machine  string  `short:"m" predictor:"frontends" help:"Shipped front ends or TOML files, separated by commas." default:"sd-zf-256" placeholder:"LIST"`
	Precoder string  `predictor:"precoders" help:"Precoders, or detectors in the uplink, separated by commas; default: what fits the front end, of several front ends the own one of each." placeholder:"LIST"`
	Target   float64 `help:"Say at which ratio of --snr each reaches this symbol error rate, such as 1e-3; ratios beyond are not simulated." placeholder:"SER"`
	SNR      string  `name:"snr" help:"Signal-to-noise ratios in dB, transmit power over receiver noise: from:to:step." default:"-5:20:2.5"`
	Blocks   int     `help:"Simulate at most N groups of symbols a point, four on each channel; default 16 to 256 by the precoder's speed." placeholder:"N"`
	RelError float64 `name:"rel-error" help:"End a point when half the 95 % interval is within this share of its error rate; 0 never." default:"0.05" placeholder:"X"`
	Plot     string  `help:"Write error-rate.svg, spectrum.svg and power.svg to this folder." placeholder:"DIR"`
	Resume   string  `help:"Keep finished rounds in this file, and go on from those it has." placeholder:"FILE"`
}

// Help shows examples.
func (mimoCmd) Help() string {
	return "--set overrides keys of the front end, see bitcycle show sd-zf-256.\n\nExamples:\n  bitcycle mimo\n  bitcycle mimo -m zf-6bit-256 --set array.antennas=128 --snr=-10:10:5\n  bitcycle mimo -m sd-zf-256,zf-6bit-256,direct-zf-256 --target 1e-3\n  bitcycle mimo --precoder sd-slp,sd-zf,squid --plot plots\n  bitcycle mimo --set array.geometry=rayleigh --set job.qam=256\n  bitcycle mimo --set modulator.order=2 --set modulator.levels=4 --set converter.bits=2\n\nPrecoders: " +
		strings.Join(mimo.Precoders(), ", ")
}

// Run simulates error rates and runs the front end.
func (c mimoCmd) Run(ctx context.Context, s *session) error {
	fes, err := c.frontEnds(s.Set)
	if err != nil {
		return input(err)
	}
	if c.Target != 0 && !(c.Target > 0 && c.Target < 1) {
		return input(fmt.Errorf("--target = %g: must be between 0 and 1", c.Target))
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
	runs, err := evaluate.PriceFrontEnds(ctx, c.runs(fes), s.Seed)
	if err != nil {
		return input(err)
	}
	kept, err := openResumable("mimo", c.Resume)
	if err != nil {
		return err
	}
	s.remember(kept.lastWords(s))
	return kept.close(s, c.simulate(ctx, s, runs, snrs, &kept.States))
}

// simulate makes the report.
func (c mimoCmd) simulate(ctx context.Context, s *session, runs []evaluate.FrontEndOutcome, snrs []float64, store *mimo.States) error {
	bar := s.progress()
	effort := evaluate.Effort{Groups: c.Blocks, RelError: c.RelError, Seed: s.Seed, Workers: s.Workers, Progress: bar.update, Store: store}
	var err error
	if c.Target > 0 {
		err = evaluate.ReachFrontEnds(ctx, runs, c.Target, snrs, effort)
	} else {
		err = evaluate.SimulateFrontEnds(ctx, runs, snrs, effort)
	}
	bar.done()
	if err != nil {
		return input(err)
	}
	doc := reports.FrontEnds(s.origin(), runs, c.Target)
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

// frontEnds loads those of the list.
func (c mimoCmd) frontEnds(set []string) ([]*arch.FrontEnd, error) {
	var fes []*arch.FrontEnd
	var problems []error
	for _, name := range strings.Split(c.Machine, ",") {
		fe, err := arch.LoadFrontEnd(strings.TrimSpace(name), set)
		fes, problems = append(fes, fe), append(problems, err)
	}
	return fes, errors.Join(problems...)
}

// runs is every front end with every precoder asked for.
func (c mimoCmd) runs(fes []*arch.FrontEnd) []evaluate.FrontEnd {
	var runs []evaluate.FrontEnd
	for _, fe := range fes {
		names := evaluate.FittingPrecoders(fe)
		if len(fes) > 1 {
			names = names[:1]
		}
		if c.Precoder != "" {
			names = strings.Split(c.Precoder, ",")
		}
		for _, name := range names {
			runs = append(runs, evaluate.FrontEnd{FrontEnd: fe, Precoder: strings.TrimSpace(name)})
		}
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
