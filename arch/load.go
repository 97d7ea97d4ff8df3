package arch

import (
	"fmt"
	"reflect"
	"strings"
)

// Load reads a machine: a shipped one by name, or by path a TOML file or a
// configuration of SCALE-Sim (.cfg), with the machine that it names as base below
// it and key=value settings on top. Defaults are
// those of its engine. The error lists every problem, each with its place, key,
// value and what is allowed.
func Load(nameOrPath string, set []string) (*Accelerator, error) {
	tree, err := machines.loadTree(nameOrPath, set)
	return machineOf(tree, err)
}

// Parse reads the text of a machine file as Load reads the file of that name.
func Parse(file, text string, set []string) (*Accelerator, error) {
	tree, err := machines.treeOf(document{file, text}, set)
	return machineOf(tree, err)
}

func machineOf(tree *node, err error) (*Accelerator, error) {
	if err != nil {
		return nil, err
	}
	if n := tree.find("kind"); n != nil && n.leaf == "frontend" {
		return nil, fmt.Errorf("%s: a front end, not a machine", n.at.lineOnly())
	}
	return assemble(tree)
}

// assemble turns a merged tree into a machine.
func assemble(tree *node) (*Accelerator, error) {
	d := &decoder{}
	a := d.defaults(tree)
	d.decodeTable("", tree, reflect.ValueOf(&a).Elem())
	a.besideFile(tree)
	a.derive(func(key string) bool { return tree.find(key) == nil })
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
	if o := e.other; o != nil && tree.layerOf(o.Key) > tree.layerOf(e.Key) {
		e = &KeyError{Key: o.Key, Value: o.Value, Rule: o.Rule, other: e}
	}
	for key := e.Key; key != ""; key = key[:max(strings.LastIndexByte(key, '.'), 0)] {
		if n := tree.find(key); n != nil {
			if key != e.Key { // the key itself was filled by default
				d.add(n.at, n.at.lineOnly()+": "+e.Error())
				return
			}
			if e.other == nil {
				d.value(n.at, e.Key, e.Value, e.Rule)
			} else if !d.bad[e.Key] { // a value may exclude several others
				d.place(n.at, e.Key, e.Value, e.Rule)
			}
			return
		}
	}
	at := tree.at
	d.add(at, at.lineOnly()+": "+e.Error())
}

// layerOf is the layer in which a key was last set, −1 where it never was.
func (n *node) layerOf(key string) int {
	if found := n.find(key); found != nil {
		return found.at.layer
	}
	return -1
}
