package arch

import (
	"fmt"
	"reflect"

	"bitcycle/internal/strict"
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

func machineOf(tree *strict.Node, err error) (*Accelerator, error) {
	if err != nil {
		return nil, err
	}
	if n := tree.Find("kind"); n != nil && n.Leaf == "frontend" {
		return nil, fmt.Errorf("%s: a front end, not a machine", n.At.LineOnly())
	}
	return assemble(tree)
}

// assemble turns a merged tree into a machine.
func assemble(tree *strict.Node) (*Accelerator, error) {
	d := newDecoder()
	a := d.defaults(tree)
	d.Table("", tree, reflect.ValueOf(&a).Elem())
	a.besideFile(tree)
	a.derive(func(key string) bool { return tree.Find(key) == nil })
	for _, e := range a.problems() {
		d.report(tree, e)
	}
	if err := d.Err(); err != nil {
		return nil, err
	}
	return &a, nil
}
