package matrix

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/files"
)

func loadCSV(ctx context.Context, path string) ([]Named, error) {
	r, err := files.Open(ctx, path, files.Table)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	a, err := readCSV(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if a == nil {
		return nil, nil
	}
	return []Named{{strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), a}}, nil
}

// maxCells bounds the numbers of a file, 2 GB of them.
const maxCells = 1 << 28

// readCSV reads numbers; a first line without any is a header.
func readCSV(r io.Reader) (*mat.Dense, error) {
	in := csv.NewReader(files.Text(r))
	in.TrimLeadingSpace, in.ReuseRecord = true, true
	var values []float64
	rows := 0
	for first := true; ; first = false {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if first && header(record) {
			continue
		}
		for column, text := range record {
			x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			if len(values) == maxCells {
				return nil, fmt.Errorf("more than %d numbers", maxCells)
			}
			if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
				line, _ := in.FieldPos(column)
				return nil, fmt.Errorf("line %d: column %d: %.40q is not a finite number", line, column+1, text)
			}
			values = append(values, x)
		}
		rows++
	}
	if rows == 0 {
		return nil, nil
	}
	return mat.NewDense(rows, len(values)/rows, values), nil
}

// header tells a line that holds no number.
func header(record []string) bool {
	for _, text := range record {
		if _, err := strconv.ParseFloat(strings.TrimSpace(text), 64); !errors.Is(err, strconv.ErrSyntax) {
			return false
		}
	}
	return true
}
