package reports

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html"
)

// The page's style and script; together they are small enough to stand in every page.
var (
	//go:embed page/page.css
	pageStyle string
	//go:embed page/draw.js
	scriptDraw string
	//go:embed page/points.js
	scriptPoints string
	//go:embed page/charts.js
	scriptCharts string
	//go:embed page/tables.js
	scriptTables string
)

// listed is the most rows of a table that a page has as text; the script lists others.
const listed = 400

// pageData is what the script draws from.
type pageData struct {
	Tables []pageTable `json:"tables"`
	Charts []Chart     `json:"charts"`
}

// pageTable is a table as files have it: its CSV and what its charts show.
type pageTable struct {
	Name string   `json:"name"`
	Keys []string `json:"keys"`
	Rows [][]any  `json:"rows"`
}

// writeHTML writes one page that needs nothing else: no request leaves it, and without
// its script the tables remain.
func (d *Document) writeHTML(out *sticky) error {
	title := d.Title
	if title == "" {
		title = d.Command
	}
	out.printf("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n")
	out.printf("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:\">\n")
	out.printf("<title>%s</title>\n<style>\n%s</style>\n<body>\n<main>\n", html.EscapeString(title), pageStyle)
	d.writeHeader(out, title)
	d.writeCharts(out)
	for i, name := range d.TableNames() {
		if t := d.Tables[i]; !t.FilesOnly {
			out.htmlTable(name, t)
		}
	}
	d.writeNotes(out)
	if err := d.writeData(out); err != nil {
		return err
	}
	out.printf("</main>\n</body>\n</html>\n")
	return out.err
}

func (d *Document) writeHeader(out *sticky, title string) {
	out.printf("<header>\n<h1>%s</h1>\n", html.EscapeString(title))
	for _, line := range d.Answer {
		out.printf("<p class=\"answer\">%s</p>\n", html.EscapeString(clean(line)))
	}
	out.printf("<p class=\"meta\">%s · <code>bitcycle %s</code></p>\n", html.EscapeString(d.Origin.String()), html.EscapeString(clean(d.Command)))
	out.printf("<div class=\"controls\" id=\"downloads\"></div>\n</header>\n")
}

// writeCharts leaves a place for each picture. What it shows is in a table, for those
// who do not see it.
func (d *Document) writeCharts(out *sticky) {
	if len(d.Charts) == 0 {
		return
	}
	out.printf("<noscript><p>The pictures need JavaScript; the tables below hold what they show.</p></noscript>\n<div class=\"charts\">\n")
	for i := range d.Charts {
		c := &d.Charts[i]
		out.printf("<section class=\"chart %s\" id=\"chart-%d\"><h2>%s</h2>\n", c.Kind, i, html.EscapeString(c.Title))
		if c.Note != "" {
			out.printf("<p class=\"meta\">%s</p>\n", html.EscapeString(c.Note))
		}
		out.printf("<div class=\"body\"></div></section>\n")
	}
	out.printf("</div>\n")
}

// htmlTable writes a table; a cell whose text is not its value has the value beside it,
// to sort by.
func (s *sticky) htmlTable(name string, t *Table) {
	title := t.Title
	if title == "" {
		title = name
	}
	s.printf("<section><h2 id=\"t-%[1]s\">%[2]s</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"t-%[1]s\"><table data-name=\"%[1]s\">\n<thead><tr>", name, html.EscapeString(title))
	for _, c := range t.Columns {
		if !c.Hidden {
			s.printf("<th scope=\"col\"%s>%s</th>", alignment(&c), html.EscapeString(c.Head))
		}
	}
	s.printf("</tr></thead>\n<tbody>\n")
	for _, row := range t.Rows[:min(listed, len(t.Rows))] {
		s.htmlRow(t, row)
	}
	s.printf("</tbody>\n")
	if t.Footer != nil {
		s.printf("<tfoot>\n")
		s.htmlRow(t, t.Footer)
		s.printf("</tfoot>\n")
	}
	s.printf("</table></div>\n")
	if more := len(t.Rows) - listed; more > 0 {
		s.printf("<p class=\"meta\">%d more rows are in the file that the page saves</p>\n", more)
	}
	for _, note := range t.Notes {
		s.printf("<p class=\"meta\">%s</p>\n", html.EscapeString(clean(note)))
	}
	s.printf("</section>\n")
}

func (s *sticky) htmlRow(t *Table, row []any) {
	s.printf("<tr>")
	first := true
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.Hidden {
			continue
		}
		text, value := c.show(row[i]), ""
		if exact := plain(row[i]); isNumber(row[i]) && exact != text {
			value = fmt.Sprintf(" data-v=\"%s\"", exact)
		}
		cell := "td"
		if first && c.Left {
			cell = `th scope="row"`
		}
		first = false
		s.printf("<%s%s%s>%s</%s>", cell, alignment(c), value, html.EscapeString(text), cell[:2])
	}
	s.printf("</tr>\n")
}

func alignment(c *Column) string {
	if c.Left {
		return ` class="l"`
	}
	return ""
}

// writeNotes writes what stands below the tables: files that were written, assumptions,
// and texts that belong to the report.
func (d *Document) writeNotes(out *sticky) {
	for _, line := range d.Summary {
		out.printf("<p>%s</p>\n", html.EscapeString(clean(line)))
	}
	if len(d.Assumptions)+len(d.ByMachine) > 0 {
		out.printf("<section><h2>Assumptions</h2>\n")
		out.htmlList(d.Assumptions)
		for _, g := range d.ByMachine {
			out.printf("<h3>%s</h3>\n", html.EscapeString(clean(g.Name)))
			out.htmlList(g.Lines)
		}
		out.printf("</section>\n")
	}
	for _, a := range d.Attachments {
		out.printf("<details><summary>%s</summary><pre>%s</pre></details>\n", html.EscapeString(a.Name), html.EscapeString(a.Text))
	}
}

func (s *sticky) htmlList(lines []string) {
	if len(lines) == 0 {
		return
	}
	s.printf("<ul>\n")
	for _, line := range lines {
		s.printf("<li>%s</li>\n", html.EscapeString(clean(line)))
	}
	s.printf("</ul>\n")
}

// writeData writes the rows for the script, the JSON of the command, and the script.
func (d *Document) writeData(out *sticky) error {
	data := pageData{Charts: d.Charts, Tables: []pageTable{}}
	if data.Charts == nil {
		data.Charts = []Chart{}
	}
	for i, name := range d.TableNames() {
		data.Tables = append(data.Tables, d.Tables[i].page(name, d.Identity))
	}
	text, err := json.Marshal(data) // which escapes <, > and &
	if err != nil {
		return err
	}
	result, err := json.Marshal(d.envelope())
	if err != nil {
		return err
	}
	out.printf("<script type=\"application/json\" id=\"data\">%s</script>\n<script type=\"application/json\" id=\"json\">%s</script>\n", text, result)
	out.printf("<script>\n'use strict';\n(() => {\n%s%s%s%s})();\n</script>\n", scriptDraw, scriptPoints, scriptCharts, scriptTables)
	return nil
}

// page is the table as files have it, with the identifying columns in front.
func (t *Table) page(name string, identity []Field) pageTable {
	files := t.files()
	out := pageTable{Name: name, Rows: make([][]any, len(files.Rows))}
	for j := range files.Rows {
		out.Rows[j] = []any{}
	}
	add := func(key string, value func(row int) any) {
		out.Keys = append(out.Keys, key)
		for j := range out.Rows {
			out.Rows[j] = append(out.Rows[j], finite(value(j)))
		}
	}
	for _, f := range files.lacks(identity) {
		add(f.Key, func(int) any { return f.Value })
	}
	for i, c := range files.Columns {
		add(c.Key, func(row int) any { return files.Rows[row][i] })
	}
	return out
}
