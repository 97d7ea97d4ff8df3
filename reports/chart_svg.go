package reports

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// drawnPoints is the most points of a picture that is a file of its own.
const drawnPoints = 5000

// Figures are the charts of the document as pictures for slides and papers, named by the
// words of their titles.
func (d *Document) Figures() []Figure {
	var figures []Figure
	names := map[string]int{}
	for i := range d.Charts {
		c := &d.Charts[i]
		t := d.named(c.Table)
		if t == nil {
			continue
		}
		picture := c.picture(t.chartRows(d.Identity))
		if picture == nil {
			continue
		}
		name := slug(c.Title)
		if names[name]++; names[name] > 1 {
			name = fmt.Sprintf("%s-%d", name, names[name])
		}
		figures = append(figures, Figure{name, picture.WriteSVG})
	}
	return figures
}

// drawing is a picture that can be written.
type drawing interface{ WriteSVG(w io.Writer) error }

// picture draws the chart of rows; nil where they have nothing to show.
func (c *Chart) picture(rows []chartRow) drawing {
	switch c.Kind {
	case "stack":
		return c.stack(rows)
	case "roofline":
		return c.roofline(rows)
	case "curves":
		return c.curves(rows)
	}
	return c.points(rows)
}

// chartRow is a row by its keys.
type chartRow map[string]any

// at is a value on an axis, NaN where there is none.
func (r chartRow) at(key string, unit float64) float64 {
	if v := r[key]; isNumber(v) {
		return toFloat(v) / unit
	}
	return math.NaN()
}

func (r chartRow) label(keys []string) string {
	var parts []string
	for _, key := range keys {
		if v := plain(r[key]); v != "" {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, ", ")
}

// chartRows are the rows that files have, with what identifies them.
func (t *Table) chartRows(identity []Field) []chartRow {
	files := t.files()
	rows := make([]chartRow, len(files.Rows))
	for i, cells := range files.Rows {
		rows[i] = chartRow{}
		for _, f := range identity {
			rows[i][f.Key] = f.Value
		}
		for k, v := range cells {
			rows[i][files.Columns[k].Key] = v
		}
	}
	return rows
}

// groupsOf are the rows by their value under a key, in order; all in one without a key.
func groupsOf(rows []chartRow, keys []string) (names []string, groups [][]chartRow) {
	at := map[string]int{}
	for _, r := range rows {
		name := ""
		if len(keys) > 0 {
			name = plain(r[keys[0]])
		}
		i, ok := at[name]
		if !ok {
			i = len(names)
			at[name], names, groups = i, append(names, name), append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return names, groups
}

// series is a curve of rows over two axes.
func (c *Chart) series(name string, rows []chartRow, x, y *Axis) Curve {
	s := Curve{Name: ending(name, 30)}
	for _, r := range rows {
		s.X, s.Y = append(s.X, r.at(x.Key, x.Unit)), append(s.Y, r.at(y.Key, y.Unit))
		if y.Low != "" || y.High != "" {
			s.Low, s.High = append(s.Low, r.at(y.Low, y.Unit)), append(s.High, r.at(y.High, y.Unit))
		}
	}
	return s
}

// shown tells whether rows have a value on the axis.
func (a *Axis) shown(rows []chartRow) bool {
	return slices.ContainsFunc(rows, func(r chartRow) bool { return finiteOn(a.Log, r.at(a.Key, a.Unit)) })
}

func (c *Chart) curves(rows []chartRow) drawing {
	x, y := &c.Axes[0], &c.Axes[1]
	if !x.shown(rows) || !y.shown(rows) {
		return nil
	}
	out := &Curves{Title: c.Title, XLabel: x.Name, YLabel: y.Name, LogX: x.Log, LogY: y.Log}
	names, groups := groupsOf(rows, c.Groups)
	for i, name := range names {
		out.Series = append(out.Series, c.series(name, groups[i], x, y))
	}
	if len(c.Axes) > 2 && c.Axes[2].shown(rows) { // a reference, in the colours of the curves
		ref := &c.Axes[2]
		for i := range names {
			s := c.series("", groups[i], x, &Axis{Key: ref.Key, Unit: ref.Unit})
			s.Dashed = true
			out.Series = append(out.Series, s)
		}
		out.references = len(names)
		out.XLabel += "; dashed: " + ref.Name
	}
	return out
}

// points are the first two axes that have values, with the front where both say what is
// best.
func (c *Chart) points(rows []chartRow) drawing {
	var axes []*Axis
	for i := range c.Axes {
		if c.Axes[i].shown(rows) {
			axes = append(axes, &c.Axes[i])
		}
	}
	if len(axes) < 2 {
		return nil
	}
	x, y := axes[0], axes[1]
	out := &Curves{Title: c.Title, XLabel: x.Name, YLabel: y.Name, LogX: x.Log, LogY: y.Log}
	front := frontOf(rows, x, y)
	if len(rows) > drawnPoints {
		out.Title += fmt.Sprintf(" (%s of %s points)", grouped(drawnPoints), grouped(len(rows)))
		rows = sampled(rows, drawnPoints)
	}
	names, groups := groupsOf(rows, c.Groups)
	for i, name := range names {
		s := c.series(name, groups[i], x, y)
		s.Dots = true
		out.Series = append(out.Series, s)
	}
	if len(front) > 1 {
		s := c.series("front", front, x, y)
		s.Low, s.High, s.Dashed = nil, nil, true
		out.Series = append(out.Series, s)
	}
	return out.with(c, rows, x, y)
}

// with adds lines of equal ratio and of limits.
func (out *Curves) with(c *Chart, rows []chartRow, x, y *Axis) *Curves {
	xs, ys := extent(rows, x), extent(rows, y)
	for _, k := range c.Guides {
		out.Series = append(out.Series, Curve{Name: "", X: xs[:], Y: []float64{k * xs[0], k * xs[1]}, Dashed: true})
	}
	for _, l := range c.Limits {
		switch l.Key {
		case x.Key:
			at := l.Value / x.Unit
			out.Series = append(out.Series, Curve{Name: l.Name, X: []float64{at, at}, Y: ys[:], Dashed: true})
		case y.Key:
			at := l.Value / y.Unit
			out.Series = append(out.Series, Curve{Name: l.Name, X: xs[:], Y: []float64{at, at}, Dashed: true})
		}
	}
	return out
}

// extent are the least and the largest value on an axis.
func extent(rows []chartRow, a *Axis) [2]float64 {
	s := [2]float64{math.Inf(1), math.Inf(-1)}
	for _, r := range rows {
		if v := r.at(a.Key, a.Unit); finiteOn(a.Log, v) {
			s[0], s[1] = min(s[0], v), max(s[1], v)
		}
	}
	return s
}

// sampled takes so many rows evenly.
func sampled(rows []chartRow, most int) []chartRow {
	out := make([]chartRow, most)
	for i := range out {
		out[i] = rows[i*(len(rows)-1)/(most-1)]
	}
	return out
}

// frontOf walks the rows in the order of x and keeps those that improve y.
func frontOf(rows []chartRow, x, y *Axis) []chartRow {
	if x.Best == "" || y.Best == "" {
		return nil
	}
	cost := func(r chartRow, a *Axis) float64 {
		if a.Best == "max" {
			return -r.at(a.Key, a.Unit)
		}
		return r.at(a.Key, a.Unit)
	}
	sorted := slices.DeleteFunc(slices.Clone(rows), func(r chartRow) bool {
		return !finiteOn(x.Log, r.at(x.Key, x.Unit)) || !finiteOn(y.Log, r.at(y.Key, y.Unit))
	})
	slices.SortStableFunc(sorted, func(a, b chartRow) int {
		return cmp.Or(cmp.Compare(cost(a, x), cost(b, x)), cmp.Compare(cost(a, y), cost(b, y)))
	})
	best := math.Inf(1)
	var front []chartRow
	for _, r := range sorted {
		if v := cost(r, y); v < best {
			best, front = v, append(front, r)
		}
	}
	return front
}

func (c *Chart) stack(rows []chartRow) drawing {
	name := c.Note
	if name == "" {
		name = c.Title
	}
	out := &Rows{Title: c.Title, XLabel: name}
	sum := 0.0
	for _, a := range c.Axes {
		part := Part{Name: a.Name}
		for _, r := range rows {
			v := r.at(a.Key, a.Unit)
			if math.IsNaN(v) || v < 0 {
				v = 0
			}
			part.Values = append(part.Values, v)
		}
		sum += sumOf(part.Values)
		out.Parts = append(out.Parts, part)
	}
	if sum == 0 {
		return nil
	}
	for _, r := range rows {
		out.Names = append(out.Names, r.label(c.Label))
	}
	return out
}

// roofline has the roofs of array and memory, and a dot a row.
func (c *Chart) roofline(rows []chartRow) drawing {
	x, y := &c.Axes[0], &c.Axes[1]
	if !x.shown(rows) || !y.shown(rows) {
		return nil
	}
	out := &Curves{Title: c.Title, XLabel: x.Name, YLabel: y.Name, LogX: true, LogY: true}
	xs := extent(rows, x)
	for _, r := range c.Roofs {
		if r.BytesPerCycle > 0 {
			xs[0], xs[1] = min(xs[0], r.Peak/r.BytesPerCycle/2), max(xs[1], 2*r.Peak/r.BytesPerCycle)
		}
	}
	dots := c.series("", rows, x, y)
	dots.Dots = true
	out.Series = append(out.Series, dots)
	for _, r := range c.Roofs {
		roof := Curve{Name: r.Name, X: []float64{xs[0], xs[1]}, Y: []float64{r.Peak, r.Peak}, Dashed: true}
		if r.BytesPerCycle > 0 {
			knee := r.Peak / r.BytesPerCycle
			roof.X, roof.Y = []float64{xs[0], knee, xs[1]}, []float64{xs[0] * r.BytesPerCycle, r.Peak, r.Peak}
		}
		out.Series = append(out.Series, roof)
	}
	return out
}
