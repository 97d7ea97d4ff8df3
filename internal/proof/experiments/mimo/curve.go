package mimo

import (
	"context"
	"math"

	"bitcycle/mimo"
)

// simulateCurve is the error-rate curve of a scheme in the default scenario.
func simulateCurve(ctx context.Context, o Options, points int, s mimo.Scheme, snrs []float64, channels int) ([]mimo.Result, error) {
	scenario := mimo.DefaultScenario()
	scenario.QAM = points
	link := mimo.Link{Scenario: scenario, Scheme: s, Seed: o.Seed}
	return o.simulate(ctx, link, snrs, channels)
}

// simulate runs a link at several signal-to-noise ratios, with the same channels,
// symbols and noise at each.
func (o Options) simulate(ctx context.Context, link mimo.Link, snrs []float64, channels int) ([]mimo.Result, error) {
	var results []mimo.Result
	for _, snr := range snrs {
		link.SNRdB = snr
		state, err := mimo.Simulate(ctx, link, mimo.Stop{Channels: channels}, mimo.State{}, mimo.Options{Workers: o.workers(), Store: o.Store})
		if err != nil {
			return results, err
		}
		results = append(results, state.Tally.Result(snr))
	}
	return results, nil
}

// neededSNR is where a curve first falls to the target, interpolated in the
// logarithm of the error rate; if it never does, the highest ratio simulated and
// false. A rate of zero counts as one error in the symbols simulated.
func neededSNR(curve []mimo.Result, target float64) (snrDB float64, reached bool) {
	for i, r := range curve {
		if r.SER > target {
			continue
		}
		if i == 0 {
			return r.SNRdB, true
		}
		before := curve[i-1]
		hi, lo := math.Log(before.SER), math.Log(math.Max(r.SER, 1/float64(r.Tally.Symbols)))
		if lo > math.Log(target) {
			return r.SNRdB, true
		}
		return before.SNRdB + (r.SNRdB-before.SNRdB)*(hi-math.Log(target))/(hi-lo), true
	}
	return curve[len(curve)-1].SNRdB, false
}
