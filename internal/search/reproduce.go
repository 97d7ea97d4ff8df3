package search

import (
	"context"
	"errors"
	"fmt"
	"math"

	"bitcycle/arch"
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/shipped"
	"bitcycle/quantizers"
	"bitcycle/quantizers/autoq"
)

// Reductions that AutoQ's abstract reports, in percent, against the best
// layer-wise agents at the same accuracy.
const (
	PaperLatency = 54.06
	PaperEnergy  = 50.69
)

// Subject is the network of an experiment with its images, which do not overlap.
type Subject struct {
	Name          string
	Net           *kernels.Network
	Calib, Images kernels.Batch // ranges and statistics; rewards and sensitivities
	Test          kernels.Batch
	Labels        []int // classes of Test
	// Sensitivity that Images showed before; nil measures it.
	Sensitivity *autoq.Sensitivity
}

// ReproduceOptions shape an experiment. The zero value is the full experiment on
// the shipped network.
type ReproduceOptions struct {
	Quick    bool
	Subject  *Subject // nil = the shipped network
	Machines []string // nil = haq-bismo-cloud, haq-bismo-edge and bitfusion-eyeriss-45nm
	// Methods leaves out others; nil = all, but for two variants of the agents when quick.
	Methods  []string
	Seeds    int // of the agents; 0 = 3, or 1 when quick
	Episodes int // of the agents; 0 = 300, or 24 when quick
	Workers  int
	// Progress is called with what is done and how far it is; nil for silence.
	Progress func(what string, done, total int)
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
}

// Agents are the algorithms that learn by episodes, in the order of reports;
// Allocators those that go by sensitivities.
var (
	Agents     = []string{"haq", "haq+", "flat", "autoq", "autoq-plain", "autoq+"}
	Allocators = []string{"uniform", "hawq", "greedy", "layer", "kernel", "tile", "aware"}
)

var losses = []float64{0.5, 1, 2}

// Reproduce measures every method on every machine: policies for several budgets
// and seeds, found without the test images, then latency and energy at float
// accuracy less half a point, one and two, interpolated on each method's hull of
// accuracy over cost. The agents search on the first machine; the others price
// what they found there.
func Reproduce(ctx context.Context, opt ReproduceOptions) ([]Row, error) {
	e, err := newExperiment(opt)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, name := range opt.machines() {
		machine, err := arch.Load(name, nil)
		if err != nil {
			return nil, err
		}
		if err := e.machine(ctx, machine); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		rows = append(rows, e.rows(name)...)
	}
	return rows, nil
}

func (o *ReproduceOptions) machines() []string {
	if o.Machines != nil {
		return o.Machines
	}
	return []string{"haq-bismo-cloud", "haq-bismo-edge", "bitfusion-eyeriss-45nm"}
}

// experiment is the state of Reproduce.
type experiment struct {
	opt     ReproduceOptions
	subject *Subject
	float   []bool
	test    *reward // on the test images
	ranges  *quantizers.Ranges
	known   *autoq.Sensitivity
	right   map[string][]bool // of policies measured, by scales and key
	found   map[string][]find // of the agents, on the first machine
	latency map[string][]outcome
	energy  map[string][]outcome
	first   string
	done    int
}

// find is a policy that an agent found.
type find struct {
	seed   uint64
	policy *autoq.Policy
}

func newExperiment(opt ReproduceOptions) (*experiment, error) {
	e := &experiment{opt: opt, subject: opt.Subject, right: map[string][]bool{}, found: map[string][]find{}}
	if e.subject == nil {
		var err error
		if e.subject, err = shippedSubject(opt.Quick); err != nil {
			return nil, err
		}
	}
	s := e.subject
	e.known = s.Sensitivity
	var err error
	if e.ranges, err = quantizers.Observe(s.Net, s.Calib); err != nil {
		return nil, err
	}
	if e.test, err = newReward(e.ranges, s.Test, opt.Workers); err != nil {
		return nil, err
	}
	e.test.calib = s.Calib
	classes := len(e.test.float) / s.Test.N
	for i, label := range s.Labels {
		e.float = append(e.float, kernels.Argmax(e.test.float[i*classes:(i+1)*classes]) == label)
	}
	return e, nil
}

// shippedSubject is the shipped network with glyphs.
func shippedSubject(quick bool) (*Subject, error) {
	reward, test := 256, 2000
	if quick {
		reward, test = 128, 2000
	}
	s := &Subject{Name: shipped.Name, Net: shipped.Network()}
	for _, part := range []struct {
		split string
		n     int
		to    *kernels.Batch
	}{{"calib", 128, &s.Calib}, {"train", reward, &s.Images}, {"test", test, &s.Test}} {
		images := dataset.Glyphs(part.split, 0, part.n, dataset.GlyphSeed)
		shape := kernels.Shape{C: images.C, H: images.H, W: images.W}
		batch, err := kernels.Normalize(images.Pixels, images.N, shape, shipped.Normalization.Mean, shipped.Normalization.Std)
		if err != nil {
			return nil, err
		}
		*part.to, s.Labels = batch, images.Labels
	}
	return s, nil
}

// fractions place budgets between the price of two bits and that of eight; those
// below 0 between two bits and the least there is.
func (e *experiment) fractions(algorithm string) []float64 {
	switch {
	case !e.opt.Quick:
		return []float64{-0.3, 0, 0.02, 0.04, 0.08, 0.13, 0.2, 0.3, 0.45}
	case learns(algorithm):
		return []float64{0.12, 0.3, 0.5}
	}
	return []float64{-0.3, 0, 0.04, 0.1, 0.25}
}

func learns(algorithm string) bool {
	for _, a := range Agents {
		if a == algorithm {
			return true
		}
	}
	return false
}

// algorithms are those that run: quick leaves out variants of the agents.
func (e *experiment) algorithms() []string {
	if e.opt.Methods != nil {
		return e.opt.Methods
	}
	if e.opt.Quick {
		return append([]string{"haq", "haq+", "flat", "autoq"}, Allocators...)
	}
	return append(append([]string(nil), Agents...), Allocators...)
}

// machine runs all methods on a machine.
func (e *experiment) machine(ctx context.Context, machine *arch.Accelerator) error {
	e.latency, e.energy = map[string][]outcome{}, map[string][]outcome{}
	if e.first == "" {
		e.first = machine.Name
	}
	total := len(e.opt.machines()) * len(e.algorithms())
	for _, algorithm := range e.algorithms() {
		if e.opt.Progress != nil {
			e.opt.Progress(machine.Name+" "+algorithm, e.done, total)
		}
		e.done++
		setup := &Setup{
			Machine: machine, Net: e.subject.Net, Calib: e.subject.Calib, Images: e.subject.Images, Workers: e.opt.Workers,
			Ranges: e.ranges, Sensitivity: e.known,
		}
		problem, err := setup.Problem(ctx, algorithm, nil)
		if err != nil {
			return err
		}
		e.known = setup.Sensitivity
		if err := e.method(ctx, algorithm, machine.Name, problem); err != nil {
			return fmt.Errorf("%s: %w", algorithm, err)
		}
	}
	return nil
}

// method finds, or transfers, the policies of a method and measures them.
func (e *experiment) method(ctx context.Context, algorithm, machine string, p *autoq.Problem) error {
	finds := e.found[algorithm]
	if !learns(algorithm) || machine == e.first {
		var err error
		if finds, err = e.search(ctx, algorithm, p); err != nil {
			return err
		}
		e.found[algorithm] = finds
	}
	for _, f := range finds {
		right, err := e.judge(ctx, algorithm, f.policy, p.Layers)
		if err != nil {
			return err
		}
		latency, energy := p.Relative(f.policy)
		e.latency[algorithm] = append(e.latency[algorithm], outcome{f.seed, latency, right})
		e.energy[algorithm] = append(e.energy[algorithm], outcome{f.seed, energy, right})
	}
	return nil
}

// search runs a method for every budget that it can meet and every seed.
func (e *experiment) search(ctx context.Context, algorithm string, p *autoq.Problem) ([]find, error) {
	seeds := 1
	if learns(algorithm) {
		seeds = e.seeds()
	}
	narrow, _ := p.Relative(p.Uniform(2, 2))
	var out []find
	for _, fraction := range e.fractions(algorithm) {
		budget := narrow + fraction*(1-narrow)
		if fraction < 0 {
			budget = narrow + fraction*(narrow-p.Least())
		}
		for seed := range uint64(seeds) {
			r, err := autoq.Run(ctx, p, e.options(algorithm, budget, seed))
			if errors.Is(err, autoq.ErrBudget) {
				continue
			}
			if err != nil {
				return nil, err
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			out = append(out, find{seed, r.Policy})
		}
	}
	return out, nil
}

func (e *experiment) seeds() int {
	switch {
	case e.opt.Seeds > 0:
		return e.opt.Seeds
	case e.opt.Quick:
		return 1
	}
	return 3
}

func (e *experiment) options(algorithm string, budget float64, seed uint64) autoq.Options {
	o := autoq.Options{Algorithm: algorithm, Budget: budget, Seed: seed, Agent: autoq.AgentOptions{Episodes: 300}, Moves: 150}
	if e.opt.Quick {
		o.Agent = autoq.AgentOptions{Episodes: 24, Warmup: 8, Hidden: 64, Updates: 40}
		o.Moves = 24
	}
	if e.opt.Episodes > 0 {
		o.Agent.Episodes = e.opt.Episodes
	}
	return o
}

// judge tells which test images a policy gets right.
func (e *experiment) judge(ctx context.Context, algorithm string, policy *autoq.Policy, layers []autoq.Layer) ([]bool, error) {
	options := Options(algorithm)
	key := fmt.Sprint(options.PerLayerScale, policy.Key())
	if right, ok := e.right[key]; ok {
		return right, nil
	}
	e.test.layers = layers
	q, err := e.test.quantize(ctx, policy, options)
	if err != nil {
		return nil, err
	}
	logits, _, err := e.test.run(q, e.subject.Test.N)
	if err != nil {
		return nil, err
	}
	classes := len(logits) / e.subject.Test.N
	right := make([]bool, e.subject.Test.N)
	for i, label := range e.subject.Labels {
		right[i] = kernels.Argmax(logits[i*classes:(i+1)*classes]) == label
	}
	e.right[key] = right
	return right, nil
}

// rows interpolates the methods of the machine at hand.
func (e *experiment) rows(machine string) []Row {
	var out []Row
	for _, loss := range losses {
		for _, algorithm := range e.algorithms() {
			if len(e.latency[algorithm]) == 0 {
				continue // no budget that it could meet
			}
			out = append(out, Row{
				Machine: machine, Method: algorithm, Loss: loss,
				Latency:     estimate(e.latency[algorithm], e.float, loss/100),
				Energy:      estimate(e.energy[algorithm], e.float, loss/100),
				Transferred: learns(algorithm) && machine != e.first,
			})
		}
	}
	return out
}

// Reduction is what ours saves against a baseline in percent of the baseline; NaN
// where either does not reach the accuracy.
func Reduction(ours, baseline Estimate) float64 {
	if math.IsInf(ours.Value, 1) || math.IsInf(baseline.Value, 1) {
		return math.NaN()
	}
	return 100 * (1 - ours.Value/baseline.Value)
}
