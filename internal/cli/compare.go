package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/quantizers"
	"bitcycle/reports"
)

type compareCmd struct {
	Machines string   `short:"m" help:"Machines, separated by commas." default:"haq-bismo-cloud,bitfusion-eyeriss-45nm,gemmini-default"`
	Methods  []string `short:"q" help:"Method; repeat for more. One that looks at the machine (autoq, multipoint:snr=…) runs once for each machine." sep:"none" placeholder:"METHOD"`
	Network  string   `short:"n" help:"Shipped network, network file or ONNX model." placeholder:"NETWORK"`
	Data     string   `help:"Images to measure accuracy on." placeholder:"SET"`
	Calib    string   `help:"Images to calibrate on." placeholder:"SET"`
	Images   int      `help:"Measure on the first N images only." placeholder:"N"`
	CostOnly bool     `help:"Cost alone, of shapes and widths; what a network without --data and --calib gets anyway."`
	modelFlags
	Workload    string   `short:"w" help:"Cost of this workload instead of a network, see list workloads; -q is uniform:… or policy:FILE." placeholder:"WORKLOAD"`
	Batch       *int     `help:"Images per run, the same on every machine (default 1)." placeholder:"N"`
	Bandwidth   *float64 `help:"GB/s (10⁹ bytes per second) of memory for machines whose own is ideal, which are not ranked otherwise." placeholder:"GB/S"`
	AsPublished bool     `help:"Every machine with its own batch and memory system, as run shows it."`
}

// Help shows examples and says what machines are compared on.
func (compareCmd) Help() string {
	return `Examples:
  bitcycle compare -m gemmini-default,haq-bismo-cloud -q uniform:w=4,a=4 -q multipoint:w=3,a=8
  bitcycle compare -m scalesim-32x32,gemmini-default --bandwidth 16 --batch 8
  bitcycle compare -n net.onnx
  bitcycle compare -w mobilenet-v2 -q uniform:w=8,a=8 -q uniform:w=4,a=4
  bitcycle compare --as-published

Costs are per image. Machines stand on one footing: the same batch, and memory as a tile pipeline on each machine's own
bandwidth in place of what imitates a peer's simulator. The column memory says what was charged, the assumptions what it replaced.`
}

// Run prints the cross table.
func (c compareCmd) Run(ctx context.Context, s *session) error {
	footing, err := c.footing()
	if err != nil {
		return input(err)
	}
	job := evaluate.Comparison{Footing: footing, Workers: s.Workers}
	for _, name := range strings.Split(c.Machines, ",") {
		m, err := arch.Load(strings.TrimSpace(name), s.Set)
		if err != nil {
			return input(err)
		}
		job.Machines = append(job.Machines, m)
	}
	if c.Workload != "" {
		return c.costs(ctx, s, job)
	}
	if c.CostOnly || isForeign(c.Network) && c.Data == "" && c.Calib == "" && c.Images == 0 {
		return c.networkCosts(ctx, s, job)
	}
	sub, err := loadSubject(ctx, c.modelFlags, c.Network, c.Data, c.Calib, c.Images)
	if err != nil {
		return input(err)
	}
	job.Network, job.Data, job.Calib = sub.network, sub.data, sub.calib
	specs := c.Methods
	if len(specs) == 0 {
		specs = []string{"uniform:w=8,a=8", "uniform:w=4,a=4", "uniform:w=2,a=4", "multipoint:w=3,a=8,tau=1"}
	}
	for _, spec := range specs {
		job.Methods = append(job.Methods, func(machine *arch.Accelerator) (quantizers.Method, error) {
			return parseMethod(spec, s, sub, machine)
		})
	}
	return s.cross(ctx, job, sub.network.Name, sub.images())
}

// costs compares the machines on a workload, with its own widths unless there are
// methods.
func (c compareCmd) costs(ctx context.Context, s *session, job evaluate.Comparison) error {
	if c.Network != "" || c.Data != "" || c.Calib != "" || c.Images != 0 {
		return input(errors.New("-w costs a workload alone: -n, --data, --calib and --images do not go with it"))
	}
	specs := c.Methods
	if len(specs) == 0 {
		specs = []string{""}
	}
	for _, spec := range specs {
		w, err := loadWorkload(c.Workload, spec)
		if err != nil {
			return input(err)
		}
		if spec == "" {
			spec = "own widths"
		}
		job.Workloads = append(job.Workloads, evaluate.Fixed{Method: spec, Workload: w})
	}
	return s.cross(ctx, job, job.Workloads[0].Workload.Name, reports.Images{})
}

// networkCosts compares the machines on a network's shapes.
func (c compareCmd) networkCosts(ctx context.Context, s *session, job evaluate.Comparison) error {
	network, err := c.shapes(c.Network)
	if err != nil {
		return input(err)
	}
	specs := c.Methods
	if len(specs) == 0 {
		specs = []string{"uniform:w=8,a=8", "uniform:w=4,a=4", "uniform:w=2,a=4"}
	}
	for _, spec := range specs {
		w, err := evaluate.Workload(network, spec)
		if err != nil {
			return input(err)
		}
		job.Workloads = append(job.Workloads, evaluate.Fixed{Method: spec, Workload: w})
	}
	return s.cross(ctx, job, network.Name, reports.Images{}, evaluate.Assumptions(network)...)
}

// cross runs a comparison of a network or workload and reports it.
func (s *session) cross(ctx context.Context, job evaluate.Comparison, of string, images reports.Images, assumptions ...string) error {
	bar := s.progress()
	job.Progress = bar.update
	plan, err := job.Plan()
	if err != nil {
		return input(err)
	}
	entries, err := plan.Run(ctx)
	bar.done()
	if err != nil {
		return input(err)
	}
	doc := reports.Compare(s.origin(), of, job.Footing, plan, entries, images)
	doc.Assumptions = append(doc.Assumptions, assumptions...)
	return s.write(doc)
}

// footing is what the flags put the machines on; nil for machines as published.
func (c compareCmd) footing() (*arch.Footing, error) {
	if c.AsPublished {
		if c.Batch != nil || c.Bandwidth != nil {
			return nil, errors.New("--as-published keeps every machine's own batch and memory: --batch and --bandwidth do not go with it")
		}
		return nil, nil
	}
	footing := &arch.Footing{Batch: 1}
	if c.Batch != nil {
		footing.Batch = *c.Batch
	}
	if b := c.Bandwidth; b != nil {
		if !(*b > 0) || math.IsInf(*b, 0) {
			return nil, fmt.Errorf("--bandwidth = %v: must be above 0 GB/s", *b)
		}
		footing.IdealBytesPerS = *b * 1e9
	}
	return footing, nil
}
