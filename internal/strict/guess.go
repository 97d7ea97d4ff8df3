package strict

import (
	"fmt"
	"strings"
)

// Unknown is the error of a name that is none of those known: with the one that was
// meant, if one is close, else with all of them.
func Unknown(what, name string, known []string) error {
	return UnknownBut(what, name, known, "one of "+strings.Join(known, ", "))
}

// UnknownBut is Unknown with what is wanted in words of its own, for names that are not
// the only thing allowed: "a file or one of a, b".
func UnknownBut(what, name string, known []string, want string) error {
	if guess := Guess(name, known); guess != "" {
		return fmt.Errorf("no %s %s (did you mean %s?)", what, formatText(name), Quote(guess))
	}
	return fmt.Errorf("no %s %s: want %s", what, formatText(name), want)
}

// Guess returns the word of a list that is most like the given one, "" when none is
// close: more than a third of the letters would have to change.
func Guess(word string, list []string) string {
	if len(word) > 64 { // no typing error
		return ""
	}
	best, limit := "", max(len(word)/3, 1)+1
	for _, candidate := range list {
		if d := editDistance(word, candidate); d < limit {
			best, limit = candidate, d
		}
	}
	return best
}

// editDistance counts insertions, deletions, replacements and swaps of neighbours
// between a and b (optimal string alignment).
func editDistance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// didYouMean is a suggestion for a message, "" if there is none.
func didYouMean(prefix, key string, names []string) string {
	guess := Guess(key, names)
	if guess == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", Quote(prefix+guess))
}
