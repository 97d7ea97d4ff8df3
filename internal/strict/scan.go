package strict

import (
	"strconv"
	"strings"
)

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
