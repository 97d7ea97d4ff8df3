package mimo

import (
	"context"
	"fmt"

	"bitcycle/internal/proof"
	"bitcycle/mimo"
)

// Reference powers in dB relative to 2N, by angle in degrees.
var (
	shapingAngles = []float64{0, 5, 10, 15, 20, 30, 45, 60, 90}
	shapingRef    = []float64{-28.8, -26.8, -23.7, -21.0, -18.8, -16.0, -12.9, -11.4, -10.3}
	shapingModel  = []float64{-28.9, -25.4, -21.3, -18.3, -16.0, -12.9, -10.0, -8.3, -7.1}
	shapingDirect = []float64{-4.1, 2.6, 1.2, -4.1, 2.8, -1.7, 0.2, 1.1, -0.3}
)

// Tolerances in dB: of measured spectra, and of formulas against references printed
// with one digit after the point.
const (
	shapingTolerance = 0.7
	modelTolerance   = 0.1
)

// noise measures spectra of quantization errors, averaged over channels of eight
// users: of the modulator on zero-forcing inputs of amplitude 1, and of csgn.
func noise(o Options, m mimo.Modulator, anglesDeg []float64) (shaped, direct []float64, err error) {
	s := mimo.DefaultScenario()
	channels, symbols := pick(o, 4, 12), pick(o, 500, 4000)
	omegas := make([]float64, len(anglesDeg))
	for i, a := range anglesDeg {
		omegas[i] = mimo.Omega(a*degree, s.Spacing)
	}
	q := mimo.QAM{D: 2}
	shaped, direct = make([]float64, len(omegas)), make([]float64, len(omegas))
	sym, xbar, x, e := mimo.NewMatrix(s.Users, symbols), &mimo.Matrix{}, &mimo.Matrix{}, &mimo.Matrix{}
	for c := range uint64(channels) {
		zf := mimo.SigmaDeltaZF{}
		if err := zf.Prepare(draw(s, o.Seed, c), mimo.Params{Power: 1, NoiseVar: 0.1, QAM: q}); err != nil {
			return nil, nil, err
		}
		q.Random(sym, mimo.Stream(o.Seed, c, 1))
		g := zf.Bar(xbar, sym)
		mimo.Sub(xbar, xbar, xbar, 1-g)
		m.Run(x, xbar, 1)
		mimo.Sub(e, x, xbar, 1)
		accumulate(shaped, mimo.Spectrum(e, omegas), channels)
		(mimo.Modulator{Chains: s.Antennas}).Run(x, xbar, 1) // one antenna a chain: csgn
		mimo.Sub(e, x, xbar, projection(x, xbar))
		accumulate(direct, mimo.Spectrum(e, omegas), channels)
	}
	for i := range shaped {
		shaped[i], direct[i] = mimo.DB(shaped[i]), mimo.DB(direct[i])
	}
	return shaped, direct, nil
}

// accumulate adds powers given in dB to a mean over count.
func accumulate(sum, db []float64, count int) {
	for i, v := range db {
		sum[i] += mimo.FromDB(v) / float64(count)
	}
}

// projection is the real factor by which xbar approximates x best.
func projection(x, xbar *mimo.Matrix) float64 {
	var cross float64
	for i := range x.Rows {
		xr, xi := x.Row(i)
		br, bi := xbar.Row(i)
		for t := range xr {
			cross += xr[t]*br[t] + xi[t]*bi[t]
		}
	}
	return cross / xbar.Energy()
}

// R1 measures the shaped noise against angle.
func R1(_ context.Context, o Options) ([]proof.Row, error) {
	shaped, direct, err := noise(o, mimo.Modulator{}, shapingAngles)
	if err != nil {
		return nil, err
	}
	var rows []proof.Row
	for i, a := range shapingAngles {
		const unit = "dB rel. 2N"
		rows = append(rows,
			near("R1", fmt.Sprintf("shaped noise at %g°", a), unit, shaped[i], shapingRef[i], shapingTolerance),
			near("R1", fmt.Sprintf("white model at %g°", a), unit, white(mimo.Modulator{}, a), shapingModel[i], modelTolerance),
			shown("R1", fmt.Sprintf("direct one-bit distortion at %g°", a), unit, direct[i], shapingDirect[i],
				"the reference is one channel, ours a mean over channels"))
	}
	return rows, nil
}

// white is the noise at an angle by the white model, in dB relative to 2N.
func white(m mimo.Modulator, deg float64) float64 {
	s := mimo.DefaultScenario()
	h := mimo.Steering(mimo.Omega(deg*degree, s.Spacing), s.Antennas)
	return mimo.DB(m.NoisePower(h, 0) / float64(2*s.Antennas))
}

// R6 measures the noise of a chain cut into sub-chains.
func R6(_ context.Context, o Options) ([]proof.Row, error) {
	angles := []float64{0, 10, 30}
	references := []struct {
		chains          int
		measured, model []float64
	}{
		{1, []float64{-28.8, -23.5, -15.8}, []float64{-28.9, -21.3, -12.9}},
		{4, []float64{-22.9, -20.9, -15.2}, []float64{-22.8, -19.5, -12.6}},
		{8, []float64{-20.0, -18.6, -14.5}, []float64{-19.8, -17.8, -12.2}},
		{16, []float64{-16.8, -16.2, -13.3}, []float64{-16.8, -15.7, -11.6}},
		{32, []float64{-13.8, -13.4, -11.6}, []float64{-13.8, -13.3, -10.7}},
	}
	var rows []proof.Row
	s := mimo.DefaultScenario()
	for _, ref := range references {
		m := mimo.Modulator{Chains: ref.chains}
		shaped, _, err := noise(o, m, angles)
		if err != nil {
			return nil, err
		}
		for i, a := range angles {
			const unit = "dB rel. 2N"
			rows = append(rows,
				near("R6", fmt.Sprintf("%d sub-chains at %g°", ref.chains, a), unit, shaped[i], ref.measured[i], shapingTolerance),
				near("R6", fmt.Sprintf("white model of %d sub-chains at %g°", ref.chains, a), unit, white(m, a), ref.model[i], modelTolerance))
		}
		zf := mimo.SigmaDeltaZF{Modulator: m}
		latency := zf.Cost(s.Antennas, s.Users).Chain.Latency()
		rows = append(rows, near("R6", fmt.Sprintf("latency of %d sub-chains", ref.chains), "cycles", float64(latency), float64(s.Antennas/ref.chains), 0))
	}
	return rows, nil
}
