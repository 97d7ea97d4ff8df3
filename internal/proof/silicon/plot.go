package silicon

import (
	"slices"
	"strings"

	"bitcycle/internal/proof"
	"bitcycle/reports"
)

// Plot is ours against measured figures of one set and one unit.
type Plot struct {
	Name    string // of its file, without extension
	Scatter reports.Scatter
}

// Plots are those of a set's sources, one for each unit.
func Plots(set string, sources []proof.Source) []Plot {
	var plots []Plot
	for i := range sources {
		s := &sources[i]
		if s.Set != set || len(s.Detail) == 0 {
			continue
		}
		unit := s.Detail[0].Unit
		name := strings.TrimSuffix(set, ".csv") + "-" + fileWord(unit)
		at := slices.IndexFunc(plots, func(p Plot) bool { return p.Name == name })
		if at < 0 {
			at = len(plots)
			plots = append(plots, Plot{name, reports.Scatter{Title: set, XLabel: "theirs [" + unit + "]", YLabel: "ours [" + unit + "]", Band: 0.1}})
		}
		curve := reports.Curve{Name: label(s)}
		for _, r := range s.Detail {
			curve.X, curve.Y = append(curve.X, r.Want), append(curve.Y, r.Got)
		}
		plots[at].Scatter.Series = append(plots[at].Scatter.Series, curve)
	}
	return plots
}

// label is what the legend calls a source: what follows the name of the set's origin.
func label(s *proof.Source) string {
	if _, rest, ok := strings.Cut(s.Name, ", "); ok {
		return rest
	}
	return s.Name
}

// fileWord is a unit as part of a file's name.
func fileWord(unit string) string {
	if unit == "µJ" {
		return "energy"
	}
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return r
		}
		return '-'
	}, unit)
}
