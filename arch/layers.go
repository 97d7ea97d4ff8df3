package arch

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// maxBases bounds a chain of bases.
const maxBases = 16

// loadTree merges the bases of a document, the document and the settings.
func (c catalog) loadTree(nameOrPath string, set []string) (*node, error) {
	doc, err := c.open(nameOrPath, ".")
	if err != nil {
		return nil, err
	}
	return c.treeOf(doc, set)
}

// treeOf is loadTree for a document that is open.
func (c catalog) treeOf(doc document, set []string) (*node, error) {
	tree, layer, err := c.stack(doc, nil)
	if err != nil {
		return nil, err
	}
	var errs []error
	for i, one := range set {
		top, err := parseSet(one, layer+1+i)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		c.merge(tree, top)
	}
	return tree, errors.Join(errs...)
}

// loadLayers opens a document and stacks it on its bases.
func (c catalog) loadLayers(nameOrPath, dir string, above []string) (*node, int, error) {
	doc, err := c.open(nameOrPath, dir)
	if err != nil {
		return nil, 0, err
	}
	return c.stack(doc, above)
}

// stack returns the tree of a document over its bases and the number of the
// last layer. Above are the documents that are based on it.
func (c catalog) stack(doc document, above []string) (*node, int, error) {
	if slices.Contains(above, doc.file) || len(above) > maxBases {
		return nil, 0, fmt.Errorf("%s: the bases go round in a circle", doc.file)
	}
	top, err := doc.tree()
	if err != nil {
		return nil, 0, err
	}
	base := top.table["base"]
	delete(top.table, "base")
	if base == nil {
		top.name(doc.file, "")
		return top, 0, nil
	}
	from, ok := base.leaf.(string)
	if !ok {
		return nil, 0, fmt.Errorf("%s: base: want the name or path of a %s", base.at, c.what)
	}
	tree, layer, err := c.loadLayers(from, filepath.Dir(doc.file), append(above, doc.file))
	if err != nil {
		return nil, 0, fmt.Errorf("%s: base = %s: %w", base.at, quote(from), err)
	}
	top.name(doc.file, from)
	top.raise(layer + 1)
	c.merge(tree, top)
	return tree, layer + 1, nil
}

// name gives a document that has none the name of its file, and one over a base
// a description of its own.
func (n *node) name(file, base string) {
	at := position{file: file}
	if n.table["name"] == nil {
		n.table["name"] = &node{leaf: strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), at: at}
	}
	if base != "" && n.table["description"] == nil {
		n.table["description"] = &node{leaf: base + " with changes", at: at}
	}
}

// raise moves a tree to a later layer.
func (n *node) raise(layer int) {
	n.at.layer = layer
	for _, child := range n.table {
		child.raise(layer)
	}
}

// merge lays top over tree and withdraws what the covered values were known by:
// their place among the unconfirmed and their sources.
func (c catalog) merge(tree, top *node) {
	covered := map[string]position{}
	c.leaves(top, "", covered)
	trust(tree, top, covered)
	resource(tree, top, covered)
	tree.overlay(top)
}

// leaves collects the keys of the values in a tree. A constant counts as one
// value; a value in a table that has one source for all counts for the table too.
func (c catalog) leaves(n *node, prefix string, into map[string]position) {
	for _, key := range sortedKeys(n.table) {
		child := n.table[key]
		if prefix == "" && (key == "sources" || key == "unconfirmed") {
			continue
		}
		if child.table != nil && child.table["value"] == nil {
			c.leaves(child, prefix+key+".", into)
			continue
		}
		if table := strings.TrimSuffix(prefix, "."); c.hasSource(table) {
			into[table] = child.at
		}
		if _, ok := c.typeOf(prefix + key); ok { // others are reported when decoding
			into[prefix+key] = child.at
		}
	}
}

// trust takes covered keys off the list of unconfirmed ones and adds those of top.
func trust(tree, top *node, covered map[string]position) {
	doubtful := tree.table["unconfirmed"]
	if doubtful == nil {
		return
	}
	list, ok := doubtful.leaf.([]any)
	if !ok {
		return
	}
	doubtful.leaf = slices.DeleteFunc(slices.Clone(list), func(v any) bool {
		key, _ := v.(string)
		_, set := covered[key]
		return set
	})
	if own := top.table["unconfirmed"]; own != nil {
		if more, ok := own.leaf.([]any); ok {
			own.leaf = append(doubtful.leaf.([]any), more...)
		}
	}
}

// resource makes sure that no covered key is left with the source of its old
// value: it gets the one that top names, else the place where it was set.
func resource(tree, top *node, covered map[string]position) {
	own := flatten(top.table["sources"])
	sources := flatten(tree.table["sources"])
	for _, key := range sortedKeys(covered) {
		before, after := sourceOf(key, sources), sourceOf(key, own)
		if before == "" || after == key {
			continue
		}
		at := covered[key]
		source := &node{leaf: at.source(), at: at}
		if after != "" {
			source = own[after]
		}
		if len(before) > len(after) || after == "" { // the old one would be found first
			sources[key] = source
		}
	}
}

// flatten turns the nested tables of sources into dotted keys, in place, and
// returns them.
func flatten(n *node) map[string]*node {
	if n == nil || n.table == nil {
		return nil
	}
	flat := map[string]*node{}
	var walk func(prefix string, n *node)
	walk = func(prefix string, n *node) {
		for key, child := range n.table {
			if child.table != nil {
				walk(prefix+key+".", child)
				continue
			}
			flat[prefix+key] = child
		}
	}
	walk("", n)
	n.table = flat
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
