package sim

import (
	"context"
	"fmt"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
)

// Run charges a workload to a machine.
func Run(ctx context.Context, acc *arch.Accelerator, w *workload.Workload, opt Options) (*Result, error) {
	e, err := newEvaluator(acc, w, opt.Loops)
	if err != nil {
		return nil, err
	}
	if e.m.tiles != nil {
		e.m.tiles.Stop = ctx.Err
	}
	for i := range e.ops {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e.reprice(i)
		if opt.Trace != nil && e.err == nil && e.m.tiles != nil {
			if n := e.ops[i].cost.Tiles; opt.TraceTiles > 0 && n > opt.TraceTiles {
				return nil, fmt.Errorf("op %q has %d tiles: a trace takes at most %d", w.Ops[i].Name, n, opt.TraceTiles)
			}
			e.trace(i, opt.Trace)
		}
	}
	if e.m.streams() {
		e.overlapFrames()
	}
	if e.err != nil {
		return nil, e.err
	}
	return e.result(), nil
}

// trace runs op i once more with every tile by itself and reports its timeline.
func (e *Evaluator) trace(i int, report func(op int, tiles []Tile, line Timeline)) {
	en := &e.ops[i]
	var tiles []Tile
	var line Timeline
	switch {
	case en.cost.Tiles == 0:
		return
	case en.product():
		tiles, line = e.m.tiles.Replay(en.layer, &en.cost)
	default:
		tiles, line = e.m.tiles.ReplayWork(e.work(i), &en.cost)
	}
	report(i, tiles, line)
}
