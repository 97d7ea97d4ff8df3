package cli

import (
	"fmt"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/workload/zoo"
	"bitcycle/reports"
	"bitcycle/sim/sweep"
)

type listCmd struct {
	What string `arg:"" enum:"machines,frontends,networks,workloads,methods,data,sweeps,drams,figures" help:"machines, frontends, networks, workloads, methods, data, sweeps, drams or figures: published energies and areas."`
}

// Help shows an example.
func (listCmd) Help() string { return "Example: bitcycle list machines" }

// Run prints what is built in.
func (c listCmd) Run(s *session) error {
	things, err := c.things()
	if err != nil {
		return err
	}
	return s.write(reports.List(things))
}

func (c listCmd) things() ([]reports.Listed, error) {
	switch c.What {
	case "machines":
		return shippedHardware(arch.List()), nil
	case "frontends":
		return shippedHardware(arch.ListFrontEnds()), nil
	case "sweeps":
		var list []reports.Listed
		for _, one := range sweep.List() {
			list = append(list, reports.Listed{Name: one.Name, Kind: "sweep", About: one.Description})
		}
		return list, nil
	case "drams":
		return drams()
	case "figures":
		return figures(), nil
	case "networks":
		return []reports.Listed{{Name: defaultNetwork, Kind: "shipped", About: "residual CNN trained on the glyphs set, 32×32 grey, 20 classes"}}, nil
	case "workloads":
		return shippedWorkloads(), nil
	case "methods":
		var list []reports.Listed
		for _, m := range evaluate.Methods() {
			list = append(list, reports.Listed{Name: m.Usage, Kind: m.Name, About: m.About})
		}
		return list, nil
	}
	var list []reports.Listed
	for _, kind := range dataset.Kinds() {
		name, about, _ := strings.Cut(kind, " ")
		list = append(list, reports.Listed{Name: name, Kind: "data", About: strings.TrimSpace(about)})
	}
	return list, nil
}

func shippedWorkloads() []reports.Listed {
	var list []reports.Listed
	for _, e := range zoo.List() {
		w := e.Workload()
		about := fmt.Sprintf("%s: %sMACs, %s weights", e.About, scaled(w.MACs()), scaled(w.WeightCount()))
		list = append(list, reports.Listed{Name: e.Name, Kind: "workload", About: about})
	}
	return list
}

// scaled writes a count with a decimal prefix.
func scaled(n int64) string {
	v, prefix := float64(n), ""
	for _, p := range []string{"k", "M", "G", "T"} {
		if v < 1000 {
			break
		}
		v, prefix = v/1000, p
	}
	return fmt.Sprintf("%.4g %s", v, prefix)
}

func shippedHardware(infos []arch.Shipped) []reports.Listed {
	list := make([]reports.Listed, len(infos))
	for i, m := range infos {
		list[i] = reports.Listed{Name: m.Name, Kind: m.Kind, About: m.Description}
	}
	return list
}

// figures are the published constants that energies and areas of machines go by.
func figures() []reports.Listed {
	var list []reports.Listed
	for _, f := range arch.Figures() {
		about := f.Source
		if !f.Confirmed {
			about += " (unconfirmed)"
		}
		list = append(list, reports.Listed{Name: f.Name, Kind: fmt.Sprintf("%.4g %s", f.Value, f.Unit), About: about})
	}
	return list
}

func drams() ([]reports.Listed, error) {
	var list []reports.Listed
	for _, name := range arch.DRAMNames() {
		d, err := arch.LoadDRAM(name)
		if err != nil {
			return nil, err
		}
		list = append(list, reports.Listed{Name: name, Kind: "dram", About: d.Description})
	}
	return list, nil
}
