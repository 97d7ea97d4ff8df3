package quantizers

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Args are the key=value arguments of a method. Every key that is asked for is
// allowed; Err tells at the end all that is wrong with the text.
type Args struct {
	spec   string
	order  []string // keys as written
	values map[string]string
	known  []Argument
	errs   []error
}

// Argument is a key that a method asked for.
type Argument struct {
	Key     string
	Default string // "" where there is none
	Allowed string // in words
}

// ParseArgs splits "key=value,key=value". spec is the whole method as written,
// for errors.
func ParseArgs(spec, text string) *Args {
	a := &Args{spec: spec, values: map[string]string{}}
	if text == "" {
		return a
	}
	for _, part := range strings.Split(text, ",") {
		key, value, found := strings.Cut(part, "=")
		key = strings.TrimSpace(key)
		_, twice := a.values[key]
		switch {
		case !found || key == "":
			a.errs = append(a.errs, fmt.Errorf("method %q: %q: want key=value", spec, part))
		case twice:
			a.errs = append(a.errs, fmt.Errorf("method %q: %q: want each key once", spec, part))
		default:
			a.order, a.values[key] = append(a.order, key), strings.TrimSpace(value)
		}
	}
	return a
}

// Text takes any text without a comma, or otherwise when the key is absent.
func (a *Args) Text(key, otherwise string) string {
	if value, ok := a.take(key, otherwise, "text without a comma"); ok {
		return value
	}
	return otherwise
}

func (a *Args) take(key string, otherwise any, allowed string) (string, bool) {
	a.known = append(a.known, Argument{key, fmt.Sprint(otherwise), allowed})
	value, ok := a.values[key]
	return value, ok
}

// Refuse says that the value of a key must be another.
func (a *Args) Refuse(key, allowed string) {
	a.errs = append(a.errs, fmt.Errorf("method %q: %s = %s: must be %s", a.spec, key, a.values[key], allowed))
}

// Int takes an integer from lo to hi, or otherwise when the key is absent.
func (a *Args) Int(key string, otherwise, lo, hi int) int {
	allowed := fmt.Sprintf("%d to %d", lo, hi)
	value, ok := a.take(key, otherwise, allowed)
	if !ok {
		return otherwise
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < lo || n > hi {
		a.Refuse(key, allowed)
		return otherwise
	}
	return n
}

// Float takes a number from lo to hi.
func (a *Args) Float(key string, otherwise, lo, hi float64) float64 {
	allowed := fmt.Sprintf("%v to %v", lo, hi)
	value, ok := a.take(key, otherwise, allowed)
	if !ok {
		return otherwise
	}
	x, err := strconv.ParseFloat(value, 64)
	if err != nil || !(x >= lo && x <= hi) {
		a.Refuse(key, allowed)
		return otherwise
	}
	return x
}

// Bool takes true or false.
func (a *Args) Bool(key string, otherwise bool) bool {
	const allowed = "true or false"
	value, ok := a.take(key, otherwise, allowed)
	if !ok {
		return otherwise
	}
	b, err := strconv.ParseBool(value)
	if err != nil {
		a.Refuse(key, allowed)
		return otherwise
	}
	return b
}

// Choice takes one of the allowed words.
func (a *Args) Choice(key, otherwise string, allowed ...string) string {
	words := "one of " + strings.Join(allowed, ", ")
	value, ok := a.take(key, otherwise, words)
	if !ok {
		return otherwise
	}
	if !slices.Contains(allowed, value) {
		a.Refuse(key, words)
		return otherwise
	}
	return value
}

// UnknownArgument is the error of a key that a method does not have.
type UnknownArgument struct {
	Method  string // as written
	Key     string
	Allowed string // keys
	// Known are the keys that the method has, in the order in which it asks for them.
	Known []Argument
}

func (e *UnknownArgument) Error() string {
	return fmt.Sprintf("method %q: no argument %q: want %s", e.Method, e.Key, e.Allowed)
}

// mostErrors bounds how many problems one error tells.
const mostErrors = 20

// Err reports every bad value, then every key that nobody asked for, with what is
// allowed.
func (a *Args) Err() error {
	errs := slices.Clone(a.errs)
	for _, key := range a.order {
		if !slices.ContainsFunc(a.known, func(k Argument) bool { return k.Key == key }) {
			errs = append(errs, &UnknownArgument{Method: a.spec, Key: key, Allowed: a.allowed(), Known: a.known})
		}
	}
	if n := len(errs) - mostErrors; n > 0 {
		errs = append(errs[:mostErrors], fmt.Errorf("method %q: %d more", a.spec, n))
	}
	return errors.Join(errs...)
}

func (a *Args) allowed() string {
	known := make([]string, len(a.known))
	for i, k := range a.known {
		known[i] = k.Key
	}
	slices.Sort(known)
	return strings.Join(slices.Compact(known), ", ")
}
