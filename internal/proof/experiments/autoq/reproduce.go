package autoq

import (
	"context"

	"bitcycle/arch"
	"bitcycle/quantizers/autoq"
)

// Reductions in percent that AutoQ's abstract reports, at equal accuracy against the
// best layer-wise agents.
const (
	PaperLatency = 54.06
	PaperEnergy  = 50.69
)

// Reproduce measures every method on every machine.
//
// A method searches policies for several budgets and from several seeds, without the
// test images. Agents search on the first machine within budgets of cycles. The other
// machines price what they found there. Allocators search on each machine, within the
// plan's budgets of cycles or of energy.
//
// A method's policies span a concave hull of accuracy over cost. 8 bits everywhere
// belongs to every hull, for it needs no search. A method's latency and energy are
// read off its hull at the accuracies of Losses.
func Reproduce(ctx context.Context, opt Options) (*Outcome, error) {
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
	s := &searched{bootstrap: newBootstrap(len(e.right)), tasks: tasks, finds: finds, accuracy: make([][]float64, len(tasks))}
	float := s.accuracies(e.right)
	out := &Outcome{Subject: e.subject, Float: float[0]}
	for i := range tasks {
		if learns(tasks[i].algorithm) {
			out.Agents.Add(finds[i].Effort)
		} else {
			out.Allocators.Add(finds[i].Effort)
		}
		if finds[i].Policy != nil {
			s.accuracy[i] = s.accuracies(finds[i].right(len(e.right)))
		}
	}
	for _, machine := range e.machines {
		for _, algorithm := range e.opt.methods() {
			m, eight, err := e.priced(ctx, s, algorithm, machine)
			if err != nil {
				return nil, err
			}
			if algorithm != "haq" {
				out.Eight = eight
			}
			if len(m.latency) > 0 { // else there is no budget that it could meet
				out.Needs = append(out.Needs, m.needs(machine.Name, algorithm, float, learns(algorithm) && machine != e.machines[0])...)
			}
		}
	}
	return out, nil
}

// searched is what all searches found, with the accuracy of each policy by resample.
type searched struct {
	*bootstrap
	tasks    []task
	finds    []found
	accuracy [][]float64
}

// priced prices an algorithm's policies on a machine, each beside 8 bits everywhere,
// whose accuracy it returns too.
func (e *experiment) priced(ctx context.Context, s *searched, algorithm string, machine *arch.Accelerator) (m samples, eight float64, err error) {
	p, err := e.setup(&task{algorithm: algorithm, machine: machine}).Problem(ctx, algorithm, nil)
	if err != nil {
		return m, 0, err
	}
	wide, err := e.eight(ctx, p, algorithm)
	if err != nil {
		return m, 0, err
	}
	accuracy := s.accuracies(wide.right(len(e.right)))
	for i, t := range s.tasks {
		if f := &s.finds[i]; f.Policy != nil && t.algorithm == algorithm && (learns(algorithm) || t.machine == machine) {
			m.add(p, f.Policy, t.seed, s.accuracy[i])
			m.add(p, wide.Policy, t.seed, accuracy)
		}
	}
	return m, accuracy[0], nil
}

// add prices a policy.
func (m *samples) add(p *autoq.Problem, policy *autoq.Policy, seed uint64, accuracy []float64) {
	latency, energy := p.Relative(policy)
	m.latency = append(m.latency, sample{seed, latency, accuracy})
	m.energy = append(m.energy, sample{seed, energy, accuracy})
}

// eight measures 8 bits everywhere as an algorithm quantizes.
func (e *experiment) eight(ctx context.Context, p *autoq.Problem, algorithm string) (*found, error) {
	name := "eight"
	if algorithm == "haq" {
		name = "eight-haq"
	}
	if known := e.wide[name]; known != nil {
		return known, nil
	}
	f := &found{}
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
