package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"bitcycle/mimo"
)

// simulateInto simulates one link until its second round is over.
func simulateInto(t *testing.T, store *mimo.States) error {
	t.Helper()
	s := mimo.DefaultScenario()
	s.Antennas, s.Users, s.SeparationDeg, s.Blocks = 16, 2, 8, 1
	ctx, cancel := context.WithCancel(context.Background())
	rounds := 0
	_, err := mimo.Simulate(ctx, mimo.Link{Scenario: s, Scheme: mimo.Scheme{Precoder: "zf"}}, mimo.Stop{Channels: 12, Round: 4}, mimo.State{}, mimo.Options{
		Store: store, Progress: func(mimo.State) {
			if rounds++; rounds == 2 {
				cancel()
			}
		},
	})
	return err
}

func TestInterruptionsSayHowToGoOn(t *testing.T) {
	t.Chdir(t.TempDir())
	kept, err := openResumable("mimo", "")
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	s := &session{stderr: &said, command: "mimo --snr 5"}
	if err := kept.close(s, simulateInto(t, &kept.States)); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted: %v", err)
	}
	if !strings.Contains(said.String(), "to go on: bitcycle mimo --snr 5 --resume mimo.resume.jsonl\n") {
		t.Errorf("said %q", said.String())
	}
	text, err := os.ReadFile("mimo.resume.jsonl")
	if err != nil || bytes.Count(text, []byte("\n")) != 2 {
		t.Fatalf("%v in\n%s", err, text)
	}
	// A crash leaves half a line, which the next run removes; the third round ends it.
	if err := os.WriteFile("mimo.resume.jsonl", append(text, `{"crc32":"0`...), 0o644); err != nil {
		t.Fatal(err)
	}
	if kept, err = openResumable("mimo", "mimo.resume.jsonl"); err != nil || kept.States.Len() != 1 {
		t.Fatal(kept, err)
	}
	if err := kept.close(s, simulateInto(t, &kept.States)); err != nil {
		t.Fatal(err)
	}
	again, err := os.ReadFile("mimo.resume.jsonl")
	if err != nil || !bytes.HasPrefix(again, text) || bytes.Count(again, []byte("\n")) != 3 {
		t.Errorf("%v in\n%s", err, again)
	}
}
