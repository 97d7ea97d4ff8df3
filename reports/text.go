package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
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
	if s.err = t.draw(&b, widths); s.err != nil {
		return
	}
	for line := range strings.Lines(b.String()) {
		s.printf("%s\n", strings.TrimRight(line, " \n"))
	}
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
		if !t.Columns[i].Hidden {
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

// draw writes the columns that have a width, their text wrapped to it.
func (t *Table) draw(w io.Writer, widths []int) error {
	var align tw.Alignment
	for i, c := range t.Columns {
		switch {
		case widths[i] == 0:
		case c.Left:
			align = append(align, tw.AlignLeft)
		default:
			align = append(align, tw.AlignRight)
		}
	}
	table := grid(w, tw.CellAlignment{PerColumn: align})
	table.Header(t.wrapped(widths, func(i int) string { return clean(t.Columns[i].Head) }))
	for _, row := range t.Rows {
		if err := table.Append(t.wrapped(widths, func(i int) string { return t.Columns[i].show(row[i]) })); err != nil {
			return err
		}
	}
	if t.Footer != nil {
		table.Footer(t.wrapped(widths, func(i int) string { return t.Columns[i].show(t.Footer[i]) }))
	}
	return table.Render()
}

// grid is an empty table with lines below its head and above its footer; it keeps cells
// as they are.
func grid(w io.Writer, cells tw.CellAlignment) *tablewriter.Table {
	lines := tw.LinesNone
	lines.ShowHeaderLine, lines.ShowFooterLine = tw.On, tw.On
	return tablewriter.NewTable(w,
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignmentConfig(cells),
		tablewriter.WithRowAlignmentConfig(cells),
		tablewriter.WithFooterAlignmentConfig(cells),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithFooterAutoWrap(tw.WrapNone),
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Symbols:  tw.NewSymbols(tw.StyleLight),
			Settings: tw.Settings{Lines: lines, Separators: tw.SeparatorsNone},
		})))
}

// wrapped are the cells of the columns that have a width.
func (t *Table) wrapped(widths []int, cell func(column int) string) []string {
	var cells []string
	for i, width := range widths {
		if width > 0 {
			cells = append(cells, wrap(cell(i), width))
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
