package cli

import (
	"context"
	"fmt"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/quantizers"
	"bitcycle/reports"
)

type compareCmd struct {
	Machines string   `short:"m" help:"Machines, separated by commas." default:"haq-bismo-cloud,bitfusion-eyeriss-45nm,gemmini-default"`
	Methods  []string `short:"q" help:"Method; repeat for more." sep:"none" placeholder:"METHOD"`
	Network  string   `short:"n" help:"Shipped network, network file or ONNX model." placeholder:"NETWORK"`
	Data     string   `help:"Images to measure accuracy on." placeholder:"SET"`
	Calib    string   `help:"Images to calibrate on." placeholder:"SET"`
	Images   int      `help:"Measure on the first N images only." placeholder:"N"`
}

// Help shows an example.
func (compareCmd) Help() string {
	return "Example: bitcycle compare -m gemmini-default,haq-bismo-cloud -q uniform:w=4,a=4 -q multipoint:w=3,a=8"
}

// Run prints the cross table.
func (c compareCmd) Run(ctx context.Context, s *session) error {
	specs := c.Methods
	if len(specs) == 0 {
		specs = []string{"uniform:w=8,a=8", "uniform:w=4,a=4", "uniform:w=2,a=4", "multipoint:w=3,a=8,tau=1"}
	}
	sub, err := loadSubject(c.Network, c.Data, c.Calib, c.Images)
	if err != nil {
		return input(err)
	}
	var machines []*arch.Accelerator
	for _, name := range strings.Split(c.Machines, ",") {
		m, err := arch.Load(strings.TrimSpace(name), s.Set)
		if err != nil {
			return input(err)
		}
		machines = append(machines, m)
	}
	var methods []quantizers.Method
	for _, spec := range specs {
		m, err := parseMethod(spec, s, sub, machines[0])
		if err != nil {
			return input(err)
		}
		methods = append(methods, m)
	}
	bar := s.progress()
	entries, err := evaluate.Cross(ctx, sub.network, methods, machines, sub.data, sub.calib, s.Workers, bar.update)
	bar.done()
	if err != nil {
		return err
	}
	float := entries[0].Accuracy
	doc := &reports.Document{
		Tables:      []*reports.Table{reports.Cross(sub.network.Name+": methods × machines", entries)},
		Summary:     []string{fmt.Sprintf("float top-1 %.2f %% on %d images; costs per batch of each machine", 100*float.FloatTop1, float.Images)},
		Assumptions: s.provenance(sub),
	}
	for _, m := range machines {
		for i := range entries {
			if entries[i].Machine == m.Name {
				doc.Assumptions = append(doc.Assumptions, entries[i].Cost.Assumptions...)
				break
			}
		}
	}
	return s.write(doc)
}
