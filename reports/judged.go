package reports

import (
	"fmt"

	"bitcycle/evaluate"
	"bitcycle/evaluate/yardstick"
)

// headlineTitle names what an entry is judged by.
func headlineTitle(e *evaluate.Entry) string {
	q := e.Judged()
	switch {
	case q == nil:
		return "top-1"
	case q.Headline() == nil:
		return "SQNR"
	}
	return q.Headline().Title
}

// headlineText is the figure that counts of an entry.
func headlineText(e *evaluate.Entry) string {
	q := e.Judged()
	if h := q.Headline(); h != nil {
		return figureText(h, h.Value)
	}
	sqnr, _, _ := yardstick.Worst(q.Outputs)
	return fmt.Sprintf("%.2f dB", sqnr)
}

// bestTitle says what the best of the figure that counts is.
func bestTitle(entries []evaluate.Entry) string {
	e := &entries[0]
	if q := e.Judged(); q != nil && q.Headline() != nil && q.Headline().Less {
		return "lowest " + headlineTitle(e)
	}
	return "highest " + headlineTitle(e)
}

// floatLine says how good the float network is.
func floatLine(e *evaluate.Entry) string {
	q := e.Judged()
	h := q.Headline()
	if h == nil {
		return fmt.Sprintf("outputs against the float network's on %d %s", q.Count, q.Unit)
	}
	return fmt.Sprintf("float %s %s on %d %s", h.Title, figureText(h, h.Float), q.Count, q.Unit)
}

// headlineAxis is that of a picture.
func headlineAxis(entries []evaluate.Entry) Axis {
	q := entries[0].Quality
	switch {
	case q == nil:
		return Axis{Key: "top1", Name: "top-1 [%]", Unit: 0.01, Best: "max", Low: "top1_ci95_low", High: "top1_ci95_high"}
	case q.Headline() == nil:
		return Axis{Key: "sqnr_db", Name: "SQNR [dB]", Unit: 1, Best: "max"}
	}
	h := q.Headline()
	a := Axis{Key: h.Name, Name: h.Title, Unit: 1, Best: "max", Low: h.Name + "_ci95_low", High: h.Name + "_ci95_high"}
	if h.Percent {
		a.Name, a.Unit = h.Title+" [%]", 0.01
	}
	if h.Less {
		a.Best = "min"
	}
	return a
}

// judgedFields are the columns of what entries are judged by, where it is not classes:
// the figures, the change of the first against float, and its intervals.
func judgedFields(entries []evaluate.Entry) (columns []Column) {
	q := entries[0].Quality
	if q == nil {
		return nil
	}
	for i := range q.Figures {
		f := &q.Figures[i]
		rank := 94 - i
		if i == 0 {
			rank = Must
		}
		columns = append(columns, judgedColumn(f, f.Name, f.Title).Ranked(rank))
		if i == 0 {
			columns = append(columns, judgedColumn(f, "float_"+f.Name, "float "+f.Title).Ranked(56), judgedColumn(f, f.Name+"_change", "change").Ranked(55),
				Number(f.Name+"_ci95_low", ""), Number(f.Name+"_ci95_high", ""), Number(f.Name+"_change_ci95_low", ""), Number(f.Name+"_change_ci95_high", ""))
		}
	}
	rank := 54
	if len(q.Figures) == 0 {
		rank = Must
	}
	return append(columns, Scaled("sqnr_db", "SQNR [dB]", 1, 2).Ranked(rank), Scaled("cosine", "cosine", 1, 5).Ranked(rank-1), Scaled("max_error", "largest error", 1, 4).Ranked(rank-2))
}

func judgedColumn(f *yardstick.Figure, key, title string) Column {
	if f.Percent {
		return Percent(key, title+" [%]", 2)
	}
	return Scaled(key, title, 1, 4)
}

// judgedCells are those of an entry, by the figures of the first.
func judgedCells(entries []evaluate.Entry, e *evaluate.Entry) (cells []any) {
	first := entries[0].Quality
	if first == nil {
		return nil
	}
	for i := range first.Figures {
		f := findFigure(e.Quality, first.Figures[i].Name)
		if f == nil {
			cells = append(cells, nil)
			if i == 0 {
				cells = append(cells, nil, nil, nil, nil, nil, nil)
			}
			continue
		}
		cells = append(cells, f.Value)
		if i == 0 {
			cells = append(cells, f.Float, f.Change, f.CI95[0], f.CI95[1], f.ChangeCI95[0], f.ChangeCI95[1])
		}
	}
	if e.Quality == nil {
		return append(cells, nil, nil, nil)
	}
	sqnr, cosine, most := yardstick.Worst(e.Quality.Outputs)
	return append(cells, finite(sqnr), cosine, most)
}

// findFigure finds a figure by its name, nil if there is none.
func findFigure(q *yardstick.Quality, name string) *yardstick.Figure {
	if q == nil {
		return nil
	}
	for i := range q.Figures {
		if q.Figures[i].Name == name {
			return &q.Figures[i]
		}
	}
	return nil
}
