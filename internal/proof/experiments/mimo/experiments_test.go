package mimo

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"bitcycle/internal/proof"
	"bitcycle/mimo"
)

func holds(t *testing.T, r *proof.Row) {
	t.Helper()
	if r.Verdict == proof.Fails {
		t.Errorf("%s %s: %.4g, has to be %s", r.ID, r.What, r.Got, r.Bar)
	}
}

func TestQuickRunsReproduceTheReference(t *testing.T) {
	ids := []string{"R1", "R3", "R5", "R6", "R7", "R8"}
	rows, err := Run(context.Background(), Options{Quick: true, Seed: 7}, ids...)
	if err != nil {
		t.Fatal(err)
	}
	judged := map[string]int{}
	for _, r := range rows {
		if r.Judged() {
			judged[r.ID]++
		}
		holds(t, &r)
	}
	for _, id := range ids {
		if judged[id] == 0 {
			t.Errorf("%s has no judged row", id)
		}
	}
	if _, err := json.Marshal(rows); err != nil {
		t.Error(err)
	}
}

func TestSteeredAngles(t *testing.T) {
	rows, err := singleAngles()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		holds(t, &r)
	}
}

func TestPrecodersReproduceTheReference(t *testing.T) {
	s := precoderSetting("R4", []float64{-5, 0, 5})
	rows, err := s.table(context.Background(), Options{Quick: true, Seed: 7}, []curve{
		squid.with(4.1e-1, 1.1e-1), c2po.with(4.0e-1, 1.2e-1, 1.9e-2), direct.with(4.4e-1, 2.4e-1, 1.4e-1),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		holds(t, &r)
	}
}

func TestClaims(t *testing.T) {
	if testing.Short() {
		t.Skip("claims take seconds")
	}
	limited := map[string]bool{"H2": true, "H4": true}
	for _, examine := range Statements {
		c, err := examine(context.Background(), Options{Quick: true, Seed: 7})
		if err != nil {
			t.Fatal(err)
		}
		if !c.Holds || strings.Contains(c.Ours, "only where") != limited[c.Text] {
			t.Errorf("%s: %s", c.Text, c.Ours)
		}
	}
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		holds       bool
		where, want string
	}{{true, "", "holds"}, {true, "x", "holds only where x"}, {false, "", "does not hold"}, {false, "x", "does not hold"}} {
		var got proof.Claim
		if judge(&got, c.holds, c.where); got.Ours != c.want || got.Holds != c.holds {
			t.Errorf("%+v, want %q", got, c.want)
		}
	}
}

func TestSeedsAndWorkers(t *testing.T) {
	run := func(seed uint64, workers int) []proof.Row {
		s := precoderSetting("R4", []float64{5})
		rows, err := s.table(context.Background(), Options{Quick: true, Seed: seed, Workers: workers}, []curve{sdzf.with(0.3)})
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	one := run(1, 1)
	if !reflect.DeepEqual(one, run(1, 3)) {
		t.Error("results depend on the workers")
	}
	if reflect.DeepEqual(one, run(2, 1)) {
		t.Error("results do not depend on the seed")
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, Options{Quick: true}, "R3"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestCellsAreJudged(t *testing.T) {
	s := setting{symbols: 10000}
	result := func(errs int64) mimo.Result {
		return mimo.Tally{Channels: 1, Errors: mimo.Errors{Symbols: 10000, SymbolErrors: errs, Bits: 40000}}.Result(0)
	}
	for _, c := range []struct {
		errors int64
		ref    float64
		pass   bool
	}{{1000, 0.1, true}, {3000, 0.1, false}, {0, 0.1, false}, {5, 0, true}, {500, 0, false}} {
		if got := s.row(curve{}, result(c.errors), c.ref); (got.Verdict == proof.Passes) != c.pass || !got.Judged() {
			t.Errorf("%d errors against %v: verdict %s", c.errors, c.ref, got.Verdict)
		}
	}
}

func TestNeededSNR(t *testing.T) {
	point := func(snr float64, errs int64) mimo.Result {
		return mimo.Tally{Channels: 1, Errors: mimo.Errors{Symbols: 10000, SymbolErrors: errs, Bits: 1}}.Result(snr)
	}
	curve := []mimo.Result{point(0, 1000), point(10, 10)}
	if got, ok := neededSNR(curve, 1e-2); !ok || math.Abs(got-5) > 1e-9 {
		t.Errorf("1e-2 at %v dB", got)
	}
	if got, ok := neededSNR(curve, 1e-4); ok || got != 10 {
		t.Errorf("1e-4 at %v dB, reached %v", got, ok)
	}
	if got, ok := neededSNR(curve, 0.5); !ok || got != 0 {
		t.Errorf("0.5 at %v dB", got)
	}
}

func TestRuntimes(t *testing.T) {
	rows, err := Runtimes(Options{Quick: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Seconds <= 0 || r.PaperRatio < 1 {
			t.Errorf("%+v", r)
		}
	}
	if rows[1].Ratio < 2 {
		t.Errorf("symbol-level precoding costs %v times zero forcing", rows[1].Ratio)
	}
}
