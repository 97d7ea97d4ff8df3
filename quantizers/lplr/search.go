package lplr

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// surveyRank is the rank of the decomposition that plans are estimated from.
const surveyRank = 256

// search factorizes within the budget by the plan of least error: not the estimated, which
// ranks the plans of one budget, but the measured one, of the best plan of every rung of
// the ladder up to the budget, once in one round and once as two rounds of half the bits.
// What a budget may use a larger one may use too, so that the error never rises with it.
func (j Job) search(a *mat.Dense) (Options, []*Factors, error) {
	n, d := a.Dims()
	budget := Budget{N: n, D: d, BitsPerEntry: j.BitsPerEntry, Ratio: 1}
	if _, err := budget.mostRank(); err != nil {
		return Options{}, nil, err
	}
	svd, norm := LeadingSVD(a, min(n, d, surveyRank), j.Seed), mat.Norm(a, 2)
	var best []*Factors
	var chosen Options
	least := math.Inf(1)
	known := map[string]bool{}
	try := func(bits float64, rounds int) error {
		budget.BitsPerEntry = bits
		plan, err := ChooseFrom(svd, norm, budget, j.Seed)
		if err != nil {
			return nil // below rank 1
		}
		opts := plan.Options
		opts.Power, opts.Sparse, opts.Dithered = j.Power, j.Sparse, j.Dithered
		key := fmt.Sprint(opts, rounds)
		if known[key] {
			return nil
		}
		known[key] = true
		products, err := Iterate(a, rounds, opts)
		if err != nil {
			return err
		}
		if e := RelativeError(a, Sum(products)); e < least {
			least, best, chosen = e, products, opts
		}
		return nil
	}
	rounds := max(j.Rounds, 1) // each with the whole budget, if the user says how many
	for _, bits := range rungs(j.BitsPerEntry) {
		err := try(bits, rounds)
		if err == nil && j.Rounds == 0 {
			err = try(bits/2, 2)
		}
		if err != nil {
			return Options{}, nil, err
		}
	}
	if best == nil { // the budget lies between rank 1 and the first rung that affords it
		if err := try(j.BitsPerEntry, rounds); err != nil {
			return Options{}, nil, err
		}
	}
	return chosen, best, nil
}

// rungs are the budgets up to one whose plans are measured: powers of two below a quarter
// of a bit, from there four to the octave. They are the same for all budgets.
func rungs(bits float64) []float64 {
	var list []float64
	for b := 1.0 / 4096; b < 0.25 && b <= bits; b *= 2 {
		list = append(list, b)
	}
	for k := -8; ; k++ {
		b := math.Exp2(float64(k) / 4)
		if b > bits*(1+1e-12) {
			return list
		}
		list = append(list, b)
	}
}
