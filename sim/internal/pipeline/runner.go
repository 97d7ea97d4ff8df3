package pipeline

import "bitcycle/sim/internal/cost"

// Run runs tiles one after the other.
func Run(tiles []Tile, p Port) Timeline {
	line := Timeline{}
	bus := p.Bus()
	run := Runner{Buffers: max(p.Buffers, 1), Record: &line}
	line.Cycles, line.Parts = run.Run(&Program{Tiles: tiles, Steps: []Step{{Hi: len(tiles), Repeat: 1}}}, &bus)
	for i := range tiles {
		line.Parts.Add(tiles[i].Parts)
	}
	return line
}

// Runner is the state of a run; its slices are reused from run to run.
type Runner struct {
	Buffers int       // tiles that a scratchpad holds at a time, at least 1
	Record  *Timeline // where to write every start and end; nil unless wanted

	tiles  []Tile
	via    Bus
	flat   *Flat // nil when the bus has no state that could repeat
	spans  []beats
	now    int64       // end of the last compute
	waits  cost.Stalls // idle cycles by cause
	recent []recent    // the last tiles, oldest first; at most Buffers
	before []recent    // what recent was at the snapshot of each loop that runs, a stack
	ring   []Tile      // the last tiles that were added one by one
	index  int
	steps  int // tiles that were run, not skipped
}

// recent is a tile whose outputs have not been stored yet.
type recent struct {
	at    int // in the list of tiles
	end   int64
	index int // in program order
}

// beats is the cycles that a tile's requests hold a port of fixed rate.
type beats [Kinds]int64

// span is the time that a request occupies its port.
type span struct{ start, end int64 }

func (a span) and(b span) span { return span{max(a.start, b.start), min(a.end, b.end)} }
func (a span) len() int64      { return max(0, a.end-a.start) }

// Run runs a program from an empty pipeline until the last store is done, and returns
// its time and the cycles in which the array waits. Repetitions are skipped once they
// have become periodic, which changes nothing but the time that the simulation takes.
func (r *Runner) Run(p *Program, via Bus) (int64, cost.Stalls) {
	r.begin(p.Tiles, via)
	if r.flat, _ = via.(*Flat); r.flat != nil {
		r.spans = r.flat.spans(r.spans[:0], p.Tiles)
	}
	r.execute(p.Steps)
	return r.End()
}

func (r *Runner) begin(tiles []Tile, via Bus) {
	r.tiles, r.via, r.flat = tiles, via, nil
	r.now, r.waits, r.recent, r.before, r.index, r.steps = 0, cost.Stalls{}, r.recent[:0], r.before[:0], 0, 0
}

// Begin empties the pipeline for tiles that come one by one: [Runner.Add] runs each, and
// [Runner.End] returns what [Runner.Run] returns. No tile is kept beyond its store.
func (r *Runner) Begin(via Bus) {
	if len(r.ring) != r.Buffers+1 {
		r.ring = make([]Tile, r.Buffers+1)
	}
	r.begin(r.ring, via)
}

// Add runs the next tile.
func (r *Runner) Add(t *Tile) {
	at := r.index % len(r.ring)
	r.ring[at] = *t
	r.advance(at)
}

// Now is when the last tile that was added has been computed.
func (r *Runner) Now() int64 { return r.now }

// End waits until the last store is done.
func (r *Runner) End() (int64, cost.Stalls) { return r.drain(), r.waits }

// execute runs the steps of a program, or the body of a loop.
func (r *Runner) execute(steps []Step) {
	for at := 0; at < len(steps); {
		s := &steps[at]
		next := at + max(1, s.Span)
		if s.Repeat > 2 && r.flat != nil && r.Record == nil {
			r.repeat(s, steps[at+1:next])
		} else {
			for range s.Repeat {
				r.once(s, steps[at+1:next])
			}
		}
		at = next
	}
}

// once runs a step a single time.
func (r *Runner) once(s *Step, body []Step) {
	if s.Span > 0 {
		r.execute(body)
		return
	}
	for t := s.Lo; t < s.Hi; t++ {
		r.advance(t)
	}
}

// repeat runs a step as often as it says. The state is compared with one of before,
// which moves on at doubling distances (Brent, BIT 20, 1980): once the state has
// returned, relative to now, the periods that are left are skipped.
func (r *Runner) repeat(s *Step, body []Step) {
	was := r.push()
	for i, distance, since := int64(0), int64(1), int64(0); i < s.Repeat; {
		r.once(s, body)
		i++
		since++
		if r.returned(&was) {
			times := (s.Repeat - i) / since
			r.skip(&was, times)
			i += times * since
			for ; i < s.Repeat; i++ {
				r.once(s, body)
			}
			break
		}
		if since == distance {
			if i > 1 {
				distance *= 2
			}
			r.save(&was)
			since = 0
		}
	}
	r.before = r.before[:was.at]
}

// snapshot is the state between two repetitions; its tiles lie on a stack.
type snapshot struct {
	at    int // in Runner.before
	full  bool
	now   int64
	waits cost.Stalls
	free  [Kinds]int64
}

// push takes a snapshot on top of the stack.
func (r *Runner) push() snapshot {
	was := snapshot{at: len(r.before)}
	for range r.Buffers {
		r.before = append(r.before, recent{})
	}
	r.save(&was)
	return was
}

func (r *Runner) save(was *snapshot) {
	was.full = len(r.recent) == r.Buffers
	copy(r.before[was.at:], r.recent)
	was.now, was.waits, was.free = r.now, r.waits, r.flat.free
}

// returned reports whether the state relative to now is that of a snapshot.
func (r *Runner) returned(was *snapshot) bool {
	if !was.full {
		return false
	}
	before, step := r.before[was.at:], r.now-was.now
	for i := range r.recent {
		if t := &r.recent[i]; t.at != before[i].at || t.end != before[i].end+step {
			return false
		}
	}
	for unit, f := range r.flat.free {
		// no request starts before the oldest compute that is remembered
		if max(f, r.recent[0].end) != max(was.free[unit], before[0].end)+step {
			return false
		}
	}
	return true
}

// skip jumps over so many periods, each like the time since a snapshot.
func (r *Runner) skip(was *snapshot, times int64) {
	shift := times * (r.now - was.now)
	r.waits.Add(r.waits.Minus(was.waits).Times(times))
	r.now += shift
	for i := range r.recent {
		r.recent[i].end += shift
	}
	for unit := range r.flat.free {
		r.flat.free[unit] += shift
	}
}

// advance runs one tile.
func (r *Runner) advance(t int) {
	r.steps++
	var bus [Kinds]span
	var eligible, ready int64
	if len(r.recent) == r.Buffers {
		old := r.recent[0]
		copy(r.recent, r.recent[1:])
		r.recent = r.recent[:r.Buffers-1]
		eligible = old.end
		bus[Outputs] = r.issue(Outputs, old.at, old.index, eligible, &ready)
	}
	bus[Weights] = r.issue(Weights, t, r.index, eligible, &ready)
	bus[Inputs] = r.issue(Inputs, t, r.index, eligible, &ready)
	start := r.now
	if ready > start {
		start = ready
		blame(&r.waits, span{r.now, start}, bus)
	}
	r.now = start + r.tiles[t].Cycles
	r.recent = append(r.recent, recent{t, r.now, r.index})
	r.index++
	if r.Record != nil {
		r.Record.Start = append(r.Record.Start, start)
		r.Record.End = append(r.Record.End, r.now)
	}
}

// drain stores what is left after the last compute.
func (r *Runner) drain() int64 {
	last := r.now
	var output int64
	for _, t := range r.recent {
		bus := r.issue(Outputs, t.at, t.index, t.end, &last)
		output += bus.and(span{r.now, bus.end}).len()
	}
	r.waits.Output += output
	r.waits.DRAM += last - r.now - output
	return last
}

// issue requests one kind of bytes of a tile and moves ready to their arrival.
func (r *Runner) issue(kind Kind, at, index int, eligible int64, ready *int64) span {
	tile := &r.tiles[at]
	if tile.Bytes(kind) == 0 {
		return span{}
	}
	var start, end, done int64
	if r.flat != nil {
		start, end, done = r.flat.hold(kind, r.spans[at][kind], eligible)
	} else {
		start, end, done = r.via.Request(kind, tile, eligible)
	}
	*ready = max(*ready, done)
	if r.Record != nil {
		r.Record.Bus = append(r.Record.Bus, Transfer{start, end, kindLetter[kind], index})
	}
	return span{start, end}
}

// blame charges the idle cycles before a tile's compute to the tile's own request
// on a port (weights first, then inputs, then outputs), else to DRAM.
func blame(s *cost.Stalls, idle span, bus [Kinds]span) {
	w, i, o := bus[Weights].and(idle), bus[Inputs].and(idle), bus[Outputs].and(idle)
	weights := w.len()
	inputs := i.len() - i.and(w).len()
	outputs := o.len() - o.and(w).len() - o.and(i).len() + o.and(w).and(i).len()
	s.WeightLoad += weights
	s.Input += inputs
	s.Output += outputs
	s.DRAM += idle.len() - weights - inputs - outputs
}
