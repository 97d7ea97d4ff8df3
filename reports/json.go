package reports

import (
	"encoding/json"
	"io"
	"math"
	"slices"
	"strings"
)

// SchemaVersion is the version of the JSON output; adding keys is no break.
const SchemaVersion = 1

// envelope is the JSON of every command.
type envelope struct {
	Schema      int      `json:"schema"`               // version of this page; keys may be added without a new one
	Command     string   `json:"command"`              // the command line
	Version     string   `json:"version"`              // of bitcycle
	Seed        int64    `json:"seed"`                 // of everything random
	Title       string   `json:"title,omitempty"`      // for people
	Answer      []string `json:"answer,omitempty"`     // what stands below it, for people
	Summary     []string `json:"summary,omitempty"`    // what stands below the tables, for people
	Identity    []Field  `json:"identity,omitempty"`   // what tells the rows of this result from those of others, as columns of its files
	Assumptions []string `json:"assumptions"`          // sentences; those of one machine begin with its name
	Result      any      `json:"result"`               // by the command, see below; the same for the same command, version and seed
	WallClock   any      `json:"wall_clock,omitempty"` // what the clock on the wall said, which comparisons drop
	Charts      []Chart  `json:"charts,omitempty"`     // pictures that a page draws of the result's tables
}

func (d *Document) writeJSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(d.envelope())
}

// envelope is what JSON says of the document.
func (d *Document) envelope() envelope {
	result := d.Result
	if result == nil {
		result = tableRows(d.Tables)
	}
	clock := d.WallClock
	if rows := ClockRows(d.shown()); clock == nil && len(rows) > 0 {
		clock = rows
	}
	return envelope{SchemaVersion, d.Command, d.Version, d.Seed, d.Title, d.Answer, d.lasting(), d.Identity, d.allAssumptions(), result, clock, d.Charts}
}

// lasting are the lines of the summary that are about the result, not about files that were
// written beside it.
func (d *Document) lasting() []string {
	return slices.DeleteFunc(slices.Clone(d.Summary), func(line string) bool { return strings.HasPrefix(line, "wrote ") })
}

// allAssumptions lists those of all, then those of each machine with its name.
func (d *Document) allAssumptions() []string {
	all := append([]string{}, d.Assumptions...)
	for _, g := range d.ByMachine {
		for _, line := range g.Lines {
			all = append(all, g.Name+": "+line)
		}
	}
	return all
}

// tableRows is the rows of one table, or a list of those of several. Tables that are
// for files alone repeat what others say.
func tableRows(tables []*Table) any {
	d := Document{Tables: tables}
	all := AllRows(d.shown())
	if len(all) == 1 {
		return all[0]
	}
	return all
}

// TableRows is a table for JSON.
type TableRows struct {
	Name    string           `json:"name,omitempty"`    // of its file with --export
	Title   string           `json:"title,omitempty"`   // for people
	Columns []Column         `json:"columns,omitempty"` // keys in their order, and how people see them
	Rows    []map[string]any `json:"rows"`              // values by the columns' keys; null where there is none
	Notes   []string         `json:"notes,omitempty"`   // for people
}

// AllRows turns tables into what JSON can say, those of the clock on the wall left out.
func AllRows(tables []*Table) []TableRows { return rows(tables, false) }

// ClockRows are the rows of the tables that AllRows leaves out.
func ClockRows(tables []*Table) []TableRows { return rows(tables, true) }

func rows(tables []*Table, clock bool) []TableRows {
	all := []TableRows{}
	for _, t := range tables {
		if t.WallClock == clock {
			all = append(all, t.rows())
		}
	}
	return all
}

func (t *Table) rows() TableRows {
	files := t.files()
	out := TableRows{Name: t.Name, Title: t.Title, Columns: t.presentation(), Rows: make([]map[string]any, len(files.Rows)), Notes: t.Notes}
	for j, row := range files.Rows {
		object := make(map[string]any, len(row))
		for k, v := range row {
			object[files.Columns[k].Key] = finite(v)
		}
		out.Rows[j] = object
	}
	return out
}

// presentation are the columns that files have, those that people see as they see them.
func (t *Table) presentation() []Column {
	columns := slices.Clone(t.files().Columns)
	if t.Files == nil {
		return columns
	}
	for i := range columns {
		at := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Key == columns[i].Key })
		if at < 0 {
			columns[i].Hidden = true
			continue
		}
		identifies := columns[i].Identifies
		columns[i] = t.Columns[at]
		columns[i].Identifies = columns[i].Identifies || identifies
	}
	return columns
}

// finite is a value as JSON can say it: nil for what is no number.
func finite(v any) any {
	if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
		return nil
	}
	return v
}
