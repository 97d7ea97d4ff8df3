package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// writeText writes a document for a terminal: title, answer, tables, what is assumed.
func (d *Document) writeText(out *sticky, s Style) {
	first := true
	part := func() {
		if !first {
			out.printf("\n")
		}
		first = false
	}
	if d.Title != "" || len(d.Answer) > 0 {
		part()
		out.title(d.Title, s)
		out.lines(0, d.Answer, s.Width)
	}
	for _, t := range d.shown() {
		part()
		out.table(t, s)
	}
	if len(d.Summary) > 0 {
		part()
		out.lines(0, d.Summary, s.Width)
	}
	if len(d.Assumptions) > 0 || len(d.ByMachine) > 0 {
		part()
		out.printf("assumptions:\n")
		out.lines(2, d.Assumptions, s.Width)
		for _, g := range d.ByMachine {
			out.printf("  %s:\n", clean(g.Name))
			out.lines(4, g.Lines, s.Width)
		}
	}
}

// lines writes sentences, each a paragraph so far from the margin.
func (s *sticky) lines(indent int, lines []string, width int) {
	for _, line := range lines {
		s.printf("%s\n", paragraph(indent, line, width))
	}
}

func (s *sticky) title(title string, style Style) {
	if title == "" {
		return
	}
	title = paragraph(0, title, style.Width)
	if style.Color {
		title = "\x1b[1m" + title + "\x1b[0m"
	}
	s.printf("%s\n", title)
}

// table writes a table within the width; columns without room are named below it.
func (s *sticky) table(t *Table, style Style) {
	s.title(t.Title, style)
	if s.err != nil {
		return
	}
	widths, left := t.fitted(style.Width)
	var b strings.Builder
	t.draw(&b, widths)
	s.printf("%s", b.String())
	if len(left) > 0 {
		s.printf("%s\n", paragraph(0, fmt.Sprintf("not shown for want of width: %s (--wide shows all)", strings.Join(left, ", ")), style.Width))
	}
	s.lines(0, t.Notes, style.Width)
}

// fitted returns the widths of the columns, 0 for those that are not shown, and the
// heads of those that had no room. Without a limit, text is as wide as it is and prose
// as it asks to be.
func (t *Table) fitted(width int) (widths []int, left []string) {
	var measures []measure
	var columns []int
	for i := range t.Columns {
		if !t.Columns[i].hidden {
			measures, columns = append(measures, t.measure(i)), append(columns, i)
		}
	}
	widths = make([]int, len(t.Columns))
	if width <= 0 {
		for i, m := range measures {
			widths[columns[i]] = m.whole
		}
		return widths, nil
	}
	for i, w := range fit(measures, width) {
		if widths[columns[i]] = w; w == 0 {
			left = append(left, t.Columns[columns[i]].Head)
		}
	}
	return widths, left
}

// draw writes the columns that have a width, their text wrapped to it, with lines below
// the head and above the footer. A cell stands between blanks; a column that is wider than
// its text is filled up.
func (t *Table) draw(out *strings.Builder, widths []int) {
	head := t.wrapped(widths, func(i int) string { return clean(t.Columns[i].Head) })
	rows := make([][][]string, len(t.Rows))
	for r, row := range t.Rows {
		rows[r] = t.wrapped(widths, func(i int) string { return t.Columns[i].show(row[i]) })
	}
	var footer [][]string
	if t.Footer != nil {
		footer = t.wrapped(widths, func(i int) string { return t.Columns[i].show(t.Footer[i]) })
	}
	widest, all := make([]int, len(widths)), 0
	for _, cells := range append(slices.Clip(rows), head, footer) {
		for i, lines := range cells {
			for _, line := range lines {
				widest[i] = max(widest[i], displaywidth.String(line))
			}
		}
	}
	for i, w := range widest {
		if widths[i] > 0 {
			all += w + gap
		}
	}
	rule := strings.Repeat("─", all) + "\n"
	t.drawRow(out, head, widest)
	out.WriteString(rule)
	for _, cells := range rows {
		t.drawRow(out, cells, widest)
	}
	if footer != nil {
		out.WriteString(rule)
		t.drawRow(out, footer, widest)
	}
}

// drawRow writes the cells of a row, as many lines as the longest has, without blanks at
// the end.
func (t *Table) drawRow(out *strings.Builder, cells [][]string, widest []int) {
	height := 1
	for _, lines := range cells {
		height = max(height, len(lines))
	}
	for n := range height {
		blanks := 0
		for i, lines := range cells {
			if lines == nil {
				continue
			}
			text := ""
			if n < len(lines) {
				text = lines[n]
			}
			pad := widest[i] - displaywidth.String(text)
			if blanks++; !t.Columns[i].Left {
				blanks, pad = blanks+pad, 0
			}
			if text != "" {
				blank(out, blanks)
				out.WriteString(text)
				blanks = 0
			}
			blanks += pad + 1
		}
		out.WriteByte('\n')
	}
}

func blank(out *strings.Builder, n int) {
	for range n {
		out.WriteByte(' ')
	}
}

// wrapped are the lines of the cells of a row; nil for columns without a width.
func (t *Table) wrapped(widths []int, cell func(column int) string) [][]string {
	cells := make([][]string, len(widths))
	for i, width := range widths {
		if width > 0 {
			cells[i] = strings.Split(wrap(cell(i), width), "\n")
		}
	}
	return cells
}

// String returns the whole table as plain text.
func (t *Table) String() string {
	var b strings.Builder
	out := &sticky{w: &b}
	if out.table(t, Style{}); out.err != nil {
		return out.err.Error()
	}
	return b.String()
}
