package validate

import (
	"testing"

	"bitcycle/internal/testdata"
)

func TestExamples(t *testing.T) {
	s, err := Examples(testdata.Golden(t, "cycles/examples.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range s.Detail {
		if !r.Exact {
			t.Errorf("%s %s: %v, want %v", r.ID, r.What, r.Got, r.Want)
		}
	}
	if s.Rows == 0 || !s.Pass {
		t.Errorf("%d of %d exact", s.Exact, s.Rows)
	}
}
