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
		tree, err := machines.loadTree(name, nil)
		if err != nil {
			panic("arch: " + err.Error())
		}
		list = append(list, Shipped{name, tree.text("engine"), tree.text("description")})
	}
	return list
}
