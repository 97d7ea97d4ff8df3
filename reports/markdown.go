package reports

import (
	"io"
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// writeMarkdown writes GitHub-flavoured Markdown.
func (d *Document) writeMarkdown(out *sticky) {
	if d.Title != "" {
		out.printf("## %s\n\n", markdown(d.Title))
	}
	for _, line := range d.Answer {
		out.printf("%s\n\n", markdown(line))
	}
	for _, t := range d.shown() {
		out.markdownTable(t)
		out.printf("\n")
	}
	for _, line := range d.Summary {
		out.printf("%s\n\n", markdown(line))
	}
	if len(d.Assumptions) > 0 || len(d.ByMachine) > 0 {
		out.printf("Assumptions:\n\n")
	}
	for _, line := range d.Assumptions {
		out.printf("- %s\n", markdown(line))
	}
	for _, g := range d.ByMachine {
		out.printf("- %s\n", markdown(g.Name))
		for _, line := range g.Lines {
			out.printf("  - %s\n", markdown(line))
		}
	}
}

// WriteMarkdown writes the table as GitHub-flavoured Markdown.
func (t *Table) WriteMarkdown(w io.Writer) error {
	out := &sticky{w: w}
	out.markdownTable(t)
	return out.err
}

func (s *sticky) markdownTable(t *Table) {
	if t.Title != "" {
		s.printf("### %s\n\n", markdown(t.Title))
	}
	for _, row := range t.markdownRows() {
		s.printf("| %s |\n", strings.Join(row, " | "))
	}
	for _, note := range t.Notes {
		s.printf("\n%s\n", markdown(note))
	}
}

// markdownRows are heads, rule, rows and footer, filled up to columns.
func (t *Table) markdownRows() [][]string {
	rows := make([][]string, 2+len(t.Rows), 3+len(t.Rows))
	if t.Footer != nil {
		rows = append(rows, nil)
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.Hidden {
			continue
		}
		cells := []string{markdown(c.Head), "--:"}
		if c.Left {
			cells[1] = ":--"
		}
		for _, row := range t.Rows {
			cells = append(cells, markdown(c.show(row[i])))
		}
		if t.Footer != nil {
			cells = append(cells, bold(markdown(c.show(t.Footer[i]))))
		}
		width := 0
		for _, cell := range cells {
			width = max(width, displaywidth.String(cell))
		}
		for j, cell := range cells {
			fill := strings.Repeat(" ", width-displaywidth.String(cell))
			if c.Left {
				cell += fill
			} else {
				cell = fill + cell
			}
			rows[j] = append(rows[j], cell)
		}
	}
	return rows
}

func bold(text string) string {
	if text == "" {
		return ""
	}
	return "**" + text + "**"
}

// markdownEscapes are the signs that Markdown reads as its own, in a table or out of it.
var markdownEscapes = strings.NewReplacer(
	`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", ">", "&gt;", "&", "&amp;", "](", `]\(`, "~~", `\~\~`, "\n", " ")

// markdown escapes text.
func markdown(text string) string { return markdownEscapes.Replace(text) }
