package mimo

import (
	"context"
	"fmt"
	"math"

	"bitcycle/internal/proof"
	"bitcycle/mimo"
)

// Statements are the claims of the paper's abstract, H1 to H4.
var Statements = []func(context.Context, Options) (proof.Claim, error){H1, H2, H3, H4}

// claim is a statement of the paper, not yet judged.
func claim(id, paper string) proof.Claim { return proof.Claim{Text: id, Paper: paper} }

// judge sets the verdict on a claim; where limits one that holds in part.
func judge(c *proof.Claim, holds bool, where string) {
	c.Holds = holds
	switch {
	case holds && where == "":
		c.Ours = "holds"
	case holds:
		c.Ours = "holds only where " + where
	default:
		c.Ours = "does not hold"
	}
}

func allPass(rows []proof.Row) bool {
	for _, r := range rows {
		if r.Verdict == proof.Fails {
			return false
		}
	}
	return true
}

// H1: the binary constraint is replaced by a bound on the amplitude.
func H1(ctx context.Context, o Options) (proof.Claim, error) {
	c := claim("H1", "the binary constraint of one-bit precoding is replaced by a peak-amplitude constraint")
	for _, name := range []string{"sd-zf", "sd-slp"} {
		worst, err := worstState(o, name)
		if err != nil {
			return c, err
		}
		c.Evidence = append(c.Evidence, atMost("H1", name+": largest quantization error of inputs within the bound", "", worst, 1+1e-9))
		points, err := simulateCurve(ctx, o, 16, mimo.Scheme{Precoder: name}, []float64{0}, pick(o, 4, 32))
		if err != nil {
			return c, err
		}
		row := near("H1", name+": SER at 0 dB beside that of the continuous design in white noise", "SER",
			points[0].SER, points[0].PredictedSER, 0.25*points[0].PredictedSER)
		row.CI95 = points[0].SER95
		c.Evidence = append(c.Evidence, row)
	}
	judge(&c, allPass(c.Evidence), "")
	return c, nil
}

// worstState is the largest |Re q| or |Im q| of a precoder's modulator.
func worstState(o Options, name string) (float64, error) {
	s := mimo.DefaultScenario()
	q := mimo.QAM{D: 2}
	sym := mimo.NewMatrix(s.Users, s.Symbols)
	var worst float64
	for c := range uint64(pick(o, 2, 8)) {
		ch := draw(s, o.Seed, c)
		q.Random(sym, mimo.Stream(o.Seed, c, 1))
		p := mimo.Params{Power: 1, NoiseVar: 0.1, QAM: q}
		var xbar mimo.Matrix
		if name == "sd-slp" {
			z := mimo.SigmaDeltaSLP{}
			if err := z.Prepare(ch, p); err != nil {
				return 0, err
			}
			z.Bar(&xbar, sym)
		} else {
			z := mimo.SigmaDeltaZF{}
			if err := z.Prepare(ch, p); err != nil {
				return 0, err
			}
			g := z.Bar(&xbar, sym)
			mimo.Sub(&xbar, &xbar, &xbar, 1-g)
		}
		worst = max(worst, mimo.Modulator{}.Trace(&xbar).Q.Peak())
	}
	return worst, nil
}

// H2: the modulator controls the error, and many antennas make the scheme favourable.
func H2(_ context.Context, o Options) (proof.Claim, error) {
	c := claim("H2", "quantization error is controlled by the modulator's design; very many antennas make the scheme favourable")
	var many [2]float64
	for i, n := range []int{256, 1024} {
		v, err := multiUserSQNR(o, n)
		if err != nil {
			return c, err
		}
		many[i] = v
	}
	few, err := meanBeams(256)
	if err != nil {
		return c, err
	}
	lots, err := meanBeams(1024)
	if err != nil {
		return c, err
	}
	multi := atLeast("H2", "SQNR gained by doubling N, eight users", "dB", (many[1]-many[0])/2, 2)
	plain := atLeast("H2", "SQNR gained by doubling N, one user, plain modulator", "dB", (lots.plain-few.plain)/2, 2)
	steered := atLeast("H2", "SQNR gained by doubling N, one user, steered modulator", "dB", (lots.steered-few.steered)/2, 4)
	c.Evidence = []proof.Row{multi, plain, steered}
	where := ""
	if plain.Verdict == proof.Fails {
		where = "the modulator's input is noise-like (several users) or the modulator is steered: a single user's plane wave makes idle tones"
	}
	judge(&c, multi.Verdict == proof.Passes && steered.Verdict == proof.Passes, where)
	return c, nil
}

// multiUserSQNR is the ratio of the mean wanted power to the mean power of the
// quantization error at eight users, in dB.
func multiUserSQNR(o Options, n int) (float64, error) {
	s := mimo.DefaultScenario()
	s.Antennas = n
	q := mimo.QAM{D: 2}
	sym := mimo.NewMatrix(s.Users, 100)
	var signal, noise float64
	for c := range uint64(pick(o, 10, 40)) {
		ch := draw(s, o.Seed, c)
		q.Random(sym, mimo.Stream(o.Seed, c, 1))
		z := mimo.SigmaDeltaZF{Weights: mimo.EqualWeights}
		if err := z.Prepare(ch, mimo.Params{Power: 1, NoiseVar: 0.1, QAM: q}); err != nil {
			return 0, err
		}
		var xbar, x, e, y mimo.Matrix
		g := z.Bar(&xbar, sym)
		mimo.Sub(&xbar, &xbar, &xbar, 1-g)
		mimo.Modulator{}.Run(&x, &xbar, 1)
		mimo.Sub(&e, &x, &xbar, 1)
		mimo.Mul(&y, ch.H, &e)
		noise += y.Energy()
		signal += g * g * sym.Energy()
	}
	return mimo.DB(signal / noise), nil
}

// H3: a modulator adapted to the channel leaves nearly no error at its user.
func H3(_ context.Context, o Options) (proof.Claim, error) {
	c := claim("H3", "a channel-adapted modulator gives nearly zero quantization error for a targeted user")
	for _, n := range []int{64, 256, 1024} {
		b, err := measureBeam(30*degree, 1, n, mimo.SteerUser, 0)
		if err != nil {
			return c, err
		}
		c.Evidence = append(c.Evidence,
			atMost("H3", fmt.Sprintf("error power at the user, N = %d (2/3 expected at any N)", n), "", b.error, 2),
			atMost("H3", fmt.Sprintf("error minus its last term, N = %d", n), "", b.peak, 1e-10))
	}
	worst, err := adaptedResidue(o)
	if err != nil {
		return c, err
	}
	c.Evidence = append(c.Evidence, atMost("H3", "error minus its last term, adapted to Rayleigh fading, N = 256", "", worst, 1e-10))
	price := mimo.DB(math.Pow(mimo.Modulator{Psi: math.Pi / 4}.Amax(2), 2))
	c.Evidence = append(c.Evidence, shown("H3", "price: largest loss of input power", "dB", price, 0, "at ψ = 45°; not judged"))
	judge(&c, allPass(c.Evidence), "")
	return c, nil
}

// adaptedResidue is the largest |hᵀ(x − x̄) − h_last·q_last| of modulators adapted to
// Rayleigh channels.
func adaptedResidue(o Options) (float64, error) {
	var worst float64
	for c := range uint64(pick(o, 4, 40)) {
		ch := mimo.NewRayleigh(1, 256, mimo.Stream(o.Seed, c, 0))
		z := mimo.SigmaDeltaMRT{Steer: mimo.SteerChannel}
		if err := z.Prepare(ch, mimo.Params{Power: 1, QAM: mimo.QAM{D: 2}}); err != nil {
			return 0, err
		}
		var xbar, e, y mimo.Matrix
		z.Bar(&xbar, all16())
		m := z.Steered()
		tr := m.Trace(&xbar)
		mimo.Sub(&e, tr.X, &xbar, 1)
		mimo.Mul(&y, ch.H, &e)
		last := m.Along[len(m.Along)-1]
		for t := range 16 {
			d := y.At(0, t) - ch.H.At(0, last)*tr.Q.At(last, t)
			worst = max(worst, math.Hypot(real(d), imag(d)))
		}
	}
	return worst, nil
}
