package arch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	archconfigs "bitcycle/arch-configs"
)

// Load reads a machine: a shipped one by name or a TOML file by path, with the
// machine it names as base below it and key=value settings on top. Defaults are
// those of its engine. The error lists every problem, each with its place, key,
// value and what is allowed.
func Load(nameOrPath string, set []string) (*Accelerator, error) {
	tree, err := loadTree(nameOrPath, set)
	if err != nil {
		return nil, err
	}
	return assemble(tree)
}

// document is a TOML text with the name that messages call it by.
type document struct{ file, text string }

// open finds a machine or front end by shipped name or by path. A relative path
// starts at dir.
func open(nameOrPath, dir string) (document, error) {
	if text, err := archconfigs.Files.ReadFile(nameOrPath + ".toml"); err == nil && !strings.ContainsAny(nameOrPath, `/\.`) {
		return document{nameOrPath + ".toml", string(text)}, nil
	}
	if !isPath(nameOrPath) {
		if _, err := os.Stat(filepath.Join(dir, nameOrPath)); err != nil {
			return document{}, unknownName("machine", nameOrPath, shippedNames())
		}
	}
	path := nameOrPath
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	return readDocument(path)
}

func isPath(text string) bool {
	return strings.ContainsAny(text, `/\`) || strings.HasSuffix(text, ".toml")
}

func readDocument(path string) (document, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		var cause *os.PathError
		if errors.As(err, &cause) {
			err = cause.Err
		}
		return document{}, fmt.Errorf("%s: %w", path, err)
	}
	return document{path, string(text)}, nil
}

func unknownName(what, name string, known []string) error {
	if guess := nearest(name, known); guess != "" {
		return fmt.Errorf("no %s %q (did you mean %q?)", what, name, guess)
	}
	return fmt.Errorf("no %s %q: want a file or one of %s", what, name, strings.Join(known, ", "))
}

// loadTree merges bases, the file itself and the settings.
func loadTree(nameOrPath string, set []string) (*node, error) {
	tree, layer, err := loadLayers(nameOrPath, ".", nil)
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
		merge(tree, top)
	}
	return tree, errors.Join(errs...)
}

// loadLayers returns the tree of a document over its bases and the number of
// the last layer.
func loadLayers(nameOrPath, dir string, above []string) (*node, int, error) {
	doc, err := open(nameOrPath, dir)
	if err != nil {
		return nil, 0, err
	}
	if slices.Contains(above, doc.file) {
		return nil, 0, fmt.Errorf("%s: base = %q: goes round in a circle", above[len(above)-1], nameOrPath)
	}
	top, err := parseTree(doc.file, doc.text, 0)
	if err != nil {
		return nil, 0, err
	}
	base := top.table["base"]
	delete(top.table, "base")
	if base == nil {
		name(top, doc.file, "")
		return top, 0, nil
	}
	from, ok := base.leaf.(string)
	if !ok {
		return nil, 0, fmt.Errorf("%s: base: want the name or path of a machine", base.at)
	}
	tree, layer, err := loadLayers(from, filepath.Dir(doc.file), append(above, doc.file))
	if err != nil {
		return nil, 0, fmt.Errorf("%s: base = %q: %w", base.at, from, err)
	}
	name(top, doc.file, from)
	top.raise(layer + 1)
	merge(tree, top)
	return tree, layer + 1, nil
}

// name gives a document that has none the name of its file.
func name(top *node, file, base string) {
	at := position{file: file}
	if top.table["name"] == nil {
		top.table["name"] = &node{leaf: strings.TrimSuffix(filepath.Base(file), ".toml"), at: at}
	}
	if base != "" && top.table["description"] == nil {
		top.table["description"] = &node{leaf: base + " with changes", at: at}
	}
}

// raise moves a tree to a later layer.
func (n *node) raise(layer int) {
	n.at.layer = layer
	for _, child := range n.table {
		child.raise(layer)
	}
}

// merge lays top over tree and withdraws what the old values were known by:
// their sources, and their place among the unconfirmed.
func merge(tree, top *node) {
	withdraw(tree, top)
	tree.overlay(top)
}

// withdraw handles the tables sources and unconfirmed before top covers tree.
func withdraw(tree, top *node) {
	covered := map[string]position{}
	top.leaves("", covered)
	doubtful := tree.find("unconfirmed")
	if doubtful != nil {
		list, _ := doubtful.leaf.([]any)
		kept := slices.DeleteFunc(slices.Clone(list), func(v any) bool {
			key, _ := v.(string)
			_, set := covered[key]
			return set
		})
		doubtful.leaf = kept
		if own := top.table["unconfirmed"]; own != nil {
			if more, ok := own.leaf.([]any); ok {
				own.leaf = append(slices.Clone(kept), more...)
			}
		}
	}
	sources := tree.table["sources"]
	if sources == nil || sources.table == nil {
		return
	}
	flatten(sources)
	for key, at := range covered {
		if !keyExists(key) {
			continue
		}
		if sourceOf(key, func(k string) bool { return sources.table[k] != nil }) != "" {
			sources.table[key] = &node{leaf: at.source(), at: at}
		}
	}
	if own := top.table["sources"]; own != nil && own.table != nil {
		flatten(own)
	}
}

// leaves collects the keys of values, constants counting as one.
func (n *node) leaves(prefix string, into map[string]position) {
	for key, child := range n.table {
		if prefix == "" && (key == "sources" || key == "unconfirmed") {
			continue
		}
		if child.table == nil || child.table["value"] != nil {
			into[prefix+key] = child.at
			continue
		}
		child.leaves(prefix+key+".", into)
	}
}

// flatten turns nested tables of sources into dotted keys.
func flatten(n *node) {
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
}

// sourceOf returns the longest of key, its table, that table's table … that has
// a source, "" when none has.
func sourceOf(key string, has func(string) bool) string {
	for key != "" && !has(key) {
		i := strings.LastIndexByte(key, '.')
		key = key[:max(i, 0)]
	}
	return key
}

// assemble turns a merged tree into a machine.
func assemble(tree *node) (*Accelerator, error) {
	d := &decoder{}
	a := d.defaults(tree)
	d.decodeTable("", tree, reflect.ValueOf(&a).Elem())
	derive(&a, tree)
	for _, e := range a.problems() {
		d.report(tree, e)
	}
	if err := d.err(); err != nil {
		return nil, err
	}
	return &a, nil
}

// report places a KeyError in the document.
func (d *decoder) report(tree *node, e *KeyError) {
	for key := e.Key; key != ""; key = key[:max(strings.LastIndexByte(key, '.'), 0)] {
		if n := tree.find(key); n != nil {
			if key != e.Key { // the key itself was filled by default
				d.add(n.at, n.at.lineOnly()+": "+e.Error())
				return
			}
			d.value(n.at, e.Key, e.Value, e.Rule)
			return
		}
	}
	at := tree.at
	d.add(at, at.lineOnly()+": "+e.Error())
}
