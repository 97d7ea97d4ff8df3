package goldencheck

import (
	"encoding/json"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"bitcycle/quantizers/rff"
)

// fields are the members of a JSON object, by their exact names.
type fields map[string]json.RawMessage

// given reports whether a member is there and not null.
func (f fields) given(name string) bool {
	raw, ok := f[name]
	return ok && string(raw) != "null"
}

// number returns a member, or missing if it is absent or null.
func (t *trial) number(f fields, name string, missing float64) float64 {
	if !f.given(name) {
		return missing
	}
	v := t.flat(f, name)
	if len(v) != 1 {
		t.problem("%q: must be one number", name)
		return missing
	}
	return v[0]
}

func (t *trial) integer(name string, missing int) int {
	v := t.number(t.params, name, float64(missing))
	if v != math.Trunc(v) || math.Abs(v) > 1<<30 {
		panic(fmt.Sprintf("%q = %v: must be an integer", name, v))
	}
	return int(v)
}

// flat returns all numbers of a nested array in their order.
func (t *trial) flat(f fields, name string) []float64 {
	var v any
	if err := json.Unmarshal(f[name], &v); err != nil {
		panic(fmt.Sprintf("%q is missing or no array of numbers", name))
	}
	return flatten(nil, v)
}

func flatten(dst []float64, v any) []float64 {
	switch v := v.(type) {
	case float64:
		return append(dst, v)
	case []any:
		for _, item := range v {
			dst = flatten(dst, item)
		}
		return dst
	}
	panic(fmt.Sprintf("%v: must be a number", v))
}

// rows returns a matrix as its rows; a single vector is a matrix of one row.
func (t *trial) rows(f fields, name string) [][]float64 {
	var rows [][]float64
	if json.Unmarshal(f[name], &rows) == nil && len(rows) > 0 {
		return rows
	}
	return [][]float64{t.flat(f, name)}
}

func (t *trial) matrix(f fields, name string) *mat.Dense {
	rows := t.rows(f, name)
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		m.SetRow(i, row)
	}
	return m
}

func (t *trial) alphabet() rff.Alphabet {
	return rff.Alphabet{K: t.integer("K", 1), Step: t.number(t.params, "step", 0)}
}

// compare takes the numbers of an output, if the case has it, against ours.
func (t *trial) compare(name string, ours []float64) {
	if !t.outputs.given(name) {
		return
	}
	t.seen[name] = true
	t.agree(name, ours, t.flat(t.outputs, name))
}

func (t *trial) agree(name string, ours, want []float64) {
	if len(ours) != len(want) {
		t.problem("output %q: %d numbers, ours %d", name, len(want), len(ours))
		return
	}
	for i, b := range want {
		diff := math.Abs(ours[i]-b) / (1 + math.Abs(b))
		if !(diff <= t.worst) { // NaN too
			t.worst = diff
		}
	}
}

// compareLevels is compare for levels of an alphabet, whose codes must be equal.
func (t *trial) compareLevels(name string, a rff.Alphabet, ours []float64) {
	t.compare(name, ours)
	if !t.outputs.given(name) {
		return
	}
	for i, b := range t.flat(t.outputs, name) {
		if i < len(ours) && math.Round(ours[i]/a.Half()) != math.Round(b/a.Half()) {
			t.unequal++
		}
	}
}

// compareIntegers is compare for numbers that must be equal.
func (t *trial) compareIntegers(name string, ours, want []float64) {
	t.agree(name, ours, want)
	for i, b := range want {
		if i < len(ours) && ours[i] != b {
			t.unequal++
		}
	}
}
