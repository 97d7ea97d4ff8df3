package golden

import (
	"encoding/json"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/proof"
)

// Case is one vector and what came of repeating it.
type Case struct {
	name, op  string
	tolerance float64
	absolute  bool
	in, out   map[string]json.RawMessage

	seen    map[string]bool // outputs compared
	largest float64         // distance of a number from what it should be
	decided bool            // every decision and integer is as it should be
	bitwise bool            // every number is
	note    string          // what differs first
}

// decode reads a case.
func decode(index int, raw json.RawMessage) (*Case, error) {
	var file struct {
		Name, Op       string
		Tol            float64
		Params, Inputs map[string]json.RawMessage
		Outputs        map[string]json.RawMessage
		Input, Output  map[string]json.RawMessage
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, err
	}
	c := &Case{name: file.Name, op: file.Op, tolerance: file.Tol, in: map[string]json.RawMessage{}, out: map[string]json.RawMessage{}, seen: map[string]bool{}, decided: true, bitwise: true}
	if c.op == "" { // the name is the operation and says not which case it is
		c.op, c.name = file.Name, fmt.Sprintf("%s#%d", file.Name, index)
	}
	for _, part := range []map[string]json.RawMessage{file.Params, file.Inputs, file.Input} {
		for key, value := range part {
			if c.has(key) {
				return nil, fmt.Errorf("%s: %q is given twice", c.name, key)
			}
			c.in[key] = value
		}
	}
	for _, part := range []map[string]json.RawMessage{file.Outputs, file.Output} {
		for key, value := range part {
			c.out[key] = value
		}
	}
	return c, nil
}

// repeat runs the operation. Inputs that are not there or of an impossible shape
// panic here or in the checks of the code under test.
func (c *Case) repeat(run func(c *Case)) {
	defer func() {
		if p := recover(); p != nil {
			c.fail("cannot be computed: %v", p)
		}
	}()
	run(c)
	for name := range c.out {
		if !c.seen[name] {
			c.fail("output %s was not compared", name)
		}
	}
}

// fail notes what is wrong; the first note stays.
func (c *Case) fail(format string, args ...any) {
	if c.note == "" {
		c.note = fmt.Sprintf(format, args...)
	}
}

// row is the verdict: the figure is the largest distance over all numbers.
func (c *Case) row(decisions bool) proof.Row {
	r := proof.Compare(c.name, c.op, 0, c.largest).Judge(proof.Within(0, c.tolerance))
	r.Exact = c.bitwise
	if decisions {
		r.Exact = c.decided
	}
	if r.Verdict == proof.Fails {
		c.fail("off by %.3g, tolerance %.3g", c.largest, c.tolerance)
	}
	if c.note != "" {
		r.Exact, r.Verdict, r.Note = false, proof.Fails, c.note
	}
	return r
}

// has reports whether an input is there and not null.
func (c *Case) has(name string) bool {
	raw, ok := c.in[name]
	return ok && string(raw) != "null"
}

// decode reads an input of a form of its own.
func (c *Case) decode(name string, into any) {
	raw, ok := c.in[name]
	if !ok {
		panic(fmt.Sprintf("input %q is missing", name))
	}
	if err := json.Unmarshal(raw, into); err != nil {
		panic(fmt.Sprintf("input %q: %v", name, err))
	}
}

// list returns all numbers of an input in their order; a number is a list of one.
func (c *Case) list(name string) []float64 {
	if !c.has(name) {
		panic(fmt.Sprintf("input %q is missing", name))
	}
	values, err := numbers(c.in[name])
	if err != nil {
		panic(fmt.Sprintf("input %q: %v", name, err))
	}
	return values
}

// number returns an input, or missing where it is not given.
func (c *Case) number(name string, missing float64) float64 {
	if !c.has(name) {
		return missing
	}
	list := c.list(name)
	if len(list) != 1 {
		panic(fmt.Sprintf("input %q: must be one number", name))
	}
	return list[0]
}

// whole is number for integers.
func (c *Case) whole(name string, missing int) int {
	v := c.number(name, float64(missing))
	if v != math.Trunc(v) || math.Abs(v) > 1<<30 {
		panic(fmt.Sprintf("input %q = %v: must be an integer", name, v))
	}
	return int(v)
}

// rows returns a matrix as its rows; a vector is a matrix of one row.
func (c *Case) rows(name string) [][]float64 {
	var rows [][]float64
	if json.Unmarshal(c.in[name], &rows) == nil && len(rows) > 0 {
		return rows
	}
	return [][]float64{c.list(name)}
}

// numbers flattens a number or nested lists of numbers, row-major.
func numbers(raw json.RawMessage) ([]float64, error) {
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

// matrix is rows as a matrix.
func (c *Case) matrix(name string) *mat.Dense {
	rows := c.rows(name)
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		m.SetRow(i, row)
	}
	return m
}
