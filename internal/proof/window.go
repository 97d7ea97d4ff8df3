package proof

import (
	"fmt"
	"math"
)

// Window is where a figure has to lie, ends included. An infinite end is no
// bound.
type Window struct{ Low, High float64 }

// Within bounds the distance from a figure by an absolute tolerance.
func Within(want, tolerance float64) *Window { return &Window{want - tolerance, want + tolerance} }

// Around bounds the distance from a figure by a share of it.
func Around(want, share float64) *Window { return Within(want, math.Abs(want)*share) }

// AtMost has no lower end.
func AtMost(limit float64) *Window { return &Window{math.Inf(-1), limit} }

// AtLeast has no upper end.
func AtLeast(limit float64) *Window { return &Window{limit, math.Inf(1)} }

// Holds reports whether x lies in the window; NaN lies in none.
func (w *Window) Holds(x float64) bool { return x >= w.Low && x <= w.High }

// Excess is the distance of x from the middle in half widths: above 1 it lies
// outside. It is NaN for a window with an open end or without width.
func (w *Window) Excess(x float64) float64 {
	half := (w.High - w.Low) / 2
	if math.IsInf(half, 0) || half == 0 {
		return math.NaN()
	}
	return math.Abs(x-(w.Low+w.High)/2) / half
}

// String says what is allowed.
func (w *Window) String() string {
	switch {
	case math.IsInf(w.Low, -1):
		return fmt.Sprintf("at most %.4g", w.High)
	case math.IsInf(w.High, 1):
		return fmt.Sprintf("at least %.4g", w.Low)
	case w.Low == w.High:
		return fmt.Sprintf("exactly %.8g", w.Low)
	}
	return fmt.Sprintf("%.4g to %.4g", w.Low, w.High)
}

// MarshalText writes the window as String says it: JSON has no infinities.
func (w *Window) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText reads what MarshalText writes, with the digits that it has.
func (w *Window) UnmarshalText(text []byte) error {
	read := func(format string, ends ...any) bool {
		n, err := fmt.Sscanf(string(text), format, ends...)
		return err == nil && n == len(ends)
	}
	*w = Window{math.Inf(-1), math.Inf(1)}
	switch {
	case read("at most %g", &w.High), read("at least %g", &w.Low), read("%g to %g", &w.Low, &w.High):
		return nil
	case read("exactly %g", &w.Low):
		w.High = w.Low
		return nil
	}
	return fmt.Errorf("%q: want at most X, at least X, exactly X or X to Y", text)
}
