package arch

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"bitcycle/internal/strict"
)

// Validate checks every value and the rules between values. The error joins one
// [KeyError] for each problem.
func (a *Accelerator) Validate() error {
	var errs []error
	for _, e := range a.problems() {
		errs = append(errs, e)
	}
	return errors.Join(errs...)
}

// rules collects broken rules, and with held what every key is held to.
type rules struct {
	broken []*KeyError
	held   strict.Holds
}

func (r *rules) add(key string, value any, rule string) {
	r.broken = append(r.broken, &KeyError{Key: key, Value: value, Rule: rule})
}

// check wants ok. It is generic, and no method, so that a good value is not boxed.
func check[T any](r *rules, ok bool, key string, value T, rule string) {
	r.held.Note(key, rule)
	if !ok {
		r.add(key, value, rule)
	}
}

// count wants lo ≤ v ≤ hi.
func (r *rules) count(key string, v, lo, hi int) {
	r.held.Between(key, float64(lo), float64(hi))
	if v < lo || v > hi {
		r.add(key, v, fmt.Sprintf("must be %d to %d", lo, hi))
	}
}

// positive wants 0 < v ≤ hi, finite.
func (r *rules) positive(key string, v, hi float64) {
	r.held.Above(key, 0, hi)
	if !(v > 0 && v <= hi) {
		r.add(key, v, "must be above 0 and at most "+strict.FormatFloat(hi))
	}
}

// within wants lo ≤ v ≤ hi.
func (r *rules) within(key string, v, lo, hi float64) {
	r.held.Between(key, lo, hi)
	if !(v >= lo && v <= hi) {
		r.add(key, v, fmt.Sprintf("must be %s to %s", strict.FormatFloat(lo), strict.FormatFloat(hi)))
	}
}

// atMost wants v ≤ hi.
func (r *rules) atMost(key string, v, hi float64) {
	r.held.Between(key, math.Inf(-1), hi)
	if v > hi {
		r.add(key, v, "must be at most "+strconv.FormatFloat(hi, 'g', -1, 64))
	}
}

func (r *rules) oneOf(key, v string, allowed ...string) {
	r.held.Words(key, allowed)
	for _, one := range allowed {
		if v == one {
			return
		}
	}
	r.add(key, v, "want "+strings.Join(allowed, " | "))
}

// among wants one of a few numbers; rule is how to say so.
func (r *rules) among(key string, v int, rule string, allowed ...int) {
	r.held.Numbers(key, allowed)
	if !slices.Contains(allowed, v) {
		r.add(key, v, rule)
	}
}

// filled wants a text.
func (r *rules) filled(key, v string) {
	r.held.Filled(key)
	if strings.TrimSpace(v) == "" {
		r.add(key, v, "must not be empty")
	}
}

// constant wants a finite value of at least 0 and a source.
func (r *rules) constant(key string, c Constant) {
	r.held.AtLeast(key, 0)
	if !(c.Value >= 0) || math.IsInf(c.Value, 0) {
		r.add(key, c.Value, "must be at least 0")
	}
	if c.Source == "" {
		r.add(key, c.Value, `needs a source: {value = number, source = "…"}`)
	}
}

// The largest values that are accepted: beyond any machine, and small enough
// that products of a few of them stay exact.
const (
	maxArray = 1 << 16
	maxBytes = 1 << 40
	maxRate  = 1e9
)

func (a *Accelerator) problems() []*KeyError {
	return append(a.faults(), machines.checkKeys(a.remarks())...)
}

// The nodes that the sources of energy and area reach to, in nm.
const leastNm, mostNm = 7.0, 130.0

func (a *Accelerator) faults() []*KeyError {
	r := &rules{}
	a.check(r)
	return r.broken
}

func (a *Accelerator) check(r *rules) {
	r.among("schema", a.Schema, "want 1", 1)
	r.filled("name", a.Name)
	if !a.Engine.known() || r.held != nil {
		r.oneOf("engine", string(a.Engine), engineNames()...)
	}
	r.positive("clock_hz", a.ClockHz, 1e12)
	r.within("technology_nm", a.TechNm, leastNm, mostNm)
	r.within("voltage_v", a.VoltageV, 0.1, 5)
	r.count("batch", a.Batch, 1, maxArray)
	if a.Engine.known() {
		a.Array.check(r, a.Engine)
	}
	a.Buffers.check(r, a)
	a.Memory.check(r)
	if a.Engine == Systolic {
		a.Memory.checkPath(r)
		r.oneOf("mapping.tiling", a.Mapping.Tiling, "search", "gemmini-auto")
		r.count("mapping.scratch_bytes", a.Mapping.ScratchBytes, 0, maxBytes)
		r.count("mapping.sum_bytes", a.Mapping.SumBytes, 0, maxBytes)
	}
	a.Host.check(r)
	a.checkSteps(r)
	a.Vector.check(r)
	if a.Engine == Kernels {
		a.Software.check(r)
	}
	r.oneOf("mapping.objective", a.Mapping.Objective, "cycles", "energy", "edp")
	r.oneOf("mapping.search", a.Mapping.Search, "default", "exhaustive", "fixed")
	a.Energy.check(r)
	a.Area.check(r)
	a.checkPairs(r)
}
