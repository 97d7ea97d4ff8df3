package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Stored is a result that stands beside others, under a name of its own.
type Stored struct {
	Name string
	*Document
}

// Together is the report of several results side by side: their common figures, what
// each says of the same rows, then each as it is.
func Together(parts []Stored) *Document {
	named := distinct(parts)
	doc := &Document{Title: countOf(len(named), "result") + " side by side", Tables: sideBySide(named)}
	doc.Tables = append(doc.Tables, partsTable(named))
	doc.Charts = togetherCharts(doc.Tables)
	result := togetherResult{Tables: AllRows(doc.shown())}
	for _, p := range named {
		doc.Answer = append(doc.Answer, p.line())
		doc.add(p)
		result.Results = append(result.Results, partResult{p.Name, p.envelope()})
	}
	doc.Result = result
	return doc
}

// togetherResult is the "result" of several results side by side in JSON.
type togetherResult struct {
	Tables  []TableRows  `json:"tables"`  // common figures, and the results' names
	Results []partResult `json:"results"` // each as it was written
}

// partResult is one of them: what its command wrote, under a name.
type partResult struct {
	Name string `json:"name"` // of its file or folder
	envelope
}

// line says what a part is, and the first line of its answer.
func (p Stored) line() string {
	says := p.Title
	if len(p.Answer) > 0 {
		says += ": " + p.Answer[0]
	}
	return strings.TrimPrefix(p.Name+": "+says, ": ")
}

// add appends a part's tables, pictures and assumptions, with its name before theirs.
func (d *Document) add(p Stored) {
	names, prefix := p.TableNames(), slugged(p.Name)+"-"
	for i, t := range p.Tables {
		one := *t
		one.Name, one.Title = prefix+names[i], p.Name+": "+strings.TrimPrefix(t.Title+", "+names[i], ", ")
		if t.Title != "" {
			one.Title = p.Name + ": " + t.Title
		}
		d.Tables = append(d.Tables, &one)
	}
	for _, c := range p.Charts {
		c.Table, c.Title = prefix+c.Table, p.Name+": "+c.Title
		d.Charts = append(d.Charts, c)
	}
	if lines := p.allAssumptions(); len(lines) > 0 {
		d.ByMachine = append(d.ByMachine, Group{Name: p.Name, Lines: lines})
	}
	for _, line := range p.lasting() {
		d.Summary = append(d.Summary, p.Name+": "+line)
	}
	for _, a := range p.Attachments {
		d.Attachments = append(d.Attachments, Attachment{p.Name + ": " + a.Name, a.Text})
	}
}

// distinct are the parts with names that differ, as names of tables too.
func distinct(parts []Stored) []Stored {
	taken := map[string]bool{}
	out := slices.Clone(parts)
	for i := range out {
		name := out[i].Name
		for n := 2; taken[slugged(name)]; n++ {
			name = fmt.Sprintf("%s-%d", out[i].Name, n)
		}
		taken[slugged(name)] = true
		out[i].Name = name
	}
	return out
}

// slugged is a name as tables may have it.
func slugged(name string) string {
	if name = strings.ToLower(name); tame.MatchString(name) {
		return name
	}
	return slug(name)
}

// partsTable says what each part is.
func partsTable(parts []Stored) *Table {
	t := &Table{Name: "results", Title: "results", Columns: []Column{
		Text("result", "result").Ranked(Must).ID(), Prose("title", "title", 40).Ranked(60), Prose("command", "command", 60).Ranked(80), Text("version", "bitcycle").Ranked(40), Number("seed", "seed").Ranked(30),
	}}
	for _, p := range parts {
		t.Add(p.Name, p.Title, "bitcycle "+p.Command, p.Version, p.Seed)
	}
	return t
}

// sideBySide are the tables in which results stand beside each other.
func sideBySide(parts []Stored) []*Table {
	tables := commonFigures(parts)
	if t := commonRates(parts); t != nil {
		tables = append(tables, t)
	}
	for _, one := range []struct {
		table, key, value, title string
		column                   func(key, head string) Column
	}{
		{"claims", "claim", "ours", "our figure of each claim", func(key, head string) Column { return Prose(key, head, 30).Ranked(Must) }},
		{"sources", "name", "mean_error", "mean error of each source [%]", func(key, head string) Column { return Percent(key, head, 3).Ranked(Must) }},
		{"layers", "name", "latency_s", "time of each layer [µs]", func(key, head string) Column { return Scaled(key, head, 1e-6, 2).Ranked(Must) }},
	} {
		if t := pivot(parts, one.table, one.key, one.value, one.column); t != nil {
			t.Title = one.title
			tables = append(tables, t)
		}
	}
	return tables
}

// pivot has a row for each value under a key of a table that at least two parts show, and
// a column a part; nil where no two parts share a row.
func pivot(parts []Stored, table, key, value string, column func(key, head string) Column) *Table {
	out := &Table{Name: table, Columns: []Column{Prose(key, key, 44).Ranked(Must).ID()}}
	cells, rows := map[string]map[string]any{}, []string{}
	var have []string
	for _, p := range parts {
		t := p.named(table)
		if t == nil || t.FilesOnly {
			continue
		}
		have = append(have, p.Name)
		t.each(func(get func(string) any) {
			name := plain(get(key))
			if cells[name] == nil {
				cells[name], rows = map[string]any{}, append(rows, name)
			}
			cells[name][p.Name] = get(value)
		})
	}
	shared := slices.ContainsFunc(slices.Collect(maps.Values(cells)), func(m map[string]any) bool { return len(m) > 1 })
	if len(have) < 2 || !shared {
		return nil
	}
	for _, name := range have {
		out.Columns = append(out.Columns, column(value+" of "+name, name))
	}
	for _, name := range rows {
		row := []any{name}
		for _, part := range have {
			row = append(row, cells[name][part])
		}
		out.Add(row...)
	}
	return out
}

// each visits the rows that files have; get returns a cell by its key, nil where there is
// no such column.
func (t *Table) each(visit func(get func(key string) any)) {
	files := t.files()
	at := map[string]int{}
	for i, c := range files.Columns {
		at[c.Key] = i
	}
	for _, row := range files.Rows {
		visit(func(key string) any {
			if i, ok := at[key]; ok {
				return row[i]
			}
			return nil
		})
	}
}
