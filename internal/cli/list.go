package cli

import (
	"fmt"
	"slices"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/internal/strict"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/workload/zoo"
	"bitcycle/mimo"
	"bitcycle/reports"
	"bitcycle/sim/sweep"
)

// listNames are what there is to list.
var listNames = []string{"machines", "frontends", "networks", "workloads", "methods", "data", "precoders", "papers", "sweeps", "drams", "figures"}

type listCmd struct {
	What string `arg:"" enum:"${lists}" predictor:"lists" help:"machines, frontends, networks, workloads, methods, data, precoders, papers, sweeps, drams or figures: published energies and areas."`
	Name string `arg:"" optional:"" predictor:"methods" help:"Of methods: its arguments with defaults, what they take and mean."`
}

// Help shows examples.
func (listCmd) Help() string {
	return `Examples:
  bitcycle list machines
  bitcycle list methods          # a line each
  bitcycle list methods uniform  # a line for each argument
  bitcycle list data             # how data sets, parts and ranges of them are written`
}

// Run prints what is built in.
func (c listCmd) Run(s *session) error {
	if c.Name != "" {
		return c.one(s)
	}
	if c.What == "machines" {
		return s.write(reports.Machines(machines()))
	}
	things, err := c.things()
	if err != nil {
		return err
	}
	return s.write(reports.List(things))
}

// one prints the arguments of a method.
func (c listCmd) one(s *session) error {
	if c.What != "methods" {
		return input(fmt.Errorf("list %s %s: only methods have more to tell; bitcycle show %s may be what you mean", c.What, c.Name, c.Name))
	}
	var names []string
	for _, m := range evaluate.Methods() {
		if m.Name == c.Name {
			return s.write(reports.Method(m, evaluate.Arguments(m.Name)))
		}
		names = append(names, m.Name)
	}
	return input(strict.Unknown("method", c.Name, names))
}

func (c listCmd) things() ([]reports.Listed, error) {
	switch c.What {
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
	case "precoders":
		return precoders(), nil
	case "papers":
		return papers(), nil
	}
	return dataSets(), nil
}

// machines are the shipped machines, and how they fare against figures of others.
func machines() []reports.Machine {
	var list []reports.Machine
	for _, m := range shippedHardware(arch.List()) {
		var texts []string
		for _, v := range arch.Validations(m.Name) {
			texts = append(texts, v.String())
		}
		validated := strings.Join(texts, ", ")
		if validated == "" {
			validated = "never"
		}
		list = append(list, reports.Machine{Listed: m, Validated: validated})
	}
	return list
}

func precoders() []reports.Listed {
	var list []reports.Listed
	for _, name := range mimo.Precoders() {
		list = append(list, reports.Listed{Name: name, Kind: "precoder", About: mimo.About(name)})
	}
	for _, name := range mimo.Detectors() {
		list = append(list, reports.Listed{Name: name, Kind: "detector", About: mimo.About(name)})
	}
	return list
}

// dataSets are the forms of names of data sets, and what may follow any of them.
func dataSets() []reports.Listed {
	var list []reports.Listed
	for _, kind := range dataset.List() {
		list = append(list, reports.Listed{Name: kind.Form, Kind: "data", About: kind.About})
	}
	return append(list,
		reports.Listed{Name: "SET[64:256]", Kind: "range", About: "images 64 to 255 of any set; SET[:256] the first 256, SET[64:] all from 64 on"},
		reports.Listed{Name: "SET+SET", Kind: "joined", About: "several sets of one size as one: cifar10:data_batch_1.bin+cifar10:data_batch_2.bin"},
		reports.Listed{Name: "PATH", Kind: "where", About: "a relative path that does not exist is looked up under $BITCYCLE_DATA too"},
	)
}

func shippedWorkloads() []reports.Listed {
	var list []reports.Listed
	for _, e := range slices.Concat(zoo.List(), zoo.Variants()) {
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
