// Package goldencheck compares package rff with vectors computed elsewhere.
//
// A vector file is JSON,
//
//	{"paper": "rff", "cases": [{name, op, params, inputs, outputs, tol}, …]},
//
// with arrays row-major and a step of null meaning 2/(2K−1). Numbers agree if
// |a−b| ≤ tol·(1+|b|); quantizer decisions and integers must be equal.
package goldencheck

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
)

// Row is the verdict on one case.
type Row struct {
	ID, Kind  string
	Exact     bool    // decisions and integers of the case are all equal
	Error     float64 // largest |a−b|/(1+|b|) over all numbers of the case
	Tolerance float64
	Pass      bool
	Note      string // why a case does not pass
}

// kinds maps every op of the format to the code that repeats it.
var kinds = map[string]func(*trial){
	"msq":                  checkMSQ,
	"stocq":                checkStocQ,
	"sigma_delta_greedy":   checkModulator,
	"sigma_delta_filtered": checkModulator,
	"telescope":            checkModulator,
	"beta":                 checkModulator,
	"sparse_filter":        checkSparseFilter,
	"v_sd":                 checkSigmaDeltaVectors,
	"v_beta":               checkBetaVector,
	"condense":             checkCondense,
	"pipeline":             checkPipeline,
	"bits":                 checkBits,
	"ridge":                checkRidge,
	"mmd":                  checkMMD,
}

// Check runs every case of a vector file. The error is about the file; a case that
// fails, or that cannot be understood, is a row that does not pass.
func Check(r io.Reader) ([]Row, error) {
	var file struct {
		Paper string            `json:"paper"`
		Cases []json.RawMessage `json:"cases"`
	}
	if err := json.NewDecoder(r).Decode(&file); err != nil {
		return nil, fmt.Errorf("vectors: %w", err)
	}
	if file.Paper != "" && file.Paper != "rff" {
		return nil, fmt.Errorf("vectors: paper = %q: must be rff", file.Paper)
	}
	if len(file.Cases) == 0 {
		return nil, errors.New("vectors: no cases")
	}
	rows := make([]Row, len(file.Cases))
	for i, raw := range file.Cases {
		rows[i] = checkCase(i, raw)
	}
	return rows, nil
}

func checkCase(index int, raw json.RawMessage) (row Row) {
	var c struct {
		Name    string `json:"name"`
		Op      string `json:"op"`
		Tol     float64
		Params  fields `json:"params"`
		Inputs  fields `json:"inputs"`
		Outputs fields `json:"outputs"`
	}
	row.ID = fmt.Sprintf("case %d", index+1)
	if err := json.Unmarshal(raw, &c); err != nil {
		row.Note = err.Error()
		return row
	}
	if c.Name != "" {
		row.ID = c.Name
	}
	row.Kind, row.Tolerance = c.Op, c.Tol
	check, known := kinds[c.Op]
	if !known {
		row.Note = fmt.Sprintf("op = %q: unknown", c.Op)
		return row
	}
	t := &trial{params: c.Params, inputs: c.Inputs, outputs: c.Outputs, seen: map[string]bool{}}
	defer func() { // vectors of impossible shape reach the checks of the code under test
		if p := recover(); p != nil {
			row.Note = fmt.Sprintf("cannot be computed: %v", p)
		}
	}()
	check(t)
	return t.verdict(row)
}

// trial collects the comparisons of one case.
type trial struct {
	params, inputs, outputs fields
	seen                    map[string]bool // outputs compared
	worst                   float64
	unequal                 int // decisions and integers that differ
	problems                []string
}

func (t *trial) problem(format string, args ...any) {
	t.problems = append(t.problems, fmt.Sprintf(format, args...))
}

func (t *trial) verdict(row Row) Row {
	for name := range t.outputs {
		if !t.seen[name] {
			t.problem("output %q: not understood", name)
		}
	}
	row.Error = t.worst
	if t.worst > row.Tolerance {
		t.problem("error %.3g above %.3g", t.worst, row.Tolerance)
	}
	if t.unequal > 0 {
		t.problem("%d decisions or integers differ", t.unequal)
	}
	sort.Strings(t.problems)
	row.Exact = t.unequal == 0 && len(t.problems) == 0
	row.Pass = len(t.problems) == 0
	row.Note = strings.Join(t.problems, "; ")
	return row
}
