package mimo

import (
	"context"
	"fmt"
	"math"

	"bitcycle/internal/proof"
	"bitcycle/internal/stat"
	"bitcycle/mimo"
)

// beam is what a single user of 16-QAM receives, averaged over all 16 symbols.
type beam struct {
	amax   float64
	error  float64 // E|hᵀ(x − x̄)|²
	signal float64 // E|hᵀx̄|²
	peak   float64 // max |hᵀ(x − x̄) − h_{N−1}q_{N−1}|
}

func (b beam) sqnr() float64 { return mimo.DB(b.signal / b.error) }

// all16 is every 16-QAM symbol once, as a 1×16 matrix.
func all16() *mimo.Matrix {
	s := mimo.NewMatrix(1, 16)
	for i := range 16 {
		s.Set(0, i, complex(float64(2*(i/4)-3), float64(2*(i%4)-3)))
	}
	return s
}

// measureBeam precodes for a user at theta (rad) by an array of n antennas; the
// modulator is steered off degrees of the user, or not at all.
func measureBeam(theta float64, gain complex128, n int, steer mimo.Steer, off float64) (beam, error) {
	const spacing = 0.125
	ch := mimo.NewULA([]mimo.User{{Azimuth: theta, Gain: gain}}, n, spacing)
	z := mimo.SigmaDeltaMRT{Steer: steer}
	if off != 0 {
		z = mimo.SigmaDeltaMRT{Modulator: mimo.Modulator{Psi: mimo.Omega(theta+off*degree, spacing)}}
	}
	if err := z.Prepare(ch, mimo.Params{Power: 1, QAM: mimo.QAM{D: 2}}); err != nil {
		return beam{}, err
	}
	var xbar, e, ye, yx mimo.Matrix
	z.Bar(&xbar, all16())
	m := z.Steered()
	tr := m.Trace(&xbar)
	mimo.Sub(&e, tr.X, &xbar, 1)
	mimo.Mul(&ye, ch.H, &e)
	mimo.Mul(&yx, ch.H, &xbar)
	b := beam{amax: m.Amax(n), error: ye.Energy() / 16, signal: yx.Energy() / 16}
	for t := range 16 {
		d := ye.At(0, t) - ch.H.At(0, n-1)*tr.Q.At(n-1, t)
		b.peak = max(b.peak, math.Hypot(real(d), imag(d)))
	}
	return b, nil
}

// directSDR is the signal-to-distortion ratio in dB of csgn of the matched filter.
func directSDR(theta float64, n int) float64 {
	ch := mimo.NewULA([]mimo.User{{Azimuth: theta, Gain: 1}}, n, 0.125)
	var x, y mimo.Matrix
	s := all16()
	mimo.Mul(&x, ch.HH, s)
	(mimo.Modulator{Chains: n}).Run(&x, &x, 1)
	mimo.Mul(&y, ch.H, &x)
	g := mimo.LeastSquaresGain(&y, s, 0)
	signal := g * g * s.Energy()
	return mimo.DB(signal / (y.Energy() - signal))
}

// R2 measures steered and plain modulators of one user.
func R2(_ context.Context, _ Options) ([]proof.Row, error) {
	rows, err := singleAngles()
	if err != nil {
		return nil, err
	}
	mismatch, err := mismatched()
	if err != nil {
		return nil, err
	}
	many, err := manyAngles()
	return append(append(rows, mismatch...), many...), err
}

// singleAngles repeats the table by angle at N = 256.
func singleAngles() ([]proof.Row, error) {
	var rows []proof.Row
	for _, ref := range []struct{ theta, amax, error, steered, plain, direct float64 }{
		{0, 1.000, 1.07, 45.3, 45.3, 6.0},
		{10, 0.873, 0.63, 46.4, 36.0, 9.3},
		{30, 0.693, 0.52, 45.3, 25.6, 8.8},
		{50, 0.610, 0.72, 42.9, 30.1, 9.6},
		{70, 0.587, 0.51, 43.9, 21.0, 9.3},
	} {
		steered, err := measureBeam(ref.theta*degree, 1, 256, mimo.SteerUser, 0)
		if err != nil {
			return nil, err
		}
		plain, err := measureBeam(ref.theta*degree, 1, 256, mimo.SteerNone, 0)
		if err != nil {
			return nil, err
		}
		row := func(quantity, unit string, value, reference, tolerance float64) {
			rows = append(rows, near("R2", fmt.Sprintf("%s at %g°", quantity, ref.theta), unit, value, reference, tolerance))
		}
		row("A_max", "", steered.amax, ref.amax, 0.00051)
		row("steered SQNR", "dB", steered.sqnr(), ref.steered, 1.5)
		row("plain SQNR", "dB", plain.sqnr(), ref.plain, 1.5)
		row("direct one-bit SDR", "dB", directSDR(ref.theta*degree, 256), ref.direct, 1.5)
		row("steered error, dB", "dB", mimo.DB(steered.error), mimo.DB(ref.error), 1.5)
		row("steered error minus its last term", "", steered.peak, 0, 1e-11)
	}
	return rows, nil
}

// mismatched steers past the user.
func mismatched() ([]proof.Row, error) {
	var rows []proof.Row
	for _, ref := range []struct{ off, sqnr float64 }{{0, 45.4}, {0.1, 42.9}, {0.5, 45.8}, {1, 43.7}, {2, 39.4}, {5, 36.6}} {
		steer := mimo.SteerNone
		if ref.off == 0 {
			steer = mimo.SteerUser
		}
		b, err := measureBeam(30*degree, 1, 256, steer, ref.off)
		if err != nil {
			return nil, err
		}
		rows = append(rows, near("R2", fmt.Sprintf("SQNR at 30° steered %g° past it", ref.off), "dB", b.sqnr(), ref.sqnr, 1.5))
	}
	return rows, nil
}

// manyAngles averages powers over 200 angles spread evenly over ±30°. The reference
// drew its angles at random; for the plain modulator, whose error differs much from
// angle to angle, the tolerance is wider by the 95 % spread of such a draw.
func manyAngles() ([]proof.Row, error) {
	var rows []proof.Row
	for _, ref := range []struct {
		n                     int
		plain, model, steered float64
	}{
		{64, 29.2, 28.9, 33.6},
		{128, 31.4, 32.4, 39.4},
		{256, 33.5, 35.8, 45.6},
		{512, 34.6, 39.1, 51.6},
		{1024, 34.2, 41.9, 57.6},
	} {
		m, err := meanBeams(ref.n)
		if err != nil {
			return nil, err
		}
		for _, v := range []struct {
			name                     string
			value, reference, spread float64
		}{{"plain", m.plain, ref.plain, m.spread}, {"white model", m.model, ref.model, 0}, {"steered", m.steered, ref.steered, 0}} {
			row := near("R2", fmt.Sprintf("%s SQNR over ±30°, N = %d", v.name, ref.n), "dB", v.value, v.reference, 0.5+v.spread)
			if v.spread > 0 {
				row.Note = fmt.Sprintf("200 random angles scatter by ±%.1f dB", v.spread)
				row.CI95 = [2]float64{v.value - v.spread, v.value + v.spread}
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// means are ratios in dB of mean signal to mean error power: of the plain modulator,
// of its white model, and of the steered one; spread is the 95 % half interval of the
// first for as many random angles.
type means struct{ plain, spread, model, steered float64 }

func meanBeams(n int) (means, error) {
	const angles = 200
	var p, s beam
	var white, square float64
	for i := range angles {
		theta := (60*(float64(i)+0.5)/angles - 30) * degree
		one, err := measureBeam(theta, 1, n, mimo.SteerNone, 0)
		if err != nil {
			return means{}, err
		}
		other, err := measureBeam(theta, 1, n, mimo.SteerUser, 0)
		if err != nil {
			return means{}, err
		}
		p.error, p.signal = p.error+one.error, p.signal+one.signal
		s.error, s.signal = s.error+other.error, s.signal+other.signal
		square += one.error * one.error
		white += mimo.Modulator{}.NoisePower(mimo.Steering(mimo.Omega(theta, 0.125), n), 0)
	}
	relative := math.Sqrt(square*angles/(p.error*p.error)-1) / math.Sqrt(angles)
	return means{
		plain: p.sqnr(), spread: stat.Z95 * relative * 10 / math.Ln10,
		model: mimo.DB(p.signal / white), steered: s.sqnr(),
	}, nil
}
