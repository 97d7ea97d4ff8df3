package autoq

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"bitcycle/arch"
	"bitcycle/quantizers/autoq"
)

// task is one search: an algorithm on a machine for a budget, from a seed.
type task struct {
	algorithm string
	machine   *arch.Accelerator
	metric    autoq.Metric
	fraction  float64
	seed      uint64
}

func (t *task) name() string {
	return fmt.Sprintf("%s-%s-%v-%g-%d", t.algorithm, t.machine.Name, t.metric, t.fraction, t.seed)
}

// tasks lists all searches: agents on the first machine for cycles from every
// seed, allocators on every machine for each metric of the plan.
func (e *experiment) tasks() []task {
	var out []task
	for _, algorithm := range e.opt.methods() {
		machines, metrics, seeds := e.machines, e.plan.Metrics, 1
		if learns(algorithm) {
			machines, metrics, seeds = machines[:1], []autoq.Metric{autoq.Cycles}, e.plan.Seeds
		}
		for _, m := range machines {
			for _, metric := range metrics {
				for _, fraction := range e.plan.fractions(algorithm) {
					for seed := range uint64(seeds) {
						out = append(out, task{algorithm, m, metric, fraction, seed + e.opt.Seed})
					}
				}
			}
		}
	}
	return out
}

// each is the work of measuring a policy, in images executed: one that statistics
// are re-estimated on takes four times that of another.
func (e *experiment) each(t *task) float64 {
	return float64(e.images(t.algorithm) + 4*autoq.ReestimateOn(e.subject.Calib).N)
}

// work estimates all of a task.
func (e *experiment) work(t *task) float64 {
	policies := 1
	switch {
	case learns(t.algorithm):
		policies = e.plan.Agent.Episodes
	case t.algorithm == "aware":
		policies = e.plan.Moves
	}
	return float64(e.subject.Test.N) + float64(policies)*e.each(t)
}

// found is the outcome of a task.
type found struct {
	// Policy is nil where the algorithm cannot meet the budget.
	Policy *autoq.Policy `json:"policy"`
	Right  []byte        `json:"right"` // bit i: whether test image i is classified as labelled
	Effort Effort        `json:"effort"`
}

// run does all tasks, some at a time, those done before excepted. The outcomes
// are in the order of the tasks, whoever did them.
func (e *experiment) run(ctx context.Context, tasks []task) ([]found, error) {
	out := make([]found, len(tasks))
	var todo []int
	for i := range tasks {
		e.total += e.work(&tasks[i])
		ok, err := e.store.load(tasks[i].name(), &out[i])
		if err != nil {
			return nil, err
		}
		if ok {
			e.done += e.work(&tasks[i])
		} else {
			todo = append(todo, i)
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var wait sync.WaitGroup
	for range e.opt.workers() {
		wait.Go(func() {
			for i := range next {
				if err := e.task(ctx, &tasks[i], &out[i]); err != nil {
					cancel(fmt.Errorf("%s: %w", tasks[i].name(), err))
				}
			}
		})
	}
	for _, i := range todo {
		if ctx.Err() == nil {
			next <- i
		}
	}
	close(next)
	wait.Wait()
	return out, context.Cause(ctx)
}

// task searches, measures the policy found on the test images, and keeps both.
func (e *experiment) task(ctx context.Context, t *task, out *found) error {
	before := 0.0
	progress := func(done float64) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.done += done - before
		before = done
		e.opt.step(e.subject.Name+": images", int(e.done), int(e.total))
	}
	if err := e.search(ctx, t, out, progress); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if out.Policy != nil {
		if err := e.judge(ctx, t, out); err != nil {
			return err
		}
	}
	progress(e.work(t))
	return e.store.save(t.name(), out)
}

// judge tells which test images a policy gets right.
func (e *experiment) judge(ctx context.Context, t *task, f *found) error {
	policy := f.Policy.Named("search", e.setup(t).Layers(t.algorithm))
	q, err := e.ranges.Quantize(ctx, policy, e.subject.Calib, autoq.Quantization(t.algorithm), nil)
	if err != nil {
		return err
	}
	logits, err := integerLogits(q, e.subject.Test, 1)
	if err != nil {
		return err
	}
	f.Right = make([]byte, (e.subject.Test.N+7)/8)
	for i, right := range correct(logits, e.subject.Labels) {
		if right {
			f.Right[i/8] |= 1 << (i % 8)
		}
	}
	return nil
}

// right unpacks the bits of n images.
func (f *found) right(n int) []bool {
	out := make([]bool, n)
	for i := range out {
		out[i] = f.Right[i/8]>>(i%8)&1 == 1
	}
	return out
}

// search runs the algorithm of a task. progress gets the work done.
func (e *experiment) search(ctx context.Context, t *task, out *found, progress func(done float64)) error {
	p, err := e.setup(t).Problem(ctx, t.algorithm, nil)
	if err != nil {
		return err
	}
	watch := attach(p)
	options := e.plan.options(t)
	options.Budget = budget(p, t.fraction)
	if t.algorithm == "aware" {
		// What tiles make of the same budget: where prices come in steps a budget says
		// little, and what is left of it need not be spent.
		tile, err := p.Lagrange(autoq.ByTile, options.Budget)
		if err == nil {
			options.Budget = p.PriceOf(tile)
		}
	}
	options.Progress = func(s autoq.Progress) { progress(float64(s.Done) * e.each(t)) }
	r, err := autoq.Run(ctx, p, options)
	out.Effort = watch.effort()
	if errors.Is(err, autoq.ErrBudget) {
		return nil
	}
	if err == nil {
		out.Policy = r.Policy
	}
	return err
}

// budget places a fraction between the price of two bits everywhere, 0, and that
// of eight, 1; fractions below 0 lie between two bits and the least there is, −1.
func budget(p *autoq.Problem, fraction float64) float64 {
	narrow := p.PriceOf(p.Uniform(2, 2))
	if fraction < 0 {
		return narrow + fraction*(narrow-p.Least())
	}
	return narrow + fraction*(1-narrow)
}
