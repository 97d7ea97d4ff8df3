package mimo

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
)

// smallLink is quick to simulate.
func smallLink(precoder string, snrDB float64) Link {
	s := DefaultScenario()
	s.Antennas, s.Users, s.SeparationDeg, s.Blocks = 64, 4, 8, 2
	return Link{Scenario: s, Scheme: Scheme{Precoder: precoder}, SNRdB: snrDB, Seed: 3}
}

func simulate(t *testing.T, l Link, stop Stop, from State, workers int) State {
	t.Helper()
	state, err := Simulate(context.Background(), l, stop, from, Options{Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func TestResultsDoNotDependOnTheWorkers(t *testing.T) {
	for _, l := range []Link{smallLink("sd-zf", 5), smallLink("direct", 0), smallLink("squid", 0)} {
		want := simulate(t, l, Stop{Channels: 13, Round: 5}, State{}, 1)
		for _, workers := range []int{2, 3, 8} {
			if got := simulate(t, l, Stop{Channels: 13, Round: 5}, State{}, workers); got != want {
				t.Errorf("%s with %d workers: %+v, with one %+v", l.Scheme.Precoder, workers, got, want)
			}
		}
	}
}

func TestResumedRunsEndAlike(t *testing.T) {
	l := smallLink("sd-zf", 5)
	want := simulate(t, l, Stop{Channels: 20, Round: 4}, State{}, 2)
	// Stop after the second round, store, and go on.
	ctx, cancel := context.WithCancel(context.Background())
	rounds := 0
	half, err := Simulate(ctx, l, Stop{Channels: 20, Round: 4}, State{}, Options{Progress: func(State) {
		if rounds++; rounds == 2 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || half.Done || half.Tally.Channels != 8 {
		t.Fatalf("interrupted: %+v, %v", half, err)
	}
	text, err := json.Marshal(half)
	if err != nil {
		t.Fatal(err)
	}
	var stored State
	if err := json.Unmarshal(text, &stored); err != nil {
		t.Fatal(err)
	}
	if got := simulate(t, l, Stop{Channels: 20, Round: 4}, stored, 1); got != want {
		t.Errorf("resumed %+v, at once %+v", got, want)
	}
	l.Seed++
	if _, err := Simulate(context.Background(), l, Stop{Channels: 20}, stored, Options{}); err == nil {
		t.Error("the state of another link is accepted")
	}
}

func TestRunsStopEarly(t *testing.T) {
	l := smallLink("direct", 0)
	state := simulate(t, l, Stop{Channels: 10000, Round: 4, RelError: 0.1}, State{}, 2)
	r := state.Tally.Result(0)
	if state.Tally.Channels >= 10000 || (r.SER95[1]-r.SER95[0])/2 > 0.1*r.SER {
		t.Errorf("stopped after %d coherence blocks at %v in %v", state.Tally.Channels, r.SER, r.SER95)
	}
	if state.Tally.Channels%4 != 0 {
		t.Errorf("stopped inside a round, after %d", state.Tally.Channels)
	}
	l = smallLink("zf", 40)
	state = simulate(t, l, Stop{Channels: 10000, Round: 4, Floor: 1e-2}, State{}, 2)
	if r := state.Tally.Result(0); state.Tally.Channels >= 10000 || r.SER95[1] >= 1e-2 {
		t.Errorf("floor: %d coherence blocks, interval %v", state.Tally.Channels, r.SER95)
	}
}

func TestSimulateReportsImpossibleValues(t *testing.T) {
	bad := smallLink("sd-zf", 0)
	bad.Scenario.Symbols, bad.Scenario.Power = 0, -1
	_, err := Simulate(context.Background(), bad, Stop{}, State{}, Options{})
	for _, want := range []string{"symbols = 0", "power = -1", "channels = 0"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not mention %q", err, want)
		}
	}
	for _, l := range []Link{smallLink("zf", math.NaN()), {Scenario: DefaultScenario(), Uplink: &Receiver{}}} {
		if _, err := Simulate(context.Background(), l, Stop{Channels: 1}, State{}, Options{}); err == nil {
			t.Errorf("%+v is accepted", l)
		}
	}
	unknown := smallLink("best", 0)
	if _, err := Simulate(context.Background(), unknown, Stop{Channels: 1}, State{}, Options{}); err == nil {
		t.Error("an unknown precoder is accepted")
	}
}

func TestUsersAtOneAngleLoseTheirSymbols(t *testing.T) {
	l := smallLink("zf", 20)
	l.Scenario.AnglesDeg = []float64{5, 5, 10, 20}
	r := simulate(t, l, Stop{Channels: 2}, State{}, 1).Tally.Result(0)
	if r.SER < 0.9 {
		t.Errorf("error rate %v", r.SER)
	}
}

func TestErrorRatesFall(t *testing.T) {
	last := 1.1
	for _, snr := range []float64{-10, 0, 10} {
		r := simulate(t, smallLink("zf", snr), Stop{Channels: 8}, State{}, 2).Tally.Result(0)
		if r.SER >= last || !(r.SER95[0] <= r.SER && r.SER <= r.SER95[1]) || !(r.BER95[0] <= r.BER && r.BER <= r.BER95[1]) {
			t.Errorf("SER %v after %v, intervals %v %v", r.SER, last, r.SER95, r.BER95)
		}
		if math.Abs(r.SER-r.PredictedSER) > 0.15*r.PredictedSER+0.005 {
			t.Errorf("simulated %v, predicted %v", r.SER, r.PredictedSER)
		}
		last = r.SER
	}
}

// The formula with white errors is an upper estimate for four users and more.
func TestFormulaIsAnUpperEstimate(t *testing.T) {
	for _, c := range []struct {
		users int
		snr   float64
	}{{4, 8}, {4, 10}, {8, 12}, {8, 14}} {
		s := DefaultScenario()
		s.Users, s.Symbols = c.users, 100
		l := Link{Scenario: s, Scheme: Scheme{Precoder: "sd-zf"}, SNRdB: c.snr, Seed: 4}
		r := simulate(t, l, Stop{Channels: 40}, State{}, 2).Tally.Result(c.snr)
		if r.SER >= 0.05 || r.SER == 0 {
			t.Errorf("%d users at %v dB: error rate %v is out of the range of the test", c.users, c.snr, r.SER)
		}
		if r.PredictedSER < 0.9*r.SER {
			t.Errorf("%d users at %v dB: formula %v, simulated %v", c.users, c.snr, r.PredictedSER, r.SER)
		}
	}
}

func TestIntervalsAccountForChannels(t *testing.T) {
	// Half of the coherence blocks lose everything: as many independent trials as
	// there are coherence blocks.
	var tally Tally
	for i := range int64(100) {
		one := Tally{Channels: 1, Errors: Errors{Symbols: 1000, Bits: 4000}}
		if i%2 == 0 {
			one.SymbolErrors, one.BitErrors, one.SquaredErrors = 1000, 2000, 1000*1000
		}
		tally.add(one)
	}
	r := tally.Result(0)
	if math.Abs(r.DesignEffect-1000*100.0/99) > 1 {
		t.Errorf("design effect %v", r.DesignEffect)
	}
	if half := (r.SER95[1] - r.SER95[0]) / 2; math.Abs(half-0.0965) > 0.005 {
		t.Errorf("half interval %v, want that of 100 coin tosses", half)
	}
	if empty := (Tally{}).Result(3); empty.SNRdB != 3 || empty.SER95 != [2]float64{0, 1} {
		t.Errorf("no trials: %+v", empty)
	}
}

func TestLinksSurviveJSON(t *testing.T) {
	l := smallLink("sd-zf", 3)
	l.Scheme.Modulator = Modulator{Order: 2, Levels: 4, Chains: 3, Psi: 0.1, FracBits: 7}
	l.Uplink = &Receiver{Converter: SigmaDelta, Detector: "zf"}
	text, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	var got Link
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, l) || got.Fingerprint() != l.Fingerprint() {
		t.Errorf("%+v became %+v", l, got)
	}
}

func TestStreamsDiffer(t *testing.T) {
	seen := map[uint64]bool{}
	for seed := range uint64(4) {
		for index := range uint64(20) {
			for part := range uint64(5) {
				seen[Stream(seed, index, part).Uint64()] = true
			}
		}
	}
	if len(seen) != 400 {
		t.Errorf("%d distinct streams of 400", len(seen))
	}
}
