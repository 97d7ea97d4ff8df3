package validate

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"strconv"
)

// record is a row of a CSV file by column name. Reading a bad cell is remembered,
// see err.
type record struct {
	file   string
	line   int
	column map[string]int
	cells  []string
	bad    *error
}

// readCSV reads a file with a header line.
func readCSV(golden fs.FS, path string) ([]record, error) {
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
	var out []record
	for i, cells := range all[1:] {
		out = append(out, record{file: path, line: i + 2, column: column, cells: cells, bad: new(error)})
	}
	return out, nil
}

func (r record) where() string { return fmt.Sprintf("%s:%d", r.file, r.line) }
func (r record) err() error    { return *r.bad }

func (r record) fail(name, rule string) {
	if *r.bad == nil {
		*r.bad = fmt.Errorf("%s: %s: %s", r.where(), name, rule)
	}
}

func (r record) text(name string) string {
	i, ok := r.column[name]
	if !ok || i >= len(r.cells) {
		r.fail(name, "no such column")
		return ""
	}
	return r.cells[i]
}

func (r record) number(name string) float64 {
	x, err := strconv.ParseFloat(r.text(name), 64)
	if err != nil {
		r.fail(name, "not a number: "+r.text(name))
	}
	return x
}

func (r record) whole(name string) int { return int(r.number(name)) }
