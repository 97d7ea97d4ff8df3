package arch

// Shipped is a machine or front end in the binary.
type Shipped struct {
	Name        string
	Kind        string // engine of an accelerator, "frontend"
	Description string
}

// List returns the shipped machines in the order of their names.
func List() []Shipped { return machines.list("engine") }

func (c *catalog) list(kind string) []Shipped {
	var list []Shipped
	for _, name := range namesIn(c.folder) {
		read, err := c.shippedLayers(name)
		if err != nil {
			panic("arch: " + err.Error())
		}
		list = append(list, Shipped{name, read.tree.Text(kind), read.tree.Text("description")})
	}
	return list
}
