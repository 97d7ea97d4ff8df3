package arch

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/BurntSushi/toml"
)

// node is a value of a TOML document with the place where it was set: a table,
// or a leaf (string, int64, float64, bool, time or list).
type node struct {
	table map[string]*node // nil for leaves
	leaf  any
	at    position
}

// parseTree reads TOML text; syntax errors carry file, line and column.
func parseTree(file, text string, layer int) (*node, error) {
	var raw map[string]any
	if _, err := toml.Decode(text, &raw); err != nil {
		return nil, syntaxError(file, text, err)
	}
	places := locate(text)
	return grow(raw, nil, func(path []string) position {
		p := places[strings.Join(path, keySeparator)]
		return position{file: file, line: p.line, col: p.col, layer: layer}
	}), nil
}

func syntaxError(file, text string, err error) error {
	var parse toml.ParseError
	if !errors.As(err, &parse) {
		return fmt.Errorf("%s: %s", file, strings.TrimPrefix(err.Error(), "toml: "))
	}
	// The library counts a line break as part of the next line: count anew.
	here := placeOf(text, min(max(parse.Position.Start, 0), len(text)))
	at := position{file: file, line: here.line, col: here.col}
	message := parse.Message
	if message == "" {
		message = strings.TrimPrefix(parse.Error(), "toml: ")
	}
	return fmt.Errorf("%s: %s", at, message)
}

// parseSet reads one key=value of the command line. A value that is not TOML is
// taken as a string, so that engine=fusion needs no quotes.
func parseSet(set string, layer int) (*node, error) {
	key, value, ok := strings.Cut(set, "=")
	key = strings.TrimSpace(key)
	if !ok || key == "" {
		return nil, fmt.Errorf("--set %s: want key=value", printable(set))
	}
	at := position{set: set, layer: layer}
	var raw map[string]any
	if _, err := toml.Decode("value = "+value, &raw); err != nil || len(raw) != 1 {
		raw = map[string]any{"value": strings.TrimSpace(value)}
	}
	n := grow(raw["value"], nil, func([]string) position { return at })
	parts := strings.Split(key, ".")
	for i := len(parts) - 1; i >= 0; i-- {
		n = &node{table: map[string]*node{parts[i]: n}, at: at}
	}
	return n, nil
}

// grow turns decoded TOML into nodes.
func grow(value any, path []string, at func(path []string) position) *node {
	raw, ok := value.(map[string]any)
	if !ok {
		return &node{leaf: value, at: at(path)}
	}
	n := &node{table: make(map[string]*node, len(raw)), at: at(path)}
	for key, v := range raw {
		n.table[key] = grow(v, append(path[:len(path):len(path)], key), at)
	}
	return n
}

// overlay puts the values of top over those of n, table by table. A table with
// a source loses it when top sets a value beside it without a new one: the old
// source does not speak for the new value.
func (n *node) overlay(top *node) {
	if n.table == nil || top.table == nil {
		*n = *top
		return
	}
	if _, has := n.table["source"]; has && top.table["source"] == nil {
		if at, sets := top.firstLeaf(); sets {
			n.table["source"] = &node{leaf: at.source(), at: at}
		}
	}
	for key, child := range top.table {
		if old := n.table[key]; old != nil {
			old.overlay(child)
		} else {
			n.table[key] = child
		}
	}
}

// firstLeaf returns where the first of the table's own values was set.
func (n *node) firstLeaf() (position, bool) {
	for _, key := range sortedKeys(n.table) {
		if child := n.table[key]; child.table == nil {
			return child.at, true
		}
	}
	return position{}, false
}

// find returns the node of a dotted key, nil when it is not set.
func (n *node) find(key string) *node {
	if n == nil {
		return nil
	}
	if child := n.table[key]; child != nil { // in sources, keys hold dots
		return child
	}
	first, rest, dotted := strings.Cut(key, ".")
	if !dotted {
		return nil
	}
	return n.table[first].find(rest)
}

// text returns the string at key, "" when it is absent or no string.
func (n *node) text(key string) string {
	if child := n.find(key); child != nil {
		s, _ := child.leaf.(string)
		return s
	}
	return ""
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
