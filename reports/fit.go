package reports

import (
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// Must is the rank of columns that are never left out.
const Must = 100

const (
	gap       = 2  // blanks that a column takes beside its text
	softText  = 20 // width to which text shrinks before columns are left out
	leastText = 8  // width to which it shrinks at last
)

// measure is what a column needs: its text on one line, with its head broken between
// words and text at a width that reads well, and at least.
type measure struct {
	whole, soft, least int
	text               bool
	rank               int
}

// fit returns the widths of the columns in a room of so many characters; 0 leaves a
// column out. Heads are broken first, then text is, then columns of low rank are left
// out, from the right, and at last text is broken wherever it must be. The first column
// stays. Numbers are never broken.
func fit(columns []measure, room int) []int {
	in := make([]bool, len(columns))
	for i := range in {
		in[i] = true
	}
	for {
		need := sumOfWidths(columns, in, func(m measure) int { return m.soft })
		if need <= room {
			return spread(columns, in, room-need)
		}
		worst := -1
		for i := len(columns) - 1; i > 0; i-- {
			if in[i] && columns[i].rank < Must && (worst < 0 || columns[i].rank < columns[worst].rank) {
				worst = i
			}
		}
		if worst < 0 {
			return squeeze(columns, in, room)
		}
		in[worst] = false
	}
}

func sumOfWidths(columns []measure, in []bool, width func(measure) int) int {
	sum := 0
	for i, m := range columns {
		if in[i] {
			sum += gap + width(m)
		}
	}
	return sum
}

// spread gives the rest of the room to heads that it makes whole, then to text.
func spread(columns []measure, in []bool, rest int) []int {
	widths := make([]int, len(columns))
	for i, m := range columns {
		if !in[i] {
			continue
		}
		widths[i] = m.soft
		if more := m.whole - m.soft; !m.text && more <= rest {
			widths[i] += more
			rest -= more
		}
	}
	for rest > 0 {
		narrow := -1
		for i, m := range columns {
			if in[i] && m.text && widths[i] < m.whole && (narrow < 0 || widths[i] < widths[narrow]) {
				narrow = i
			}
		}
		if narrow < 0 {
			break
		}
		widths[narrow]++
		rest--
	}
	return widths
}

// squeeze takes from the widest text until the columns fit, or none can give more.
func squeeze(columns []measure, in []bool, room int) []int {
	widths := spread(columns, in, 0)
	for sumOfWidths(columns, in, func(m measure) int { return m.soft }) > room {
		wide := -1
		for i, m := range columns {
			if in[i] && m.text && m.soft > m.least && (wide < 0 || m.soft > columns[wide].soft) {
				wide = i
			}
		}
		if wide < 0 {
			break
		}
		columns[wide].soft--
		widths[wide] = columns[wide].soft
	}
	return widths
}

// measure returns what a column needs.
func (t *Table) measure(column int) measure {
	c := &t.Columns[column]
	m := measure{text: c.Left, rank: c.Rank}
	for _, word := range headWords(c.Head) {
		m.least = max(m.least, displaywidth.String(word))
	}
	m.soft, m.whole = m.least, displaywidth.String(c.Head)
	text := 0
	for _, row := range t.Rows {
		text = max(text, displaywidth.String(c.show(row[column])))
	}
	if t.Footer != nil {
		text = max(text, displaywidth.String(c.show(t.Footer[column])))
	}
	if c.Wrap > 0 {
		text = min(text, max(c.Wrap, t.longestWord(column)))
	}
	m.whole = max(m.whole, text)
	if !c.Left {
		m.soft, m.least = max(m.soft, text), max(m.least, text)
		return m
	}
	m.soft, m.least = max(m.soft, min(text, softText)), max(m.least, min(text, leastText))
	return m
}

// longestWord is the width of the longest word of a column.
func (t *Table) longestWord(column int) int {
	longest := 0
	for _, row := range t.Rows {
		for _, word := range strings.Fields(t.Columns[column].show(row[column])) {
			longest = max(longest, displaywidth.String(word))
		}
	}
	return longest
}

// headWords are the parts that a head may be broken into: words, and those again after a
// slash, but no units.
func headWords(head string) []string {
	var words []string
	for _, word := range strings.Fields(head) {
		if strings.HasPrefix(word, "[") {
			words = append(words, word)
			continue
		}
		words = append(words, strings.Fields(strings.ReplaceAll(word, "/", "/ "))...)
	}
	return words
}
