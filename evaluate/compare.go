package evaluate

import (
	"context"
	"errors"

	"bitcycle/arch"
	"bitcycle/evaluate/yardstick"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers"
	"bitcycle/sim"
)

// Comparison is every method on every machine, with the images that error is
// measured on.
type Comparison struct {
	Network  *netfile.File
	Machines []*arch.Accelerator
	// Footing is what the machines have in common; nil charges each as published,
	// with its own batch and memory system.
	Footing *arch.Footing
	Methods []MethodFor
	// Workloads are charged as they are, after the network's methods or in their
	// place; then there are no images, and no error is measured.
	Workloads []Fixed
	Data      *dataset.Images
	Calib     *dataset.Images
	Workers   int
	// Measure, if not nil, is asked what a method makes of the network in the place of
	// measuring it here, such as a store of what was measured before; method and machine
	// count Methods and Machines, the machine 0 where the method looks at none.
	Measure func(ctx context.Context, method, machine int) (*Measured, error)
	// Doubt is the share by which unconfirmed constants of a machine may be off.
	Doubt float64
	// Progress is called with the stage and how far it is; nil for silence.
	Progress func(stage string, done, total int)
}

// MethodFor makes a method for a machine as it is charged. It is called for the
// first machine, and for the others where the method looks at the machine.
type MethodFor func(machine *arch.Accelerator) (quantizers.Method, error)

// Same is a method that is the same on every machine.
func Same(m quantizers.Method) MethodFor {
	return func(*arch.Accelerator) (quantizers.Method, error) { return m, nil }
}

// Fixed is a workload and the method, or what else, that gave it its widths.
type Fixed struct {
	Method   string
	Workload *workload.Workload
}

// Entry is one method on one machine.
type Entry struct {
	Network string // or workload
	Machine string
	Method  string
	// Memory is the memory system that was charged (arch.Accelerator.MemorySystem)
	// and MemoryBytesPerS its peak bandwidth, 0 where it is ideal.
	Memory          string
	MemoryBytesPerS float64
	// PerMachine tells that the method looked at this machine and was run for it.
	PerMachine bool
	Cost       *sim.Result
	Accuracy   Accuracy // no images if no error was measured, or of no classes
	// Quality is by what is known of the images; nil of classes, which Accuracy is about.
	Quality *yardstick.Quality
	// WeightBytes is the storage of all weights at their widths, scales excluded.
	WeightBytes int64
	Doubt       Doubt // about the machine
}

// Plan is a comparison that is ready to run.
type Plan struct {
	Machines []Standing
	Methods  []Contender
	of       Comparison
}

// Standing is a machine as the comparison charges it.
type Standing struct {
	*arch.Accelerator
	Replaced []string // what the footing replaced, a sentence each
}

// Contender is a method, made for every machine where it looks at the machine.
type Contender struct {
	Name       string
	PerMachine bool
	made       []quantizers.Method // one, or one for each machine
	fixed      *workload.Workload  // in place of a method
}

// Plan places the machines on the footing and makes the methods. Its errors are
// about the machines and methods asked for.
func (c Comparison) Plan() (*Plan, error) {
	if len(c.Machines) == 0 || len(c.Methods)+len(c.Workloads) == 0 {
		return nil, errors.New("a comparison needs a machine and a method")
	}
	if len(c.Methods) > 0 && (c.Network == nil || c.Data == nil || c.Calib == nil) {
		return nil, errors.New("a comparison of methods needs a network, its images and images to calibrate it with")
	}
	p := &Plan{of: c}
	for _, machine := range c.Machines {
		s := Standing{Accelerator: machine}
		if c.Footing != nil {
			var err error
			if s.Accelerator, s.Replaced, err = c.Footing.Place(machine); err != nil {
				return nil, err
			}
		}
		p.Machines = append(p.Machines, s)
	}
	for _, method := range c.Methods {
		one, err := p.contender(method)
		if err != nil {
			return nil, err
		}
		p.Methods = append(p.Methods, one)
	}
	for _, w := range c.Workloads {
		p.Methods = append(p.Methods, Contender{Name: w.Method, fixed: w.Workload})
	}
	return p, nil
}

// contender makes a method once, or for every machine.
func (p *Plan) contender(method MethodFor) (Contender, error) {
	first, err := method(p.Machines[0].Accelerator)
	if err != nil {
		return Contender{}, err
	}
	out := Contender{Name: first.Name(), made: []quantizers.Method{first}}
	if !quantizers.LooksAtMachine(first) {
		return out, nil
	}
	out.PerMachine = true
	for _, machine := range p.Machines[1:] {
		m, err := method(machine.Accelerator)
		if err != nil {
			return Contender{}, err
		}
		out.made = append(out.made, m)
	}
	return out, nil
}

// Run quantizes and measures with every method and charges the machines. Entries
// come method by method, machine by machine.
func (p *Plan) Run(ctx context.Context) ([]Entry, error) {
	var float []int
	if len(p.of.Methods) > 0 && p.of.Measure == nil && Classifies(p.of.Data) {
		var err error
		if float, err = FloatClasses(ctx, p.of.Network, p.of.Data, p.of.Workers, p.stage("float")); err != nil {
			return nil, err
		}
	}
	var entries []Entry
	for k, method := range p.Methods {
		run := &Measured{Workload: method.fixed}
		for i, machine := range p.Machines {
			if i < len(method.made) {
				var err error
				if run, err = p.measure(ctx, k, i, float); err != nil {
					return nil, err
				}
			}
			cost, err := sim.Run(ctx, machine.Accelerator, run.Workload, sim.Options{})
			if err != nil {
				return nil, err
			}
			entries = append(entries, Entry{
				Network: p.network(&method), Doubt: DoubtOf(machine.Accelerator, p.of.Doubt), Machine: machine.Name, Method: method.Name, Memory: machine.MemorySystem(), MemoryBytesPerS: machine.MemoryBytesPerS(),
				PerMachine: method.PerMachine, Cost: cost, Accuracy: run.Accuracy, Quality: run.Quality, WeightBytes: WeightBytes(run.Workload),
			})
		}
	}
	return entries, nil
}

// network names what an entry is of.
func (p *Plan) network(c *Contender) string {
	if c.fixed != nil {
		return c.fixed.Name
	}
	return p.of.Network.Name
}

// Measured is what a method made of a network: what machines must do for it, and how it
// errs.
type Measured struct {
	Workload *workload.Workload
	Accuracy Accuracy // no images if no error was measured
	Right    []bool   // whether each image got its class
	// Quality is by what is known of the images; nil of classes, which Accuracy is about.
	Quality *yardstick.Quality
}

// MeasureMethod quantizes a network and executes it on images. float is what
// [FloatClasses] gave for them where they have classes alone ([Classifies]). progress may
// be nil.
func MeasureMethod(ctx context.Context, job Job, float []int, progress func(done, total int)) (*Measured, error) {
	job.Progress = func(_ string, done, total int) {
		if progress != nil {
			progress(done, total)
		}
	}
	out, err := job.lower(ctx)
	if err != nil {
		return nil, err
	}
	if !Classifies(job.Data) {
		m := &Measured{Workload: out.Workload}
		q := out.Quantized
		if isFloat(job.Method) {
			q = nil
		}
		m.Quality, err = Judge(ctx, job.Network, q, job.Data, job.Workers, progress)
		return m, err
	}
	classes := float
	if !isFloat(job.Method) {
		if classes, err = IntClasses(ctx, job.Network, out.Quantized, job.Data, job.Workers, progress); err != nil {
			return nil, err
		}
	}
	return judged(out.Workload, classes, float, job.Data.Labels, job.Network.LabelOffset), nil
}

// judged holds the classes of a quantized network against labels and the float network's.
func judged(w *workload.Workload, classes, float, labels []int, offset int) *Measured {
	m := &Measured{Workload: w, Accuracy: compare(classes, float, labels, offset)}
	for i, label := range labels {
		m.Right = append(m.Right, classes[i] == label+offset)
	}
	return m
}

// measure finds out what method k makes of the network for machine i.
func (p *Plan) measure(ctx context.Context, k, i int, float []int) (*Measured, error) {
	if p.of.Measure != nil {
		return p.of.Measure(ctx, k, i)
	}
	method := &p.Methods[k]
	stage := method.Name
	if method.PerMachine {
		stage += " on " + p.Machines[i].Name
	}
	job := Job{Network: p.of.Network, Method: method.made[i], Calib: p.of.Calib, Data: p.of.Data, Workers: p.of.Workers}
	return MeasureMethod(ctx, job, float, p.stage(stage))
}

func (p *Plan) stage(name string) func(done, total int) {
	return Job{Progress: p.of.Progress}.stage(name)
}

// WeightBytes returns the storage of the weights of a workload at their widths.
func WeightBytes(w *workload.Workload) int64 {
	var bits int64
	for i := range w.Ops {
		op := &w.Ops[i]
		if op.Kind > workload.MatMul || op.Dynamic {
			continue
		}
		bits += op.WeightBits.Sum(op.VirtualChannels()) * int64(op.K)
	}
	return (bits + 7) / 8
}
