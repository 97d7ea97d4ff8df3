// Package validate compares the machine model with golden examples and published
// numbers: every figure is computed by the same code that users run, on machines
// that are ordinary configurations.
package validate

import (
	"math"

	"bitcycle/internal/stat"
)

// Source is the comparison with one set of numbers. Errors are relative and
// absolute in value; rows that differ by nothing are exact.
type Source struct {
	Name        string
	Rows, Exact int
	MeanError   float64
	MedianError float64
	P95Error    float64
	WorstError  float64
	WorstRow    string
	Bar         string // what passing takes
	Pass        bool
	Note        string // what is compared, and what the remaining differences are
	Detail      []Row
}

// Row is one figure.
type Row struct {
	ID          string
	What        string
	Want, Got   float64
	Error       float64 // |Got/Want − 1|, or |Got| when Want is 0
	Exact       bool
	Within      bool // the tolerance of the published figure
	Orientation bool // not counted: unconfirmed, or outside what the model claims
}

// compare makes a row.
func compare(id, what string, want, got float64) Row {
	r := Row{ID: id, What: what, Want: want, Got: got, Exact: math.Abs(got-want) <= 1e-12*math.Abs(want)} // sums of decimals
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

// newSource summarises rows; the bar decides whether they pass.
func newSource(name, bar, note string, rows []Row, pass func(s *Source) bool) Source {
	s := Source{Name: name, Bar: bar, Note: note, Detail: rows}
	var errs []float64
	for _, r := range rows {
		if r.Orientation {
			continue
		}
		s.Rows++
		if r.Exact {
			s.Exact++
		}
		errs = append(errs, r.Error)
		s.MeanError += r.Error
		if r.Error > s.WorstError || s.WorstRow == "" {
			s.WorstError, s.WorstRow = r.Error, r.ID+" "+r.What
		}
	}
	if s.Rows == 0 {
		return s
	}
	s.MeanError /= float64(s.Rows)
	s.MedianError = stat.NearestRank(errs, 0.5)
	s.P95Error = stat.NearestRank(errs, 0.95)
	s.Pass = pass(&s)
	return s
}

func allExact(s *Source) bool { return s.Exact == s.Rows }
