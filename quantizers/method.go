package quantizers

import (
	"context"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"bitcycle/kernels"
)

// Method quantizes a network.
type Method interface {
	// Name is the method with its arguments as a user writes it after -q.
	Name() string
	// Quantize returns the quantized network. calib holds calibration images;
	// progress, which may be nil, is called as the work goes on.
	Quantize(ctx context.Context, net *kernels.Network, calib kernels.Batch, progress func(done, total int)) (*kernels.Quantized, error)
}

// Args are the key=value arguments of a method.
type Args struct {
	spec   string
	values map[string]string
	known  []string
	err    error
}

// ParseArgs splits "key=value,key=value". spec is the whole method as written,
// for errors.
func ParseArgs(spec, text string) (*Args, error) {
	a := &Args{spec: spec, values: map[string]string{}}
	if text == "" {
		return a, nil
	}
	for _, part := range strings.Split(text, ",") {
		key, value, found := strings.Cut(part, "=")
		key = strings.TrimSpace(key)
		if _, twice := a.values[key]; !found || key == "" || twice {
			return nil, fmt.Errorf("method %q: %q: want key=value, each key once", spec, part)
		}
		a.values[key] = strings.TrimSpace(value)
	}
	return a, nil
}

func (a *Args) text(key string) (string, bool) {
	a.known = append(a.known, key)
	value, ok := a.values[key]
	delete(a.values, key)
	return value, ok
}

func (a *Args) fail(key, value, allowed string) {
	if a.err == nil {
		a.err = fmt.Errorf("method %q: %s = %s: must be %s", a.spec, key, value, allowed)
	}
}

// Int takes an integer from lo to hi, or otherwise when the key is absent.
func (a *Args) Int(key string, otherwise, lo, hi int) int {
	value, ok := a.text(key)
	if !ok {
		return otherwise
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < lo || n > hi {
		a.fail(key, value, fmt.Sprintf("%d to %d", lo, hi))
		return otherwise
	}
	return n
}

// Float takes a number from lo to hi.
func (a *Args) Float(key string, otherwise, lo, hi float64) float64 {
	value, ok := a.text(key)
	if !ok {
		return otherwise
	}
	x, err := strconv.ParseFloat(value, 64)
	if err != nil || !(x >= lo && x <= hi) {
		a.fail(key, value, fmt.Sprintf("%v to %v", lo, hi))
		return otherwise
	}
	return x
}

// Bool takes true or false.
func (a *Args) Bool(key string, otherwise bool) bool {
	value, ok := a.text(key)
	if !ok {
		return otherwise
	}
	b, err := strconv.ParseBool(value)
	if err != nil {
		a.fail(key, value, "true or false")
		return otherwise
	}
	return b
}

// Choice takes one of the allowed words.
func (a *Args) Choice(key, otherwise string, allowed ...string) string {
	value, ok := a.text(key)
	if !ok {
		return otherwise
	}
	for _, word := range allowed {
		if value == word {
			return value
		}
	}
	a.fail(key, value, "one of "+strings.Join(allowed, ", "))
	return otherwise
}

// Err reports the first bad value, or a key that nobody asked for.
func (a *Args) Err() error {
	if a.err != nil {
		return a.err
	}
	for key := range a.values {
		sort.Strings(a.known)
		return fmt.Errorf("method %q: no argument %q: want %s", a.spec, key, strings.Join(a.known, ", "))
	}
	return nil
}
