package table

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/files"
)

// maxColumns bounds the indices of a LIBSVM file.
const maxColumns = 1 << 24

// ReadLibSVM reads lines of the form "label index:value index:value …" with
// increasing indices from 1; what is not named is 0, and "#" begins a comment.
// name is the file's, for errors.
func ReadLibSVM(r io.Reader, name string, o Options) (*Table, error) {
	var rows [][]entry
	t := &Table{}
	columns := max(o.Columns, 0)
	scanner := bufio.NewScanner(files.Text(r))
	scanner.Buffer(nil, 1<<26)
	line := 0
	for !o.full(len(rows)) && scanner.Scan() {
		line++
		text, _, _ := strings.Cut(scanner.Text(), "#")
		if strings.TrimSpace(text) == "" {
			continue
		}
		label, row, err := parseLibSVM(text, o.Columns)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, line, err)
		}
		if len(row) > 0 {
			columns = max(columns, row[len(row)-1].column+1)
		}
		t.Y = append(t.Y, label)
		rows = append(rows, row)
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, line+1, err)
	}
	if len(rows) == 0 || columns == 0 {
		return nil, fmt.Errorf("%s: no rows of data", name)
	}
	if err := checkSize(len(rows), columns); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	t.X = mat.NewDense(len(rows), columns, nil)
	for i, row := range rows {
		for _, e := range row {
			t.X.Set(i, e.column, e.value)
		}
	}
	return t, nil
}

// entry is a value that is not zero.
type entry struct {
	column int
	value  float64
}

// parseLibSVM reads a line; indices end at most, if that is positive.
func parseLibSVM(text string, most int) (label float64, row []entry, err error) {
	words := strings.Fields(text)
	if label, err = number(words[0]); err != nil {
		return 0, nil, fmt.Errorf("label %w", err)
	}
	for _, word := range words[1:] {
		index, value, ok := strings.Cut(word, ":")
		column, err := strconv.Atoi(index)
		if !ok || err != nil || column < 1 || column > maxColumns {
			return 0, nil, fmt.Errorf("%q: must be index:value with an index from 1 to %d", word, maxColumns)
		}
		if most > 0 && column > most {
			return 0, nil, fmt.Errorf("index %d: at most %d expected", column, most)
		}
		if len(row) > 0 && column-1 <= row[len(row)-1].column {
			return 0, nil, fmt.Errorf("index %d: indices must increase", column)
		}
		v, err := number(value)
		if err != nil {
			return 0, nil, fmt.Errorf("index %d: %w", column, err)
		}
		row = append(row, entry{column - 1, v})
	}
	return label, row, nil
}

func number(word string) (float64, error) {
	v, err := strconv.ParseFloat(word, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%q is not a finite number", word)
	}
	return v, nil
}
