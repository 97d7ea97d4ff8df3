package arch

// Shipped is a machine or front end in the binary.
type Shipped struct {
	Name        string
	Kind        string // engine of an accelerator
	Description string
}

// List returns the shipped machines in the order of their names.
func List() []Shipped {
	var list []Shipped
	for _, name := range namesIn(machines.folder) {
		doc, err := machines.open(name, ".")
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
