package evaluate

import (
	"context"
	"fmt"
	"math"

	"bitcycle/mimo"
)

// Effort is how long error rates are simulated.
type Effort struct {
	Groups   int     // of symbols at most, four on each channel
	RelError float64 // half the 95 % interval at which a point is known well enough; 0: never
	Seed     int64
	Workers  int
	Progress func(stage string, done, total int) // nil for silence
	Store    *mimo.States                        // of interrupted runs; nil keeps none
}

// Stop is when the simulation of a point ends.
func (e Effort) Stop() mimo.Stop { return mimo.Stop{Channels: e.channels(), RelError: e.RelError} }

// channels is the channels simulated at most.
func (e Effort) channels() int { return max(1, (e.Groups+groupsPerChannel-1)/groupsPerChannel) }

// show tells how far point i of n has come.
func (e Effort) show(stage string, i, n int) func(mimo.State) {
	if e.Progress == nil {
		return nil
	}
	most := e.channels()
	e.Progress(stage, i*most, n*most)
	return func(s mimo.State) { e.Progress(stage, i*most+int(s.Tally.Channels), n*most) }
}

// DefaultGroups is what an interactive run simulates of a precoder: iterative ones
// take a hundred to a thousand times as long as linear ones.
func DefaultGroups(precoder string) int {
	switch precoder {
	case "sd-slp", "msm", "gemm":
		return 16
	case "squid", "c1po", "c2po":
		return 64
	}
	return 256
}

// point simulates the error rate at one signal-to-noise ratio.
func (f FrontEnd) point(ctx context.Context, snrDB float64, e Effort, progress func(mimo.State)) (mimo.Result, error) {
	link, err := f.Link(e.Seed)
	if err != nil {
		return mimo.Result{}, err
	}
	link.SNRdB = snrDB
	stop := e.Stop()
	state, err := mimo.Simulate(ctx, link, stop, mimo.State{}, mimo.Options{Workers: e.Workers, Progress: progress, Store: e.Store})
	return state.Tally.Result(snrDB), err
}

// Curve simulates the error rate at several ratios.
func (f FrontEnd) Curve(ctx context.Context, snrsDB []float64, e Effort) ([]mimo.Result, error) {
	curve := make([]mimo.Result, 0, len(snrsDB))
	for i, snr := range snrsDB {
		r, err := f.point(ctx, snr, e, e.show(f.Precoder, i, len(snrsDB)))
		if err != nil {
			return curve, err
		}
		curve = append(curve, r)
	}
	return curve, nil
}

// Reach simulates upward from lo to hi until the error rate is below the target at
// two ratios running, or the curve ends.
func (f FrontEnd) Reach(ctx context.Context, target, lo, hi, step float64, e Effort) (Needed, []mimo.Result, error) {
	var curve []mimo.Result
	below := 0
	for snr := lo; snr <= hi+1e-9 && below < 2; snr += step {
		r, err := f.point(ctx, snr, e, e.show(f.Precoder, len(curve), int((hi-lo)/step)+1))
		if err != nil {
			return Needed{}, curve, err
		}
		curve = append(curve, r)
		if below++; r.SER > target {
			below = 0
		}
	}
	return NeededSNR(curve, target), curve, nil
}

// Spectrum is the power that the array radiates into directions (degrees from
// broadside) beyond what is linear in the symbols, in dB relative to the 2N of
// uncorrelated antennas; on one channel, over 400 vectors.
func (f FrontEnd) Spectrum(seed int64, snrDB float64, anglesDeg []float64) ([]float64, error) {
	link, err := f.Link(seed)
	if err != nil {
		return nil, err
	}
	if link.Uplink != nil || link.Scenario.Array != mimo.ULA {
		return nil, fmt.Errorf("front end %s: only a linear array that transmits has a spectrum", f.FrontEnd.Name)
	}
	p, err := link.Scheme.New()
	if err != nil {
		return nil, err
	}
	q, err := mimo.QAMOf(link.Scenario.QAM)
	if err != nil {
		return nil, err
	}
	ch := link.Scenario.Draw(mimo.Stream(link.Seed, 0, 0))
	if err := p.Prepare(ch, mimo.Params{Power: 1, NoiseVar: 1 / mimo.FromDB(snrDB), QAM: q}); err != nil {
		return nil, err
	}
	s := mimo.NewMatrix(link.Scenario.Users, 400)
	q.Random(s, mimo.Stream(link.Seed, 0, 1))
	var tx mimo.Transmit
	p.Precode(&tx, s)
	scale := math.Sqrt(float64(2*tx.X.Rows*tx.X.Cols) / tx.X.Energy())
	mimo.Sub(&tx.X, &tx.X, &tx.X, 1-scale)
	var back, gain, linear, rest mimo.Matrix
	if err := mimo.RightInverse(&back, mimo.NewChannel(s), 0); err != nil {
		return nil, err
	}
	mimo.Mul(&gain, &tx.X, &back)
	mimo.Mul(&linear, &gain, s)
	mimo.Sub(&rest, &tx.X, &linear, 1)
	omegas := make([]float64, len(anglesDeg))
	for i, a := range anglesDeg {
		omegas[i] = mimo.Omega(a*math.Pi/180, link.Scenario.Spacing)
	}
	return mimo.Spectrum(&rest, omegas), nil
}
