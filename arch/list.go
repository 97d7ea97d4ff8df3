package arch

import (
	"slices"
	"strings"

	archconfigs "bitcycle/arch-configs"
)

// Shipped is a machine or front end in the binary.
type Shipped struct {
	Name        string
	Kind        string // engine of an accelerator
	Description string
}

// List returns the shipped machines in the order of their names.
func List() []Shipped {
	var list []Shipped
	for _, name := range shippedNames() {
		doc, err := open(name, ".")
		if err != nil {
			panic("arch: " + err.Error())
		}
		tree, err := parseTree(doc.file, doc.text, 0)
		if err != nil {
			panic("arch: " + err.Error())
		}
		list = append(list, Shipped{name, tree.text("engine"), tree.text("description")})
	}
	return list
}

func shippedNames() []string { return namesIn(".") }

// namesIn lists the TOML files of a folder of the shipped configurations.
func namesIn(dir string) []string {
	entries, err := archconfigs.Files.ReadDir(dir)
	if err != nil {
		panic("arch: " + err.Error())
	}
	var names []string
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), ".toml"); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
