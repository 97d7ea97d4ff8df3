package sweep

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bitcycle/internal/files"
)

// The files of a finished folder beside its points and its manifest.
const (
	ResultsFile = "results.csv"
	SweepFile   = "sweep.toml"
)

// ReadTable reads the results of a finished folder.
func ReadTable(ctx context.Context, folder string) (*Table, error) {
	spec, err := Load(filepath.Join(folder, SweepFile))
	if err != nil {
		return nil, err
	}
	path := filepath.Join(folder, ResultsFile)
	file, err := files.Open(ctx, path, files.Table)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	t, err := readTable(spec, file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

func readTable(spec *Spec, r io.Reader) (*Table, error) {
	in := csv.NewReader(files.Text(r))
	in.ReuseRecord = true
	head, err := in.Read()
	if err != nil {
		return nil, err
	}
	t := &Table{Spec: spec, errors: map[int]string{}, notes: map[int]string{}}
	columns, err := t.readHead(slices.Clone(head))
	if err != nil {
		return nil, err
	}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		line, _ := in.FieldPos(0)
		if err := t.readRow(columns, row); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
	p := Plan{Spec: spec, kind: t.kind(), read: t.Metrics}
	t.Objectives, t.signs = p.Objectives()
	t.known = t.n
	t.Judge()
	return t, nil
}

// column tells what a column of the file is: a figure, a key, or one of its names.
type column struct {
	name   string
	metric int
	key    bool
}

// figure reads a number as [figure] writes it.
func (c column) figure(cell string) (float64, error) {
	if cell == "" {
		return math.NaN(), nil
	}
	x, err := strconv.ParseFloat(cell, 64)
	if err != nil {
		return 0, fmt.Errorf("%s = %q: want a number", c.name, cell)
	}
	return x, nil
}

func (t *Table) readHead(head []string) ([]column, error) {
	columns := make([]column, len(head))
	for i, name := range head {
		columns[i] = column{name: name, metric: -1}
		m, err := metricOf(name)
		_, axis := t.Spec.axis(name)
		switch {
		case axis:
			columns[i].key = true
			t.Keys = append(t.Keys, name)
		case err == nil:
			columns[i].metric = m
			t.Metrics = append(t.Metrics, m)
		case strings.HasPrefix(name, measuredPrefix) && name != columnRows && name != columnFrom:
			if m, err = metricOf(strings.TrimPrefix(name, measuredPrefix)); err != nil {
				return nil, fmt.Errorf("line 1: %s: %w", name, err)
			}
			t.Measured = append(t.Measured, m)
		case slices.Contains([]string{columnRows, columnFrom, columnKernel, columnFit, columnRoom, columnEnergy}, name):
		case !slices.Contains([]string{columnID, columnFront, columnDominated, columnMisses, columnError, columnNote}, name):
			return nil, fmt.Errorf("line 1: no column %q of a sweep's results", name)
		}
	}
	if len(head) == 0 || head[0] != columnID || len(t.Metrics) == 0 {
		return nil, errors.New("line 1: not the results of a sweep")
	}
	return columns, nil
}

func (t *Table) readRow(columns []column, row []string) error {
	var values []string
	for i, c := range columns {
		switch {
		case c.key:
			values = append(values, row[i])
		case c.metric >= 0:
			x, err := c.figure(row[i])
			if err != nil {
				return err
			}
			t.columns[c.metric] = append(t.columns[c.metric], x)
		case c.name == columnID:
			id, ok := ParseID(row[i])
			if !ok {
				return fmt.Errorf("id = %q: want 32 hexadecimal digits", row[i])
			}
			t.ids = append(t.ids, id)
		case c.name == columnError && row[i] != "":
			t.errors[t.n] = row[i]
		case c.name == columnNote && row[i] != "":
			t.notes[t.n] = row[i]
		}
	}
	t.values = append(t.values, values)
	t.n++
	if len(t.Measured) > 0 {
		return t.readBeside(columns, row)
	}
	return nil
}

// kind tells what the points are by their figures.
func (t *Table) kind() kind {
	switch {
	case slices.Contains(t.Metrics, ser):
		return radio
	case slices.Contains(t.Metrics, top1), slices.ContainsFunc(t.Metrics, func(m int) bool { return m >= firstQuality }):
		return measures
	}
	return costs
}
