package reports

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
)

// SchemaVersion is the version of the JSON output; adding keys is no break.
const SchemaVersion = 1

// Formats lists the output formats of a Document.
var Formats = []string{"table", "markdown", "csv", "json"}

// Origin is what made a report.
type Origin struct {
	Command, Version string
	Seed             int64
}

// String returns "seed 1, bitcycle v1.2".
func (o Origin) String() string { return fmt.Sprintf("seed %d, bitcycle %s", o.Seed, o.Version) }

// Document is everything one command has to say.
type Document struct {
	Origin
	Assumptions []string
	Tables      []*Table // shown in order; CSV writes the first
	Summary     []string // lines below the tables
	Result      any      // marshalled as "result" in JSON; nil marshals the tables' rows
	// WallClock is marshalled as "wall_clock" in JSON, beside the result: what differs
	// from run to run, for comparisons to drop. nil marshals the rows of the tables
	// that are marked so.
	WallClock any
}

// Write renders the document in one of Formats.
func (d *Document) Write(w io.Writer, format string, color bool) error {
	switch format {
	case "table":
		return d.writeText(w, color)
	case "markdown":
		return d.writeMarkdown(w)
	case "csv":
		if len(d.Tables) == 0 {
			return fmt.Errorf("%s has no table to write as csv", d.Command)
		}
		return d.Tables[0].WriteCSV(w)
	case "json":
		return d.writeJSON(w)
	}
	return fmt.Errorf("format = %q: must be one of %s", format, strings.Join(Formats, ", "))
}

func (d *Document) writeText(w io.Writer, color bool) error {
	for i, t := range d.Tables {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := t.WriteText(w, color); err != nil {
			return err
		}
	}
	if len(d.Summary) > 0 {
		fmt.Fprintf(w, "\n%s\n", strings.Join(d.Summary, "\n"))
	}
	return d.writeAssumptions(w, "\nassumptions:\n", "  ")
}

func (d *Document) writeMarkdown(w io.Writer) error {
	for _, t := range d.Tables {
		if err := t.WriteMarkdown(w); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	for _, line := range d.Summary {
		fmt.Fprintf(w, "%s\n\n", line)
	}
	return d.writeAssumptions(w, "Assumptions:\n\n", "- ")
}

func (d *Document) writeAssumptions(w io.Writer, head, bullet string) error {
	if len(d.Assumptions) == 0 {
		return nil
	}
	if _, err := io.WriteString(w, head); err != nil {
		return err
	}
	for _, line := range d.Assumptions {
		if _, err := fmt.Fprintf(w, "%s%s\n", bullet, line); err != nil {
			return err
		}
	}
	return nil
}

func (d *Document) writeJSON(w io.Writer) error {
	result := d.Result
	if result == nil {
		result = tableRows(d.Tables)
	}
	clock := d.WallClock
	if rows := ClockRows(d.Tables); clock == nil && len(rows) > 0 {
		clock = rows
	}
	assumptions := d.Assumptions
	if assumptions == nil {
		assumptions = []string{}
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(struct {
		Schema      int      `json:"schema"`
		Command     string   `json:"command"`
		Version     string   `json:"version"`
		Seed        int64    `json:"seed"`
		Assumptions []string `json:"assumptions"`
		Result      any      `json:"result"`
		WallClock   any      `json:"wall_clock,omitempty"`
	}{SchemaVersion, d.Command, d.Version, d.Seed, assumptions, result, clock})
}

// WriteFile creates a file and writes it.
func WriteFile(path string, write func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

// tableRows is the rows of one table, or a list of those of several.
func tableRows(tables []*Table) any {
	all := AllRows(tables)
	if len(all) == 1 {
		return all[0]
	}
	return all
}

// TableRows is a table for JSON.
type TableRows struct {
	Title string           `json:"title,omitempty"`
	Rows  []map[string]any `json:"rows"` // values by the columns' keys
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
	out := TableRows{Title: t.Title, Rows: make([]map[string]any, len(t.Rows))}
	for j, row := range t.Rows {
		object := make(map[string]any, len(row))
		for k, v := range row {
			if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
				v = nil
			}
			object[t.Columns[k].Key] = v
		}
		out.Rows[j] = object
	}
	return out
}
