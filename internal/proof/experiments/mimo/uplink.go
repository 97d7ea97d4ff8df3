package mimo

import (
	"context"
	"fmt"

	"bitcycle/internal/proof"
	"bitcycle/mimo"
)

// R8 measures the uplink: zero forcing behind converters of unlimited resolution,
// chained one-bit converters and plain ones; eight users in ±30°, 5° apart.
func R8(_ context.Context, o Options) ([]proof.Row, error) {
	snrs := []float64{-10, 0, 10}
	references := []struct {
		spacing float64
		name    string
		rates   map[mimo.Converter][]float64
	}{
		{0.5, "λ/2", map[mimo.Converter][]float64{mimo.Unlimited: {3.78, 7.01, 10.3}, mimo.SigmaDelta: {2.70, 4.36, 4.80}, mimo.OneBitADC: {2.82, 3.85, 4.01}}},
		{0.25, "λ/4", map[mimo.Converter][]float64{mimo.Unlimited: {3.78, 7.00, 10.3}, mimo.SigmaDelta: {3.29, 5.33, 6.07}, mimo.OneBitADC: {2.80, 3.61, 3.61}}},
		{0.125, "λ/8", map[mimo.Converter][]float64{mimo.Unlimited: {3.73, 6.95, 10.3}, mimo.SigmaDelta: {3.54, 5.71, 6.39}, mimo.OneBitADC: {2.73, 3.30, 3.06}}},
	}
	var rows []proof.Row
	for _, ref := range references {
		for _, c := range []mimo.Converter{mimo.Unlimited, mimo.SigmaDelta, mimo.OneBitADC} {
			for i, snr := range snrs {
				measured, model, err := uplinkRate(o, c, ref.spacing, snr)
				if err != nil {
					return nil, err
				}
				want := ref.rates[c][i]
				row := near("R8", fmt.Sprintf("%s, d = %s, %g dB", c, ref.name, snr), "bit/s/Hz/user", measured, want, 0.05*want)
				row.Note = fmt.Sprintf("linear model %.2f", model)
				rows = append(rows, row)
			}
		}
	}
	return rows, nil
}

// uplinkRate averages the rate over users and channels.
func uplinkRate(o Options, c mimo.Converter, spacing, snr float64) (measured, model float64, err error) {
	s := mimo.DefaultScenario()
	s.Antennas, s.Spacing, s.SeparationDeg = 128, spacing, 5
	channels, symbols := pick(o, 10, 60), pick(o, 200, 500)
	p := mimo.Params{Power: 1, NoiseVar: 1 / mimo.FromDB(snr), QAM: mimo.QAM{D: 2}}
	for i := range uint64(channels) {
		rates, err := mimo.UplinkRates(mimo.Receiver{Converter: c, Detector: "zf"}, draw(s, o.Seed, i), p, symbols, mimo.Stream(o.Seed, i, 1))
		if err != nil {
			return 0, 0, err
		}
		for k := range rates.Model {
			measured += rates.Measured[k] / float64(channels*s.Users)
			model += rates.Model[k] / float64(channels*s.Users)
		}
	}
	return measured, model, nil
}
