package arch

import (
	"strconv"
	"strings"
)

// place is a line and a column, both from 1.
type place struct{ line, col int }

// scanner finds where the keys of a TOML document stand. It runs only on text
// that the TOML library has accepted, so it may be lenient about syntax.
type scanner struct {
	text   string
	at     int
	keys   map[string]place // where the value (or the table header) of a key starts
	prefix []string
}

// keySeparator joins the parts of a key; a quoted part may hold dots.
const keySeparator = "\x00"

// locate returns the place of every key of a valid TOML document.
func locate(text string) map[string]place {
	s := &scanner{text: text, keys: map[string]place{}}
	for {
		s.skipBlank()
		if s.at >= len(s.text) {
			return s.keys
		}
		s.statement()
	}
}

func (s *scanner) statement() {
	start := s.at
	if s.text[s.at] == '[' {
		for s.peek() == '[' || s.peek() == ' ' || s.peek() == '\t' {
			s.at++
		}
		s.prefix = s.key()
		s.record(s.prefix, start)
		s.skipLine()
		return
	}
	s.pair(s.prefix)
	if s.at == start {
		s.skipLine()
	}
}

// pair reads key = value below a table.
func (s *scanner) pair(prefix []string) {
	path := append(append([]string(nil), prefix...), s.key()...)
	s.skipSpace()
	if s.peek() != '=' {
		return
	}
	s.at++
	s.skipSpace()
	s.record(path, s.at)
	s.value(path)
}

// record notes where the value of a key stands, and of the tables that a dotted
// key implies.
func (s *scanner) record(path []string, at int) {
	here := placeOf(s.text, at)
	for i := 1; i < len(path); i++ {
		table := strings.Join(path[:i], keySeparator)
		if _, known := s.keys[table]; !known {
			s.keys[table] = here
		}
	}
	s.keys[strings.Join(path, keySeparator)] = here
}

// placeOf returns the line and column of a byte of the text.
func placeOf(text string, at int) place {
	before := text[:at]
	return place{strings.Count(before, "\n") + 1, at - strings.LastIndexByte(before, '\n')}
}

// key reads a dotted key of bare and quoted parts.
func (s *scanner) key() []string {
	var parts []string
	for {
		s.skipSpace()
		start := s.at
		switch c := s.peek(); c {
		case '"', '\'':
			s.skipString()
			parts = append(parts, unquote(s.text[start:s.at]))
		default:
			for strings.IndexByte(" \t\r\n=.]#,}\"'", s.peek()) < 0 && s.at < len(s.text) {
				s.at++
			}
			parts = append(parts, s.text[start:s.at])
		}
		s.skipSpace()
		if s.peek() != '.' {
			return parts
		}
		s.at++
	}
}

func unquote(text string) string {
	if strings.HasPrefix(text, `"`) {
		if plain, err := strconv.Unquote(text); err == nil {
			return plain
		}
	}
	return strings.Trim(text, `"'`)
}

// value skips one value and records the keys of inline tables inside it.
func (s *scanner) value(path []string) {
	switch c := s.peek(); c {
	case '"', '\'':
		s.skipString()
	case '[':
		s.list(']', func() { s.value(path) })
	case '{':
		s.list('}', func() { s.pair(path) })
	default:
		for strings.IndexByte(",]}#\n", s.peek()) < 0 && s.at < len(s.text) {
			s.at++
		}
	}
}

func (s *scanner) list(end byte, item func()) {
	s.at++
	for s.at < len(s.text) {
		s.skipBlank()
		switch s.peek() {
		case end:
			s.at++
			return
		case ',':
			s.at++
			continue
		}
		before := s.at
		item()
		if s.at == before {
			s.at++
		}
	}
}

// skipString skips a basic or literal string, of one or of many lines.
func (s *scanner) skipString() {
	quote := s.text[s.at : s.at+1]
	if triple := quote + quote + quote; strings.HasPrefix(s.text[s.at:], triple) {
		quote = triple
	}
	s.at += len(quote)
	for s.at < len(s.text) && !strings.HasPrefix(s.text[s.at:], quote) {
		if quote[0] == '"' && s.text[s.at] == '\\' {
			s.at++
		}
		s.at++
	}
	s.at = min(s.at+len(quote), len(s.text))
	for len(quote) == 3 && s.peek() == quote[0] { // quotes just before the closing ones
		s.at++
	}
}

func (s *scanner) peek() byte {
	if s.at >= len(s.text) {
		return 0
	}
	return s.text[s.at]
}

func (s *scanner) skipSpace() {
	for s.peek() == ' ' || s.peek() == '\t' {
		s.at++
	}
}

func (s *scanner) skipLine() {
	if i := strings.IndexByte(s.text[s.at:], '\n'); i >= 0 {
		s.at += i + 1
		return
	}
	s.at = len(s.text)
}

// skipBlank skips white space and comments.
func (s *scanner) skipBlank() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		case '#':
			s.skipLine()
		default:
			return
		}
	}
}
