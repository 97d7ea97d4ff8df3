package strict

import (
	"slices"
	"strings"
)

// mark is where a value stands in a text, and the marks of what is in it.
type mark struct {
	at    int // offset of the value, or of the header of a table
	table map[string]*mark
	list  []*mark // of the tables in a list; other items have no marks
}

// child returns the mark of a key, in the last table of a list of tables.
func (m *mark) child(key string, at int) *mark {
	if n := len(m.list); n > 0 {
		m = m.list[n-1]
	}
	c := m.table[key]
	if c == nil {
		if m.table == nil {
			m.table = map[string]*mark{}
		}
		c = &mark{at: at}
		m.table[key] = c
	}
	return c
}

// maxDepth bounds how deep tables and lists are nested: nothing that is described
// goes deeper, and a text that does would cost time and stack.
const maxDepth = 32

// scanner finds where the keys of a TOML document stand. It is lenient about syntax,
// which is the library's to judge, and linear in the text.
type scanner struct {
	text  string
	at    int
	root  mark
	table *mark // that keys belong to
	depth int   // of the table
	deep  int   // where the text is nested too deep, −1 if nowhere
}

// locate returns the mark of a document, and where it is nested too deep, −1 if
// nowhere.
func locate(text string) (root *mark, deep int) {
	s := &scanner{text: text, deep: -1}
	s.table = &s.root
	for s.deep < 0 {
		s.skipBlank()
		if s.at >= len(s.text) {
			break
		}
		s.statement()
	}
	return &s.root, s.deep
}

func (s *scanner) statement() {
	start := s.at
	if s.text[s.at] == '[' {
		double := strings.HasPrefix(s.text[s.at:], "[[")
		for s.peek() == '[' || s.peek() == ' ' || s.peek() == '\t' {
			s.at++
		}
		s.header(s.key(), start, double)
		s.skipLine()
		return
	}
	s.pair(s.table, s.depth)
	if s.at == start {
		s.skipLine()
	}
}

// header begins a table, or the next one of a list.
func (s *scanner) header(path []string, at int, double bool) {
	s.depth = len(path)
	if s.tooDeep(s.depth, at) {
		return
	}
	m := &s.root
	for _, part := range path {
		m = m.child(part, at)
	}
	if len(m.list) == 0 {
		m.at = at
	}
	if double {
		m.list = append(m.list, &mark{at: at})
	}
	s.table = m
}

func (s *scanner) tooDeep(depth, at int) bool {
	if depth > maxDepth && s.deep < 0 {
		s.deep = at
	}
	return depth > maxDepth
}

// pair reads key = value in a table; m is nil where nothing is marked.
func (s *scanner) pair(m *mark, depth int) {
	start := s.at
	path := s.key()
	s.skipSpace()
	if s.peek() != '=' || s.tooDeep(depth+len(path), start) {
		return
	}
	s.at++
	s.skipSpace()
	for _, part := range path {
		if m != nil {
			m = m.child(part, s.at)
		}
	}
	if m != nil {
		m.at = s.at
	}
	s.value(m, depth+len(path))
}

// value skips one value and marks the keys of the tables inside it.
func (s *scanner) value(m *mark, depth int) {
	if s.tooDeep(depth, s.at) {
		return
	}
	switch c := s.peek(); c {
	case '"', '\'':
		s.skipString()
	case '[':
		s.list(']', func() { s.item(m, depth+1) })
	case '{':
		s.list('}', func() { s.pair(m, depth) })
	default:
		for strings.IndexByte(",]}#\n", s.peek()) < 0 && s.at < len(s.text) {
			s.at++
		}
	}
}

// item reads one item of a list; tables are marked, but not those in lists of lists.
func (s *scanner) item(m *mark, depth int) {
	if s.peek() != '{' || m == nil {
		s.value(nil, depth)
		return
	}
	table := &mark{at: s.at}
	s.value(table, depth)
	m.list = append(m.list, table)
}

func (s *scanner) list(end byte, item func()) {
	s.at++
	for s.at < len(s.text) && s.deep < 0 {
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

// places turns offsets into lines and columns.
type places struct {
	starts []int // of the lines
}

func newPlaces(text string) places {
	p := places{starts: []int{0}}
	for i := range len(text) {
		if text[i] == '\n' {
			p.starts = append(p.starts, i+1)
		}
	}
	return p
}

// of returns the line and column of an offset, both from 1.
func (p places) of(at int) (line, col int) {
	line, exact := slices.BinarySearch(p.starts, at)
	if exact {
		line++
	}
	return line, at - p.starts[line-1] + 1
}
