// Package golden compares the methods with vectors that were computed elsewhere.
//
// A file methods/NAME.json holds cases,
//
//	{"paper": "…", "cases": [{name, op, params, inputs, outputs, tol}, …]},
//
// each an operation on named inputs with the outputs it must give. Some files
// say input and output, and the operation by the name. Arrays are row-major,
// complex values are {"re": …, "im": …}. A table for each method tells which
// code repeats an operation: that which the product, or the reproduction of the
// paper, runs.
package golden

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"bitcycle/internal/proof"
)

// method is how the vectors of a method are repeated.
type method struct {
	name string
	// absolute: tolerances bound |got − want|, else |got − want|/(1 + |want|).
	absolute bool
	// decisions: a case is exact if all its decisions and integers are, else if
	// every number is, bit for bit.
	decisions  bool
	operations map[string]func(c *Case)
}

// methods are the tables of all methods.
var methods = []method{
	{name: "bcgd", absolute: true, operations: bcgdOperations},
	{name: "lplr", operations: lplrOperations},
	{name: "mimo", absolute: true, operations: mimoOperations},
	{name: "multipoint", operations: multipointOperations},
	{name: "rff", decisions: true, operations: rffOperations},
}

// Run judges the vectors of every method whose file lies below methods/ of the
// folder.
func Run(folder fs.FS) ([]proof.Source, error) {
	var sources []proof.Source
	for i := range methods {
		m := &methods[i]
		path := "methods/" + m.name + ".json"
		file, err := folder.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		rows, err := m.check(file)
		file.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		sources = append(sources, proof.NewSource(m.name+" vectors", "every case within its tolerance", "", rows, proof.NoneFails))
	}
	return sources, nil
}

// check judges every case of a file. The error is about the file; a case that
// fails, or that cannot be understood, is a row that fails.
func (m *method) check(r io.Reader) ([]proof.Row, error) {
	var file struct {
		Paper string            `json:"paper"`
		Cases []json.RawMessage `json:"cases"`
	}
	if err := json.NewDecoder(r).Decode(&file); err != nil {
		return nil, fmt.Errorf("golden vectors: %w", err)
	}
	if file.Paper != "" && file.Paper != m.name {
		return nil, fmt.Errorf("golden vectors: paper = %q: must be %s", file.Paper, m.name)
	}
	if len(file.Cases) == 0 {
		return nil, errors.New("golden vectors: no cases")
	}
	rows := make([]proof.Row, len(file.Cases))
	for i, raw := range file.Cases {
		rows[i] = m.judge(i, raw)
	}
	return rows, nil
}

// judge repeats a case.
func (m *method) judge(index int, raw json.RawMessage) proof.Row {
	c, err := decode(index, raw)
	if err != nil {
		return proof.Row{ID: fmt.Sprintf("case %d", index), Verdict: proof.Fails, Note: err.Error()}
	}
	c.absolute = m.absolute
	if run, known := m.operations[c.op]; known {
		c.repeat(run)
	} else {
		c.fail("op %q: unknown", c.op)
	}
	return c.row(m.decisions)
}
