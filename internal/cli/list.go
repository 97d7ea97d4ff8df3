package cli

import (
	"fmt"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/kernels/dataset"
	"bitcycle/reports"
)

type listCmd struct {
	What string `arg:"" enum:"machines,frontends,networks,methods,data,drams" help:"machines, frontends, networks, methods, data or drams."`
}

// Help shows an example.
func (listCmd) Help() string { return "Example: bitcycle list machines" }

// Run prints what is built in.
func (c listCmd) Run(s *session) error {
	table := &reports.Table{Columns: []reports.Column{reports.Text("name", "name"), reports.Text("kind", "kind"), reports.Text("description", "description")}}
	switch c.What {
	case "machines":
		for _, m := range arch.List() {
			table.Add(m.Name, m.Kind, m.Description)
		}
	case "frontends":
		for _, m := range arch.ListFrontEnds() {
			table.Add(m.Name, m.Kind, m.Description)
		}
	case "drams":
		for _, name := range arch.DRAMNames() {
			d, err := arch.LoadDRAM(name)
			if err != nil {
				return err
			}
			table.Add(name, "dram", d.Description)
		}
	case "networks":
		table.Add(defaultNetwork, "shipped", "residual CNN trained on the glyphs set, 32×32 grey, 20 classes")
	case "methods":
		for _, m := range evaluate.Methods() {
			table.Add(m.Usage, m.Name, m.About)
		}
	case "data":
		for _, kind := range dataset.Kinds() {
			name, about, _ := strings.Cut(kind, " ")
			table.Add(name, "data", strings.TrimSpace(about))
		}
	default:
		return input(fmt.Errorf("list %q: must be machines, networks, methods, data or drams", c.What))
	}
	return s.write(&reports.Document{Tables: []*reports.Table{table}})
}
