package mimo

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
)

func TestStoredRoundsAreNotSimulatedAgain(t *testing.T) {
	l, stop := smallLink("sd-zf", 5), Stop{Channels: 12, Round: 4}
	want := simulate(t, l, stop, State{}, 2)
	var log bytes.Buffer
	store := &States{Log: &log}
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Simulate(ctx, l, stop, State{}, Options{Store: store, Progress: func(State) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted: %v", err)
	}
	log.WriteString(`{"stop":{"cha`) // a crash while writing
	again := &States{}
	if err := again.Read(&log); err != nil || again.Len() != 1 {
		t.Fatalf("%d simulations, %v", again.Len(), err)
	}
	for _, rounds := range []int{2, 0} { // what was missing, then nothing
		got, err := Simulate(context.Background(), l, stop, State{}, Options{Store: again, Progress: func(State) { rounds-- }})
		if err != nil || got != want || rounds != 0 {
			t.Errorf("%d rounds off; resumed %+v (%v), at once %+v", rounds, got, err, want)
		}
	}
	// What has come further or is of another link does not count.
	got, err := Simulate(context.Background(), l, Stop{Channels: 8, Round: 4}, State{}, Options{Store: again})
	if err != nil || got.Tally.Channels != 8 {
		t.Errorf("%d channels, %v", got.Tally.Channels, err)
	}
	// A smaller error goes on where a larger one ended, and comes to what it comes to at once.
	loose, tight := Stop{Channels: 64, Round: 4, RelError: 0.5}, Stop{Channels: 64, Round: 4, RelError: 0.1}
	kept := &States{}
	if _, err := Simulate(context.Background(), l, loose, State{}, Options{Store: kept}); err != nil {
		t.Fatal(err)
	}
	began, rounds := kept.find(l.Fingerprint(), tight).Tally.Channels, int64(0)
	at, err := Simulate(context.Background(), l, tight, State{}, Options{Store: kept, Progress: func(State) { rounds++ }})
	once := simulate(t, l, tight, State{}, 2)
	if err != nil || at != once || began == 0 || began+4*rounds != once.Tally.Channels || rounds == 0 {
		t.Errorf("from %d channels, in %d rounds to %+v (%v), at once %+v", began, rounds, at, err, once)
	}
	if got := kept.find(l.Fingerprint(), Stop{Channels: 64, Round: 4, RelError: 0.9}); got != (State{}) {
		t.Errorf("a larger error begins where a smaller one ended: %+v", got)
	}
	l.Seed++
	if got := again.find(l.Fingerprint(), stop); got != (State{}) {
		t.Errorf("another link resumes %+v", got)
	}
}

// TestStatesRejectWhatNoRunComesTo changes a state that is possible in every way that
// makes it impossible.
func TestStatesRejectWhatNoRunComesTo(t *testing.T) {
	line := `{"stop":{"channels":16,"round":0,"rel_error":0,"floor":0},"state":{"link":"9e8bf347bb1e001c","tally":{"channels":8,"symbols":5120,` +
		`"symbol_errors":2262,"bits":20480,"bit_errors":2597,"squared_errors":641212,"predicted":1,"predictions":2},"done":false}}` + "\n"
	if err := (&States{}).Read(strings.NewReader(line)); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{`"channels":16`, `"channels":0`},
		{`"round":0`, `"round":-1`},
		{`"channels":8`, `"channels":-8`},
		{`"channels":8`, `"channels":24`},
		{`"channels":8`, `"channels":7`},
		{`"symbols":5120`, `"symbols":2000`},
		{`"symbols":5120`, `"symbols":0`},
		{`"symbol_errors":2262`, `"symbol_errors":-1`},
		{`"bits":20480`, `"bits":2000`},
		{`"bit_errors":2597`, `"bit_errors":20481`},
		{`"bit_errors":2597`, `"bit_errors":3`},
		{`"squared_errors":641212`, `"squared_errors":2261`},
		{`"squared_errors":641212`, `"squared_errors":5116645`},
		{`"predicted":1`, `"predicted":2.1`},
		{`"predicted":1`, `"predicted":-1`},
		{`"predictions":2`, `"predictions":-2`},
		{`false`, `true`},
		{`"link":"9e8bf347bb1e001c"`, `"link":""`},
	} {
		bad := strings.Replace(line, change[0], change[1], 1)
		if err := (&States{}).Read(strings.NewReader(bad)); err == nil || !strings.HasPrefix(err.Error(), "1: ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", change[1], err)
		}
	}
}

func TestStatesRejectOtherText(t *testing.T) {
	for text, line := range map[string]string{"hello\n": "1: ", "{}\n": "1: "} {
		if err := (&States{}).Read(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), line) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
