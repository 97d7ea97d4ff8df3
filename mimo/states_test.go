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
	// What was kept for another end or another link does not count.
	got, err := Simulate(context.Background(), l, Stop{Channels: 8, Round: 4}, State{}, Options{Store: again})
	if err != nil || got.Tally.Channels != 8 {
		t.Errorf("%d channels, %v", got.Tally.Channels, err)
	}
	l.Seed++
	if got := again.find(l.Fingerprint(), stop); got != (State{}) {
		t.Errorf("another link resumes %+v", got)
	}
}

func TestStatesRejectOtherText(t *testing.T) {
	for text, line := range map[string]string{"hello\n": "1: ", "{}\n": "1: "} {
		if err := (&States{}).Read(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), line) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
