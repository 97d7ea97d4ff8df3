package mimo

import (
	"context"
	"fmt"
	"math"

	"bitcycle/internal/proof"
	"bitcycle/mimo"
)

// curve is a scheme and its reference error rates, one per signal-to-noise ratio.
type curve struct {
	name   string
	scheme mimo.Scheme
	ref    []float64
	heavy  bool // iterative: fewer channels and points in quick runs
	// predicted marks the analytical error probability of the scheme.
	predicted bool
}

// setting is the protocol of a table of error rates.
type setting struct {
	id       string
	scenario mimo.Scenario
	snrs     []float64
	symbols  int // of the reference, for each cell
	light    [2]int
	heavy    [2]int // coherence blocks of quick and full runs
}

// tolerance is the accepted deviation of an error rate p measured over n symbols: four
// standard deviations of n/20 independent ones, for symbols of a channel are
// not independent, and a tenth of p.
func tolerance(p float64, n int) float64 {
	return 4*math.Sqrt(p*(1-p)*20/float64(n)) + 0.1*p
}

// table simulates every curve.
func (s setting) table(ctx context.Context, o Options, curves []curve) ([]proof.Row, error) {
	var rows []proof.Row
	for _, c := range curves {
		snrs, refs := s.points(o, c)
		channels := pick(o, s.light[0], s.light[1])
		if c.heavy {
			channels = pick(o, s.heavy[0], s.heavy[1])
		}
		o.say("%s: %s", s.id, c.name)
		link := mimo.Link{Scenario: s.scenario, Scheme: c.scheme, Seed: o.Seed}
		results, err := o.simulate(ctx, link, snrs, channels)
		if err != nil {
			return rows, err
		}
		for i, r := range results {
			rows = append(rows, s.row(c, r, refs[i]))
		}
	}
	return rows, nil
}

// points are the ratios to simulate: all, or for heavy curves of quick runs the
// first and the last that the reference resolves.
func (s setting) points(o Options, c curve) (snrs, refs []float64) {
	if !o.Quick || !c.heavy {
		return s.snrs[:len(c.ref)], c.ref
	}
	var resolved []int
	for i, p := range c.ref {
		if p >= 100/float64(s.symbols) {
			resolved = append(resolved, i)
		}
	}
	for _, i := range []int{resolved[0], resolved[len(resolved)-1]} {
		snrs, refs = append(snrs, s.snrs[i]), append(refs, c.ref[i])
	}
	return snrs, refs
}

// row judges one cell. Error rates below 100 in the reference's symbols are not
// resolved by it; ours must then not lie significantly above that.
func (s setting) row(c curve, r mimo.Result, ref float64) proof.Row {
	quantity := fmt.Sprintf("%s at %g dB", c.name, r.SNRdB)
	if c.predicted {
		return near(s.id, quantity, "SER", r.PredictedSER, ref, tolerance(ref, s.symbols))
	}
	row := figure(s.id, quantity, "SER", r.SER, ref)
	row.CI95 = r.SER95
	limit := 100 / float64(s.symbols)
	if ref >= limit {
		n := min(s.symbols, int(r.Tally.Symbols))
		return row.Judge(proof.Within(ref, tolerance(ref, n)))
	}
	row = row.Judge(proof.AtMost(limit))
	if r.SER95[0] <= limit {
		row.Verdict = proof.Passes
	}
	row.Note = "below the reference's resolution; the interval has to reach the limit"
	return row
}

// R3 is zero forcing with long blocks.
func R3(ctx context.Context, o Options) ([]proof.Row, error) {
	s := setting{id: "R3", scenario: mimo.DefaultScenario(), snrs: []float64{-10, -5, 0, 5, 10, 15, 20, 25, 30}, symbols: 40000, light: [2]int{10, 100}}
	s.scenario.Symbols, s.scenario.Blocks = 100, 5
	equal := mimo.Scheme{Precoder: "sd-zf", EqualWeights: true}
	rows, err := s.table(ctx, o, []curve{
		{name: "unquantized ZF", scheme: mimo.Scheme{Precoder: "zf"}, ref: []float64{5.4e-1, 2.2e-1, 1.9e-2, 2.5e-5, 0}},
		{name: "ΣΔ-ZF (equal weights)", scheme: equal, ref: []float64{8.6e-1, 7.9e-1, 6.3e-1, 3.5e-1, 8.0e-2, 3.9e-3, 1.8e-4, 7.5e-5, 7.5e-5}},
		{name: "ΣΔ-ZF", scheme: mimo.Scheme{Precoder: "sd-zf"}, ref: []float64{8.6e-1, 7.9e-1, 6.3e-1, 3.5e-1, 8.2e-2, 3.7e-3, 1.5e-4, 0, 0}},
		{name: "direct one-bit ZF", scheme: mimo.Scheme{Precoder: "direct"}, ref: []float64{6.5e-1, 4.4e-1, 2.5e-1, 1.5e-1, 1.2e-1, 1.07e-1, 1.05e-1, 1.05e-1, 1.04e-1}},
		{name: "SEP formula (equal weights)", scheme: equal, predicted: true, ref: []float64{8.6e-1, 7.9e-1, 6.3e-1, 3.6e-1, 9.4e-2, 1.1e-2, 2.8e-3, 1.5e-3, 1.2e-3}},
	})
	if err != nil {
		return rows, err
	}
	more, err := sizes(ctx, o, s)
	return append(rows, more...), err
}

// sizes repeats zero forcing for QPSK and for other arrays.
func sizes(ctx context.Context, o Options, s setting) ([]proof.Row, error) {
	var rows []proof.Row
	run := func(change func(*setting), curves ...curve) error {
		t := s
		change(&t)
		more, err := t.table(ctx, o, curves)
		rows = append(rows, more...)
		return err
	}
	sd, direct := mimo.Scheme{Precoder: "sd-zf"}, mimo.Scheme{Precoder: "direct"}
	err := run(func(t *setting) { t.scenario.QAM = 4 },
		curve{name: "QPSK unquantized ZF", scheme: mimo.Scheme{Precoder: "zf"}, ref: []float64{7.5e-2, 1.9e-3, 0}},
		curve{name: "QPSK ΣΔ-ZF", scheme: sd, ref: []float64{5.3e-1, 3.6e-1, 1.3e-1, 1.0e-2, 0}},
		curve{name: "QPSK direct one-bit ZF", scheme: direct, ref: []float64{1.7e-1, 2.8e-2, 1.6e-3, 1.0e-4, 0}})
	for _, size := range []struct {
		name   string
		change func(*setting)
		snrs   []float64
		ref    []float64
		floor  float64
	}{
		{"K = 4", func(t *setting) { t.scenario.Users, t.symbols = 4, 20000 }, []float64{10, 15}, []float64{3.1e-3, 0}, 2.9e-2},
		{"N = 512", func(t *setting) { t.scenario.Antennas = 512 }, []float64{10, 15}, []float64{1.0e-2, 2.5e-5}, 2.7e-2},
		{"d = λ/16", func(t *setting) { t.scenario.Spacing, t.scenario.SeparationDeg = 1.0/16, 6 }, []float64{10, 15, 20}, []float64{7.6e-2, 1.6e-3, 0}, 2.6e-1},
	} {
		if err != nil {
			return rows, err
		}
		err = run(func(t *setting) { size.change(t); t.snrs = size.snrs }, curve{name: size.name + " ΣΔ-ZF", scheme: sd, ref: size.ref})
		if err == nil {
			err = run(func(t *setting) { size.change(t); t.snrs = []float64{30} }, curve{name: size.name + " direct one-bit ZF", scheme: direct, ref: []float64{size.floor}})
		}
	}
	return rows, err
}

// precoderSetting is the protocol of R4, R4b and R4c.
func precoderSetting(id string, snrs []float64) setting {
	return setting{id: id, scenario: mimo.DefaultScenario(), snrs: snrs, symbols: 10240, light: [2]int{16, 128}, heavy: [2]int{4, 32}}
}

// The schemes of the comparison.
var (
	unquantized = curve{name: "unquantized ZF", scheme: mimo.Scheme{Precoder: "zf"}}
	slp         = curve{name: "ΣΔ-SLP", scheme: mimo.Scheme{Precoder: "sd-slp"}, heavy: true}
	squid       = curve{name: "SQUID", scheme: mimo.Scheme{Precoder: "squid"}, heavy: true}
	c2po        = curve{name: "C2PO", scheme: mimo.Scheme{Precoder: "c2po"}}
	headroom    = curve{name: "ΣΔ-ZF, headroom 1.5", scheme: mimo.Scheme{Precoder: "sd-zf", Headroom: 1.5}}
	sdzf        = curve{name: "ΣΔ-ZF", scheme: mimo.Scheme{Precoder: "sd-zf"}}
	msm         = curve{name: "MSM and sign", scheme: mimo.Scheme{Precoder: "msm"}, heavy: true}
	direct      = curve{name: "direct one-bit ZF", scheme: mimo.Scheme{Precoder: "direct"}}
	formula     = curve{name: "SEP formula of ΣΔ-ZF", scheme: mimo.Scheme{Precoder: "sd-zf"}, predicted: true}
)

// with gives a curve its reference.
func (c curve) with(ref ...float64) curve {
	c.ref = ref
	return c
}

// R4 compares all precoders at 16-QAM.
func R4(ctx context.Context, o Options) ([]proof.Row, error) {
	rows, err := precoderSetting("R4", []float64{-5, 0, 5, 10, 15, 20, 25}).table(ctx, o, []curve{
		unquantized.with(2.3e-1, 1.6e-2, 0, 0, 0, 0, 0),
		slp.with(4.8e-1, 1.6e-1, 8.9e-3, 9.8e-5, 0, 0, 0),
		squid.with(4.1e-1, 1.1e-1, 6.1e-3, 3.9e-4, 0, 0, 0),
		c2po.with(4.0e-1, 1.2e-1, 1.9e-2, 4.2e-3, 2.8e-3, 2.3e-3, 2.5e-3),
		headroom.with(6.7e-1, 4.1e-1, 1.0e-1, 4.9e-3, 0, 0, 0),
		sdzf.with(7.7e-1, 6.0e-1, 3.0e-1, 5.1e-2, 1.3e-3, 9.8e-5, 0),
		msm.with(4.2e-1, 1.9e-1, 7.0e-2, 3.9e-2, 3.0e-2, 2.7e-2, 2.5e-2),
		direct.with(4.4e-1, 2.4e-1, 1.4e-1, 1.0e-1, 9.3e-2, 8.9e-2, 8.8e-2),
	})
	if err != nil {
		return rows, err
	}
	o.say("R4: GEMM")
	points, err := simulateCurve(ctx, o, 16, mimo.Scheme{Precoder: "gemm"}, []float64{25}, pick(o, 2, 32))
	if err != nil {
		return rows, err
	}
	// No reference but that its binary penalty should beat plain signs.
	row := atMost("R4", "GEMM at 25 dB, at most MSM and sign", "SER", points[0].SER, 2.5e-2)
	row.CI95 = points[0].SER95
	return append(rows, row), nil
}

// R4b compares all precoders at QPSK.
func R4b(ctx context.Context, o Options) ([]proof.Row, error) {
	s := precoderSetting("R4b", []float64{-15, -10, -5, 0, 5})
	s.scenario.QAM = 4
	return s.table(ctx, o, []curve{
		unquantized.with(2.9e-1, 7.1e-2, 1.4e-3, 0, 0),
		slp.with(3.9e-1, 1.5e-1, 1.1e-2, 0, 0),
		msm.with(3.9e-1, 1.5e-1, 1.2e-2, 0, 0),
		squid.with(3.9e-1, 1.6e-1, 1.7e-2, 9.8e-5, 0),
		c2po.with(3.8e-1, 1.5e-1, 1.3e-2, 0, 0),
		direct.with(3.9e-1, 1.6e-1, 2.4e-2, 1.2e-3, 9.8e-5),
		sdzf.with(6.2e-1, 5.1e-1, 3.3e-1, 9.9e-2, 4.7e-3),
	})
}

// R4c doubles the antennas.
func R4c(ctx context.Context, o Options) ([]proof.Row, error) {
	s := precoderSetting("R4c", []float64{-5, 0, 5, 10, 15, 20})
	s.scenario.Antennas = 512
	return s.table(ctx, o, []curve{
		unquantized.with(6.6e-2, 4.9e-4, 0, 0, 0, 0),
		slp.with(3.4e-1, 6.2e-2, 5.9e-4, 0, 0, 0),
		squid.with(2.2e-1, 2.5e-2, 4.9e-4, 0, 0, 0),
		sdzf.with(6.9e-1, 4.5e-1, 1.3e-1, 6.0e-3, 0, 0),
		formula.with(6.9e-1, 4.4e-1, 1.4e-1, 9.9e-3, 3.0e-4, 2.9e-5),
		headroom.with(5.4e-1, 2.2e-1, 1.8e-2, 0, 0, 0),
		direct.with(2.5e-1, 8.8e-2, 3.8e-2, 2.5e-2, 2.1e-2, 1.9e-2),
	})
}

// R5 serves one user with 64-QAM over a channel of phase 0 at the first antenna: the
// idle tones of the plain modulator depend on that phase, and with it the error
// rates that it settles at.
func R5(ctx context.Context, o Options) ([]proof.Row, error) {
	s := setting{id: "R5", scenario: mimo.DefaultScenario(), snrs: []float64{-5, 0, 5, 10, 15, 20}, symbols: 20000, light: [2]int{100, 1000}}
	s.scenario.Users, s.scenario.QAM = 1, 64
	s.scenario.AnglesDeg, s.scenario.PhasesDeg = []float64{30}, []float64{0}
	s.scenario.Symbols, s.scenario.Blocks = 200, 1
	plain, steered := mimo.Scheme{Precoder: "sd-mrt"}, mimo.Scheme{Precoder: "sd-mrt", Steer: "user"}
	return s.table(ctx, o, []curve{
		{name: "unquantized MRT", scheme: mimo.Scheme{Precoder: "mrt"}, ref: []float64{8.4e-2, 9.0e-4, 0, 0, 0, 0}},
		{name: "plain ΣΔ-MRT", scheme: plain, ref: []float64{5.5e-1, 2.6e-1, 7.6e-2, 1.9e-2, 2.8e-3, 5e-5}},
		{name: "steered ΣΔ-MRT", scheme: steered, ref: []float64{7.1e-1, 4.1e-1, 7.9e-2, 9.0e-4, 0, 0}},
		{name: "SEP formula of steered ΣΔ-MRT", scheme: steered, predicted: true, ref: []float64{7.11e-1, 4.07e-1, 8.0e-2, 7.5e-4, 1e-9}},
		{name: "direct one-bit MRT", scheme: mimo.Scheme{Precoder: "mrt", Bits: 1}, ref: []float64{0.75, 0.75, 0.75, 0.75, 0.75, 0.75}},
	})
}
