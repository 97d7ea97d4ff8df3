package bcgd

import (
	"context"
	"testing"
)

// TestTheory: every statement of the report holds.
func TestTheory(t *testing.T) {
	all, err := Theory(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 21 {
		t.Errorf("%d statements: want 21", len(all))
	}
	for _, s := range all {
		t.Logf("%s (%d): %s", s.Text, s.Cases, s.Ours)
		if !s.Holds {
			t.Errorf("%s: %s: want %s", s.Text, s.Ours, s.Paper)
		}
	}
}
