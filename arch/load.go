package arch

import (
	"fmt"
	"maps"
	"slices"

	"bitcycle/internal/strict"
)

// Load reads a machine: a shipped one by name, or by path a TOML file or a
// configuration of SCALE-Sim (.cfg), with the machine that it names as base below
// it and key=value settings on top. Defaults are
// those of its engine. The error lists every problem, each with its place, key,
// value and what is allowed. For many variants of one machine see [Open].
func Load(nameOrPath string, set []string) (*Accelerator, error) {
	b, err := Open(nameOrPath)
	if err != nil {
		return nil, err
	}
	return b.With(set...)
}

// Parse reads the text of a machine file as Load reads the file of that name.
func Parse(file, text string, set []string) (*Accelerator, error) {
	read, err := machines.stack(document{file, text}, nil)
	if err != nil {
		return nil, err
	}
	return newBase[Accelerator](machines, read).with(set)
}

func (a *Accelerator) clone(room int) *Accelerator {
	c := *a
	c.Array.WeightWidths, c.Array.ActWidths = slices.Clone(a.Array.WeightWidths), slices.Clone(a.Array.ActWidths)
	c.Array.Folding = maps.Clone(a.Array.Folding)
	c.Array.MACsPerCycle = maps.Clone(a.Array.MACsPerCycle)
	c.Sources, c.Unconfirmed = roomy(a.Sources, room), slices.Clone(a.Unconfirmed)
	return &c
}

func (a *Accelerator) refuse(tree *strict.Node) error {
	if n := tree.Find("kind"); n != nil && n.Leaf == "frontend" {
		return fmt.Errorf("%s: a front end, not a machine", n.At.LineOnly())
	}
	return nil
}

func (a *Accelerator) start(d *decoder, tree *strict.Node) { *a = d.defaults(tree) }

func (a *Accelerator) remarks() (*map[string]string, *[]string) { return &a.Sources, &a.Unconfirmed }
