package arch

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// KeyError is a value that a machine cannot have.
type KeyError struct {
	Key   string // "array.rows"
	Value any
	Rule  string // what is allowed

	// other is the same problem as a fault of another key, for values that exclude
	// each other: [Load] names the one that was set last.
	other *KeyError
}

func (e *KeyError) Error() string { return e.Key + " = " + format(e.Value) + ": " + e.Rule }

// format writes a value as TOML would.
func format(v any) string {
	switch v := v.(type) {
	case string:
		return quote(v)
	case float64:
		return formatFloat(v)
	case Engine:
		return quote(string(v))
	case []int:
		return formatList(v)
	case []any:
		return formatList(v)
	}
	return fmt.Sprint(v)
}

func formatList[T any](list []T) string {
	items := make([]string, len(list))
	for i, v := range list {
		items[i] = format(v)
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// problem is one error of a document, with its place for ordering.
type problem struct {
	at   position
	text string
}

// problems collects every error of a document.
type problems struct {
	list []problem
	bad  map[string]bool // keys with a value that is not allowed
}

func (p *problems) add(at position, text string) {
	p.list = append(p.list, problem{at, text})
}

// value reports that the value at a key is not allowed.
func (p *problems) value(at position, key string, value any, rule string) {
	if p.bad[key] { // one word about a value is enough
		return
	}
	if p.bad == nil {
		p.bad = map[string]bool{}
	}
	p.bad[key] = true
	p.place(at, key, value, rule)
}

// place reports a value at its place; one from the command line stands there in full.
func (p *problems) place(at position, key string, value any, rule string) {
	if at.set != "" {
		p.add(at, at.String()+": "+rule)
		return
	}
	p.add(at, fmt.Sprintf("%s: %s = %s: %s", at, key, format(value), rule))
}

// err joins the problems in the order of the document, flags last.
func (p *problems) err() error {
	slices.SortStableFunc(p.list, func(a, b problem) int {
		if a.at.layer != b.at.layer {
			return a.at.layer - b.at.layer
		}
		if a.at.line != b.at.line {
			return a.at.line - b.at.line
		}
		return strings.Compare(a.text, b.text)
	})
	var errs []error
	for i, one := range p.list {
		if i > 0 && one.text == p.list[i-1].text {
			continue
		}
		errs = append(errs, errors.New(one.text))
	}
	return errors.Join(errs...)
}
