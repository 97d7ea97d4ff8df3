package arch

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"bitcycle/internal/files"
	"bitcycle/internal/strict"
)

// maxBases bounds a chain of bases.
const maxBases = 16

// layers is a document stacked on its bases.
type layers struct {
	tree  *strict.Node
	layer int // of the document: how many are below it
}

// load opens a document and stacks it on its bases. The tree is the caller's own.
func (c *catalog) load(nameOrPath, dir string, above []string) (layers, error) {
	if c.ships(nameOrPath) {
		known, err := c.shippedLayers(nameOrPath)
		if err != nil {
			return layers{}, err
		}
		return layers{known.tree.Clone(), known.layer}, nil
	}
	doc, err := c.open(nameOrPath, dir)
	if err != nil {
		return layers{}, err
	}
	return c.stack(doc, above)
}

// shippedLayers is load for a shipped document, which is read once per process. The tree
// is not to be changed.
func (c *catalog) shippedLayers(name string) (layers, error) {
	read, ok := c.read.Load(name)
	if !ok {
		read, _ = c.read.LoadOrStore(name, sync.OnceValues(func() (layers, error) {
			doc, err := c.open(name, ".")
			if err != nil {
				return layers{}, err
			}
			return c.stack(doc, nil)
		}))
	}
	return read.(func() (layers, error))()
}

// stack stacks a document on its bases. Above are the documents that are based on it.
func (c *catalog) stack(doc document, above []string) (layers, error) {
	if slices.Contains(above, doc.file) || len(above) > maxBases {
		return layers{}, fmt.Errorf("%s: the bases go round in a circle", doc.file)
	}
	top, err := doc.tree()
	if err != nil {
		return layers{}, err
	}
	base := top.Table["base"]
	delete(top.Table, "base")
	if base == nil {
		name(top, doc.file, "")
		return layers{top, 0}, nil
	}
	from, ok := base.Leaf.(string)
	if !ok {
		return layers{}, fmt.Errorf("%s: base: want the name or path of a %s", base.At, c.what)
	}
	if isPath(from) {
		_, err = files.Beside(doc.file, from)
	}
	var below layers
	if err == nil {
		below, err = c.load(from, filepath.Dir(doc.file), append(above, doc.file))
	}
	if err != nil {
		return layers{}, fmt.Errorf("%s: base = %s: %w", base.At, strict.Quote(from), err)
	}
	name(top, doc.file, from)
	raise(top, below.layer+1)
	c.merge(below.tree, top)
	return layers{below.tree, below.layer + 1}, nil
}

// name gives a document that has none the name of its file, and one over a base
// a description of its own.
func name(n *strict.Node, file, base string) {
	at := strict.Position{File: file}
	if n.Table["name"] == nil {
		n.Table["name"] = &strict.Node{Leaf: strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), At: at}
	}
	if base != "" && n.Table["description"] == nil {
		n.Table["description"] = &strict.Node{Leaf: base + " with changes", At: at}
	}
}

// raise moves a tree to a later layer.
func raise(n *strict.Node, layer int) {
	n.At.Layer = layer
	for _, child := range n.Table {
		raise(child, layer)
	}
}

// merge lays top over tree and withdraws what the covered values were known by:
// their place among the unconfirmed and their sources.
func (c *catalog) merge(tree, top *strict.Node) {
	covered := map[string]strict.Position{}
	c.leaves(top, "", covered)
	trust(tree, top, covered)
	resource(tree, top, covered)
	overlay(tree, top)
}

// leaves collects the keys of the values in a tree. A constant counts as one
// value; a value in a table that has one source for all counts for the table too.
func (c *catalog) leaves(n *strict.Node, prefix string, into map[string]strict.Position) {
	for _, key := range keysOf(n.Table) {
		child := n.Table[key]
		if prefix == "" && (key == "sources" || key == "unconfirmed") {
			continue
		}
		if child.Table != nil && child.Table["value"] == nil {
			c.leaves(child, prefix+key+".", into)
			continue
		}
		if table := strings.TrimSuffix(prefix, "."); c.hasSource(table) {
			into[table] = child.At
		}
		if _, ok := c.typeOf(prefix + key); ok { // others are reported when decoding
			into[prefix+key] = child.At
		}
	}
}

// overlay puts the values of top over those of n, table by table. A table with a
// source loses it when top sets a value beside it without a new one: the old source
// does not speak for the new value.
func overlay(n, top *strict.Node) {
	if n.Table == nil || top.Table == nil {
		*n = *top
		return
	}
	if _, has := n.Table["source"]; has && top.Table["source"] == nil {
		if at, sets := firstLeaf(top); sets {
			n.Table["source"] = &strict.Node{Leaf: source(at), At: at}
		}
	}
	for key, child := range top.Table {
		if old := n.Table[key]; old != nil {
			overlay(old, child)
		} else {
			n.Table[key] = child
		}
	}
}

// firstLeaf returns where the first of the table's own values was set.
func firstLeaf(n *strict.Node) (strict.Position, bool) {
	for _, key := range keysOf(n.Table) {
		if child := n.Table[key]; child.Table == nil {
			return child.At, true
		}
	}
	return strict.Position{}, false
}

func keysOf[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// trust takes covered keys off the list of unconfirmed ones and adds those of top.
func trust(tree, top *strict.Node, covered map[string]strict.Position) {
	doubtful := tree.Table["unconfirmed"]
	if doubtful == nil {
		return
	}
	list, ok := doubtful.Leaf.([]any)
	if !ok {
		return
	}
	doubtful.Leaf = slices.DeleteFunc(slices.Clone(list), func(v any) bool {
		key, _ := v.(string)
		_, set := covered[key]
		return set
	})
	if own := top.Table["unconfirmed"]; own != nil {
		if more, ok := own.Leaf.([]any); ok {
			own.Leaf = append(doubtful.Leaf.([]any), more...)
		}
	}
}

// resource makes sure that no covered key is left with the source of its old
// value: it gets the one that top names, else the place where it was set.
func resource(tree, top *strict.Node, covered map[string]strict.Position) {
	own := flatten(top.Table["sources"])
	sources := flatten(tree.Table["sources"])
	for _, key := range keysOf(covered) {
		before, after := sourceOf(key, sources), sourceOf(key, own)
		if before == "" || after == key {
			continue
		}
		at := covered[key]
		from := &strict.Node{Leaf: source(at), At: at}
		if after != "" {
			from = own[after]
		}
		if len(before) > len(after) || after == "" { // the old one would be found first
			sources[key] = from
		}
	}
}

// flatten turns the nested tables of sources into dotted keys, in place, and
// returns them.
func flatten(n *strict.Node) map[string]*strict.Node {
	if n == nil || n.Table == nil {
		return nil
	}
	flat := map[string]*strict.Node{}
	var walk func(prefix string, n *strict.Node)
	walk = func(prefix string, n *strict.Node) {
		for key, child := range n.Table {
			if child.Table != nil {
				walk(prefix+key+".", child)
				continue
			}
			flat[prefix+key] = child
		}
	}
	walk("", n)
	n.Table = flat
	return flat
}

// sourceOf returns the nearest of key, its table, that table's table … that is
// in sources, "" when none is.
func sourceOf[V any](key string, sources map[string]V) string {
	for key != "" {
		if _, ok := sources[key]; ok {
			return key
		}
		key = key[:max(strings.LastIndexByte(key, '.'), 0)]
	}
	return ""
}
