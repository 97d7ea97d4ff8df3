package reports

import (
	"strings"
	"testing"
)

func labels(ticks []tick) string {
	var out []string
	for _, t := range ticks {
		if t.label != "" {
			out = append(out, t.label)
		}
	}
	return strings.Join(out, " ")
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		marks     func(low, high float64) []tick
		low, high float64
		want      string
	}{
		{decades, 2e-7, 0.3, "1e-07 1e-06 1e-05 0.0001 0.001 0.01 0.1 1"},
		{decades, 0.03, 0.4, "0.01 0.02 0.05 0.1 0.2 0.5 1 2 5"},
		{decades, 1e-20, 1, "1e-18 1e-15 1e-12 1e-09 1e-06 0.001 1"},
		{decades, 504, 516, "504 506 508 510 512 514 516"},
		{rounds, 1.58, 24, "5 10 15 20"},
		{rounds, -0.25, 0.35, "-0.2 -0.1 0 0.1 0.2 0.3"},
	} {
		if got := labels(c.marks(c.low, c.high)); got != c.want {
			t.Errorf("from %g to %g: %s, want %s", c.low, c.high, got, c.want)
		}
	}
}
