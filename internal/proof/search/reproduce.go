package search

import (
	"context"
	"runtime"
	"slices"

	"bitcycle/quantizers/autoq"
)

// Reductions that AutoQ's abstract reports, in percent, against the best
// layer-wise agents at the same accuracy.
const (
	PaperLatency = 54.06
	PaperEnergy  = 50.69
)

// ReproduceOptions shape an experiment.
type ReproduceOptions struct {
	Subject  *Subject
	Machines []string // nil = haq-bismo-cloud, haq-bismo-edge and bitfusion-eyeriss-45nm
	Methods  []string // nil = all
	Seed     uint64   // the first of the agents' seeds
	Workers  int      // searches at a time; 0 = as many as processors
	// Folder keeps what is done; a run that finds its own there goes on. "" = none.
	Folder string
	// Progress is called with what is done and how far it is; nil for silence.
	Progress func(what string, done, total int)
}

func (o *ReproduceOptions) step(what string, done, total int) {
	if o.Progress != nil {
		o.Progress(what, done, total)
	}
}

func (o *ReproduceOptions) workers() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}

func (o *ReproduceOptions) machines() []string {
	if o.Machines != nil {
		return o.Machines
	}
	return []string{"haq-bismo-cloud", "haq-bismo-edge", "bitfusion-eyeriss-45nm"}
}

func (o *ReproduceOptions) methods() []string {
	if o.Methods != nil {
		return o.Methods
	}
	return append(slices.Clone(Agents), Allocators...)
}

// Row is what a method needs on a machine at an accuracy: cycles and energy
// relative to 8 bits everywhere.
type Row struct {
	Machine, Method string
	Loss            float64 // points of accuracy below the float network
	Latency, Energy Estimate
	// Transferred says that the policies were found on the first machine and only
	// priced on this one.
	Transferred bool

	latency, energy []float64 // values by resample
}

// Saving is what a row needs less than a baseline's, in percent of the latter, on
// the same resamples of images.
func (r *Row) Saving(baseline *Row) (latency, energy Estimate) {
	return reduction(r.latency, baseline.latency), reduction(r.energy, baseline.energy)
}

// Outcome is the result of an experiment.
type Outcome struct {
	Subject *Subject
	Rows    []Row
	// Float and Eight are the shares of the test images that the float network and
	// 8 bits everywhere get right.
	Float, Eight float64
	// Agents and Allocators are where the time of the searches went.
	Agents, Allocators Effort
}

// Row returns the row of a method on a machine at a loss, nil if there is none.
func (o *Outcome) Row(machine, method string, loss float64) *Row {
	for i := range o.Rows {
		if r := &o.Rows[i]; r.Machine == machine && r.Method == method && r.Loss == loss {
			return r
		}
	}
	return nil
}

// Agents are the algorithms that learn by episodes, in the order of reports;
// Allocators those that go by sensitivities.
var (
	Agents     = []string{"haq", "haq+", "flat", "autoq", "autoq-plain", "autoq+"}
	Allocators = []string{"uniform", "hawq", "greedy", "layer", "kernel", "tile", "aware"}
)

// Losses are the points of accuracy below the float network that methods are
// compared at.
var Losses = []float64{0.5, 1, 2}

func learns(algorithm string) bool { return slices.Contains(Agents, algorithm) }

// Reproduce measures every method on every machine: policies for several budgets
// and seeds, found without the test images, then latency and energy at float
// accuracy less half a point, one and two, interpolated on each method's hull of
// accuracy over cost. To every hull belongs 8 bits everywhere, which needs no search. The agents search on the first machine, within budgets of
// cycles; the others price what they found there. Allocators search on each
// machine, within budgets of cycles or of energy as the plan says.
func Reproduce(ctx context.Context, opt ReproduceOptions) (*Outcome, error) {
	e, err := newExperiment(&opt)
	if err != nil {
		return nil, err
	}
	if err := e.sense(ctx); err != nil {
		return nil, err
	}
	tasks := e.tasks()
	finds, err := e.run(ctx, tasks)
	if err != nil {
		return nil, err
	}
	return e.outcome(ctx, tasks, finds)
}

// outcome prices the policies found and interpolates.
func (e *experiment) outcome(ctx context.Context, tasks []task, finds []found) (*Outcome, error) {
	boot := newBootstrap(len(e.right))
	float := boot.accuracies(e.right)
	out := &Outcome{Subject: e.subject, Float: float[0]}
	accuracy := make([][]float64, len(tasks))
	for i := range tasks {
		if learns(tasks[i].algorithm) {
			out.Agents.Add(finds[i].Effort)
		} else {
			out.Allocators.Add(finds[i].Effort)
		}
		if finds[i].Policy != nil {
			accuracy[i] = boot.accuracies(finds[i].right(len(e.right)))
		}
	}
	for _, machine := range e.machines {
		for _, algorithm := range e.opt.methods() {
			p, err := e.setup(&task{algorithm: algorithm, machine: machine}).Problem(ctx, algorithm, nil)
			if err != nil {
				return nil, err
			}
			eight, err := e.eight(ctx, p, algorithm)
			if err != nil {
				return nil, err
			}
			m := samples{}
			wide := boot.accuracies(eight.right(len(e.right)))
			if algorithm != "haq" {
				out.Eight = wide[0]
			}
			for i, t := range tasks {
				if f := &finds[i]; f.Policy != nil && t.algorithm == algorithm && (learns(algorithm) || t.machine == machine) {
					m.add(p, f.Policy, t.seed, accuracy[i])
					m.add(p, eight.Policy, t.seed, wide)
				}
			}
			if len(m.latency) > 0 { // else there is no budget that it could meet
				out.add(machine.Name, algorithm, &m, float, learns(algorithm) && machine != e.machines[0])
			}
		}
	}
	return out, nil
}

// eight measures 8 bits everywhere as an algorithm quantizes.
func (e *experiment) eight(ctx context.Context, p *autoq.Problem, algorithm string) (*found, error) {
	name := "eight"
	if algorithm == "haq" {
		name = "eight-haq"
	}
	f := &found{}
	if e.wide == nil {
		e.wide = map[string]*found{}
	}
	if known := e.wide[name]; known != nil {
		return known, nil
	}
	ok, err := e.store.load(name, f)
	if err != nil {
		return nil, err
	}
	if !ok {
		f.Policy = p.Uniform(autoq.MaxBits, autoq.MaxBits)
		if err := e.judge(ctx, &task{algorithm: algorithm, machine: e.machines[0]}, f); err != nil {
			return nil, err
		}
		if err := e.store.save(name, f); err != nil {
			return nil, err
		}
	}
	e.wide[name] = f
	return f, nil
}

// samples are the policies of a method on a machine.
type samples struct{ latency, energy []outcome }

func (m *samples) add(p *autoq.Problem, policy *autoq.Policy, seed uint64, accuracy []float64) {
	latency, energy := p.Relative(policy)
	m.latency = append(m.latency, outcome{seed, latency, accuracy})
	m.energy = append(m.energy, outcome{seed, energy, accuracy})
}

// add interpolates the samples of a method.
func (o *Outcome) add(machine, algorithm string, m *samples, float []float64, transferred bool) {
	for _, loss := range Losses {
		latency, energy := costs(m.latency, float, loss/100), costs(m.energy, float, loss/100)
		o.Rows = append(o.Rows, Row{
			Machine: machine, Method: algorithm, Loss: loss, Transferred: transferred,
			Latency: estimate(latency), Energy: estimate(energy), latency: latency, energy: energy,
		})
	}
}
