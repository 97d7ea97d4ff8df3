package rff

import (
	"math"
	"slices"
	"strings"
)

// Duel sets the best condensed scheme of an experiment against the best one whose
// features are quantized one by one, both within the same bits per point.
type Duel struct {
	Bits              float64
	Condensed, Direct Row
	Outcome           Outcome
}

// KernelError reports whether an experiment of [List] measures the raw error of
// kernel values; the others are learning tasks.
func KernelError(id string) bool { return strings.HasPrefix(id, "kernel-") }

// Outcome is that of a duel for the condensed side.
type Outcome string

// The outcomes. Level means that the intervals of both figures overlap.
const (
	Wins  Outcome = "wins"
	Level Outcome = "level"
	Loses Outcome = "loses"
)

// Duels returns a duel for every storage budget, doubling at least from one to the
// next, at which both sides have a figure. Experiments that do not compare stored
// codes have none.
func (t *Table) Duels() []Duel {
	if t.Better == 0 {
		return nil
	}
	var budgets []float64
	for _, r := range t.Rows {
		if side(r.What) == sideDirect && r.Bits > 0 {
			budgets = append(budgets, r.Bits)
		}
	}
	slices.Sort(budgets)
	var duels []Duel
	last := 0.0
	for _, budget := range budgets {
		c, okC := t.best(sideCondensed, budget)
		d, okD := t.best(sideDirect, budget)
		if budget < 2*last || !okC || !okD {
			continue
		}
		last = budget
		duels = append(duels, Duel{Bits: budget, Condensed: c, Direct: d, Outcome: t.outcome(c, d)})
	}
	return duels
}

// best returns the best figure of a side within a budget and the rounding of
// features to whole blocks.
func (t *Table) best(which camp, budget float64) (best Row, ok bool) {
	const rounding = 1.03
	for _, r := range t.Rows {
		if side(r.What) != which || r.Bits <= 0 || r.Bits > rounding*budget || r.Derived {
			continue
		}
		if !ok || t.Better*(r.Got-best.Got) > 0 {
			best, ok = r, true
		}
	}
	return best, ok
}

func (t *Table) outcome(c, d Row) Outcome {
	margin := t.Better * (c.Got - d.Got)
	switch half := math.Hypot(c.Half(), d.Half()); {
	case margin > half:
		return Wins
	case margin < -half:
		return Loses
	}
	return Level
}

// camp is a side of a duel.
type camp int

const (
	sideNone camp = iota
	sideDirect
	sideCondensed
)

// side tells the side of a scheme by its name.
func side(scheme string) camp {
	name := strings.ToLower(scheme)
	for prefix, s := range map[string]camp{"sd ": sideCondensed, "beta ": sideCondensed, "stocq": sideDirect, "msq": sideDirect, "fully 1-bit": sideDirect} {
		if strings.HasPrefix(name, prefix) {
			return s
		}
	}
	return sideNone
}
