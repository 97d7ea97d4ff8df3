// Package mimo repeats the link-level measurements of package mimo whose
// outcome is known, and examines the claims of M. Shao, W.-K. Ma, Q. Li, A. L.
// Swindlehurst, "One-Bit Sigma-Delta MIMO Precoding", IEEE J. Sel. Topics Signal
// Process. 13(5), 2019.
//
// The settings and curve values of the paper's figures could not be recovered. The
// reference values here are those of an independent numerical prototype of the same
// algorithms with other random numbers; the settings are stated with each
// experiment. Only the claims and the running times are the paper's.
package mimo

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"

	"bitcycle/internal/proof"
	"bitcycle/mimo"
)

// Options of every experiment.
type Options struct {
	Quick    bool // fewer channels and points: all experiments in about 20 s
	Seed     uint64
	Workers  int // 0 means one per processor
	Progress func(text string)
	Store    *mimo.States // for interrupted runs; nil keeps none
}

func (o Options) workers() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}

func (o Options) say(format string, args ...any) {
	if o.Progress != nil {
		o.Progress(fmt.Sprintf(format, args...))
	}
}

// pick is the first value for quick runs, the second for full ones.
func pick[T any](o Options, quick, full T) T {
	if o.Quick {
		return quick
	}
	return full
}

// figure is a measured quantity of an experiment beside its reference.
func figure(id, quantity, unit string, value, reference float64) proof.Row {
	r := proof.Compare(id, quantity, reference, value)
	r.Unit = unit
	return r
}

// near judges a figure by its distance from the reference.
func near(id, quantity, unit string, value, reference, tolerance float64) proof.Row {
	return figure(id, quantity, unit, value, reference).Judge(proof.Within(reference, tolerance))
}

// atMost judges a figure by a limit from above.
func atMost(id, quantity, unit string, value, limit float64) proof.Row {
	return figure(id, quantity, unit, value, limit).Judge(proof.AtMost(limit))
}

// atLeast judges a figure by a limit from below.
func atLeast(id, quantity, unit string, value, limit float64) proof.Row {
	return figure(id, quantity, unit, value, limit).Judge(proof.AtLeast(limit))
}

// shown is a figure that is not judged, and why.
func shown(id, quantity, unit string, value, reference float64, note string) proof.Row {
	r := figure(id, quantity, unit, value, reference).Show()
	r.Note = note
	return r
}

// Experiment is a named group of rows.
type Experiment struct {
	ID    string
	About string
	Run   func(ctx context.Context, o Options) ([]proof.Row, error)
}

// All lists the experiments in order.
func All() []Experiment {
	return []Experiment{
		{"R1", "noise shaping: power of the quantization error against angle, N = 256, d = λ/8, 8 users, 16-QAM", R1},
		{"R2", "steered and plain modulators of a single user, 16-QAM, d = λ/8", R2},
		{"R3", "symbol error rates, N = 256, K = 8, d = λ/8, 4° separation, T = 100", R3},
		{"R4", "all precoders, N = 256, K = 8, 16-QAM, d = λ/8, 4° separation, T = 20", R4},
		{"R4b", "all precoders, QPSK, as R4", R4b},
		{"R4c", "all precoders, N = 512, as R4", R4c},
		{"R5", "one user at 30°, N = 256, 64-QAM, d = λ/8", R5},
		{"R6", "noise of a chain cut into sub-chains, N = 256, d = λ/8", R6},
		{"R7", "headroom: allowing the modulator to overload", R7},
		{"R8", "uplink: spectral efficiency of zero forcing behind one-bit converters, N = 128, K = 8", R8},
	}
}

// Run runs the experiments whose identifiers are given, all if none are.
func Run(ctx context.Context, o Options, ids ...string) ([]proof.Row, error) {
	var rows []proof.Row
	for _, e := range All() {
		if len(ids) > 0 && !slices.Contains(ids, e.ID) {
			continue
		}
		o.say("%s: %s", e.ID, e.About)
		r, err := e.Run(ctx, o)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", e.ID, err)
		}
		rows = append(rows, r...)
	}
	return rows, nil
}

const degree = math.Pi / 180

// draw is channel index of a scenario.
func draw(s mimo.Scenario, seed, index uint64) *mimo.Channel {
	return s.Draw(mimo.Stream(seed, index, 0))
}
