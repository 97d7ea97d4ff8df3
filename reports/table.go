// Package reports renders results. A [Table] is made once and written as a
// terminal table, Markdown or CSV; a [Document] joins tables with the result
// they show and the assumptions behind them, and is written as JSON too.
// Nothing here computes a number that is not already in the result.
package reports

import (
	"fmt"
	"math"
	"strconv"
)

// Table is rows of values under described columns.
type Table struct {
	Name    string // of its file: "layers"
	Title   string
	Columns []Column
	Rows    [][]any // one value per column; nil shows as empty
	Footer  []any   // totals, nil for none
	Notes   []string
	// WallClock tells that the figures come from the clock on the wall and differ from
	// run to run: JSON keeps them apart from results.
	WallClock bool
	// Files is what files have instead, with the same facts: a value a cell, in base
	// units; nil: the same.
	Files *Table
	// FilesOnly leaves the table to files.
	FilesOnly bool
}

// Column tells how the values of one column are named and shown.
type Column struct {
	Key  string `json:"key"`            // snake_case with the base unit, for CSV and JSON: "energy_pj"
	Head string `json:"head,omitempty"` // for people, with the readable unit: "energy [µJ]"
	Left bool   `json:"left,omitempty"` // left-aligned text
	// Unit divides numbers for people; 0 shows them as they are.
	Unit     float64 `json:"unit,omitempty"`
	Decimals int     `json:"decimals,omitempty"` // of numbers that are divided
	// Digits are significant ones of numbers that are divided, in place of decimals.
	Digits int `json:"digits,omitempty"`
	// Wrap breaks the text of a terminal table between words into lines of at most
	// so many characters; 0 keeps one line where there is room for it.
	Wrap int `json:"wrap,omitempty"`
	// Rank decides which columns are left out where a terminal is too narrow: those of
	// low rank first, from the right. The first column stays, and those of rank [Must].
	Rank int `json:"rank,omitempty"`
	// Identifies: the value tells whose row it is, see [Document.Export].
	Identifies bool `json:"identifies,omitempty"`
	// Hidden columns are left out of what people see; CSV and JSON have them.
	Hidden bool `json:"hidden,omitempty"`
}

// Ranked is the column with a rank.
func (c Column) Ranked(rank int) Column {
	c.Rank = rank
	return c
}

// ID is the column as one that identifies the row.
func (c Column) ID() Column {
	c.Identifies = true
	return c
}

// files is the table that files have.
func (t *Table) files() *Table {
	if t.Files != nil {
		return t.Files
	}
	return t
}

// visible is the table with what only files have shown too.
func (t *Table) visible() *Table {
	all := *t
	all.FilesOnly = false
	return &all
}

// Add appends a row.
func (t *Table) Add(values ...any) {
	if len(values) != len(t.Columns) {
		panic(fmt.Sprintf("reports: %d values for %d columns of %q", len(values), len(t.Columns), t.Title))
	}
	t.Rows = append(t.Rows, values)
}

// Text is a left-aligned column of strings.
func Text(key, head string) Column { return Column{Key: key, Head: head, Left: true} }

// Prose is a left-aligned column of sentences, broken into lines on a terminal.
func Prose(key, head string, wrap int) Column {
	return Column{Key: key, Head: head, Left: true, Wrap: wrap}
}

// Number is a right-aligned column of integers or already formatted values.
func Number(key, head string) Column { return Column{Key: key, Head: head} }

// Scaled shows numbers divided by unit with the given decimals: Scaled("energy_pj", "energy [µJ]", 1e6, 2).
func Scaled(key, head string, unit float64, decimals int) Column {
	return Column{Key: key, Head: head, Unit: unit, Decimals: decimals}
}

// Percent shows fractions as percentages.
func Percent(key, head string, decimals int) Column { return Scaled(key, head, 0.01, decimals) }

// Significant shows numbers with the given significant digits.
func Significant(key, head string, digits int) Column {
	return Column{Key: key, Head: head, Unit: 1, Digits: digits}
}

func fixed(x float64, decimals int) string {
	if math.IsNaN(x) {
		return "–"
	}
	return strconv.FormatFloat(x, 'f', decimals, 64)
}

// show formats a value for people.
func (c Column) show(v any) string { return clean(c.format(v)) }

func (c Column) format(v any) string {
	switch {
	case v == nil:
		return ""
	case v == true:
		return "yes"
	case v == false:
		return "no"
	case c.Unit != 0 && isNumber(v) && c.Digits > 0:
		return strconv.FormatFloat(toFloat(v)/c.Unit, 'g', c.Digits, 64)
	case c.Unit != 0 && isNumber(v):
		return fixed(toFloat(v)/c.Unit, c.Decimals)
	}
	return plain(v)
}

// plain formats a value at full precision.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		if math.IsNaN(v) {
			return ""
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return fmt.Sprint(v)
}

func isNumber(v any) bool {
	switch v.(type) {
	case int, int64, uint8, float64:
		return true
	}
	return false
}

func toFloat(v any) float64 {
	switch v := v.(type) {
	case int:
		return float64(v)
	case int64:
		return float64(v)
	case uint8:
		return float64(v)
	case float64:
		return v
	}
	panic(fmt.Sprintf("reports: %T is no number", v))
}

// hide leaves the columns with the given keys out of what people see.
func (t *Table) hide(keys ...string) {
	for i := range t.Columns {
		for _, key := range keys {
			if t.Columns[i].Key == key {
				t.Columns[i].Hidden = true
			}
		}
	}
}

// hideZero hides those of the columns that are zero in every row.
func (t *Table) hideZero(keys ...string) {
	for i := range t.Columns {
		for _, key := range keys {
			if t.Columns[i].Key == key && t.allZero(i) {
				t.Columns[i].Hidden = true
			}
		}
	}
}

func (t *Table) allZero(column int) bool {
	for _, row := range t.Rows {
		if v := row[column]; v != nil && (!isNumber(v) || toFloat(v) != 0) {
			return false
		}
	}
	return true
}
