package sim

// Tile is one step of a layer: what it loads, computes and stores.
type Tile struct {
	Weights, Inputs, Outputs int64 // bytes
	Cycles                   int64 // of the array
	Parts                    Stalls

	address [3]int64 // where the bytes lie in memory, by kind
}

func (t *Tile) bytes(kind int) int64 {
	switch kind {
	case weightKind:
		return t.Weights
	case inputKind:
		return t.Inputs
	}
	return t.Outputs
}

// Port is the path between the scratchpads and memory. Rates are bytes per cycle.
type Port struct {
	BytesPerCycle float64 // of the one port that all share
	Split         bool    // weights, inputs and outputs have a port each, with these rates:
	WeightRate    float64
	InputRate     float64
	OutputRate    float64
	Latency       int64 // cycles from the last beat until the data can be used
	Buffers       int   // tiles that a scratchpad holds at a time; 2 = double buffering
}

// Transfer is one request on a port: it occupies the port from Start to End.
type Transfer struct {
	Start, End int64
	Kind       byte // 'w', 'i' or 'o'
	Tile       int
}

// Timeline is the outcome of a tile pipeline.
type Timeline struct {
	Cycles     int64
	Parts      Stalls
	Start, End []int64 // of each tile's compute
	Bus        []Transfer
}

// port moves the bytes of a tile: it returns when it starts, when it is free for the
// next request, and when the last byte has arrived. Requests come in program order.
type port interface {
	request(kind int, tile *Tile, eligible int64) (start, end, done int64)
}

// Pipeline runs tiles through double-buffered scratchpads (hardware model §15.5).
// The program order of the requests with two buffers is
//
//	W0 I0 W1 I1 | O0 W2 I2 | O1 W3 I3 | …
//
// and requests of no bytes vanish. A port serves its requests strictly in that
// order. The load of tile t may start when the compute of tile t−Buffers ends, its
// store when its own compute ends; its compute starts when the compute before it has
// ended, its loads have arrived and the store of tile t−Buffers is done. A cycle in
// which the array waits is charged to the request of the waiting tile that is on a
// port, to DRAM when there is none.
func Pipeline(tiles []Tile, p Port) Timeline {
	line := Timeline{}
	flat := newFlatPort(p)
	run := pipeline{buffers: max(p.Buffers, 1), record: &line}
	line.Cycles, line.Parts = run.run(tiles, []step{{hi: len(tiles), repeat: 1}}, &flat)
	return line
}

// flatPort moves bytes at fixed rates; kinds share a port or have one each.
type flatPort struct {
	rate [3]float64
	unit [3]int // port of each kind
	free [3]int64
	lat  int64
}

const (
	weightKind = iota
	inputKind
	outputKind
)

var kindLetter = [3]byte{'w', 'i', 'o'}

func newFlatPort(p Port) flatPort {
	f := flatPort{lat: p.Latency}
	if p.Split {
		f.unit = [3]int{0, 1, 2}
		f.rate = [3]float64{p.WeightRate, p.InputRate, p.OutputRate}
		return f
	}
	f.rate = [3]float64{p.BytesPerCycle, p.BytesPerCycle, p.BytesPerCycle}
	return f
}

// beats returns the cycles that a port of the given rate needs for bytes.
func beats(bytes int64, rate float64) int64 {
	if whole := int64(rate); float64(whole) == rate {
		return ceil(bytes, whole)
	}
	n := int64(float64(bytes) / rate)
	for float64(n)*rate < float64(bytes) {
		n++
	}
	return n
}

func (f *flatPort) request(kind int, tile *Tile, eligible int64) (start, end, done int64) {
	free := &f.free[f.unit[kind]]
	start = max(*free, eligible)
	end = start + beats(tile.bytes(kind), f.rate[kind])
	*free = end
	return start, end, end + f.lat
}

// step is an instruction of a tile program: tiles lo to hi, or, when span is set, a
// loop over the span−1 steps that follow, repeat times.
type step struct {
	lo, hi int
	repeat int64
	span   int
}

// pipeline is the state of a run; its slices are reused from run to run.
type pipeline struct {
	buffers int
	record  *Timeline // nil unless wanted

	tiles  []Tile
	flat   *flatPort // nil when the port has no state that could repeat
	now    int64     // end of the last compute
	parts  Stalls
	recent []recent // the last tiles, oldest first; at most buffers
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

// run is the event loop of Pipeline. Repetitions are skipped once they have become
// periodic, which changes nothing but the time that the simulation takes.
func (p *pipeline) run(tiles []Tile, program []step, via port) (int64, Stalls) {
	p.tiles, p.now, p.parts, p.recent, p.index = tiles, 0, Stalls{}, p.recent[:0], 0
	p.flat, _ = via.(*flatPort)
	p.before = p.before[:0]
	p.execute(program, via)
	return p.drain(via)
}

// execute runs a program, or the body of a loop.
func (p *pipeline) execute(program []step, via port) {
	for at := 0; at < len(program); {
		s := program[at]
		body := program[at+1 : at+max(1, s.span)]
		for i := int64(0); i < s.repeat; i++ {
			skips := s.repeat-i > 2 && p.flat != nil && p.record == nil
			var was snapshot
			if skips {
				was = p.snapshot()
			}
			if s.span == 0 {
				p.advance(s.lo, s.hi, via)
			} else {
				p.execute(body, via)
			}
			if skips {
				i += p.skip(&was, s.repeat-i-1)
			}
		}
		at += max(1, s.span)
	}
}

// snapshot is the state before a repetition; its tiles lie on a stack.
type snapshot struct {
	lo, hi int // of pipeline.before
	now    int64
	parts  Stalls
	free   [3]int64
}

func (p *pipeline) snapshot() snapshot {
	lo := len(p.before)
	p.before = append(p.before, p.recent...)
	return snapshot{lo, len(p.before), p.now, p.parts, p.flat.free}
}

// skip jumps over left repetitions when the state relative to now is what it was
// before the last one; it returns how many it skipped.
func (p *pipeline) skip(was *snapshot, left int64) int64 {
	before := p.before[was.lo:was.hi]
	p.before = p.before[:was.lo]
	step := p.now - was.now
	if len(before) < p.buffers || len(p.recent) != len(before) {
		return 0
	}
	for i, r := range p.recent {
		if r.at != before[i].at || r.end != before[i].end+step {
			return 0
		}
	}
	for unit, f := range p.flat.free {
		// no request starts before the oldest compute that is remembered
		if max(f, p.recent[0].end) != max(was.free[unit], before[0].end)+step {
			return 0
		}
	}
	p.now += left * step
	p.parts.add(p.parts.minus(was.parts).times(left))
	for i := range p.recent {
		p.recent[i].end += left * step
	}
	for unit := range p.flat.free {
		p.flat.free[unit] += left * step
	}
	return left
}

// advance runs tiles one after the other.
func (p *pipeline) advance(lo, hi int, via port) {
	for t := lo; t < hi; t++ {
		tile := &p.tiles[t]
		var bus [3]span
		var eligible, ready int64
		if len(p.recent) == p.buffers {
			old := p.recent[0]
			copy(p.recent, p.recent[1:])
			p.recent = p.recent[:p.buffers-1]
			eligible = old.end
			bus[outputKind] = p.issue(via, outputKind, &p.tiles[old.at], old.index, eligible, &ready)
		}
		bus[weightKind] = p.issue(via, weightKind, tile, p.index, eligible, &ready)
		bus[inputKind] = p.issue(via, inputKind, tile, p.index, eligible, &ready)
		start := max(p.now, ready)
		p.parts.blame(span{p.now, start}, bus)
		p.parts.add(tile.Parts)
		p.now = start + tile.Cycles
		p.recent = append(p.recent, recent{t, p.now, p.index})
		p.index++
		if p.record != nil {
			p.record.Start = append(p.record.Start, start)
			p.record.End = append(p.record.End, p.now)
		}
	}
}

// drain stores what is left after the last compute.
func (p *pipeline) drain(via port) (int64, Stalls) {
	last := p.now
	var output int64
	for _, r := range p.recent {
		bus := p.issue(via, outputKind, &p.tiles[r.at], r.index, r.end, &last)
		output += bus.and(span{p.now, bus.end}).len()
	}
	p.parts.Output += output
	p.parts.DRAM += last - p.now - output
	return last, p.parts
}

// issue requests one kind of bytes of a tile and moves ready to their arrival.
func (p *pipeline) issue(via port, kind int, tile *Tile, index int, eligible int64, ready *int64) span {
	if tile.bytes(kind) == 0 {
		return span{}
	}
	start, end, done := via.request(kind, tile, eligible)
	*ready = max(*ready, done)
	if p.record != nil {
		p.record.Bus = append(p.record.Bus, Transfer{start, end, kindLetter[kind], index})
	}
	return span{start, end}
}

// blame charges the idle cycles before a tile's compute to the tile's own request
// on a port (weights first, then inputs, then outputs), else to DRAM.
func (s *Stalls) blame(idle span, bus [3]span) {
	if idle.len() == 0 {
		return
	}
	w, i, o := bus[weightKind].and(idle), bus[inputKind].and(idle), bus[outputKind].and(idle)
	weights := w.len()
	inputs := i.len() - i.and(w).len()
	outputs := o.len() - o.and(w).len() - o.and(i).len() + o.and(w).and(i).len()
	s.WeightLoad += weights
	s.Input += inputs
	s.Output += outputs
	s.DRAM += idle.len() - weights - inputs - outputs
}
