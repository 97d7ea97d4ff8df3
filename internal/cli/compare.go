package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/quantizers"
	"bitcycle/reports"
)

// defaultMethods are those of compare; the last one looks at images.
var defaultMethods = []string{"uniform:w=8,a=8", "uniform:w=4,a=4", "uniform:w=2,a=4", "multipoint:w=3,a=8,tau=1"}

type compareCmd struct {
	Machines string   `short:"m" predictor:"machines" help:"Machines, separated by commas." default:"haq-bismo-cloud,bitfusion-eyeriss-45nm,gemmini-default"`
	Methods  []string `short:"q" predictor:"methods" help:"Method; repeat for more. One that looks at the machine (autoq, multipoint:snr=…) runs once for each machine. Default: ${methods}; without images the first three." sep:"none" placeholder:"METHOD"`
	Network  []string `short:"n" predictor:"networks" help:"Shipped network, network file or ONNX model; repeat for more. Default: ${network}." sep:"none" placeholder:"NETWORK"`
	Data     string   `help:"Images to measure accuracy on; see list data. Default for the shipped network: ${data}." placeholder:"SET"`
	Calib    string   `help:"Images to calibrate on. Default for the shipped network: ${calib}." placeholder:"SET"`
	Images   int      `help:"Measure on the first N images only." placeholder:"N"`
	CostOnly bool     `help:"Cost alone, of shapes and widths; what a network without --data and --calib gets anyway."`
	modelFlags
	Workload    []string `short:"w" predictor:"workloads" help:"Cost of this workload instead of a network, see list workloads; -q is uniform:… or policy:FILE. Repeat for more." sep:"none" placeholder:"WORKLOAD"`
	Batch       *int     `help:"Images per run, the same on every machine (default 1)." placeholder:"N"`
	Bandwidth   *float64 `help:"GB/s (10⁹ bytes per second) of memory for machines whose own is ideal, which are not ranked otherwise." placeholder:"GB/S"`
	AsPublished bool     `help:"Every machine with its own batch and memory system, as run shows it."`
	Baseline    string   `help:"Also show factors against this machine or method, and their geometric means over networks." placeholder:"NAME"`
	Resume      string   `help:"Keep what is measured in this folder, the result folder of a sweep, and go on from what it has." placeholder:"DIR"`
	cacheFlags
	Uncertainty float64 `help:"Share by which each unconfirmed constant of a machine may be off: ranges of latency and energy, and whether the best stays it. 0 is no doubt." default:"0.3" placeholder:"X"`
}

// Help shows examples and says what machines are compared on.
func (compareCmd) Help() string {
	return `Examples:
  bitcycle compare -m gemmini-default,haq-bismo-cloud -q uniform:w=4,a=4 -q multipoint:w=3,a=8
  bitcycle compare -m scalesim-32x32,gemmini-default --bandwidth 16 --batch 8
  bitcycle compare -n net.onnx
  bitcycle compare -w mobilenet-v2 -q uniform:w=8,a=8 -q uniform:w=4,a=4
  bitcycle compare -w resnet18 -w mobilenet-v2 --baseline gemmini-default
  bitcycle compare --as-published
  bitcycle compare -n net.onnx --data images:test --calib images:train --resume results/net

What is measured is kept as the points of a sweep: after Ctrl-C the command to go on is printed. Costs are per image. Machines stand on one footing: the same batch, and memory as a tile pipeline on each machine's own
bandwidth in place of what imitates a peer's simulator. The column memory says what was charged, the assumptions what it replaced.`
}

// Run prints the cross table.
func (c compareCmd) Run(ctx context.Context, s *session) error {
	footing, err := c.footing()
	if err != nil {
		return input(err)
	}
	if err := checkShare(c.Uncertainty); err != nil {
		return input(err)
	}
	on := evaluate.Comparison{Footing: footing, Workers: s.Workers, Doubt: c.Uncertainty}
	for _, name := range strings.Split(c.Machines, ",") {
		m, err := arch.Load(strings.TrimSpace(name), s.Set)
		if err != nil {
			return input(err)
		}
		on.Machines = append(on.Machines, m)
	}
	jobs, images, err := c.jobs(ctx, s, on)
	if err != nil {
		return input(err)
	}
	return c.cross(ctx, s, jobs, images)
}

// crossJob is a comparison of one network or workload.
type crossJob struct {
	name        string
	of          evaluate.Comparison
	assumptions []string
	subject     *subject // of what is measured; nil for costs alone
	network     string   // as the flag names it
}

// jobs are the comparisons asked for, on machines that are there.
func (c compareCmd) jobs(ctx context.Context, s *session, on evaluate.Comparison) (jobs []crossJob, images reports.Images, err error) {
	if len(c.Workload) > 0 {
		if len(c.Network) > 0 || c.Data != "" || c.Calib != "" || c.Images != 0 {
			return nil, images, errors.New("-w costs a workload alone: -n, --data, --calib and --images do not go with it")
		}
		for _, name := range c.Workload {
			job, err := c.ofWorkload(name, on)
			if err != nil {
				return nil, images, err
			}
			jobs = append(jobs, job)
		}
		return jobs, images, nil
	}
	networks := c.Network
	if len(networks) == 0 {
		networks = []string{""}
	}
	costOnly := c.CostOnly || c.Data == "" && c.Calib == "" && c.Images == 0 && slices.ContainsFunc(networks, isForeign)
	for _, name := range networks {
		var job crossJob
		if costOnly {
			job, err = c.ofShapes(name, on)
		} else {
			job, images, err = c.ofImages(ctx, s, name, on)
		}
		if err != nil {
			return nil, images, err
		}
		jobs = append(jobs, job)
	}
	return jobs, images, nil
}

// ofImages compares what a network costs and loses.
func (c compareCmd) ofImages(ctx context.Context, s *session, name string, on evaluate.Comparison) (crossJob, reports.Images, error) {
	sub, err := loadSubject(ctx, c.modelFlags, name, c.Data, c.Calib, c.Images)
	if err != nil {
		return crossJob{}, reports.Images{}, err
	}
	sub.announce(s)
	on.Network, on.Data, on.Calib = sub.network, sub.data, sub.calib
	for _, spec := range c.methods(defaultMethods...) {
		on.Methods = append(on.Methods, func(machine *arch.Accelerator) (quantizers.Method, error) {
			return parseMethod(spec, s, sub, machine)
		})
	}
	return crossJob{name: sub.network.Name, of: on, subject: sub, network: name, assumptions: sub.notes}, sub.images(), nil
}

func (c compareCmd) methods(unlessGiven ...string) []string {
	if len(c.Methods) > 0 {
		return c.Methods
	}
	return unlessGiven
}

// ofWorkload compares costs of a workload, with its own widths unless there are methods.
func (c compareCmd) ofWorkload(name string, on evaluate.Comparison) (crossJob, error) {
	for _, spec := range c.methods("") {
		w, err := loadWorkload(name, spec)
		if err != nil {
			return crossJob{}, err
		}
		if spec == "" {
			spec = "own widths"
		}
		on.Workloads = append(on.Workloads, evaluate.Fixed{Method: spec, Workload: w})
	}
	return crossJob{name: on.Workloads[0].Workload.Name, of: on}, nil
}

// ofShapes compares costs of a network's shapes.
func (c compareCmd) ofShapes(name string, on evaluate.Comparison) (crossJob, error) {
	network, err := c.shapes(name)
	if err != nil {
		return crossJob{}, err
	}
	specs := c.methods(defaultMethods[:3]...)
	if own := evaluate.DefaultMethod(network, ""); own != "" {
		specs = c.methods(own)
	}
	for _, spec := range specs {
		w, err := evaluate.Workload(network, spec)
		if err != nil {
			return crossJob{}, err
		}
		on.Workloads = append(on.Workloads, evaluate.Fixed{Method: spec, Workload: w})
	}
	return crossJob{name: network.Name, of: on, assumptions: evaluate.Assumptions(network, specs...)}, nil
}

// cross runs the comparisons and reports them.
func (c compareCmd) cross(ctx context.Context, s *session, jobs []crossJob, images reports.Images) error {
	report := reports.Comparison{Footing: jobs[0].of.Footing, Images: images, Baseline: c.Baseline}
	keep, err := c.keep(s, jobs)
	if err != nil {
		return err
	}
	bar := s.progress()
	for i := range jobs {
		subject, err := c.one(ctx, s, keep, &jobs[i], i, bar.update)
		if err != nil {
			bar.done()
			return keep.close(s, input(err))
		}
		report.Subjects = append(report.Subjects, subject)
	}
	bar.done()
	if err := keep.close(s, nil); err != nil {
		return err
	}
	doc, err := reports.Compare(s.origin(), report)
	if err != nil {
		return input(err)
	}
	doc.Assumptions = append(doc.Assumptions, aboutFloat(c.Methods...)...)
	return s.write(doc)
}

// one runs a comparison; what is measured is kept.
func (c compareCmd) one(ctx context.Context, s *session, keep *comparisons, job *crossJob, i int, progress func(stage string, done, total int)) (reports.Subject, error) {
	job.of.Progress = progress
	kept := keep.measured(s, c, job, i)
	if kept != nil {
		job.of.Measure = kept.measure
	}
	plan, err := job.of.Plan()
	if err != nil {
		return reports.Subject{}, err
	}
	if kept != nil {
		if err := kept.run(ctx, progress); err != nil {
			return reports.Subject{}, err
		}
	}
	entries, err := plan.Run(ctx)
	return reports.Subject{Name: job.name, Plan: plan, Entries: entries, Assumptions: job.assumptions}, err
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
