package strict

import (
	"errors"
	"fmt"
	"slices"
)

// Shown is how many problems an error lists; it counts the others.
const Shown = 20

// kept bounds how many problems are remembered, so that a file of nothing else costs
// no more memory than it is long.
const kept = 1000

// problem is one error of a document, with its place for ordering.
type problem struct {
	at   Position
	text func() string // made when it is shown: a guess takes time
}

// Problems collects every error of a document.
type Problems struct {
	list []problem
	more int             // beyond those kept
	bad  map[string]bool // keys with a value that is not allowed
}

// Add reports a problem in words that name the place.
func (p *Problems) Add(at Position, text string) { p.later(at, func() string { return text }) }

func (p *Problems) later(at Position, text func() string) {
	if len(p.list) >= kept {
		p.more++
		return
	}
	p.list = append(p.list, problem{at, text})
}

// Value reports that the value at a key is not allowed; one word about a value is
// enough.
func (p *Problems) Value(at Position, key string, value any, rule string) {
	if p.Bad(at, key) {
		return
	}
	if p.bad == nil {
		p.bad = map[string]bool{}
	}
	p.bad[fmt.Sprint(at, key)] = true
	p.Place(at, key, value, rule)
}

// Bad tells whether [Problems.Value] has reported the value.
func (p *Problems) Bad(at Position, key string) bool { return p.bad[fmt.Sprint(at, key)] }

// Place reports a value at its place; one from the command line stands there in full.
func (p *Problems) Place(at Position, key string, value any, rule string) {
	if at.Set != "" {
		p.Add(at, at.String()+": "+rule)
		return
	}
	p.Add(at, fmt.Sprintf("%s: %s = %s: %s", at, key, Format(value), rule))
}

// Err joins the problems in the order of the document, flags last.
func (p *Problems) Err() error {
	slices.SortStableFunc(p.list, func(a, b problem) int { return a.at.before(b.at) })
	var errs []error
	last := ""
	for i := range p.list {
		if len(errs) == Shown {
			return errors.Join(append(errs, more(len(p.list)-i+p.more))...)
		}
		if text := p.list[i].text(); text != last {
			errs, last = append(errs, errors.New(text)), text
		}
	}
	return errors.Join(errs...)
}

// Join is errors.Join for many: those that count, the first [Shown], then how many
// more there are. What was just said is not said again.
func Join(errs []error) error {
	errs = slices.DeleteFunc(slices.Clone(errs), func(err error) bool { return err == nil })
	errs = slices.CompactFunc(errs, func(a, b error) bool { return a.Error() == b.Error() })
	if len(errs) > Shown {
		errs = append(errs[:Shown:Shown], more(len(errs)-Shown))
	}
	return errors.Join(errs...)
}

func more(n int) error {
	if n == 1 {
		return errors.New("and one more problem")
	}
	return fmt.Errorf("and %d more problems", n)
}
