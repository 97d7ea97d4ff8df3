package sweep

import (
	"context"
	"sync"

	"bitcycle/internal/crew"
	"bitcycle/sim/sweep/store"
)

// Span is points From to To − 1.
type Span struct{ From, To int }

// Runner evaluates the points of some spans and hands the results on, span by span in any
// order. It returns early with the context's error if that ends, after what was begun has
// been handed on.
type Runner interface {
	Run(ctx context.Context, p *Plan, todo []Span, done func(Span, []Result) error) error
}

// Progress is how far a run has come.
type Progress struct{ Done, Total, Failed, Front int }

// Run evaluates the points that the folder lacks and returns all that are known. Where
// the context ends early, that is the points so far, with its error.
func Run(ctx context.Context, p *Plan, folder *store.Folder, runner Runner, progress func(Progress)) (*Table, error) {
	if err := p.findStates(folder); err != nil {
		return nil, err
	}
	if p.refined() {
		return p.refine(ctx, folder, runner, progress)
	}
	return run(ctx, p, folder, runner, progress)
}

func run(ctx context.Context, p *Plan, folder *store.Folder, runner Runner, progress func(Progress)) (*Table, error) {
	t := newTable(p)
	if progress != nil {
		t.live = &liveFront{}
	}
	todo, err := t.resume(folder)
	if part, ok := runner.(interface{ Part(p *Plan) []Span }); ok {
		todo = intersect(todo, part.Part(p))
	}
	if err == nil {
		todo, err = t.recall(folder, todo)
	}
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	err = runner.Run(ctx, p, todo, func(s Span, results []Result) error {
		records := make([][]byte, len(results))
		for i := range results {
			records[i] = results[i].AppendRecord(nil)
		}
		if err := folder.Append(records); err != nil {
			return err
		}
		p.remember(s, results, records)
		mu.Lock()
		defer mu.Unlock()
		for i := range results {
			t.set(s.From+i, &results[i])
		}
		if progress != nil {
			progress(Progress{Done: t.known, Total: p.Len(), Failed: len(t.errors), Front: len(t.live.points)})
		}
		return nil
	})
	t.Judge()
	return t, err
}

// resume takes what the folder knows and returns the spans of the rest.
func (t *Table) resume(folder *store.Folder) (todo []Span, err error) {
	p := t.plan
	if folder.Len() == 0 {
		return []Span{{0, p.Len()}}, nil
	}
	pt := p.newPoint()
	for i := range p.Len() {
		pt.open(i)
		record, err := folder.Get(store.Key(p.identify(pt)))
		if err != nil {
			return nil, err
		}
		if record != nil {
			r, err := ParseRecord(record)
			if err != nil {
				return nil, err
			}
			t.set(i, &r)
			continue
		}
		todo = extend(todo, i)
	}
	return todo, nil
}

// Spans cuts spans into pieces of at most so many points, or, where accuracy is measured,
// into those of one quantization each.
func (p *Plan) Spans(todo []Span, most int) []Span {
	var out []Span
	for _, s := range todo {
		for s.From < s.To {
			end := min(s.From+most, s.To)
			if p.groups != nil {
				end = min(p.groupEnd(s.From), s.To)
			}
			out = append(out, Span{s.From, end})
			s.From = end
		}
	}
	return out
}

// step is how many points are evaluated before they are stored: a few milliseconds of
// costs, one simulation.
func (p *Plan) step() int {
	if p.kind == radio {
		return 1
	}
	return 32
}

// Local evaluates on the processors of this machine.
type Local struct{ Workers int }

// Run shares the spans out.
func (l Local) Run(ctx context.Context, p *Plan, todo []Span, done func(Span, []Result) error) error {
	pieces := p.Spans(todo, p.step())
	workers := max(l.Workers, 1)
	if p.kind == measures { // each of which takes all processors
		workers = 1
	}
	var mu sync.Mutex
	next := 0
	var failure error
	take := func() (Span, bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(pieces) || failure != nil || ctx.Err() != nil {
			return Span{}, false
		}
		next++
		return pieces[next-1], true
	}
	var group crew.Group
	for range workers {
		group.Go(func() {
			e := p.NewEvaluator()
			for s, ok := take(); ok; s, ok = take() {
				results, err := e.Span(context.WithoutCancel(ctx), s)
				if err == nil {
					err = done(s, results)
				}
				if err != nil {
					mu.Lock()
					failure = err
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	if failure != nil {
		return failure
	}
	if next < len(pieces) {
		return ctx.Err()
	}
	return nil
}

// Span evaluates all points of a span.
func (e *Evaluator) Span(ctx context.Context, s Span) ([]Result, error) {
	results := make([]Result, 0, s.To-s.From)
	for i := s.From; i < s.To; i++ {
		r, err := e.evaluate(ctx, i)
		if err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	return results, nil
}
