package evaluate

import (
	"context"

	"bitcycle/mimo"
	"bitcycle/sim"
)

// FrontEndOutcome is a front end under one precoder: what it costs and how often it errs.
type FrontEndOutcome struct {
	FrontEnd FrontEnd
	Cost     *sim.FrontEndResult
	Curve    []mimo.Result // by rising ratio; nil before [SimulateFrontEnds]
	Spectrum *Spectrum     // nil unless asked for and defined
}

// Spectrum is the power beyond what is linear in the symbols, by direction.
type Spectrum struct {
	SNRdB         float64   // that the precoder was told
	AnglesDeg, DB []float64 // dB relative to the 2N of uncorrelated antennas
}

// PriceFrontEnds checks that every front end can be simulated and runs its job on its
// accelerator.
func PriceFrontEnds(ctx context.Context, runs []FrontEnd, seed int64) ([]FrontEndOutcome, error) {
	for _, f := range runs {
		if _, err := f.Link(seed); err != nil {
			return nil, err
		}
	}
	priced := make([]FrontEndOutcome, len(runs))
	for i, f := range runs {
		cost, err := f.Cost(ctx)
		if err != nil {
			return nil, err
		}
		priced[i] = FrontEndOutcome{FrontEnd: f, Cost: cost}
	}
	return priced, nil
}

// SimulateFrontEnds fills in the error rates at several ratios. An effort of no groups is that
// of [DefaultGroups].
func SimulateFrontEnds(ctx context.Context, runs []FrontEndOutcome, snrsDB []float64, e Effort) error {
	for i := range runs {
		own := e
		if own.Groups == 0 {
			own.Groups = DefaultGroups(runs[i].FrontEnd.Precoder)
		}
		var err error
		if runs[i].Curve, err = runs[i].FrontEnd.Curve(ctx, snrsDB, own); err != nil {
			return err
		}
	}
	return nil
}

// ReachFrontEnds fills in the error rates from a ratio on, step by step, until each front
// end has reached the symbol error rate twice or the last ratio. An effort of no groups is
// that of [DefaultGroups].
func ReachFrontEnds(ctx context.Context, runs []FrontEndOutcome, target float64, snrsDB []float64, e Effort) error {
	from, to, step := snrsDB[0], snrsDB[len(snrsDB)-1], 1.0
	if len(snrsDB) > 1 {
		step = snrsDB[1] - snrsDB[0]
	}
	for i := range runs {
		own := e
		if own.Groups == 0 {
			own.Groups = DefaultGroups(runs[i].FrontEnd.Precoder)
		}
		var err error
		if _, runs[i].Curve, err = runs[i].FrontEnd.Reach(ctx, target, from, to, step, own); err != nil {
			return err
		}
	}
	return nil
}

// FrontEndSpectra fills in the spectra of those that have one, degree by degree.
func FrontEndSpectra(runs []FrontEndOutcome, snrDB float64, seed int64) {
	var angles []float64
	for a := -90.0; a <= 90; a++ {
		angles = append(angles, a)
	}
	for i := range runs {
		if db, err := runs[i].FrontEnd.Spectrum(seed, snrDB, angles); err == nil {
			runs[i].Spectrum = &Spectrum{snrDB, angles, db}
		}
	}
}
