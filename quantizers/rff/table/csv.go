package table

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/files"
)

// ReadCSV reads rows of numbers separated by commas, semicolons or tabs. A first
// row without numbers beside the label is a header. Labels may be words. name
// is the file's, for errors.
func ReadCSV(r io.Reader, name string, o Options) (*Table, error) {
	buffered := bufio.NewReader(files.Text(r))
	reader := csv.NewReader(buffered)
	reader.Comma = separator(buffered)
	reader.Comment = '#'
	reader.TrimLeadingSpace = true
	reader.ReuseRecord = true
	p := csvParser{name: name, reader: reader, options: o, table: &Table{}}
	for !o.full(p.rows) {
		record, err := reader.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, p.syntax(err)
		}
		if err := p.row(record); err != nil {
			return nil, err
		}
	}
	return p.finish()
}

// separator guesses from the first line.
func separator(r *bufio.Reader) rune {
	line, _ := r.Peek(r.Size())
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	for _, c := range ",;\t" {
		if bytes.ContainsRune(line, c) {
			return c
		}
	}
	return ','
}

type csvParser struct {
	name    string
	reader  *csv.Reader
	options Options
	table   *Table
	rows    int
	label   int // index of the label column, −1 = none
	cells   []float64
	words   []string // labels as written
}

func (p *csvParser) row(record []string) error {
	if p.rows == 0 && p.table.Names == nil {
		p.label = p.options.Label - 1
		switch {
		case p.options.Label == 0:
			p.label = len(record) - 1
		case p.options.Label < 0:
			p.label = -1
		case p.options.Label > len(record):
			return p.errorf(0, "label column %d: the file has %d", p.options.Label, len(record))
		}
		if p.isHeader(record) {
			p.table.Names = p.header(record)
			return nil
		}
	}
	for j, cell := range record {
		if j == p.label {
			p.words = append(p.words, strings.TrimSpace(cell))
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(cell), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return p.errorf(j, "%q is not a finite number", cell)
		}
		if len(p.cells) == maxCells {
			return p.errorf(j, "more than %d numbers", maxCells)
		}
		p.cells = append(p.cells, v)
	}
	p.rows++
	return nil
}

// isHeader reports whether no column beside the label holds a number.
func (p *csvParser) isHeader(record []string) bool {
	for j, cell := range record {
		if _, err := strconv.ParseFloat(strings.TrimSpace(cell), 64); j != p.label && (err == nil || cell == "") {
			return false
		}
	}
	return len(record) > 1
}

func (p *csvParser) header(record []string) []string {
	names := []string{}
	for j, cell := range record {
		if j != p.label {
			names = append(names, strings.Clone(cell))
		}
	}
	return names
}

func (p *csvParser) finish() (*Table, error) {
	if p.rows == 0 {
		return nil, fmt.Errorf("%s: no rows of data", p.name)
	}
	if len(p.cells) == 0 {
		return nil, fmt.Errorf("%s: no columns beside the label", p.name)
	}
	p.table.X = mat.NewDense(p.rows, len(p.cells)/p.rows, p.cells)
	if p.label >= 0 {
		p.setLabels()
	}
	return p.table, nil
}

// setLabels takes labels as numbers if all are, else as words.
func (p *csvParser) setLabels() {
	t := p.table
	for _, word := range p.words {
		v, err := strconv.ParseFloat(word, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			t.Y = nil
			break
		}
		t.Y = append(t.Y, v)
	}
	if t.Y != nil {
		return
	}
	t.Classes = slices.Compact(slices.Sorted(slices.Values(p.words)))
	for _, word := range p.words {
		class, _ := slices.BinarySearch(t.Classes, word)
		t.Y = append(t.Y, float64(class))
	}
}

// errorf places an error at field j of the row just read.
func (p *csvParser) errorf(j int, format string, args ...any) error {
	line, _ := p.reader.FieldPos(j)
	return fmt.Errorf("%s:%d: column %d: %w", p.name, line, j+1, fmt.Errorf(format, args...))
}

// syntax places an error of the CSV reader.
func (p *csvParser) syntax(err error) error {
	var e *csv.ParseError
	if errors.As(err, &e) {
		return fmt.Errorf("%s:%d: %w", p.name, e.Line, e.Err)
	}
	return fmt.Errorf("%s: %w", p.name, err)
}
