package reproduce

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"

	"bitcycle/evaluate"
	"bitcycle/internal/proof"
	experiments "bitcycle/internal/proof/experiments/mimo"
	"bitcycle/mimo"
	"bitcycle/reports"
)

// standings are the contenders as if they needed the given ratios; NaN is never reached.
func standings(t *testing.T, antennas int, snrs map[string]float64) []standing {
	t.Helper()
	var list []standing
	for _, c := range contenders {
		snr, ok := snrs[c.precoder]
		if !ok {
			continue
		}
		fe, err := c.frontEndFor(antennas)
		if err != nil {
			t.Fatal(err)
		}
		s := standing{contender: c, run: evaluate.FrontEnd{FrontEnd: fe, Precoder: c.precoder}}
		s.curve = []mimo.Result{{SNRdB: 0, SER: 0.1, BER: 0.025}, {SNRdB: 30, SER: 1e-4, BER: 2.5e-5}}
		s.needed = evaluate.Needed{SNRdB: snr, CI95: [2]float64{snr - 1, snr + 1}, Reached: !math.IsNaN(snr), LeastSER: 0.1}
		if s, err = s.at(context.Background(), fe.Signal.BandwidthHz, fe.Fronthaul.Mode); err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

func TestWinnersKeepTheDeadlineAndReachTheTarget(t *testing.T) {
	list := standings(t, 256, map[string]float64{"direct": math.NaN(), "sd-zf": 12, "squid": -20, "zf": 40})
	name, joule := winner(list, "fom")
	if !strings.HasPrefix(name, "ΣΔ-ZF (within 95 %: ΣΔ-ZF, headroom 1.5)") || joule <= 0 {
		t.Errorf("%s wins with %g J", name, joule)
	}
	for i := range list {
		s := &list[i]
		v, ci, reached := s.perBit("binw")
		if reached != (s.precoder != "direct") || reached && !(ci[0] < v && v < ci[1]) {
			t.Errorf("%s: %g J in %v, reached %v", s.name, v, ci, reached)
		}
		if want := s.precoder != "squid"; s.cost.Deadline != want || (s.machines() == 1) != want {
			t.Errorf("%s: deadline %v with %d machines", s.name, s.cost.Deadline, s.machines())
		}
	}
	if name, _ := winner(list[:1], "fom"); name != "none" {
		t.Errorf("%s wins without reaching the target", name)
	}
}

// At the end of the interval of the ratio the energy is that of the power needed there.
func TestIntervalOfTheEnergy(t *testing.T) {
	s := standings(t, 256, map[string]float64{"zf": 20})[0]
	_, ci, _ := s.perBit("fom")
	up := s
	up.needed.SNRdB++
	up, err := up.at(context.Background(), 0.85e9, "antennas")
	if err != nil {
		t.Fatal(err)
	}
	ber := berAt(s.curve, s.needed.SNRdB)
	if want := up.cost.EnergyPerBit("fom", ber); math.Abs(ci[1]-want) > 1e-9*want {
		t.Errorf("%g J, want %g", ci[1], want)
	}
}

// Linear precoding keeps the deadline with every number of antennas compared.
func TestFrontEndsGrowWithTheAntennas(t *testing.T) {
	for _, n := range []int{128, 256, 512} {
		for _, s := range standings(t, n, map[string]float64{"direct": 0, "sd-zf": 0, "zf": 0}) {
			if !s.cost.Deadline {
				t.Errorf("%s, %d antennas: load %v of the %s", s.name, n, 1-s.cost.Slack, s.cost.Bottleneck)
			}
		}
	}
}

func TestBandwidthTable(t *testing.T) {
	list := standings(t, 256, map[string]float64{"sd-zf": 12, "sd-slp": 7, "zf": 2.5})
	var last *reports.Table
	for _, f := range fronthauls {
		table, says, err := bandwidthTable(context.Background(), list, f)
		if err != nil {
			t.Fatal(err)
		}
		if len(says) == 0 || strings.Contains(strings.Join(says, " "), "SLP") {
			t.Errorf("%q", says)
		}
		for i, row := range table.Rows {
			if first, end := row[1].(float64), row[7].(float64); first <= end {
				t.Errorf("%v: %g nJ at 20 MHz, %g at 850", row[0], first, end)
			}
			if last != nil && last.Rows[i][7].(float64) <= row[7].(float64) {
				t.Errorf("%v: a precoder at the array saves no fronthaul", row[0])
			}
		}
		last = table
	}
	target, err := targetTable(list)
	if err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(target.Notes, "\n"); !strings.Contains(notes, "ΣΔ-SLP: 480 iterations are 8.58e+06 real multiply-accumulates") {
		t.Error(notes)
	}
}

func TestTurns(t *testing.T) {
	labels := []string{"1", "2", "3", "4"}
	for want, winners := range map[string][]string{
		"a at 1 to 2; b at 3; a at 4": {"a", "a", "b", "a"},
		"a at 1 to 4":                 {"a", "a", "a", "a"},
	} {
		if got := turns(labels, winners); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestRuntimeClaim(t *testing.T) {
	rows := []experiments.Runtime{
		{Name: "zf", Seconds: 1e-4, Ratio: 1, PaperSeconds: 2e-3, PaperRatio: 1},
		{Name: "slp", Seconds: 2e-2, Ratio: 200, PaperSeconds: 5e-2, PaperRatio: 25},
		{Name: "squid", Seconds: 4e-2, Ratio: 400, PaperSeconds: 1, PaperRatio: 500},
	}
	c := runtimeClaim(rows)
	if !c.Holds || c.Ours != "zf 1, slp 200, squid 400" || c.Paper != "zf 1, slp 25, squid 500" || !strings.Contains(c.Note, "at least 200 times") || !strings.Contains(c.Note, "2.5 to 25 times") {
		t.Errorf("%+v", c)
	}
	rows[1].Seconds, rows[1].Ratio = 5e-2, 500
	if c := runtimeClaim(rows); c.Holds || c.Ours != "zf 1, squid 400, slp 500" {
		t.Errorf("%+v", c)
	}
}

func TestAgreementNamesTheFarthestWithATolerance(t *testing.T) {
	rows := []proof.Row{
		proof.Compare("R0", "limit", 2, 1).Judge(proof.AtMost(2)),
		proof.Compare("R0", "near", 1.1, 1).Judge(proof.Within(1.1, 1)),
		proof.Compare("R0", "far", 3, 1).Judge(proof.Within(3, 1)),
		proof.Compare("R0", "shown", 9, 1).Show(),
	}
	c := agreement(experiments.Experiment{ID: "R0"}, rows)
	if c.Holds || c.Paper != "3 reference values" || c.Ours != "2 within tolerance" || !strings.Contains(c.Note, "farthest: far") {
		t.Errorf("%+v", c)
	}
}

func TestFrontEndPictures(t *testing.T) {
	var r Report
	o := Options{Pictures: true, Seed: 1}
	if err := r.plotFrontEnds(o, standings(t, 256, map[string]float64{"direct": math.NaN(), "sd-zf": 12, "zf": 2.5})); err != nil {
		t.Fatal(err)
	}
	pictures := (&reports.Document{Tables: r.Tables, Charts: r.Charts}).Figures()
	if len(pictures) != 3 {
		t.Errorf("%d pictures", len(pictures))
	}
	for _, p := range pictures {
		var text bytes.Buffer
		if err := p.Write(&text); err != nil || !strings.Contains(text.String(), "ΣΔ-ZF") {
			t.Errorf("%s: %v\n%s", p.Name, err, &text)
		}
	}
}

// 28 GHz over 100 m loses 101.4 dB; 0.85 GHz at 290 K and 8 dB has −76.7 dBm of noise.
func TestLinkBudget(t *testing.T) {
	if got := 10*math.Log10(defaultLinkBudget().noiseW(28e9, 0.85e9)) + 30; math.Abs(got-24.7) > 0.1 {
		t.Errorf("%.2f dBm, want 24.7", got)
	}
}
