package sweep

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"bitcycle/internal/strict"
)

// Condition chooses points by a key or a figure.
type Condition struct{ name, op, value string }

// ParseCondition reads "array.rows<=32", "method=uniform" or "top1>0.9".
func ParseCondition(text string) (Condition, error) {
	at := strings.IndexAny(text, "<>=!")
	if at < 1 {
		return Condition{}, fmt.Errorf("%q: want KEY<=VALUE, or another of <, >, >=, = and !=", text)
	}
	c := Condition{name: strings.TrimSpace(text[:at])}
	rest := text[at:]
	for _, op := range []string{"<=", ">=", "==", "!=", "<", ">", "="} {
		if value, ok := strings.CutPrefix(rest, op); ok {
			c.op, c.value = op, strings.TrimSpace(value)
			break
		}
	}
	if c.op == "=" {
		c.op = "=="
	}
	if c.op == "" || c.value == "" {
		return Condition{}, fmt.Errorf("%q: want KEY<=VALUE, or another of <, >, >=, = and !=", text)
	}
	return c, nil
}

// holds compares as numbers where both are, else as text.
func (c Condition) holds(value string) bool {
	x, errX := strconv.ParseFloat(value, 64)
	y, errY := strconv.ParseFloat(c.value, 64)
	if errX == nil && errY == nil {
		return Constraint{Op: c.op, Value: y}.keeps(x)
	}
	switch c.op {
	case "==":
		return value == c.value
	case "!=":
		return value != c.value
	}
	return false
}

// Where returns the points for which all conditions hold, judged among themselves.
func (t *Table) Where(conditions []Condition) (*Table, error) {
	out := &Table{Spec: t.Spec, Keys: t.Keys, Metrics: t.Metrics, Objectives: t.Objectives, signs: t.signs, errors: map[int]string{}, notes: map[int]string{}, Measured: t.Measured}
	for _, c := range conditions {
		if _, err := metricOf(c.name); err != nil && !slices.Contains(t.Keys, c.name) {
			return nil, fmt.Errorf("no key %q: want %s or a figure%s", c.name, strings.Join(t.Keys, ", "), guess(c.name, t.Keys))
		}
	}
	for i := range t.n {
		if !slices.ContainsFunc(conditions, func(c Condition) bool { return !c.holds(t.text(i, c.name)) }) {
			out.take(t, i)
		}
	}
	out.known = out.n
	out.Judge()
	return out, nil
}

func guess(name string, keys []string) string {
	if g := strict.Guess(name, keys); g != "" {
		return fmt.Sprintf(" (did you mean %q?)", g)
	}
	return ""
}

// text is what a point has under a name.
func (t *Table) text(i int, name string) string {
	if k := slices.Index(t.Keys, name); k >= 0 {
		return t.Values(i)[k]
	}
	m, err := metricOf(name)
	if x := t.Value(i, m); err == nil && !math.IsNaN(x) {
		return figure(x)
	}
	return ""
}

// take appends a point of another table.
func (t *Table) take(from *Table, i int) {
	t.values = append(t.values, from.Values(i))
	t.ids = append(t.ids, from.ID(i))
	for _, m := range t.Metrics {
		t.columns[m] = append(t.columns[m], from.Value(i, m))
	}
	if e := from.Error(i); e != "" {
		t.errors[t.n] = e
	}
	if n := from.Note(i); n != "" {
		t.notes[t.n] = n
	}
	if len(from.Measured) > 0 {
		t.beside = append(t.beside, from.beside[i])
	}
	t.n++
}
