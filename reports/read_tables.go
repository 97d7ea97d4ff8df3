package reports

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// ReadTables makes the tables that a result in JSON has: a list of rows or of tables, or
// an object of them.
func ReadTables(result json.RawMessage) ([]*Table, error) {
	var value any
	if err := decode(result, &value); err != nil {
		return nil, err
	}
	tables := tablesOf(value, "")
	if len(tables) == 0 {
		return nil, errors.New("result: holds no table")
	}
	return tables, nil
}

// tablesOf looks for tables in a value that stands under a key.
func tablesOf(value any, key string) []*Table {
	switch value := value.(type) {
	case []any:
		if rows := objects(value); rows != nil && !slices.ContainsFunc(rows, func(o map[string]any) bool { return o["rows"] != nil }) {
			return present(&TableRows{Name: key, Rows: rows})
		}
		var tables []*Table
		for _, v := range value {
			tables = append(tables, tablesOf(v, key)...)
		}
		return tables
	case map[string]any:
		if rows, ok := value["rows"].([]any); ok {
			one := headOf(value, key)
			one.Rows = objects(rows)
			tables := present(&one)
			return append(tables, inside(value, "rows", "columns", "notes")...)
		}
		return inside(value)
	}
	return nil
}

// inside are the tables of an object's values.
func inside(object map[string]any, but ...string) []*Table {
	var tables []*Table
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if !slices.Contains(but, key) {
			tables = append(tables, tablesOf(object[key], key)...)
		}
	}
	return tables
}

// objects are the elements of a list of objects, nil for other lists.
func objects(list []any) []map[string]any {
	rows := make([]map[string]any, len(list))
	for i, v := range list {
		row, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		rows[i] = row
	}
	return rows
}

// headOf is what JSON says of a table beside its rows.
func headOf(object map[string]any, key string) TableRows {
	head := map[string]any{}
	for _, k := range []string{"name", "title", "columns", "notes"} {
		head[k] = object[k]
	}
	var one TableRows
	if text, err := json.Marshal(head); err != nil || json.Unmarshal(text, &one) != nil {
		one = TableRows{}
	}
	if one.Name == "" {
		one.Name = key
	}
	return one
}

// tame are names that files and pages may have.
var tame = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

// present is a table of rows, under the columns that come with them or all keys of the
// rows; none without a column.
func present(rows *TableRows) []*Table {
	t := &Table{Name: rows.Name, Title: rows.Title, Columns: slices.Clone(rows.Columns), Notes: rows.Notes}
	if !tame.MatchString(t.Name) {
		t.Name = slug(t.Name)
	}
	if len(t.Columns) == 0 {
		t.Columns = columnsOf(rows.Rows)
	}
	if len(t.Columns) == 0 {
		return nil
	}
	const most = 17 // digits that a number has
	for i := range t.Columns {
		c := &t.Columns[i]
		c.Decimals, c.Digits, c.Wrap = min(max(c.Decimals, 0), most), min(max(c.Digits, 0), most), max(c.Wrap, 0)
	}
	for _, row := range rows.Rows {
		cells := make([]any, len(t.Columns))
		for i := range t.Columns {
			cells[i] = cell(row[t.Columns[i].Key])
		}
		t.Rows = append(t.Rows, cells)
	}
	t.FilesOnly = !slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Head != "" && !c.Hidden })
	return []*Table{t}
}

// columnsOf are the keys of rows, text to the left.
func columnsOf(rows []map[string]any) []Column {
	seen := map[string]Column{}
	for _, row := range rows {
		for key, v := range row {
			_, number := v.(json.Number)
			c := Column{Key: key, Head: key, Left: !number && v != nil}
			c.Left = c.Left || seen[key].Left
			seen[key] = c
		}
	}
	columns := slices.Collect(maps.Values(seen))
	slices.SortFunc(columns, func(a, b Column) int {
		if a.Left != b.Left {
			return map[bool]int{true: -1, false: 1}[a.Left]
		}
		return strings.Compare(a.Key, b.Key)
	})
	return columns
}

// cell is a value of JSON as tables have it: whole numbers are integers.
func cell(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		if x, err := v.Float64(); err == nil {
			return x
		}
		return v.String()
	case map[string]any, []any:
		text, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(text)
	}
	return v
}
