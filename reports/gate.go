package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"bitcycle/sim/sweep"
)

// Gate is the report of a sweep held against another: the rows that fail first.
func Gate(o Origin, t *sweep.Table, against string, changes []sweep.Change, onlyNew, onlyBase int) *Document {
	failed := 0
	for i := range changes {
		if changes[i].Failed {
			failed++
		}
	}
	doc := &Document{
		Title:    t.Spec.Name + " against " + against,
		Answer:   []string{fmt.Sprintf("%s compared, %s", countOf(len(changes), "figure"), failedOf(failed))},
		Tables:   []*Table{gateTable(t, changes)},
		Identity: []Field{{"sweep", t.Spec.Name}, {"seed", o.Seed}},
	}
	for _, one := range []struct {
		n    int
		what string
	}{{onlyNew, "in the new results alone"}, {onlyBase, "in the base alone"}} {
		if one.n > 0 {
			doc.Summary = append(doc.Summary, countOf(one.n, "point")+" "+one.what)
		}
	}
	return doc
}

func failedOf(n int) string {
	if n == 0 {
		return "none fails"
	}
	return grouped(n) + " failed"
}

// gateTable lists what changed, the failed rows first, the largest changes first; people
// see the failed ones, or the largest changes if none is.
func gateTable(t *sweep.Table, changes []sweep.Change) *Table {
	const shown = 20
	sorted := slices.Clone(changes)
	slices.SortStableFunc(sorted, func(a, b sweep.Change) int {
		switch {
		case a.Failed != b.Failed && a.Failed:
			return -1
		case a.Failed != b.Failed:
			return 1
		case math.Abs(a.By) > math.Abs(b.By), math.IsNaN(a.By) && !math.IsNaN(b.By):
			return -1
		case math.Abs(a.By) < math.Abs(b.By), math.IsNaN(b.By) && !math.IsNaN(a.By):
			return 1
		}
		return 0
	})
	out := &Table{Name: "changes", Title: "changes", Columns: gateColumns(t), Files: &Table{Columns: gateColumns(t)}}
	for i := range sorted {
		c := &sorted[i]
		out.Files.Add(gateCells(t, c)...)
		if c.Failed || c.By != 0 && len(out.Rows) < shown {
			out.Add(gateCells(t, c)...)
		}
	}
	if len(out.Rows) == 0 {
		out.Notes = append(out.Notes, "nothing changed")
	}
	out.hide("reason")
	if !slices.ContainsFunc(sorted, func(c sweep.Change) bool { return c.Low < c.High }) {
		out.hide("change_low", "change_high")
	}
	return out
}

func gateColumns(t *sweep.Table) []Column {
	var columns []Column
	for _, key := range t.Keys {
		columns = append(columns, keyColumn(t, key).Ranked(50).ID())
	}
	plain := func(key, head string) Column { return Significant(key, head, 6).Ranked(Must) }
	return append(columns, Text("figure", "figure").Ranked(Must).ID(), plain("base", "base"), plain("now", "now"),
		Text("change", "change").Ranked(Must), plain("change_low", "from").Ranked(20), plain("change_high", "to").Ranked(20), Text("rule", "rule").Ranked(60), Text("failed", "failed").Ranked(90), Text("reason", "").Ranked(10))
}

func gateCells(t *sweep.Table, c *sweep.Change) []any {
	var cells []any
	for _, v := range t.Values(c.Point) {
		cells = append(cells, keyCell(v))
	}
	failed := ""
	if c.Failed {
		failed = "failed"
	}
	return append(cells, sweep.Metrics[c.Rule.Metric].Key, finite(c.Base), finite(c.Value), changeText(c), finite(c.Low), finite(c.High), c.Rule.String(), failed, c.Reason)
}

func changeText(c *sweep.Change) string {
	if math.IsNaN(c.By) {
		return "no figure"
	}
	unit := c.Rule.Unit
	if unit == "pp" {
		unit = " pp"
	}
	return fmt.Sprintf("%+.4g%s", c.By, strings.Replace(unit, "%", " %", 1))
}

// benchmark is a figure as github-action-benchmark reads it ("customSmallerIsBetter").
type benchmark struct {
	Name  string  `json:"name"`
	Unit  string  `json:"unit"`
	Value float64 `json:"value"`
	Range string  `json:"range,omitempty"`
	Extra string  `json:"extra,omitempty"`
}

// Benchmark writes the objectives of every point in the custom form of
// github-action-benchmark, where less is better: shares that are maximised are written as
// what is missing to 1.
func Benchmark(w io.Writer, t *sweep.Table) error {
	list := []benchmark{}
	for i := range t.Len() {
		var words []string
		for k, v := range t.Values(i) {
			if v != "" {
				words = append(words, t.Keys[k]+"="+v)
			}
		}
		for k, m := range t.Objectives {
			x := t.Value(i, m)
			if math.IsNaN(x) {
				continue
			}
			metric := &sweep.Metrics[m]
			b := benchmark{Name: t.Spec.Name + " " + strings.Join(words, " ") + " " + metric.Key, Unit: unitOf(metric.Head), Value: x / metric.Unit, Extra: t.ID(i).String()}
			if !t.Minimised(k) {
				if metric.Unit != 0.01 { // no share
					continue
				}
				b.Name, b.Value = b.Name+" missing to 100 %", (1-x)/metric.Unit
			}
			list = append(list, b)
		}
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(list)
}

// unitOf is the unit of a heading, "1" where there is none.
func unitOf(head string) string {
	_, unit, ok := strings.Cut(head, " [")
	if !ok {
		return "1"
	}
	return strings.TrimSuffix(unit, "]")
}
