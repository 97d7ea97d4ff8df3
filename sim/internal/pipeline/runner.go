package pipeline

import "bitcycle/sim/internal/cost"

// Run runs tiles one after the other.
func Run(tiles []Tile, p Port) Timeline {
	line := Timeline{}
	bus := p.Bus()
	run := Runner{Buffers: max(p.Buffers, 1), Record: &line}
	line.Cycles, line.Parts = run.Run(&Program{Tiles: tiles, Steps: []Step{{Hi: len(tiles), Repeat: 1}}}, &bus)
	return line
}

// Runner is the state of a run; its slices are reused from run to run.
type Runner struct {
	Buffers int       // tiles that a scratchpad holds at a time, at least 1
	Record  *Timeline // where to write every start and end; nil unless wanted

	tiles  []Tile
	flat   *Flat // nil when the bus has no state that could repeat
	now    int64 // end of the last compute
	parts  cost.Stalls
	recent []recent // the last tiles, oldest first; at most Buffers
	before []recent // what recent was before each loop that runs, a stack
	index  int
}

// recent is a tile whose outputs have not been stored yet.
type recent struct {
	at    int // in the list of tiles
	end   int64
	index int // in program order
}

// span is the time that a request occupies its port.
type span struct{ start, end int64 }

func (a span) and(b span) span { return span{max(a.start, b.start), min(a.end, b.end)} }
func (a span) len() int64      { return max(0, a.end-a.start) }

// Run runs a program from an empty pipeline until the last store is done. Repetitions
// are skipped once they have become periodic, which changes nothing but the time that
// the simulation takes.
func (r *Runner) Run(p *Program, via Bus) (int64, cost.Stalls) {
	r.tiles, r.now, r.parts, r.recent, r.index = p.Tiles, 0, cost.Stalls{}, r.recent[:0], 0
	r.flat, _ = via.(*Flat)
	r.before = r.before[:0]
	r.execute(p.Steps, via)
	return r.drain(via)
}

// execute runs the steps of a program, or the body of a loop.
func (r *Runner) execute(steps []Step, via Bus) {
	for at := 0; at < len(steps); {
		s := steps[at]
		body := steps[at+1 : at+max(1, s.Span)]
		for i := int64(0); i < s.Repeat; i++ {
			skips := s.Repeat-i > 2 && r.flat != nil && r.Record == nil
			var was snapshot
			if skips {
				was = r.snapshot()
			}
			if s.Span == 0 {
				r.advance(s.Lo, s.Hi, via)
			} else {
				r.execute(body, via)
			}
			if skips {
				i += r.skip(&was, s.Repeat-i-1)
			}
		}
		at += max(1, s.Span)
	}
}

// snapshot is the state before a repetition; its tiles lie on a stack.
type snapshot struct {
	lo, hi int // of Runner.before
	now    int64
	parts  cost.Stalls
	free   [Kinds]int64
}

func (r *Runner) snapshot() snapshot {
	lo := len(r.before)
	r.before = append(r.before, r.recent...)
	return snapshot{lo, len(r.before), r.now, r.parts, r.flat.free}
}

// skip jumps over left repetitions when the state relative to now is what it was
// before the last one; it returns how many it skipped.
func (r *Runner) skip(was *snapshot, left int64) int64 {
	before := r.before[was.lo:was.hi]
	r.before = r.before[:was.lo]
	step := r.now - was.now
	if len(before) < r.Buffers || len(r.recent) != len(before) {
		return 0
	}
	for i, t := range r.recent {
		if t.at != before[i].at || t.end != before[i].end+step {
			return 0
		}
	}
	for unit, f := range r.flat.free {
		// no request starts before the oldest compute that is remembered
		if max(f, r.recent[0].end) != max(was.free[unit], before[0].end)+step {
			return 0
		}
	}
	r.now += left * step
	r.parts.Add(r.parts.Minus(was.parts).Times(left))
	for i := range r.recent {
		r.recent[i].end += left * step
	}
	for unit := range r.flat.free {
		r.flat.free[unit] += left * step
	}
	return left
}

// advance runs tiles one after the other.
func (r *Runner) advance(lo, hi int, via Bus) {
	for t := lo; t < hi; t++ {
		tile := &r.tiles[t]
		var bus [Kinds]span
		var eligible, ready int64
		if len(r.recent) == r.Buffers {
			old := r.recent[0]
			copy(r.recent, r.recent[1:])
			r.recent = r.recent[:r.Buffers-1]
			eligible = old.end
			bus[Outputs] = r.issue(via, Outputs, &r.tiles[old.at], old.index, eligible, &ready)
		}
		bus[Weights] = r.issue(via, Weights, tile, r.index, eligible, &ready)
		bus[Inputs] = r.issue(via, Inputs, tile, r.index, eligible, &ready)
		start := max(r.now, ready)
		blame(&r.parts, span{r.now, start}, bus)
		r.parts.Add(tile.Parts)
		r.now = start + tile.Cycles
		r.recent = append(r.recent, recent{t, r.now, r.index})
		r.index++
		if r.Record != nil {
			r.Record.Start = append(r.Record.Start, start)
			r.Record.End = append(r.Record.End, r.now)
		}
	}
}

// drain stores what is left after the last compute.
func (r *Runner) drain(via Bus) (int64, cost.Stalls) {
	last := r.now
	var output int64
	for _, t := range r.recent {
		bus := r.issue(via, Outputs, &r.tiles[t.at], t.index, t.end, &last)
		output += bus.and(span{r.now, bus.end}).len()
	}
	r.parts.Output += output
	r.parts.DRAM += last - r.now - output
	return last, r.parts
}

// issue requests one kind of bytes of a tile and moves ready to their arrival.
func (r *Runner) issue(via Bus, kind Kind, tile *Tile, index int, eligible int64, ready *int64) span {
	if tile.Bytes(kind) == 0 {
		return span{}
	}
	start, end, done := via.Request(kind, tile, eligible)
	*ready = max(*ready, done)
	if r.Record != nil {
		r.Record.Bus = append(r.Record.Bus, Transfer{start, end, kindLetter[kind], index})
	}
	return span{start, end}
}

// blame charges the idle cycles before a tile's compute to the tile's own request
// on a port (weights first, then inputs, then outputs), else to DRAM.
func blame(s *cost.Stalls, idle span, bus [Kinds]span) {
	if idle.len() == 0 {
		return
	}
	w, i, o := bus[Weights].and(idle), bus[Inputs].and(idle), bus[Outputs].and(idle)
	weights := w.len()
	inputs := i.len() - i.and(w).len()
	outputs := o.len() - o.and(w).len() - o.and(i).len() + o.and(w).and(i).len()
	s.WeightLoad += weights
	s.Input += inputs
	s.Output += outputs
	s.DRAM += idle.len() - weights - inputs - outputs
}
