package sim

import (
	"context"
	"fmt"
	"sync"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
)

// Run charges a workload to a machine.
func Run(ctx context.Context, acc *arch.Accelerator, w *workload.Workload, opt Options) (*Result, error) {
	e := evaluators.Get().(*Evaluator)
	defer func() {
		e.leave()
		evaluators.Put(e)
	}()
	return e.run(ctx, acc, w, opt)
}

func (e *Evaluator) run(ctx context.Context, acc *arch.Accelerator, w *workload.Workload, opt Options) (*Result, error) {
	if err := e.open(acc, w, &opt); err != nil {
		return nil, err
	}
	if e.m.tiles != nil {
		e.m.tiles.Stop = ctx.Err
	}
	for i := range e.ops {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if e.reprice(i); e.ops[i].err != nil {
			return nil, e.ops[i].err
		}
		if opt.Trace != nil {
			if err := e.trace(i, &opt); err != nil {
				return nil, err
			}
		}
	}
	e.chargeFrames()
	return e.Result()
}

// evaluators lends runs the memory of those before.
var evaluators = sync.Pool{New: func() any { return &Evaluator{} }}

// leave lets go of the machine and the workload.
func (e *Evaluator) leave() {
	e.m = machine{prices: e.m.prices}
	e.workload = nil
	clear(e.ops)
}

// trace runs op i once more with every tile by itself and reports its timeline.
func (e *Evaluator) trace(i int, opt *Options) error {
	if err := e.m.enter(); err != nil {
		return err
	}
	en := &e.ops[i]
	if e.m.tiles == nil || en.cost.Tiles == 0 {
		return nil
	}
	if opt.TraceTiles > 0 && en.cost.Tiles > opt.TraceTiles {
		return fmt.Errorf("op %q has %d tiles: a trace takes at most %d", e.workload.Ops[i].Name, en.cost.Tiles, opt.TraceTiles)
	}
	var tiles []Tile
	var line Timeline
	if en.product {
		l, err := e.layer(i)
		if err != nil {
			return err
		}
		if l.Active() > 0 {
			tiles, line = e.m.tiles.Replay(l, &en.cost)
		} else {
			tiles, line = e.m.tiles.ReplayWork(e.pruned(l), &en.cost)
		}
	} else {
		tiles, line = e.m.tiles.ReplayWork(e.work(i), &en.cost)
	}
	opt.Trace(i, tiles, line)
	return nil
}
