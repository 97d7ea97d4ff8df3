package strict

import (
	"math"
	"slices"
)

// Holds collects what checks hold the value of each key to, as data, while they run: a
// check that says its bound here and one that only says it in an error cannot differ.
// A nil Holds collects nothing, at no cost.
type Holds map[string]*Held

// Held is what one key is held to.
type Held struct {
	Range *Range // of a number, or of each number in a list
	// OrZero: 0 is allowed beside the range.
	OrZero  bool
	Words   []string // the only texts
	Numbers []int    // the only numbers
	Filled  bool     // the text must not be empty
	Lengths []int    // of a list
	Needed  bool     // the key must be there
	Default any      // what an absent key stands for; nil where the caller knows it
	Notes   []string // rules in words
}

// Range is the numbers from Least to Most; with Above Least is none of them.
type Range struct {
	Least, Most float64
	Above       bool
}

// At returns what a key is held to, for the caller to add to.
func (h Holds) At(key string) *Held {
	held := h[key]
	if held == nil {
		held = &Held{}
		h[key] = held
	}
	return held
}

// Between notes lo ≤ v ≤ hi. Several ranges of one key hold together.
func (h Holds) Between(key string, lo, hi float64) {
	if h != nil {
		h.At(key).within(Range{lo, hi, false})
	}
}

// Above notes lo < v ≤ hi.
func (h Holds) Above(key string, lo, hi float64) {
	if h != nil {
		h.At(key).within(Range{lo, hi, true})
	}
}

// AtLeast notes lo ≤ v.
func (h Holds) AtLeast(key string, lo float64) { h.Between(key, lo, math.Inf(1)) }

func (h *Held) within(r Range) {
	if old := h.Range; old != nil {
		if old.Least > r.Least || old.Least == r.Least && old.Above {
			r.Least, r.Above = old.Least, old.Above
		}
		r.Most = min(r.Most, old.Most)
	}
	h.Range = &r
}

// OrZero notes that 0 is allowed beside the range.
func (h Holds) OrZero(key string) {
	if h != nil {
		h.At(key).OrZero = true
	}
}

// Words notes the only texts that a key takes.
func (h Holds) Words(key string, words []string) {
	if h != nil {
		h.At(key).Words = slices.Clone(words)
	}
}

// Numbers notes the only numbers that a key takes.
func (h Holds) Numbers(key string, numbers []int) {
	if h != nil {
		h.At(key).Numbers = slices.Clone(numbers)
	}
}

// Filled notes that a text must not be empty.
func (h Holds) Filled(key string) {
	if h != nil {
		h.At(key).Filled = true
	}
}

// Note adds a rule in words.
func (h Holds) Note(key, rule string) {
	if h != nil {
		if held := h.At(key); !slices.Contains(held.Notes, rule) {
			held.Notes = append(held.Notes, rule)
		}
	}
}

// Lengths notes how long a list must be; several allow any of them.
func (h Holds) Lengths(key string, n int) {
	if h != nil {
		held := h.At(key)
		held.Lengths = append(held.Lengths, n)
	}
}

// Needed notes that a key must be there.
func (h Holds) Needed(key string) {
	if h != nil {
		h.At(key).Needed = true
	}
}

// Default notes what an absent key stands for.
func (h Holds) Default(key string, value any) {
	if h != nil {
		h.At(key).Default = value
	}
}
