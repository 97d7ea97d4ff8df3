package reports

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// WriteText writes the table for a terminal. Bold titles need color.
func (t *Table) WriteText(w io.Writer, color bool) error {
	if t.Title != "" {
		title := t.Title
		if color {
			title = "\x1b[1m" + title + "\x1b[0m"
		}
		if _, err := fmt.Fprintln(w, title); err != nil {
			return err
		}
	}
	lines := tw.LinesNone
	lines.ShowHeaderLine, lines.ShowFooterLine = tw.On, tw.On
	style := renderer.NewBlueprint(tw.Rendition{
		Borders:  tw.BorderNone,
		Symbols:  tw.NewSymbols(tw.StyleLight),
		Settings: tw.Settings{Lines: lines, Separators: tw.SeparatorsNone},
	})
	if err := t.render(w, style, true); err != nil {
		return err
	}
	for _, note := range t.Notes {
		if _, err := fmt.Fprintln(w, note); err != nil {
			return err
		}
	}
	return nil
}

// WriteMarkdown writes the table as GitHub-flavoured Markdown.
func (t *Table) WriteMarkdown(w io.Writer) error {
	if t.Title != "" {
		if _, err := fmt.Fprintf(w, "### %s\n\n", t.Title); err != nil {
			return err
		}
	}
	if err := t.render(w, renderer.NewMarkdown(), false); err != nil {
		return err
	}
	for _, note := range t.Notes {
		if _, err := fmt.Fprintf(w, "\n%s\n", note); err != nil {
			return err
		}
	}
	return nil
}

// render writes the table; narrow breaks the cells of columns that wrap.
func (t *Table) render(w io.Writer, style tw.Renderer, narrow bool) error {
	var align tw.Alignment
	var heads []string
	for _, c := range t.Columns {
		switch {
		case c.hidden:
			continue
		case c.Left:
			align = append(align, tw.AlignLeft)
		default:
			align = append(align, tw.AlignRight)
		}
		heads = append(heads, c.Head)
	}
	cells := tw.CellAlignment{PerColumn: align}
	table := tablewriter.NewTable(w,
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignmentConfig(cells),
		tablewriter.WithRowAlignmentConfig(cells),
		tablewriter.WithFooterAlignmentConfig(cells),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithFooterAutoWrap(tw.WrapNone),
		tablewriter.WithRenderer(style))
	table.Header(heads)
	for _, row := range t.Rows {
		if err := table.Append(t.cells(row, narrow)); err != nil {
			return err
		}
	}
	if t.Footer != nil {
		table.Footer(t.cells(t.Footer, narrow))
	}
	return table.Render()
}

func (t *Table) cells(row []any, narrow bool) []string {
	cells := make([]string, 0, len(row))
	for i, v := range row {
		c := &t.Columns[i]
		if c.hidden {
			continue
		}
		text := c.show(v)
		if narrow && c.Wrap > 0 {
			text = wrap(text, c.Wrap)
		}
		cells = append(cells, text)
	}
	return cells
}

// wrap breaks text between words into lines of at most width characters, except for
// words that are longer.
func wrap(text string, width int) string {
	var b strings.Builder
	used := 0
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case used+1+n > width:
			b.WriteByte('\n')
			used = 0
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += n
	}
	return b.String()
}

// WriteCSV writes the rows (no footer) at full precision under the column keys.
func (t *Table) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	keys := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		keys[i] = c.Key
	}
	if err := out.Write(keys); err != nil {
		return err
	}
	for _, row := range t.Rows {
		record := make([]string, len(row))
		for i, v := range row {
			record[i] = plain(v)
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// String returns the table as plain text.
func (t *Table) String() string {
	var b strings.Builder
	if err := t.WriteText(&b, false); err != nil {
		return err.Error()
	}
	return b.String()
}
