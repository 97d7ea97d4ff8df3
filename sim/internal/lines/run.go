package lines

import (
	"bitcycle/sim/internal/calls"
	"bitcycle/sim/internal/cost"
)

// Units are the load, execute and store units of a machine: each takes the calls of a
// layer in order, and so many calls are in the units at a time.
type Units struct {
	calls.Units
	Slots   int   // calls at a time
	Issue   int64 // cycles of the host for each call
	Execute func(b *calls.Box) int64
}

// Outcome is what a layer takes.
type Outcome struct {
	Cycles, Busy  int64       // until the last store is done; of the array
	Waits         cost.Stalls // of the array
	Loaded        [calls.Tensors]int64
	Read, Written int64 // bytes of memory
	Requests      int64
	Calls         int64
}

// Runner runs layers. What it keeps is memory alone.
type Runner struct {
	w       *way
	u       Units
	load    *unit
	save    *unit
	slots   []slot
	pending bool // the load of the last slot is under way
	saving  bool
	loaded  int64 // calls whose loads have been issued
	saved   int64
	issued  int64 // when the last load was issued
	free    int64 // when the array is
	host    int64
	out     Outcome
	turns   *[]Turn // that are kept; nil for none
}

// slot is a call in the units.
type slot struct {
	box      calls.Box
	writer   calls.Writer
	work     int64
	executed int64 // when the array has
	stored   int64 // when its stores have been issued, or the array is done
	late     int64 // cycles for which the load waited for a slot
	from     int64 // when its loads begin
	begun    int64 // and its stores
}

// NewRunner builds the units and the path.
func NewRunner(p Path, u Units) *Runner {
	w := newWay(p)
	r := &Runner{w: w, u: u, load: newUnit(w, int64(u.MaxBytes), p.Commands, 0), save: newUnit(w, int64(u.MaxBytes), 0, 1)}
	r.slots = make([]slot, u.Slots+2)
	return r
}

// Run runs a layer from a start of the caches.
func (r *Runner) Run(p *calls.Product, n *calls.Nest, s Start) Outcome {
	r.begin(p, s)
	box, more := n.Start(p), true
	for more || r.pending || r.saved < r.loaded {
		switch {
		case more && !r.pending && r.room():
			r.open(box)
			more = n.Step(p, &box)
		case r.pending && r.load.idle():
			r.execute(p)
		case !r.saving && r.saved < r.loaded:
			at := &r.slots[r.saved%int64(len(r.slots))]
			at.begun = max(r.save.now, at.executed)
			r.save.take(at.writer.Save, at.executed)
			r.saving = true
		case r.saving && r.save.idle():
			r.close()
		default:
			r.send()
		}
	}
	r.out.Read, r.out.Written = r.w.read, r.w.written
	r.out.Requests, r.out.Loaded = r.load.count+r.save.count, r.load.loaded
	r.out.Loaded[calls.Outputs] = r.save.loaded[calls.Outputs]
	r.settle()
	return r.out
}

func (r *Runner) begin(p *calls.Product, s Start) {
	r.w.begin()
	r.load.begin()
	r.save.begin()
	r.pending, r.saving, r.loaded, r.saved, r.issued, r.free, r.host, r.out = false, false, 0, 0, 0, 0, 0, Outcome{}
	for i := range r.slots {
		r.slots[i].writer.Begin(p, &r.u.Units)
	}
	if s == Cold {
		return
	}
	for _, t := range [...]calls.Tensor{calls.Weights, calls.Inputs, calls.Outputs} {
		r.w.hold(r.slots[0].writer.Base(t), p.Bytes(t), s, 1)
	}
	r.w.read, r.w.written = 0, 0
}

// room reports whether the next call can enter: the one so many before it has issued its
// stores.
func (r *Runner) room() bool { return r.loaded < r.saved+int64(r.u.Slots) }

// open begins the loads of a call.
func (r *Runner) open(b calls.Box) {
	at := &r.slots[r.loaded%int64(len(r.slots))]
	at.box = b
	at.writer.Write(&b)
	at.work = r.u.Execute(&b)
	from := max(r.issued, r.host)
	at.late = 0
	if before := r.loaded - int64(r.u.Slots); before >= 0 {
		entered := r.slots[before%int64(len(r.slots))].stored
		at.late = max(0, entered-from)
		from = max(from, entered)
	}
	r.host = max(r.host, from) + r.u.Issue
	at.from = max(r.load.now, from)
	r.load.take(at.writer.Loads, from)
	r.pending = true
}

// execute runs the array on a call whose loads have been issued.
func (r *Runner) execute(p *calls.Product) {
	at := &r.slots[r.loaded%int64(len(r.slots))]
	r.issued, r.pending = r.load.now, false
	arrived := max(r.load.done, r.load.now)
	free := r.free
	from := max(r.free, arrived)
	if parts := int64(len(r.load.ready)); p.Matrix && parts > 0 {
		from = max(r.free, r.load.ready[0])
		for i, ready := range r.load.ready {
			r.free = max(r.free, ready) + at.work*int64(i+1)/parts - at.work*int64(i)/parts
		}
	} else {
		r.free = max(r.free, arrived) + at.work
	}
	at.executed = r.free
	r.noteLoad(at, from)
	r.charge(r.free-free-at.work, at.late)
	r.out.Busy += at.work
	r.out.Cycles = max(r.out.Cycles, r.free)
	r.out.Calls++
	r.loaded++
}

// charge charges idle cycles of the array: to outputs while the load waited for a slot,
// to the tensors by the beats of their loads, the rest to memory that did not answer.
func (r *Runner) charge(idle, late int64) {
	take := func(into *int64, n int64) {
		n = min(n, idle)
		*into += n
		idle -= n
	}
	take(&r.out.Waits.Output, late)
	take(&r.out.Waits.WeightLoad, r.load.busy[calls.Weights])
	take(&r.out.Waits.Input, r.load.busy[calls.Inputs])
	take(&r.out.Waits.Output, r.load.busy[calls.Outputs])
	r.out.Waits.DRAM += idle
}

// close ends the stores of a call.
func (r *Runner) close() {
	at := &r.slots[r.saved%int64(len(r.slots))]
	at.stored = at.executed
	if len(at.writer.Save) > 0 {
		at.stored = r.save.now
		r.noteStore(at)
		r.out.Cycles = max(r.out.Cycles, r.save.done)
	}
	r.saved++
	r.saving = false
}

// send sends the request that can go first.
func (r *Runner) send() {
	if !r.pending {
		r.save.send(r.save.next())
		return
	}
	load := r.load.next()
	if r.saving {
		if save := r.save.next(); save < load {
			r.save.send(save)
			return
		}
	}
	r.load.send(load)
}

// settle charges what follows the last call of the array.
func (r *Runner) settle() { r.out.Waits.Output += r.out.Cycles - r.free }
