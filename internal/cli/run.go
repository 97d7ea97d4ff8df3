package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/kernels/workload/zoo"
	"bitcycle/quantizers/uniform"
	"bitcycle/reports"
	"bitcycle/reports/trace"
	"bitcycle/sim"
)

// What a run without flags takes.
const (
	defaultMachine = "haq-bismo-cloud"
	defaultMethod  = "uniform:w=4,a=4"
)

type runCmd struct {
	Machine     string  `short:"m" predictor:"machines" help:"Shipped machine or TOML file." default:"haq-bismo-cloud"`
	Network     string  `short:"n" predictor:"networks" help:"Shipped network, network file or ONNX model. Default: ${network}." placeholder:"NETWORK"`
	Method      string  `short:"q" predictor:"methods" help:"Quantization method; see list methods. Default: ${method}, without images ${widths}; a workload keeps its own widths." placeholder:"METHOD"`
	Data        string  `help:"Images to measure accuracy on; see list data. Default for the shipped network: ${data}." placeholder:"SET"`
	Calib       string  `help:"Images to calibrate on. Default for the shipped network: ${calib}." placeholder:"SET"`
	Images      int     `help:"Measure on the first N images only." placeholder:"N"`
	Stepped     bool    `help:"Step the array element by element, with real integers, beside the fast clock (with -w, or the shapes of -n)."`
	CostOnly    bool    `help:"Cost alone, of shapes and widths; what runs without --data and --calib anyway. Operators without a model are charged as vector work."`
	Uncertainty float64 `help:"Share by which each unconfirmed constant of the machine may be off: ranges of latency and energy. 0 is no doubt." default:"0.3" placeholder:"X"`
	Trace       string  `help:"Also write what happens when, tile by tile, for a viewer of traces: FILE.pftrace for Perfetto or FILE.json for Chrome." placeholder:"FILE"`
	Mapping     string  `help:"Cut layers by this file instead of the machine's own rule or search: sizes of tiles and order of loops by name of the layer (docs/files.md)." placeholder:"FILE"`
	modelFlags
	Workload string `short:"w" predictor:"workloads" help:"Cost this workload instead of a network: a shipped one (see list workloads), a file or a SCALE-Sim topology; -q uniform:… or policy:FILE replaces its widths." placeholder:"WORKLOAD"`
}

// Help shows examples.
func (runCmd) Help() string {
	return `Examples:
  bitcycle run
  bitcycle run -m bitfusion-eyeriss-45nm -q uniform:w=8,a=8
  bitcycle run -n resnet20.toml --data cifar10:test.bin.gz --calib cifar10:train.bin.gz
  bitcycle run -n net.onnx -m gemmini-default   # cost alone; --input x=1x3x224x224 where the model leaves it open
  bitcycle run -m gemmini-default -w workload.toml --json
  bitcycle run -m haq-bismo-edge -w resnet50 -q uniform:w=4,a=4`
}

// Run is the main job.
func (c runCmd) Run(ctx context.Context, s *session) error {
	if err := errors.Join(c.checkTrace(), c.checkMapping(), checkShare(c.Uncertainty)); err != nil {
		return input(err)
	}
	machine, err := arch.Load(c.Machine, s.Set)
	if err != nil && strings.Contains(c.Machine, ",") {
		err = fmt.Errorf("%w\nrun takes one machine; several: bitcycle compare -m %s", err, c.Machine)
	}
	if err != nil {
		return input(err)
	}
	if c.Workload != "" {
		return c.cost(ctx, s, machine)
	}
	if c.CostOnly || isForeign(c.Network) && c.Data == "" && c.Calib == "" && c.Images == 0 {
		return c.costNetwork(ctx, s, machine)
	}
	return c.evaluate(ctx, s, machine)
}

// checkShare finds fault with --uncertainty.
func checkShare(share float64) error {
	if !(share >= 0 && share < 1) {
		return fmt.Errorf("--uncertainty = %v: must be at least 0 and below 1", share)
	}
	return nil
}

// cost charges a workload to the machine.
func (c runCmd) cost(ctx context.Context, s *session, machine *arch.Accelerator) error {
	if c.Network != "" || c.Data != "" || c.Calib != "" || c.Images != 0 {
		return input(errors.New("-w costs a workload alone: -n, --data, --calib and --images do not go with it"))
	}
	w, err := loadWorkload(c.Workload, c.Method)
	if err != nil {
		return input(err)
	}
	return c.price(ctx, s, machine, w, c.Workload, c.Method)
}

// price charges what is called name to the machine and reports it; spec gave it its widths.
func (c runCmd) price(ctx context.Context, s *session, machine *arch.Accelerator, w *workload.Workload, name, spec string, assumptions ...string) error {
	if c.Stepped {
		return c.stepped(ctx, s, machine, w)
	}
	mapping, err := c.mapping(w)
	if err != nil {
		return input(err)
	}
	lines := trace.Timelines{}
	options := c.traced(lines)
	options.Mapping = mapping
	result, err := sim.Run(ctx, machine, w, options)
	if err != nil {
		return input(fmt.Errorf("%s on %s: %w", name, machine.Name, err))
	}
	doc := reports.Cost(s.origin(), machine, result, spec, c.Uncertainty)
	doc.Assumptions = append(doc.Assumptions, assumptions...)
	if err := c.trace(result, lines, doc); err != nil {
		return err
	}
	return s.writeRun(doc, result, spec)
}

// checkMapping wants --mapping where shapes alone are charged.
func (c runCmd) checkMapping() error {
	costs := c.Workload != "" || c.CostOnly || isForeign(c.Network) && c.Data == "" && c.Calib == "" && c.Images == 0
	switch {
	case c.Mapping == "":
		return nil
	case c.Stepped:
		return errors.New("--mapping and --stepped do not go together: the stepped array takes a layer in one piece")
	case !costs:
		return errors.New("--mapping goes with -w, or with -n and --cost-only")
	}
	return nil
}

// mapping reads --mapping, for a workload.
func (c runCmd) mapping(w *workload.Workload) (workload.Mapping, error) {
	if c.Mapping == "" {
		return nil, nil
	}
	m, err := workload.LoadMapping(c.Mapping)
	if err != nil {
		return nil, err
	}
	if names := m.Unknown(w); len(names) > 0 {
		return nil, fmt.Errorf("%s: no such layers in %s: %s", c.Mapping, w.Name, strings.Join(names, ", "))
	}
	return m, nil
}

// writeRun reports a run, which has failed where the machine has no room for it.
func (s *session) writeRun(doc *reports.Document, r *sim.Result, method string) error {
	doc.Assumptions = append(doc.Assumptions, aboutFloat(method)...)
	if err := s.write(doc); err != nil {
		return err
	}
	if fit := r.Totals.Fit; fit.Verdict == sim.DoesNotFit {
		return fmt.Errorf("%s on %s %s", r.Workload, r.Machine, fit)
	}
	return nil
}

// loadWorkload finds a workload, with its own widths unless there is a method.
func loadWorkload(name, method string) (*workload.Workload, error) {
	w, err := zoo.Load(name)
	if err != nil || method == "" {
		return w, err
	}
	return w, uniform.Requantize(w, method)
}
