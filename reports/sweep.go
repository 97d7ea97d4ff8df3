package reports

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"bitcycle/evaluate"
	"bitcycle/sim/sweep"
)

const (
	// frontColumns bounds the columns of a front on a terminal, frontRows its rows.
	frontColumns = 8
	frontRows    = 25
	// pagePoints bounds the points of a page.
	pagePoints = 100_000
)

// Sweep is the report of a sweep: its front, and in files all of its points.
func Sweep(o Origin, t *sweep.Table) *Document {
	front := t.Front()
	doc := &Document{
		Title:    t.Spec.Name + ": " + objectives(t),
		Answer:   []string{sweepCounts(t, len(front))},
		Tables:   []*Table{frontTable(t, front), pointsTable(t, front)},
		Charts:   sweepCharts(t),
		Identity: []Field{{"sweep", t.Spec.Name}, {"seed", o.Seed}},
		Summary:  failures(t),
	}
	if t.Spec.Description != "" {
		doc.Answer = append(doc.Answer, t.Spec.Description)
	}
	doc.Assumptions = sweepAssumptions(t)
	if tables := besideTables(t); len(tables) > 0 {
		doc.Tables[0].FilesOnly = len(tables) > 1 // a front over several networks says nothing
		doc.Tables = append(tables, doc.Tables...)
		doc.Assumptions = append(doc.Assumptions, besideAssumptions(t)...)
	}
	return doc
}

// objectives says what the front is about.
func objectives(t *sweep.Table) string {
	var least, most []string
	for k, m := range t.Objectives {
		name := unitless(sweep.Metrics[m].Head)
		if t.Minimised(k) {
			least = append(least, name)
		} else {
			most = append(most, name)
		}
	}
	var parts []string
	if len(least) > 0 {
		parts = append(parts, "least "+strings.Join(least, ", "))
	}
	if len(most) > 0 {
		parts = append(parts, "highest "+strings.Join(most, ", "))
	}
	return strings.Join(parts, "; ")
}

// unitless is a heading without its unit.
func unitless(head string) string {
	name, _, _ := strings.Cut(head, " [")
	return name
}

// sweepCounts tells what became of the points.
func sweepCounts(t *sweep.Table, front int) string {
	parts := []string{countOf(t.Known(), "point"), fmt.Sprintf("%s on the front", grouped(front))}
	if t.Known() < t.Len() {
		parts[0] = fmt.Sprintf("%s of %s", grouped(t.Known()), countOf(t.Len(), "point"))
	}
	failed := 0
	for _, n := range t.Errors() {
		failed += n
	}
	if failed > 0 {
		parts = append(parts, grouped(failed)+" without figures")
	}
	unmeasured := 0
	for i := range t.Len() {
		if t.Note(i) != "" {
			unmeasured++
		}
	}
	if unmeasured > 0 {
		parts = append(parts, grouped(unmeasured)+" not measured to the end")
	}
	misses := map[string]int{}
	for i := range t.Len() {
		if m := t.Misses(i); m != "" {
			misses[m]++
		}
	}
	for _, m := range slices.Sorted(maps.Keys(misses)) {
		parts = append(parts, fmt.Sprintf("%s miss %s", grouped(misses[m]), m))
	}
	return strings.Join(parts, ", ")
}

func countOf(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return grouped(n) + " " + what + "s"
}

// grouped writes a count with a space between thousands.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + " " + text[i:]
	}
	return text
}

// failures are the reasons for which points have no figures, the most frequent first.
func failures(t *sweep.Table) []string {
	const most = 3
	count := t.Errors()
	reasons := slices.SortedFunc(maps.Keys(count), func(a, b string) int { return cmp.Or(count[b]-count[a], strings.Compare(a, b)) })
	var lines []string
	for i, r := range reasons {
		if i == most {
			lines = append(lines, fmt.Sprintf("and %s, in the column error", countOf(len(reasons)-most, "other reason")))
			break
		}
		lines = append(lines, fmt.Sprintf("%s without figures: %s", countOf(count[r], "point"), firstLine(r)))
	}
	return lines
}

func firstLine(text string) string {
	line, _, more := strings.Cut(text, "\n")
	if more {
		line += " …"
	}
	return line
}

// frontTable is the front: keys that vary on it, then objectives, and in files every key
// and figure.
func frontTable(t *sweep.Table, front []int) *Table {
	out := &Table{Name: "front", Title: "front"}
	if len(front) > frontRows {
		out.Title = fmt.Sprintf("front: %d of %s, evenly chosen (report DIR --front --format csv writes all)", frontRows, countOf(len(front), "point"))
	}
	var shown []int
	var same []string
	for k, key := range t.Keys {
		switch {
		case len(front) > 0 && sameOnFront(t, front, k):
			if v := t.Values(front[0])[k]; v != "" {
				same = append(same, key+" = "+v)
			}
		case len(shown) < frontColumns-len(t.Objectives):
			shown = append(shown, k)
			out.Columns = append(out.Columns, keyColumn(t, key).Ranked(Must-1-len(shown)))
		}
	}
	for _, m := range t.Objectives {
		out.Columns = append(out.Columns, metricColumn(m).Ranked(Must))
	}
	for _, i := range evenly(front, frontRows) {
		var cells []any
		values := t.Values(i)
		for _, k := range shown {
			cells = append(cells, keyCell(values[k]))
		}
		for _, m := range t.Objectives {
			cells = append(cells, t.Value(i, m))
		}
		out.Add(cells...)
	}
	if len(same) > 0 {
		out.Notes = append(out.Notes, "the same on all of the front: "+strings.Join(same, ", "))
	}
	out.Files = allColumns(t)
	for _, i := range front {
		addPoint(out.Files, t, i)
	}
	return out
}

// evenly takes at most so many of a list, its ends among them.
func evenly(list []int, most int) []int {
	if len(list) <= most {
		return list
	}
	out := make([]int, most)
	for k := range out {
		out[k] = list[k*(len(list)-1)/(most-1)]
	}
	return out
}

func sameOnFront(t *sweep.Table, front []int, key int) bool {
	first := t.Values(front[0])[key]
	for _, i := range front[1:] {
		if t.Values(i)[key] != first {
			return false
		}
	}
	return true
}

// pointsTable is every point, for files.
func pointsTable(t *sweep.Table, front []int) *Table {
	out := allColumns(t)
	out.Name, out.Title, out.FilesOnly = "points", "points", true
	if t.Len() > pagePoints {
		for _, i := range front {
			addPoint(out, t, i)
		}
		return out
	}
	for i := range t.Len() {
		addPoint(out, t, i)
	}
	return out
}

// allColumns are the columns of a point in files.
func allColumns(t *sweep.Table) *Table {
	out := &Table{}
	for _, key := range t.Keys {
		column := keyColumn(t, key).ID()
		column.Head = key
		out.Columns = append(out.Columns, column)
	}
	for _, m := range t.Metrics {
		out.Columns = append(out.Columns, metricColumn(m))
	}
	out.Columns = append(out.Columns, Text("on_front", ""), Text("misses", ""), Text("error", ""), Text("id", ""))
	return out
}

func addPoint(out *Table, t *sweep.Table, i int) {
	var cells []any
	for _, v := range t.Values(i) {
		cells = append(cells, keyCell(v))
	}
	for _, m := range t.Metrics {
		if x := t.Value(i, m); math.IsNaN(x) {
			cells = append(cells, nil)
		} else {
			cells = append(cells, x)
		}
	}
	out.Add(append(cells, t.OnFront(i), t.Misses(i), t.Error(i), t.ID(i).String())...)
}

// keyColumn is right-aligned where values are numbers.
func keyColumn(t *sweep.Table, key string) Column {
	at := slices.Index(t.Keys, key)
	for i := range min(t.Len(), 1000) {
		if _, text := keyCell(t.Values(i)[at]).(string); text {
			return Text(key, brief(t.Keys, key))
		}
	}
	return Number(key, brief(t.Keys, key))
}

// brief is the end of a dotted key that no other key has, of two parts where there are
// three.
func brief(keys []string, key string) string {
	parts := strings.Split(key, ".")
	for from := max(len(parts)-2, min(1, len(parts)-1)); from > 0; from-- {
		end := "." + strings.Join(parts[from:], ".")
		if !slices.ContainsFunc(keys, func(k string) bool { return k != key && strings.HasSuffix(k, end) }) {
			return end[1:]
		}
	}
	return key
}

// keyCell is a number where the text is one.
func keyCell(text string) any {
	if text == "" {
		return nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if x, err := strconv.ParseFloat(text, 64); err == nil {
		return x
	}
	return text
}

func metricColumn(m int) Column {
	return Scaled(sweep.Metrics[m].Key, sweep.Metrics[m].Head, sweep.Metrics[m].Unit, sweep.Metrics[m].Decimals)
}

// sweepCharts are the points with the objectives as axes.
func sweepCharts(t *sweep.Table) []Chart {
	c := Chart{Kind: "points", Title: "Points and front", Table: "points", Label: t.Keys, Groups: t.Keys, Front: "on_front"}
	if t.Len() > pagePoints {
		c.Note = fmt.Sprintf("the front alone: more than %s points", grouped(pagePoints))
	}
	for k, m := range t.Objectives {
		c.Axes = append(c.Axes, metricAxis(m, map[bool]string{true: "min", false: "max"}[t.Minimised(k)]))
	}
	for _, m := range t.Metrics {
		if !slices.Contains(t.Objectives, m) && sweep.Metrics[m].EndOf == "" {
			c.Axes = append(c.Axes, metricAxis(m, ""))
		}
	}
	for _, one := range t.Spec.Constraints {
		c.Limits = append(c.Limits, Limit{Key: one.Metric, Value: one.Value, Name: one.String()})
	}
	return []Chart{c}
}

func metricAxis(m int, best string) Axis {
	metric := &sweep.Metrics[m]
	a := Axis{Key: metric.Key, Name: metric.Head, Unit: metric.Unit, Log: metric.Unit != 0.01, Best: best}
	if low, high, ok := sweep.Interval(m); ok {
		a.Low, a.High = sweep.Metrics[low].Key, sweep.Metrics[high].Key
	}
	return a
}

// sweepAssumptions say what figures of points rest on.
func sweepAssumptions(t *sweep.Table) []string {
	var lines []string
	switch {
	case t.Spec.Base.AsPublished:
		lines = append(lines, "every machine as published, with its own batch and memory: not on one footing")
	case slices.ContainsFunc(t.Metrics, func(m int) bool { return sweep.Metrics[m].Key == "latency_per_image_s" }):
		lines = append(lines, "costs per image on one footing: one batch for all machines, memory as a tile pipeline on each machine's own bandwidth (compare tells what that replaces)")
	}
	if slices.ContainsFunc(t.Metrics, func(m int) bool { return sweep.Metrics[m].EndOf == "latency_per_image_s" }) {
		lines = append(lines, fmt.Sprintf("ranges of latency and energy in files: each unconfirmed clock and energy constant of a machine may be %g %% off", 100*evaluate.UsualDoubt))
	}
	if v := t.Spec.Base.Settings; v["data"] != "" {
		line := "accuracy measured on " + v["data"]
		if n := t.Spec.Base.Images; n > 0 {
			line += fmt.Sprintf(", the first %d images", n)
		}
		if v["calib"] != "" {
			line += ", calibrated on " + v["calib"]
		}
		lines = append(lines, line)
	}
	return append(lines, fmt.Sprintf("models of version %d", sweep.Model))
}

// DryRun is the report of a sweep that is not run.
func DryRun(p *sweep.Plan, e sweep.Estimate, workers int) *Document {
	t := &Table{Name: "first", Title: "the first points"}
	for _, key := range p.Keys {
		t.Columns = append(t.Columns, Text(key, key))
	}
	for _, values := range p.First(5) {
		var cells []any
		for _, v := range values {
			cells = append(cells, v)
		}
		t.Add(cells...)
	}
	doc := &Document{Title: p.Spec.Name, Answer: []string{countOf(p.Most(), "point")}, Tables: []*Table{t}}
	by := "point"
	if n := p.Quantizations(); n > 0 {
		doc.Answer[0] += fmt.Sprintf(", %s to make and measure", countOf(n, "distinct quantization"))
		by = "quantization"
	}
	doc.Answer = append(doc.Answer, fmt.Sprintf("about %s with %s, judged by %s", roughly(e.Total), countOf(workers, "worker"), countOf(e.Judged, by)))
	return doc
}

// roughly writes a time in one or two digits.
func roughly(d time.Duration) string {
	for _, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		if d >= 10*unit {
			text := d.Round(unit).String()
			for _, none := range []string{"m0s", "h0m"} {
				if rest, ok := strings.CutSuffix(text, none); ok {
					text = rest + none[:1]
				}
			}
			return text
		}
	}
	return d.Round(100 * time.Millisecond).String()
}
