package sim

import (
	"fmt"
	"math"
)

// candidate is a tiling with its estimated cost.
type candidate struct {
	tiling
	cost  float64 // estimate
	least float64 // lower bound
}

// planner searches tilings for one layer; its slices are reused.
type planner struct {
	best     []candidate // ascending cost, at most machine.finalists
	images   []extent
	rows     []extent
	cols     []extent
	sizes    []int64
	times    []Stalls
	weights  []int64 // of tiles, bytes
	tiles    []Tile
	program  []step
	rounds   []round
	block    block // handed to the engine
	improved bool  // a tiling has come among the best
	feet     []footprint
	cut      tiling // whose axes and times these are
	whole    whole
	groups   []steadyGroup
	hint     steadyTiling // best of the layer before its widths changed
	steady   steady
	paced    paced
	run      pipeline
	flat     flatPort
}

// plan fills p.best with the cheapest tilings by a closed form: the larger of the
// array's time and the traffic, plus the first load and the last store. The search
// halves each dimension in turn; for each cut of positions and reduction it tries
// the largest tiles of channels that fit and two halvings below, in both loop orders.
func (m *machine) plan(l *layer, p *planner) error {
	p.best, p.feet, p.cut = p.best[:0], p.feet[:0], tiling{}
	p.whole = m.whole(l)
	var t tiling
	for t.images = l.images; ; t.images = ceil(t.images, 2) {
		m.planRows(l, p, t)
		if t.images == 1 {
			break
		}
	}
	if len(p.best) == 0 {
		return fmt.Errorf("op %q: one output position of %d channels does not fit the scratchpads (weights %d, inputs %d, outputs %d bits a tile)",
			l.op.Name, m.engine.lanes(), m.limit.weights, m.limit.inputs, m.limit.outputs)
	}
	return nil
}

// planRows tries tiles of whole images, then of rows of one image, then of parts
// of a row.
func (m *machine) planRows(l *layer, p *planner, t tiling) {
	t.cols = l.geo.outW
	misses := 0
	for t.rows = l.geo.outH; ; t.rows = ceil(t.rows, 2) {
		p.improved = false
		fitted := m.planChannels(l, p, t)
		if fitted && !p.improved {
			if misses++; misses == 2 {
				return // smaller tiles only reload more
			}
		}
		if t.images > 1 || t.rows == 1 {
			if t.images > 1 || fitted {
				return
			}
			break
		}
	}
	grain := m.engine.grain()
	for t.cols > 1 {
		half := ceil(t.cols, 2)
		if aligned := ceil(half, grain) * grain; aligned < t.cols {
			half = aligned
		}
		t.cols = half
		if m.planChannels(l, p, t) {
			return
		}
	}
}

// planChannels tries cuts of the reduction and of the output channels; it reports
// whether any fits.
func (m *machine) planChannels(l *layer, p *planner, t tiling) bool {
	fitted := 0
	if t.chans = l.chans; l.groups > 1 && m.planSets(l, p, t) {
		return true
	}
	t.within = l.groups > 1
	for t.chans = l.chans; ; t.chans = ceil(t.chans, 2) {
		if m.planSets(l, p, t) {
			fitted++
		}
		if t.chans == 1 || fitted == 2 || l.perInput {
			return fitted > 0
		}
	}
}

func (m *machine) planSets(l *layer, p *planner, t tiling) bool {
	n := int64(t.images) * int64(t.rows) * int64(t.cols)
	k := int64(t.chans) * int64(l.area)
	perUnit := m.unitFootprint(l, p, k, t.within)
	pixels := l.tilePixels(&t)
	fitted := 0
	var compute int64
	units := l.units()
	if t.within {
		units = l.largestGroup()
	}
	for t.sets = max(1, units); ; t.sets = ceil(t.sets, 2) {
		lo, hi, groups := t.setRange(l, 0)
		inputs := pixels * m.pack.pixelBits(int64(l.inputChannels(lo, hi, groups, t.chans)), int64(l.storeBits))
		if m.limit.fits(int64(t.sets)*perUnit.weights, inputs, int64(t.sets)*n*perUnit.outputs) {
			if fitted == 0 {
				compute = m.arrayTime(l, p, &t)
			}
			m.consider(l, p, t, compute)
			fitted++
		}
		if t.sets == 1 || fitted == 3 {
			return fitted > 0
		}
	}
}

// footprint is the scratchpad use of the widest set of output channels, or of the
// largest group unless groups are cut: bits of weights for k elements of the
// reduction, and of accumulators for one position.
type footprint struct {
	k                int64
	within           bool
	weights, outputs int64
}

func (m *machine) unitFootprint(l *layer, p *planner, k int64, within bool) footprint {
	for _, f := range p.feet {
		if f.k == k && f.within == within {
			return f
		}
	}
	f := footprint{k: k, within: within}
	if l.groups > 1 && !within {
		for g := range l.groups {
			f.cover(m, l, l.sched.group[g], l.sched.group[g+1])
		}
	} else {
		for u := range l.sched.sets {
			if u == 0 || !l.sched.sets[u].same {
				f.cover(m, l, u, u+1)
			}
		}
	}
	p.feet = append(p.feet, f)
	return f
}

func (f *footprint) cover(m *machine, l *layer, lo, hi int) {
	f.weights = max(f.weights, m.pack.weightBits(&l.sched, lo, hi, f.k))
	f.outputs = max(f.outputs, int64(l.sched.channels(lo, hi))*l.sumBits())
}

// tilePixels bounds the input positions of one tile.
func (l *layer) tilePixels(t *tiling) int64 {
	extent := func(out, in, kernel, stride, total int) int64 {
		if out >= total {
			return int64(in)
		}
		return int64(min(in, max((out-1)*stride+kernel, out*stride)))
	}
	f := &l.geo
	return int64(t.images) * extent(t.rows, f.inH, f.kernelH, f.strideH, f.outH) * extent(t.cols, f.inW, f.kernelW, f.strideW, f.outW)
}

// arrayTime sums the engine's time over the tiles of a cut.
func (m *machine) arrayTime(l *layer, p *planner, t *tiling) int64 {
	var sum int64
	for _, images := range cut(l.images, t.images) {
		for _, rows := range cut(l.geo.outH, t.rows) {
			for _, cols := range cut(l.geo.outW, t.cols) {
				times := images.times * rows.times * cols.times
				if times == 0 {
					continue
				}
				for _, chans := range cut(l.chans, t.chans) {
					if chans.times > 0 {
						p.block = l.block(0, len(l.sched.sets), int(chans.size), images.size*rows.size*cols.size)
						one := m.engine.time(&p.block, &l.sched, &p.rounds)
						sum += times * chans.times * one.Total()
					}
				}
			}
		}
	}
	return sum
}

func (l *layer) block(lo, hi, chans int, n int64) block {
	b := block{
		lo: lo, hi: hi, chans: chans, area: l.area, flat: l.flat, n: n, act: l.actBits, sum: l.sumBits(),
		height: int64(l.geo.kernelH), outRows: int64(l.geo.outH),
	}
	if l.product() {
		b.outRows = 1
	}
	return b
}

// pieces of a dimension: so many of one size.
type pieces struct{ size, times int64 }

// cut returns the full and the partial pieces of a dimension.
func cut(total, piece int) [2]pieces {
	c := [2]pieces{{int64(piece), int64(total / piece)}}
	if rest := total % piece; rest > 0 {
		c[1] = pieces{int64(rest), 1}
	}
	return c
}

// consider estimates both loop orders of a tiling and keeps the cheapest.
func (m *machine) consider(l *layer, p *planner, t tiling, compute int64) {
	positions, chans, sets := t.counts(l)
	for _, t.inputsFirst = range [2]bool{false, true} {
		if t.inputsFirst && (positions == 1 || sets == 1) {
			continue // the same order
		}
		m.hold(&p.whole, &t, positions, chans, sets)
		tr := m.traffic(l, &p.whole, &t, positions, chans, sets)
		first := bytes(p.whole.weights)/int64(sets*chans) + bytes(p.whole.inputs)/int64(positions*chans)
		if l.ownInputs() {
			first = (bytes(p.whole.weights) + bytes(p.whole.inputs)/int64(positions)) / int64(sets*chans)
		}
		busy, moving := float64(compute+m.epilogueTotal(l)), float64(m.transferCycles(tr))
		least, cycles := max(busy, moving), max(busy, moving)
		if m.overlap == overlapTiles { // the array waits for the first load, the last store for the array
			cycles += m.cyclesOf(first + tr.outputs/int64(positions*sets))
		}
		p.keep(candidate{t, m.objective(cycles, tr, l), m.objective(least, tr, l)}, m.finalists)
	}
}

// whole is the size of a layer's tensors in bits.
type whole struct{ weights, inputs, outputs int64 }

func (m *machine) whole(l *layer) whole {
	return whole{
		weights: m.pack.weightBits(&l.sched, 0, len(l.sched.sets), int64(l.chans)*int64(l.area)),
		inputs:  l.inputBits(m, l.tilePixelsAll()),
		outputs: l.outputBits(m),
	}
}

// hold decides which operand stays on chip over the outer loop.
func (m *machine) hold(w *whole, t *tiling, positions, chans, sets int) {
	room := func(n, limit int64) bool { return limit > 0 && n <= limit && !m.limit.shared }
	t.weightsHeld = sets == 1 && chans == 1 || m.limit.weights == 0 && !m.limit.shared || room(w.weights, m.limit.weights)
	t.inputsHeld = positions == 1 && chans == 1 || m.limit.inputs == 0 || room(w.inputs, m.limit.inputs)
}

// traffic is bytes moved by kind.
type traffic struct{ weights, inputs, outputs int64 }

// traffic returns what a tiling moves, estimated to a few bytes for each tile.
func (m *machine) traffic(l *layer, w *whole, t *tiling, positions, chans, sets int) traffic {
	tr := traffic{weights: bytes(w.weights), inputs: bytes(l.inputBits(m, t.inputPixels(l))), outputs: bytes(w.outputs)}
	if l.inOnChip {
		tr.inputs = 0
	}
	if l.outOnChip {
		tr.outputs = 0
	}
	if !t.weightsHeld && (t.inputsFirst || chans > 1) {
		tr.weights *= int64(positions)
	}
	if !t.inputsHeld && !l.ownInputs() && (!t.inputsFirst || chans > 1) {
		tr.inputs *= int64(sets)
	}
	if m.acc.Memory.ReadOutputs {
		tr.outputs *= 2
	}
	return tr
}

func (l *layer) tilePixelsAll() int64 {
	return int64(l.images) * int64(l.geo.inH) * int64(l.geo.inW)
}

// inputBits returns the size of all input channels at so many positions.
func (l *layer) inputBits(m *machine, pixels int64) int64 {
	chans := l.chans * l.groups
	if l.perInput {
		chans = l.channels
	}
	return pixels * m.pack.pixelBits(int64(chans), int64(l.storeBits))
}

func (l *layer) outputBits(m *machine) int64 {
	return l.positions() * m.pack.pixelBits(int64(l.channels), int64(l.outBits))
}

// transferCycles is the time of the busiest port.
func (m *machine) transferCycles(t traffic) int64 {
	p := &m.port
	if p.Split {
		return max(cyclesAt(t.weights, p.WeightRate), cyclesAt(t.inputs, p.InputRate), cyclesAt(t.outputs, p.OutputRate))
	}
	return cyclesAt(t.weights+t.inputs+t.outputs, p.BytesPerCycle)
}

func cyclesAt(bytes int64, rate float64) int64 {
	if rate <= 0 {
		return 0
	}
	return beats(bytes, rate)
}

// cyclesOf is the time of bytes on the shared port, or on the slowest of three.
func (m *machine) cyclesOf(bytes int64) float64 {
	p := &m.port
	if p.Split {
		return float64(bytes) / max(1, min(p.WeightRate, p.InputRate, p.OutputRate))
	}
	return float64(cyclesAt(bytes, p.BytesPerCycle))
}

// objective turns an estimate into what the search minimises.
func (m *machine) objective(cycles float64, t traffic, l *layer) float64 {
	moved := float64(t.weights + t.inputs + t.outputs)
	energy := m.energy.dramPerBit*8*moved + m.energy.standbyPJ(cycles)
	switch m.acc.Mapping.Objective {
	case "energy":
		return energy + cycles*1e-9
	case "edp":
		return (energy + m.energy.floor(l)) * cycles
	}
	return cycles + moved*1e-9
}

func (p *planner) keep(c candidate, limit int) {
	at := len(p.best)
	for at > 0 && c.cost < p.best[at-1].cost {
		at--
	}
	if at >= limit || math.IsNaN(c.cost) {
		return
	}
	if len(p.best) < limit {
		p.best = append(p.best, candidate{})
	}
	p.improved = true
	copy(p.best[at+1:], p.best[at:])
	p.best[at] = c
}
