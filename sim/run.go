package sim

import (
	"context"
	"fmt"
	"sync"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/memory"
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
		if opt.Trace != nil || opt.TraceCalls != nil {
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

// traceCalls runs a product once more with every call by itself.
func (e *Evaluator) traceCalls(i int, units *memory.Decoupled, opt *Options) error {
	if !e.ops[i].product {
		return nil
	}
	l, err := e.layer(i)
	if err != nil || l.Active() == 0 {
		return err
	}
	host, list, err := units.Replay(l)
	if err == nil {
		opt.TraceCalls(i, host, list)
	}
	return err
}

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
	if en.cost.Tiles == 0 {
		return nil
	}
	if opt.TraceTiles > 0 && en.cost.Tiles > opt.TraceTiles {
		return fmt.Errorf("op %q has %d tiles: a trace takes at most %d", e.workload.Ops[i].Name, en.cost.Tiles, opt.TraceTiles)
	}
	if units, ok := e.m.memory.(*memory.Decoupled); ok && opt.TraceCalls != nil {
		return e.traceCalls(i, units, opt)
	}
	if e.m.tiles == nil || opt.Trace == nil {
		return nil
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
