package reports

import (
	"slices"
	"strings"
)

// commonColumns are the figures that results of several commands have, under the keys
// of files.
func commonColumns() []Column {
	return []Column{
		Text("result", "result").Ranked(Must).ID(), Text("network", "network").Ranked(Must).ID(), Text("machine", "machine").Ranked(Must).ID(), Text("method", "method").Ranked(Must).ID(),
		Number("batch", "batch").Ranked(30), Text("memory", "memory").Ranked(40),
		Scaled("latency_per_image_s", "latency/image [ms]", 1e-3, 4).Ranked(Must), Scaled("speedup", "speed-up ×", 1, 3).Ranked(75),
		Scaled("energy_per_image_pj", "energy/image [µJ]", 1e6, 2).Ranked(Must), Scaled("energy_gain", "energy ×", 1, 3).Ranked(75),
		Percent("top1", "top-1 [%]", 2).Ranked(Must), Scaled("images_per_s", "images/s", 1, 1).Ranked(20), Scaled("operations_per_j", "TOPS/W", 1e12, 3).Ranked(25), Scaled("area_mm2", "area [mm²]", 1, 2).Ranked(22),
		Number("top1_ci95_low", ""), Number("top1_ci95_high", ""),
	}
}

// commonFigures has the rows of all results that cost something, with latency and energy
// against the first row of the same network; none for fewer than two rows.
func commonFigures(parts []Stored) []*Table {
	t := &Table{Name: "figures", Title: "common figures; × is how many times as good as the first row of the network", Columns: commonColumns()}
	first := map[string][2]float64{}
	for _, p := range parts {
		for _, row := range p.figures() {
			network := plain(row["network"])
			latency, energy := number(row["latency_per_image_s"]), number(row["energy_per_image_pj"])
			if _, ok := first[network]; !ok {
				first[network] = [2]float64{latency, energy}
			}
			row["result"], row["speedup"], row["energy_gain"] = p.Name, ratio(first[network][0], latency), ratio(first[network][1], energy)
			cells := make([]any, len(t.Columns))
			for i, c := range t.Columns {
				cells[i] = row[c.Key]
			}
			t.Add(cells...)
		}
	}
	if len(t.Rows) < 2 {
		return nil
	}
	for i := range t.Columns {
		if c := &t.Columns[i]; c.Head == "" || t.empty(i) {
			c.Hidden = true
		}
	}
	if len(t.valuesOf("network")) < 2 {
		t.hide("network")
	}
	if memories := t.valuesOf("memory"); len(memories) > 1 {
		t.Notes = append(t.Notes, "the memory systems differ ("+strings.Join(memories, ", ")+"): such rows are on one footing in compare alone")
	}
	return []*Table{t}
}

func (t *Table) empty(column int) bool {
	return !slices.ContainsFunc(t.Rows, func(row []any) bool { return row[column] != nil && row[column] != "" })
}

// valuesOf are the distinct texts of a column.
func (t *Table) valuesOf(key string) []string {
	var values []string
	t.each(func(get func(string) any) {
		if v := plain(get(key)); v != "" && !slices.Contains(values, v) {
			values = append(values, v)
		}
	})
	return values
}

func number(v any) float64 {
	if !isNumber(v) {
		return 0
	}
	return toFloat(v)
}

// ratio is how many times as good as before a cost is; nil where one is not known.
func ratio(before, now float64) any {
	if before <= 0 || now <= 0 {
		return nil
	}
	return before / now
}

// figures are the rows of a part by the keys of the common columns: those of a
// comparison, the front of a sweep, or the totals of a run.
func (p Stored) figures() []map[string]any {
	var rows []map[string]any
	for _, name := range []string{"compare", "front", "totals"} {
		t := p.named(name)
		if t == nil || !t.has("latency_per_image_s") && !t.has("energy_per_image_pj") {
			continue
		}
		t.each(func(get func(string) any) { rows = append(rows, p.figuresOf(t, get)) })
		break
	}
	return rows
}

func (t *Table) has(key string) bool {
	return slices.ContainsFunc(t.files().Columns, func(c Column) bool { return c.Key == key })
}

func (p Stored) figuresOf(t *Table, get func(string) any) map[string]any {
	row := map[string]any{}
	for _, c := range commonColumns() {
		if row[c.Key] = get(c.Key); row[c.Key] == nil {
			row[c.Key] = p.identityOf(c.Key)
		}
	}
	for _, other := range [][2]string{{"network", "workload"}, {"top1_ci95_low", "top1_lo"}, {"top1_ci95_high", "top1_hi"}} {
		for _, value := range []any{get(other[1]), p.identityOf(other[1])} {
			if row[other[0]] == nil {
				row[other[0]] = value
			}
		}
	}
	if energy := number(get("energy_pj")); row["energy_per_image_pj"] == nil && energy > 0 {
		row["energy_per_image_pj"] = energy / max(number(row["batch"]), 1)
	}
	if figures := p.named("figures"); t.Name == "totals" && figures != nil {
		figures.each(func(get func(string) any) {
			if key, v := plain(get("figure")), number(get("value")); v > 0 && row[key] == nil {
				row[key] = v
			}
		})
	}
	if point := pointOf(t, get); point != "" {
		row["method"] = strings.TrimSpace(plain(row["method"]) + " " + point)
	}
	return row
}

func (p Stored) identityOf(key string) any {
	for _, f := range p.Identity {
		if f.Key == key {
			return f.Value
		}
	}
	return nil
}

// pointOf names a point of a sweep by the identifying columns that have no column of
// their own.
func pointOf(t *Table, get func(string) any) string {
	var parts []string
	for _, c := range t.files().Columns {
		own := slices.ContainsFunc(commonColumns(), func(o Column) bool { return o.Key == c.Key })
		if v := plain(get(c.Key)); c.Identifies && !own && c.Key != "workload" && v != "" {
			parts = append(parts, c.Key+"="+v)
		}
	}
	return strings.Join(parts, " ")
}

// commonRates are the error rates of all front ends; nil for fewer than two results that
// have some.
func commonRates(parts []Stored) *Table {
	var out *Table
	have := 0
	for _, p := range parts {
		t := p.named("rates")
		if t == nil || !t.has("ser") {
			continue
		}
		have++
		if out == nil {
			columns := slices.DeleteFunc(slices.Clone(t.Columns), func(c Column) bool { return c.Key == "frontend" || c.Key == "curve" })
			out = &Table{Name: "rates", Title: "error rates", Columns: slices.Concat(
				[]Column{Text("result", "result").Ranked(Must).ID(), Text("frontend", "front end").Ranked(Must).ID()}, columns, []Column{{Key: "curve", Hidden: true}})}
		}
		t.each(func(get func(string) any) {
			frontend := get("frontend")
			if frontend == nil {
				frontend = p.identityOf("frontend")
			}
			row := []any{p.Name, frontend}
			for _, c := range out.Columns[2 : len(out.Columns)-1] {
				row = append(row, get(c.Key))
			}
			out.Add(append(row, p.Name+": "+plain(get("curve")))...)
		})
	}
	if have < 2 {
		return nil
	}
	return out
}

// togetherCharts are the pictures of what results have in common.
func togetherCharts(tables []*Table) []Chart {
	var charts []Chart
	for _, t := range tables {
		switch t.Name {
		case "figures":
			charts = append(charts, Chart{
				Kind: "points", Title: "Latency, energy and error of all results", Table: t.Name, Label: []string{"result", "network", "machine", "method"}, Groups: []string{"result", "machine", "method", "network"}, Shape: "result",
				Axes: []Axis{
					{Key: "latency_per_image_s", Name: "latency/image [ms]", Unit: 1e-3, Log: true, Best: "min"},
					{Key: "energy_per_image_pj", Name: "energy/image [µJ]", Unit: 1e6, Log: true, Best: "min"},
					{Key: "top1", Name: "top-1 [%]", Unit: 0.01, Best: "max", Low: "top1_ci95_low", High: "top1_ci95_high"},
					{Key: "area_mm2", Name: "area [mm²]", Unit: 1, Log: true, Best: "min"},
				},
			})
		case "rates":
			c := rateCharts("all results", "")[0]
			c.Groups, c.Label = []string{"curve"}, []string{"curve"}
			charts = append(charts, c)
		}
	}
	return charts
}
