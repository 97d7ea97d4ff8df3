package memory

import (
	"fmt"

	"bitcycle/arch"
	"bitcycle/sim/internal/calls"
	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/lines"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/units"
)

// Decoupled is load, execute and store units that take the calls of a layer in turn, as
// in Gemmini (Genc et al., DAC 2021): while one call is executed the next is loaded and
// the one before is stored. Requests of at most a line go through caches to memory. The
// host cuts a layer into calls, which is a cause of its own.
//
// See docs/machine-model.md, section 8.8.
type Decoupled struct {
	engine engine.Systolic
	chip   *chip.Chip
	mem    *arch.Memory
	host   *arch.Host
	array  *arch.Array
	vendor bool
	room   calls.Room // for a call
	rule   calls.Room // that the library's rule takes it for
	units  lines.Units
	path   lines.Path
	start  lines.Start
	runner *lines.Runner // built when it is needed
	foot   *lines.Footprint
	limit  int64 // requests of a layer that are run line by line; 0: none are
	site   Site

	product calls.Product
	cut     calls.Nest
	rows    calls.Sizes // of the call that fold is for
	fold    cost.Stalls
	groups  []group
}

// NewDecoupled builds the units of a machine. Layers of more requests than the limit are
// charged by their footprint.
func NewDecoupled(e engine.Systolic, s Site, acc *arch.Accelerator, limit int64) *Decoupled {
	m := &Decoupled{engine: e, chip: s.Chip, mem: s.Memory, host: &acc.Host, array: &acc.Array, vendor: s.Mapping.Tiling == "gemmini-auto", site: s}
	if s.Memory.CacheModel == "lines" {
		m.limit = limit
	}
	q, c := &s.Memory.Requests, &s.Memory.Cache
	word, sum := acc.Buffers.Inputs.Word, acc.Buffers.Outputs.Word
	m.room = calls.Room{
		Scratch: wordsOf(int(s.Chip.Room.Inputs), word), Sums: wordsOf(int(s.Chip.Room.Outputs), sum), Word: word, SumWord: sum,
		Lanes: e.Lanes(), Depth: e.Depth(), Step: e.Depth(),
	}
	m.rule = m.room
	told := func(bytes int, double bool, word int, into *int) {
		if bytes > 0 {
			bits := bytes * 8
			if double {
				bits /= 2
			}
			*into = wordsOf(bits, word)
		}
	}
	told(s.Mapping.ScratchBytes, acc.Buffers.Inputs.Double, word, &m.rule.Scratch)
	told(s.Mapping.SumBytes, acc.Buffers.Outputs.Double, sum, &m.rule.Sums)
	m.units = lines.Units{
		Units: calls.Units{Lanes: e.Lanes(), Depth: e.Depth(), Step: e.Depth(), MaxBytes: q.MaxBytes, Base: int64(q.BaseBytes)},
		Slots: q.Calls, Issue: int64(acc.Host.CallCycles), Execute: m.execute,
	}
	o, main := &s.Memory.Outer, &s.Memory.Main
	m.path = lines.Path{
		Beat: int64(q.BeatBytes), Requests: q.InFlight, Commands: q.Commands, HitRead: int64(q.ReadCycles), HitWrite: int64(q.WriteCycles),
		Cache: lines.Level{Bytes: c.Bytes, Ways: c.Ways, Line: c.Line}, Misses: c.Misses, Held: int64(c.HeldCycles),
		Refill: s.Memory.BitsPerCycle / 8, Miss: int64(c.MissCycles), Outer: lines.Level{Bytes: o.Bytes, Ways: o.Ways, Line: o.Line},
		Memory: int64(main.ReadCycles), Block: int64(main.BlockCycles), WriteBack: int64(main.EvictCycles), Uneven: c.Uneven,
	}
	switch s.Memory.Start {
	case "outer":
		m.start = lines.Outer
	case "warm":
		m.start = lines.Warm
	}
	m.foot = lines.NewFootprint(m.path, m.units)
	return m
}

// Price cuts each group of a layer into calls and runs them.
func (m *Decoupled) Price(l *layer.Layer) (Cost, error) {
	var sum Cost
	m.room.SumBits, m.rule.SumBits = int(l.SumBits()), int(l.SumBits())
	m.groups = appendGroups(m.groups[:0], l)
	for _, g := range m.groups {
		m.turn(l, g)
		c, err := m.group(l)
		if err != nil {
			return Cost{}, err
		}
		sum.AddTimes(&c, 1)
	}
	if pruned := prunedBytes(m.chip, l, l.Virtual-l.Active()); pruned > 0 {
		sum.Parts.Output += units.Cycles(pruned, m.path.Refill)
		sum.Moved.Outputs += pruned
		sum.Write += pruned
	}
	sum.VectorOps = m.chip.Vector.Operations(l)
	m.chip.Vector.FinishAll(&sum.Parts, l)
	return sum, nil
}

// group prices a group, as often as it comes.
func (m *Decoupled) group(l *layer.Layer) (Cost, error) {
	var trials int64
	var err error
	n := &m.cut
	if *n, trials, err = m.nest(l); err != nil {
		return Cost{}, err
	}
	c := Cost{Calls: *n}
	c.Parts.Host = int64(float64(trials)*m.host.TrialCycles + 0.5)
	m.count(l, n, &c)
	var out lines.Outcome
	if m.limit > 0 && calls.Requests(&m.product, n, &m.units.Units) <= m.limit {
		out = m.lineByLine().Run(&m.product, n, m.start)
	} else {
		out = m.foot.Run(&m.product, n, m.start)
		c.ByFootprint = true
	}
	c.Parts.Add(out.Waits)
	m.traffic(&c, &out)
	return c, nil
}

// lineByLine is the runner, built when it is needed.
func (m *Decoupled) lineByLine() *lines.Runner {
	if m.runner == nil {
		m.runner = lines.NewRunner(m.path, m.units)
	}
	return m.runner
}

// traffic fills the bytes: what the units move, and what memory gives and takes. Every
// tensor comes from memory once, be it before the layer starts, and outputs come to
// memory in the end.
func (m *Decoupled) traffic(c *Cost, out *lines.Outcome) {
	c.Moved = pipeline.Traffic{Weights: out.Loaded[calls.Weights], Inputs: out.Loaded[calls.Inputs], Outputs: out.Loaded[calls.Outputs]}
	c.Read, c.Write = max(out.Read, m.compulsory()), max(out.Written, c.Moved.Outputs)
	c.Tiles = int(out.Calls)
}

// compulsory is the bytes of the tensors that are read.
func (m *Decoupled) compulsory() int64 {
	p := &m.product
	n := p.Bytes(calls.Weights)
	if !p.InHeld {
		n += p.Touched()
	}
	return n
}

// nest is the calls of the layer: given, or by the machine's own rule, which takes time.
func (m *Decoupled) nest(l *layer.Layer) (n calls.Nest, trials int64, err error) {
	if loops := m.site.given(l); loops != nil {
		if n, err = nestOf(loops, l, &m.product); err == nil && !m.room.Fits(&m.product, &n.Tile) {
			err = fmt.Errorf("op %q: the given tile does not fit the scratchpads (inputs and weights %d, outputs %d bytes a call)", l.Op.Name, m.chip.Room.Inputs/8, m.chip.Room.Outputs/8)
		}
		return n, 0, err
	}
	fits := false
	if m.vendor {
		n, trials, fits = calls.Vendor(&m.product, &m.rule)
	} else {
		n, fits = m.search()
	}
	if !fits {
		r := &m.chip.Room
		return n, 0, fmt.Errorf("op %q: the smallest call does not fit the scratchpads (inputs and weights %d, outputs %d bytes a call)", l.Op.Name, r.Inputs/8, r.Outputs/8)
	}
	return n, trials, nil
}

// execute is the array's time for a call.
func (m *Decoupled) execute(b *calls.Box) int64 { return m.parts(b).Total() }

// parts is the array's time for a call by cause: a fold for each set of channels,
// position of the window and stretch of input channels.
func (m *Decoupled) parts(b *calls.Box) cost.Stalls {
	p := &m.product
	rows := calls.Sizes{calls.Rows: b.Size(calls.Batch) * b.Size(calls.Rows), calls.Cols: b.Size(calls.Cols)}
	if rows != m.rows {
		m.rows, m.fold = rows, m.engine.Fold(int64(rows[calls.Rows]), int64(rows[calls.Cols]))
	}
	sets := int64(units.Ceil(b.Size(calls.Outs), m.room.Lanes))
	window := int64(b.Size(calls.KRows)) * int64(b.Size(calls.KCols))
	return m.fold.Times(sets * window * int64(units.Ceil(b.Size(calls.Ins), m.room.Depth)) * p.Passes)
}

// Work is the slower of the unit and the port.
func (m *Decoupled) Work(w Work) Cost {
	c := w.cost()
	port := pipeline.Port{BytesPerCycle: m.path.Refill}
	expose(&c.Parts, c.Moved, &port)
	return c
}

// Mapping lists the loops over calls.
func (m *Decoupled) Mapping(_ *layer.Layer, c *Cost) Mapping { return callMapping(&c.Calls, c.Tiles) }

// wordsOf is the words of a scratchpad; one of less than a word has room for nothing.
func wordsOf(bits, word int) int {
	if bits < word {
		return -1
	}
	return bits / word
}
