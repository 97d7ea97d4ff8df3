package strict

import (
	"errors"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"

	"bitcycle/internal/files"
)

// Node is a value of a TOML document with the place where it was set: a table, a
// list with tables in it, or a leaf (string, int64, float64, bool, time, or []any of
// them).
type Node struct {
	Table map[string]*Node // nil for leaves and lists
	List  []*Node          // nil for leaves and tables
	Leaf  any
	At    Position
}

// Parse reads TOML text. Syntax errors carry file, line and column; layer is that of
// the positions.
func Parse(file, text string, layer int) (*Node, error) {
	text = strings.TrimPrefix(text, "\ufeff") // the mark that some editors put first
	root, deep := locate(text)
	lines := newPlaces(text)
	at := func(offset int) Position {
		line, col := lines.of(offset)
		return Position{File: file, Line: line, Col: col, Layer: layer}
	}
	if deep >= 0 {
		return nil, fmt.Errorf("%s: nested deeper than %d levels", at(deep), maxDepth)
	}
	var raw map[string]any
	if _, err := toml.Decode(text, &raw); err != nil {
		return nil, syntaxError(file, err, at)
	}
	n := grow(raw, root, at)
	n.At = Position{File: file, Layer: layer}
	return n, nil
}

func syntaxError(file string, err error, at func(int) Position) error {
	var parse toml.ParseError
	if !errors.As(err, &parse) {
		return fmt.Errorf("%s: %s", files.Printable(file), strings.TrimPrefix(err.Error(), "toml: "))
	}
	message := parse.Message
	if message == "" {
		message = strings.TrimPrefix(parse.Error(), "toml: ")
	}
	// The library counts a line break as part of the next line: count anew.
	return fmt.Errorf("%s: %s", at(max(parse.Position.Start, 0)), files.Printable(strings.TrimSuffix(message, ".")))
}

// ParseSet reads one key=value of the command line. A value that is not TOML is
// taken as a string, so that engine=fusion needs no quotes.
func ParseSet(set string, layer int) (*Node, error) {
	key, value, ok := strings.Cut(set, "=")
	key = strings.TrimSpace(key)
	parts := strings.Split(key, ".")
	if !ok || key == "" || len(parts) > maxDepth {
		return nil, fmt.Errorf("--set %s: want key=value", files.Printable(set))
	}
	at := Position{Set: set, Layer: layer}
	n := &Node{Leaf: strings.TrimSpace(value), At: at}
	var raw map[string]any
	if _, deep := locate("value = " + value); deep < 0 {
		if _, err := toml.Decode("value = "+value, &raw); err == nil && len(raw) == 1 {
			n = grow(raw["value"], nil, func(int) Position { return at })
		}
	}
	for i := len(parts) - 1; i >= 0; i-- {
		n = &Node{Table: map[string]*Node{parts[i]: n}, At: at}
	}
	return n, nil
}

// grow turns decoded TOML into nodes. What has no mark of its own stands where m does.
func grow(value any, m *mark, at func(offset int) Position) *Node {
	if m == nil {
		m = &mark{}
	}
	n := &Node{At: at(m.at)}
	switch value := value.(type) {
	case map[string]any:
		n.Table = make(map[string]*Node, len(value))
		for key, v := range value {
			n.Table[key] = grow(v, m.table[key], at)
		}
	case []map[string]any:
		n.List = make([]*Node, len(value))
		for i, v := range value {
			n.List[i] = grow(v, m.item(i), at)
		}
	case []any:
		if !holdsTables(value) {
			n.Leaf = value
			break
		}
		tables := 0
		for _, v := range value {
			item := &mark{at: m.at}
			if _, ok := v.(map[string]any); ok {
				item = m.item(tables)
				tables++
			}
			n.List = append(n.List, grow(v, item, at))
		}
	default:
		n.Leaf = value
	}
	return n
}

// item is the mark of a table in a list.
func (m *mark) item(i int) *mark {
	if i < len(m.list) {
		return m.list[i]
	}
	return &mark{at: m.at}
}

func holdsTables(list []any) bool {
	for _, v := range list {
		if _, ok := v.(map[string]any); ok {
			return true
		}
	}
	return false
}

// Clone returns a tree of its own; the values of leaves are shared.
func (n *Node) Clone() *Node {
	c := *n
	if n.Table != nil {
		c.Table = make(map[string]*Node, len(n.Table))
		for key, child := range n.Table {
			c.Table[key] = child.Clone()
		}
	}
	if n.List != nil {
		c.List = make([]*Node, len(n.List))
		for i, item := range n.List {
			c.List[i] = item.Clone()
		}
	}
	return &c
}

// Find returns the node of a dotted key, nil when it is not set.
func (n *Node) Find(key string) *Node {
	if n == nil {
		return nil
	}
	if child := n.Table[key]; child != nil { // in sources, keys hold dots
		return child
	}
	first, rest, dotted := strings.Cut(key, ".")
	if !dotted {
		return nil
	}
	return n.Table[first].Find(rest)
}

// Text returns the string at key, "" when it is absent or no string.
func (n *Node) Text(key string) string {
	if child := n.Find(key); child != nil {
		s, _ := child.Leaf.(string)
		return s
	}
	return ""
}

// plain is the value as decoded TOML has it.
func (n *Node) plain() any {
	switch {
	case n.Table != nil:
		table := make(map[string]any, len(n.Table))
		for key, child := range n.Table {
			table[key] = child.plain()
		}
		return table
	case n.List != nil:
		list := make([]any, len(n.List))
		for i, item := range n.List {
			list[i] = item.plain()
		}
		return list
	}
	return n.Leaf
}
