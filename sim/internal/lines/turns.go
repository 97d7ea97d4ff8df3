package lines

import "bitcycle/sim/internal/calls"

// Span is when a unit works on a call, in cycles of the layer; without work it is empty.
type Span struct{ Start, End int64 }

// Turn is a call in the units: when its loads are sent, when the array works on it or
// waits for what it needs next, and when its stores are sent. A unit has one call at a time.
type Turn struct{ Load, Execute, Store Span }

// Record makes a runner keep the turns of the layers that it runs; nil ends it.
func (r *Runner) Record(into *[]Turn) { r.turns = into }

// noteLoad notes that the loads of a call have been sent and the array has worked on it from
// a cycle on.
func (r *Runner) noteLoad(at *slot, from int64) {
	if r.turns != nil {
		*r.turns = append(*r.turns, Turn{Load: Span{at.from, r.load.now}, Execute: Span{from, r.free}})
	}
}

// noteStore notes that the stores of the oldest call have been sent.
func (r *Runner) noteStore(at *slot) {
	if r.turns != nil && len(at.writer.Save) > 0 {
		turns := *r.turns
		turns[len(turns)-int(r.loaded-r.saved)].Store = Span{at.begun, r.save.now}
	}
}

// Turns appends the calls of the layer that was run last, spread over its cycles as they
// were charged: each begins its loads when the one before has taken its turn, is executed
// the longest load later, and stored the longest execution after that.
func (f *Footprint) Turns(into []Turn) []Turn {
	last := f.longest[0] + f.longest[1] + f.longest[2]
	var total, pace float64
	f.walk(func(ex, load, store float64) {
		pace = f.pace(ex, load, store)
		total += pace
	})
	total -= pace // the last call ends with the layer
	stretch := 1.0
	if total > 0 {
		stretch = max(0, float64(f.out.Cycles)-last) / total
	}
	short, at := min(1, stretch), 0.0
	if total == 0 && last > float64(f.out.Cycles) {
		short = float64(f.out.Cycles) / last
	}
	f.walk(func(ex, load, store float64) {
		span := func(from, takes float64) Span {
			start := min(int64(from), f.out.Cycles)
			return Span{start, min(int64(from+short*takes), f.out.Cycles)}
		}
		t := Turn{Load: span(at, load), Execute: span(at+f.longest[0], ex)}
		if store > 0 {
			t.Store = span(at+f.longest[0]+f.longest[1], store)
		}
		into = append(into, t)
		at += stretch * f.pace(ex, load, store)
	})
	return into
}

// walk visits every call with what it takes of the units.
func (f *Footprint) walk(visit func(ex, load, store float64)) {
	b := f.n.Start(f.p)
	for more := true; more; more = f.n.Step(f.p, &b) {
		f.box = calls.Box{}
		for d := range calls.Dims {
			f.box.Hi[d] = b.Size(d)
		}
		ex, load, store := float64(f.u.Execute(&f.box)), f.loads(&f.box), 0.0
		if b.First() {
			load += f.zeros(&f.box)
		}
		if b.Last(f.p) {
			store = overlap(f.stores(&f.box), f.save)
		}
		visit(ex, overlap(load, f.load), store)
	}
}

// pace is how long after a call the next one has its turn.
func (f *Footprint) pace(ex, load, store float64) float64 {
	return max(ex, load, store, (ex+load+store)/float64(f.u.Slots), float64(f.u.Issue))
}
