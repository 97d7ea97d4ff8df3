package proof

import (
	"encoding/json"
	"math"
	"strings"
)

// Row is one figure of ours beside the one that it should be.
type Row struct {
	ID   string     `json:"id"`             // the case, layer or setting
	What string     `json:"what"`           // the quantity
	Unit string     `json:"unit,omitempty"` // of want and got
	Want float64    `json:"want"`           // published, golden or computed in another way
	Got  float64    `json:"got"`            // ours
	CI95 [2]float64 `json:"-"`              // 95 % interval of Got; both ends are 0 where there is none
	// |Got/Want − 1|, or |Got| where Want is 0.
	Error   float64 `json:"error"`
	Exact   bool    `json:"exact"`          // equal but for rounding
	Bar     *Window `json:"bar,omitempty"`  // where Got has to lie; absent: no bar of its own
	Verdict Verdict `json:"verdict"`        // passes, fails, counts (its source judges) or is shown
	Note    string  `json:"note,omitempty"` // for people
}

// Verdict is the outcome of a row.
type Verdict string

// The verdicts. A row that counts has no bar of its own: its source judges all
// of them together. A row that is shown does not count: its figure is
// unconfirmed, or outside what the model claims.
const (
	Counts Verdict = "counts"
	Passes Verdict = "passes"
	Fails  Verdict = "fails"
	Shown  Verdict = "shown"
)

// exactly is the relative difference up to which two figures are the same: sums
// of decimals differ in the last bits.
const exactly = 1e-12

// Compare makes a row that counts.
func Compare(id, what string, want, got float64) Row {
	r := Row{ID: id, What: what, Want: want, Got: got, Verdict: Counts}
	r.Exact = math.Abs(got-want) <= exactly*math.Abs(want)
	switch {
	case r.Exact:
	case want == 0:
		r.Error = math.Abs(got)
	default:
		r.Error = math.Abs(got/want - 1)
	}
	if math.IsNaN(r.Error) {
		r.Error = math.Inf(1)
	}
	return r
}

// CompareRounded makes a row that counts of a figure that its source has rounded, by
// half at most: nothing is known within. The error is that beyond.
func CompareRounded(id, what string, want, got, half float64) Row {
	if half == 0 {
		return Compare(id, what, want, got)
	}
	near := min(max(got, want-half*(1+exactly)), want+half*(1+exactly))
	r := Compare(id, what, want, want+got-near)
	r.Got = got
	return r
}

// Judge gives the row a bar and the verdict on it.
func (r Row) Judge(bar *Window) Row {
	r.Bar, r.Verdict = bar, Fails
	if bar.Holds(r.Got) {
		r.Verdict = Passes
	}
	return r
}

// Show takes the row out of the count.
func (r Row) Show() Row {
	r.Verdict = Shown
	return r
}

// name is the case and the quantity, which the case may begin with.
func (r *Row) name() string {
	if strings.HasPrefix(r.ID, r.What) {
		return r.ID
	}
	return r.ID + " " + r.What
}

// Judged reports whether the row has a verdict on a bar of its own.
func (r *Row) Judged() bool { return r.Verdict == Passes || r.Verdict == Fails }

// MarshalJSON writes the row with numbers that JSON can hold.
func (r Row) MarshalJSON() ([]byte, error) {
	type plain Row
	r.Want, r.Got, r.Error = finite(r.Want), finite(r.Got), finite(r.Error)
	return json.Marshal(plain(r))
}

// finite replaces what JSON cannot hold by the largest number.
func finite(x float64) float64 {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		return math.MaxFloat64
	}
	return x
}
