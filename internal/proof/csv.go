package proof

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"math"
	"strconv"
)

// Record is a row of a CSV file by column name. Reading a bad cell is remembered,
// see [Record.Err].
type Record struct {
	file   string
	line   int
	column map[string]int
	cells  []string
	bad    *error
}

// ReadCSV reads a file with a header line.
func ReadCSV(golden fs.FS, path string) ([]Record, error) {
	f, err := golden.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: empty", path)
	}
	column := map[string]int{}
	for i, name := range all[0] {
		column[name] = i
	}
	var out []Record
	for i, cells := range all[1:] {
		out = append(out, Record{file: path, line: i + 2, column: column, cells: cells, bad: new(error)})
	}
	return out, nil
}

// Where is the file and line of the row.
func (r Record) Where() string { return fmt.Sprintf("%s:%d", r.file, r.line) }

// Err is the first fault that reading a cell has found.
func (r Record) Err() error { return *r.bad }

func (r Record) fail(name, rule string) {
	if *r.bad == nil {
		*r.bad = fmt.Errorf("%s: %s: %s", r.Where(), name, rule)
	}
}

// Text is the cell of a column.
func (r Record) Text(name string) string {
	i, ok := r.column[name]
	if !ok || i >= len(r.cells) {
		r.fail(name, "no such column")
		return ""
	}
	return r.cells[i]
}

// Find is the cell of a column, "" where there is no such column.
func (r Record) Find(name string) string {
	if i, ok := r.column[name]; ok && i < len(r.cells) {
		return r.cells[i]
	}
	return ""
}

// Number is the cell of a column that holds a finite number.
func (r Record) Number(name string) float64 {
	x, err := strconv.ParseFloat(r.Text(name), 64)
	if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
		r.fail(name, "not a number: "+r.Text(name))
		return 0
	}
	return x
}

// Has reports whether the cell of a column is filled.
func (r Record) Has(name string) bool { return r.Text(name) != "" }

// Whole is the cell of a column that holds a whole number, cut to what an int32 holds.
func (r Record) Whole(name string) int {
	return int(min(max(r.Number(name), math.MinInt32), math.MaxInt32))
}
