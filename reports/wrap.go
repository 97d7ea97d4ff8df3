package reports

import (
	"strings"
	"unicode"

	"github.com/clipperhouse/displaywidth"
)

// wrap breaks text between words into lines of at most width characters. Words that are
// longer are broken after a sign within them, or anywhere if they have none.
func wrap(text string, width int) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		for displaywidth.String(word) > width {
			room := width
			if line != "" {
				room -= displaywidth.String(line) + 1
			}
			head, tail := split(word, room, line == "")
			if head == "" {
				lines, line = append(lines, line), ""
				continue
			}
			lines, line, word = append(lines, join(line, head)), "", tail
		}
		if line != "" && displaywidth.String(line)+1+displaywidth.String(word) > width {
			lines, line = append(lines, line), ""
		}
		line = join(line, word)
	}
	if line != "" {
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func join(line, word string) string {
	if line == "" {
		return word
	}
	if word == "" {
		return line
	}
	return line + " " + word
}

// signs are what a long word may be broken after.
const signs = "/,.:;|_-=×→"

// split cuts a word after the last sign that lies within the room; head is "" where there
// is none, unless it must be cut.
func split(word string, room int, must bool) (head, tail string) {
	width, at, sign := 0, 0, 0
	for g := displaywidth.StringGraphemes(word); g.Next(); {
		if width+g.Width() > room && at > 0 || room < 1 {
			break
		}
		width += g.Width()
		at += len(g.Value())
		if strings.Contains(signs, g.Value()) {
			sign = at
		}
	}
	switch {
	case sign > 0 && sign < len(word):
		return word[:sign], word[sign:]
	case must:
		return word[:at], word[at:]
	}
	return "", word
}

// clean replaces what would steer a terminal.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// paragraph wraps a sentence that stands so far from the margin; further lines stand two
// characters farther. Width 0 is no limit.
func paragraph(indent int, text string, width int) string {
	const hang = 2
	text = clean(text)
	if width > 0 && displaywidth.String(text) > width-indent {
		text = wrap(text, max(width-indent-hang, leastText))
	}
	return strings.Repeat(" ", indent) + strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", indent+hang))
}
