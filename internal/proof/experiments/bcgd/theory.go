package bcgd

import (
	"context"
	"math/rand/v2"
	"runtime"

	"golang.org/x/sync/errgroup"
	"gonum.org/v1/gonum/floats"
)

// Statement is a claim of the theory: what it expects beside what sampling or
// descent shows of it.
type Statement struct {
	Text  string `json:"claim"`
	Paper string `json:"paper"` // what is expected
	Ours  string `json:"ours"`  // what is measured
	Holds bool   `json:"holds"`
	Cases int
}

func statement(name string, cases int, measured, expected string, holds bool) Statement {
	return Statement{Text: name, Paper: expected, Ours: measured, Holds: holds, Cases: cases}
}

// Theory checks the two-layer model and the descent inequality numerically:
// closed forms against Monte Carlo and differences, correlations, descent to
// minimizers, sufficient descent of the blended update. It takes ten seconds.
func Theory(ctx context.Context, seed uint64) ([]Statement, error) {
	parts := []func() []Statement{
		func() []Statement { return MonteCarlo(seed, 400_000) },
		func() []Statement { return Gradients(seed, 2000) },
		func() []Statement { return []Statement{SpuriousMinimizer(seed)} },
		func() []Statement { return []Statement{LocalDescent(seed, 200)} },
		func() []Statement { return []Statement{EnergyBound(seed, 2000)} },
		func() []Statement { return []Statement{LongDescent(10)} },
		func() []Statement { return Starts(40) },
		func() []Statement { return SignRecovery(12) },
		func() []Statement { return []Statement{SufficientDescent(seed, 30, 400)} },
	}
	found := make([][]Statement, len(parts))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, part := range parts {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			found[i] = part()
			return nil
		})
	}
	err := group.Wait()
	var all []Statement
	for _, f := range found {
		all = append(all, f...)
	}
	return all, err
}

// normal draws n values from N(0, 1).
func normal(rng *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}

// direction draws a vector of the given length.
func direction(rng *rand.Rand, n int, length float64) []float64 {
	x := normal(rng, n)
	floats.Scale(length/floats.Norm(x, 2), x)
	return x
}
