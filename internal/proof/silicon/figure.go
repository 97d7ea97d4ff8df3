package silicon

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"bitcycle/internal/proof"
	"bitcycle/internal/stat"
)

// Figure is one quantity of a set that one machine is held against.
type Figure struct {
	Name    string // of the source
	Machine string // shipped
	Kind    string // what made the figures: RTL, silicon, simulator, closed form or count
	Bar     Bar
	Note    string // what the figures include, and what remains unexplained
}

// Bar is what passing takes. A part that is 0 is not asked for; without any the figures
// are only reported.
type Bar struct {
	Mean, Median float64 // of the errors, fractions
	Bias         float64 // either way
	Each         float64 // the largest error
	Sum          float64 // error of the sum over all rows
	Rank         float64 // least rank correlation, of three rows or more
	Exact        bool    // every row is equal
}

// String says it.
func (b Bar) String() string {
	var parts []string
	at := func(what string, x float64) {
		if x > 0 {
			parts = append(parts, fmt.Sprintf("%s %.4g %%", what, 100*x))
		}
	}
	if b.Exact {
		parts = append(parts, "all exact")
	}
	at("mean error at most", b.Mean)
	at("median", b.Median)
	at("bias", b.Bias)
	at("each", b.Each)
	at("sum", b.Sum)
	if b.Rank > 0 {
		parts = append(parts, fmt.Sprintf("rank at least %.4g", b.Rank))
	}
	if len(parts) == 0 {
		return "none: reported only"
	}
	return strings.Join(parts, ", ")
}

// holds reports whether a source keeps to the bar.
func (b Bar) holds(s *proof.Source) bool {
	within := func(x, limit float64) bool { return limit == 0 || x <= limit }
	return (!b.Exact || proof.AllExact(s)) &&
		within(s.MeanError, b.Mean) && within(s.MedianError, b.Median) && within(math.Abs(s.Bias), b.Bias) &&
		within(s.WorstError, b.Each) && within(sumError(s), b.Sum) &&
		(b.Rank == 0 || s.Rank == nil || *s.Rank >= b.Rank)
}

// sumError is the error of the sum over all rows.
func sumError(s *proof.Source) float64 {
	var want, got float64
	for _, r := range s.Detail {
		want, got = want+r.Want, got+r.Got
	}
	return math.Abs(got/want - 1)
}

// source sums up the rows of the figure.
func (f Figure) source(rows []proof.Row) proof.Source {
	s := proof.NewSource(f.Name, f.Bar.String(), f.Note, rows, proof.AllExact)
	s.Machine, s.Kind = f.Machine, f.Kind
	s.Rank = rankOf(rows)
	s.Pass = f.Bar.holds(&s)
	return s
}

// rankOf is the rank correlation of so many rows that it says something, else nil.
func rankOf(rows []proof.Row) *float64 {
	const least = 3
	var want, got []float64
	for _, r := range rows {
		want, got = append(want, r.Want), append(got, r.Got)
	}
	rank := stat.Spearman(want, got)
	if len(rows) < least || math.IsNaN(rank) {
		return nil
	}
	return &rank
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
