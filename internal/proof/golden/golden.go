// Package golden compares computed values with the golden vectors of the
// methods: files of named cases, each with an operation, parameters, inputs,
// expected outputs and a tolerance.
package golden

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// File is a file of golden vectors.
type File struct {
	Paper  string          `json:"paper"`
	Format json.RawMessage `json:"format"`
	Cases  []Case          `json:"cases"`
	// Absolute: tolerances bound |got−want| instead of |got−want|/(1+|want|).
	Absolute bool `json:"-"`
}

// Case is one vector.
type Case struct {
	Name    string                     `json:"name"`
	Op      string                     `json:"op"`
	Params  json.RawMessage            `json:"params"`
	Inputs  json.RawMessage            `json:"inputs"`
	Outputs map[string]json.RawMessage `json:"outputs"`
	Tol     float64                    `json:"tol"`

	// Some files call these input and output, and the operation by the name.
	Input  json.RawMessage            `json:"input"`
	Output map[string]json.RawMessage `json:"output"`
}

// Row is the verdict on one case.
type Row struct {
	ID, Kind  string
	Exact     bool    // every value equal, bit for bit
	Error     float64 // largest |got−want|, over 1+|want| unless the file's tolerances are absolute
	Tolerance float64
	Pass      bool
	Note      string // what differs first
}

// Read decodes a file of golden vectors.
func Read(r io.Reader) (*File, error) {
	var file File
	if err := json.NewDecoder(r).Decode(&file); err != nil {
		return nil, fmt.Errorf("golden vectors: %w", err)
	}
	if len(file.Cases) == 0 {
		return nil, fmt.Errorf("golden vectors: no cases")
	}
	for i := range file.Cases {
		c := &file.Cases[i]
		if c.Op == "" {
			c.Op, c.Name = c.Name, fmt.Sprintf("%s#%d", c.Name, i)
			c.Inputs, c.Outputs = c.Input, c.Output
		}
	}
	return &file, nil
}

// Check judges every case: run decodes the case, computes, and reports each
// output through the Verdict.
func Check(file *File, run func(c *Case, v *Verdict) error) []Row {
	rows := make([]Row, len(file.Cases))
	for i := range file.Cases {
		c := &file.Cases[i]
		v := &Verdict{c: c, absolute: file.Absolute, row: Row{ID: c.Name, Kind: c.Op, Exact: true, Tolerance: c.Tol}, seen: map[string]bool{}}
		if err := run(c, v); err != nil {
			v.fail(err.Error())
		}
		for name := range c.Outputs {
			if !v.seen[name] {
				v.fail("output " + name + " was not compared")
			}
		}
		v.row.Pass = v.row.Note == ""
		rows[i] = v.row
	}
	return rows
}

// Verdict collects the comparisons of one case.
type Verdict struct {
	c        *Case
	absolute bool
	row      Row
	seen     map[string]bool
}

func (v *Verdict) fail(note string) {
	v.row.Exact = false
	if v.row.Note == "" {
		v.row.Note = note
	}
}

// Want decodes output name into want and marks it as compared.
func (v *Verdict) Want(name string, want any) bool {
	raw, ok := v.c.Outputs[name]
	if !ok {
		return false
	}
	v.seen[name] = true
	if err := json.Unmarshal(raw, want); err != nil {
		v.fail(fmt.Sprintf("output %s: %v", name, err))
		return false
	}
	return true
}

// Close compares floats with the case's tolerance: |got−want| ≤ tol·(1+|want|).
// An output that the case does not have is no comparison.
func (v *Verdict) Close(name string, got ...float64) {
	raw, ok := v.c.Outputs[name]
	if !ok {
		return
	}
	v.seen[name] = true
	v.CloseRaw(name, raw, got...)
}

// CloseRaw compares got with encoded numbers at the case's tolerance.
func (v *Verdict) CloseRaw(name string, raw json.RawMessage, got ...float64) {
	want, err := floats(raw)
	if err != nil {
		v.fail(fmt.Sprintf("output %s: %v", name, err))
		return
	}
	v.CloseTo(name, want, got)
}

// CloseTo compares got with want at the case's tolerance.
func (v *Verdict) CloseTo(name string, want, got []float64) {
	if len(got) != len(want) {
		v.fail(fmt.Sprintf("output %s: %d values, want %d", name, len(got), len(want)))
		return
	}
	for i := range want {
		diff := math.Abs(got[i] - want[i])
		if !v.absolute {
			diff /= 1 + math.Abs(want[i])
		}
		if math.IsNaN(diff) {
			diff = math.Inf(1)
		}
		v.row.Error = max(v.row.Error, diff)
		if got[i] != want[i] {
			v.row.Exact = false
		}
		if diff > v.row.Tolerance {
			v.fail(fmt.Sprintf("output %s[%d] = %v, want %v", name, i, got[i], want[i]))
		}
	}
}

// Equal compares integers exactly.
func (v *Verdict) Equal(name string, got ...int) {
	raw, ok := v.c.Outputs[name]
	if !ok {
		return
	}
	v.seen[name] = true
	want, err := floats(raw)
	if err != nil || len(want) != len(got) {
		v.fail(fmt.Sprintf("output %s: %d values, want %d", name, len(got), len(want)))
		return
	}
	for i := range want {
		if float64(got[i]) != want[i] {
			v.fail(fmt.Sprintf("output %s[%d] = %d, want %v", name, i, got[i], want[i]))
			v.row.Error = max(v.row.Error, math.Abs(float64(got[i])-want[i]))
		}
	}
}

// floats flattens a number or nested lists of numbers, row-major.
func floats(raw json.RawMessage) ([]float64, error) {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return nil, err
	}
	return flatten(nil, value)
}

func flatten(out []float64, value any) ([]float64, error) {
	switch value := value.(type) {
	case float64:
		return append(out, value), nil
	case []any:
		var err error
		for _, item := range value {
			if out, err = flatten(out, item); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return nil, fmt.Errorf("%v is neither a number nor a list of numbers", value)
}
