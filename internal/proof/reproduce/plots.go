package reproduce

import (
	"bitcycle/internal/proof/experiments/rff"
	"bitcycle/reports"
)

// plot is a paper's figure drawn anew: lines over common axes. Its rows are a table of
// files.
type plot struct {
	chart reports.Chart
	table *reports.Table
}

// newPlot begins a plot; reference names what a dashed line shows beside ours, "" for
// none.
func newPlot(name, title, note string, x, y reports.Axis, reference string) *plot {
	x.Key, y.Key = "x", "y"
	if x.Unit == 0 {
		x.Unit = 1
	}
	if y.Unit == 0 {
		y.Unit = 1
	}
	y.Low, y.High = "y_low", "y_high"
	p := &plot{
		chart: reports.Chart{Kind: "curves", Title: title, Note: note, Table: name, Label: []string{"series"}, Groups: []string{"series"}, Axes: []reports.Axis{x, y}},
		table: &reports.Table{Name: name, Title: title, FilesOnly: true, Columns: []reports.Column{
			reports.Text("series", "").ID(), reports.Number("x", "").ID(), reports.Number("y", ""), reports.Number("y_low", ""), reports.Number("y_high", ""),
		}},
	}
	if reference != "" {
		p.chart.Axes = append(p.chart.Axes, reports.Axis{Key: "reference", Name: reference, Unit: y.Unit, Log: y.Log})
		p.table.Columns = append(p.table.Columns, reports.Number("reference", ""))
	}
	return p
}

// add appends a point; low and high are nil without an interval, reference without one.
func (p *plot) add(series string, x, y, low, high, reference any) {
	cells := []any{series, x, y, low, high}
	if len(p.table.Columns) > len(cells) {
		cells = append(cells, reference)
	}
	p.table.Add(cells...)
}

// plot adds a plot that has points to the report.
func (r *Report) plot(p *plot) {
	if len(p.table.Rows) > 0 {
		r.Tables, r.Charts = append(r.Tables, p.table), append(r.Charts, p.chart)
	}
}

// plotExperiment adds the figures of an experiment with random features.
func (r *Report) plotExperiment(t *rff.Table) {
	for i := range t.Plots {
		one := &t.Plots[i]
		p := newPlot("plot-"+t.ID, one.Title, "", reports.Axis{Name: one.XLabel, Log: one.LogX}, reports.Axis{Name: one.YLabel, Log: one.LogY}, "")
		if i > 0 {
			p.chart.Table += "-" + string(rune('1'+i))
			p.table.Name = p.chart.Table
		}
		for _, s := range one.Series {
			for k := range s.X {
				p.add(s.Name, s.X[k], s.Y[k], nil, nil, nil)
			}
		}
		r.plot(p)
	}
}
