package reports

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

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
	if err := t.render(w, style); err != nil {
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
	if err := t.render(w, renderer.NewMarkdown()); err != nil {
		return err
	}
	for _, note := range t.Notes {
		if _, err := fmt.Fprintf(w, "\n%s\n", note); err != nil {
			return err
		}
	}
	return nil
}

func (t *Table) render(w io.Writer, style tw.Renderer) error {
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
		if err := table.Append(t.cells(row)); err != nil {
			return err
		}
	}
	if t.Footer != nil {
		table.Footer(t.cells(t.Footer))
	}
	return table.Render()
}

func (t *Table) cells(row []any) []string {
	cells := make([]string, 0, len(row))
	for i, v := range row {
		if !t.Columns[i].hidden {
			cells = append(cells, t.Columns[i].show(v))
		}
	}
	return cells
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
