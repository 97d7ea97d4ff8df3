package sim

import "fmt"

// Bit Fusion's published simulator overlaps all transfers with computation but for
// the first load and the last store, and searches the tile sizes and the order of
// the five tile loops exhaustively (hsharma35/bitfusion, optimizer.py). This file
// computes the same cost. Its 120 loop orders differ only by which tensors stay in
// their scratchpads over which loops, so loops of one iteration are left out, and a
// tiling whose array time alone exceeds the best cost is not ordered at all.

// tile loops of the published simulator
const (
	loopB = iota
	loopW
	loopH
	loopIC
	loopOC
	loops
)

// touches tells which tensors a loop walks through: weights, inputs, outputs.
var touches = [loops][3]bool{
	loopB: {false, true, true}, loopW: {false, true, true}, loopH: {false, true, true},
	loopIC: {true, true, false}, loopOC: {true, false, true},
}

var loopName = [loops]string{"B", "OW", "OH", "IC", "OC"}

// steady is a search problem: one product with all of its channels, or one group.
type steady struct {
	m      *machine
	l      *layer
	p      *planner
	lo, hi int // sets
	dim    [loops]int
	im2col bool
	kernel [2]int // width, height
	stride [2]int
	bw     float64 // bits per cycle
	wide   int     // widest and narrowest kernel
	narrow int

	limit [3]int64   // scratchpads, bits
	trial steadyCost // the tiling that is being ordered

	bound   int64 // cycles that some tiling is known to take
	changes int64 // cycles of changing the array's mode in one pass over all channels
	folds   int64 // of the current cut of the reduction, over all channels
	weights int64 // bits of all weights, for the current cut
	tile    int64 // bits of a tile of weights, for the current cut
}

// steadyTiling is a point of the search: tile sizes, and the loops from the
// innermost out.
type steadyTiling struct {
	tile, count [loops]int
	order       [loops]int
	depth       int // loops in order
}

// steadyCost is a tiling with its cost, in bits and cycles.
type steadyCost struct {
	steadyTiling
	busy, wait  int64    // cycles of the array; exposed transfer
	moved, held [3]int64 // traffic one way, first load
	energy      float64
}

func (c *steadyCost) cycles() int64 { return c.busy + c.wait }

// priceSteady searches each group of a layer and sums their costs.
func (m *machine) priceSteady(l *layer, p *planner) (cost, error) {
	var sum cost
	p.groups = steadyGroups(l, p.groups[:0])
	for _, g := range p.groups {
		s := &p.steady
		s.init(m, l, p, g.lo, g.hi)
		best, ok := s.search()
		if !ok {
			return cost{}, fmt.Errorf("op %q: no tile fits the scratchpads (weights %d, inputs %d, outputs %d bits a tile)",
				l.op.Name, m.limit.weights, m.limit.inputs, m.limit.outputs)
		}
		c := s.cost(&best)
		sum.addTimes(&c, g.times)
	}
	m.writePruned(l, l.virtual-l.active(), &sum)
	if m.acc.Vector.Lanes > 0 {
		sum.vectorOps = l.vectorOps(l.positions(), l.channels, 0, len(l.sched.sets))
	}
	v := m.vectorCycles(l, l.positions(), l.channels, 0, len(l.sched.sets))
	sum.parts.epilogue(v, m.acc.Vector.Overlapped)
	return sum, nil
}

// writePruned adds the constant outputs of pruned kernels that no group has written.
func (m *machine) writePruned(l *layer, channels int, c *cost) {
	if channels <= 0 || l.op.Points != nil || l.outOnChip {
		return
	}
	n := bytes(l.positions() * m.pack.pixelBits(int64(channels), int64(l.outBits)))
	if m.overlap == overlapSteady { // else the output port has time to spare
		c.parts.Output += m.transferCycles(traffic{outputs: n})
	}
	c.loaded.outputs += n
	c.write += n
}

// steadyGroup is a range of sets that is searched once and charged so many times.
type steadyGroup struct {
	lo, hi int
	times  int64
}

// steadyGroups returns the whole schedule, or the groups that share no inputs,
// equal neighbours together.
func steadyGroups(l *layer, groups []steadyGroup) []steadyGroup {
	s := &l.sched
	if len(s.sets) == 0 {
		return groups
	}
	if !l.ownInputs() {
		return append(groups, steadyGroup{0, len(s.sets), 1})
	}
	add := func(lo, hi int, same bool) {
		if n := len(groups); same && n > 0 {
			groups[n-1].times++
			return
		}
		groups = append(groups, steadyGroup{lo, hi, 1})
	}
	if l.perInput {
		for i := range s.sets {
			add(i, i+1, s.sets[i].same)
		}
		return groups
	}
	for g := range l.groups {
		lo, hi := s.group[g], s.group[g+1]
		if lo == hi {
			continue
		}
		last := len(groups) - 1
		add(lo, hi, last >= 0 && s.alike(groups[last].lo, groups[last].hi, lo, hi))
	}
	return groups
}

// alike reports whether two ranges of sets hold the same widths.
func (s *schedule) alike(lo, hi, lo2, hi2 int) bool {
	if hi-lo != hi2-lo2 {
		return false
	}
	for i := range hi - lo {
		if s.sets[lo+i].count != s.sets[lo2+i].count {
			return false
		}
	}
	return true
}

func (s *steady) init(m *machine, l *layer, p *planner, lo, hi int) {
	f := &l.geo
	*s = steady{
		m: m, l: l, p: p, lo: lo, hi: hi, im2col: l.flat && !l.product(),
		kernel: [2]int{f.kernelW, f.kernelH}, stride: [2]int{f.strideW, f.strideH}, bw: m.port.BytesPerCycle * 8,
	}
	s.dim = [loops]int{l.images, f.outW, f.outH, l.chans, l.sched.channels(lo, hi)}
	if l.product() {
		s.dim[loopB], s.dim[loopH] = f.outH, 1
	}
	s.limit = [3]int64{m.limit.weights, m.limit.inputs, m.limit.outputs}
	s.scan()
}

// scan finds the widest and the narrowest kernel and counts changes of mode.
func (s *steady) scan() {
	e := s.m.engine.(fusion)
	s.wide, s.narrow, s.changes = 0, widths-1, 0
	for i := s.lo; i < s.hi; i++ {
		c := &s.l.sched.sets[i]
		if i > s.lo && c.same {
			continue
		}
		if i > s.lo && e.mode(int(c.max)) != e.mode(int(s.l.sched.sets[i-1].max)) {
			s.changes += e.reconfig
		}
		s.wide = max(s.wide, int(c.max))
		for w := 1; w < s.narrow; w++ {
			if c.count[w] > 0 {
				s.narrow = w
			}
		}
	}
}

// cost turns a priced tiling into the cost of one such group.
func (s *steady) cost(c *steadyCost) cost {
	t := &c.steadyTiling
	out := cost{arrayCycles: c.busy, tiles: 1, steady: c.steadyTiling, loaded: traffic{bytes(c.moved[weightKind]), bytes(c.moved[inputKind]), bytes(2 * c.moved[outputKind])}}
	passes := s.passes(t)
	b := &s.p.block
	*b = s.block(t)
	out.parts = s.m.engine.time(b, &s.l.sched, &s.p.rounds).times(passes)
	out.parts.Fill += s.m.engine.(fusion).fill
	out.parts.Compute += c.busy - out.parts.Total() // whole tiles and columns of padding
	out.parts.wait(c)
	out.sram = s.m.engine.access(b, &s.l.sched).times(passes)
	out.read = bytes(c.moved[weightKind] + c.moved[inputKind] + c.moved[outputKind])
	out.write = bytes(c.moved[outputKind])
	for _, n := range t.count {
		out.tiles *= n
	}
	return out
}

// wait charges the exposed transfers: first loads and the last store to their
// tensors, what computation cannot hide to all of them by their traffic.
func (s *Stalls) wait(c *steadyCost) {
	weights, inputs, outputs := c.moved[weightKind], c.moved[inputKind], 2*c.moved[outputKind]
	total := weights + inputs + outputs
	if total == 0 || c.wait == 0 {
		return
	}
	w := int64(float64(c.wait) * float64(weights) / float64(total))
	i := int64(float64(c.wait) * float64(inputs) / float64(total))
	s.WeightLoad += w
	s.Input += i
	s.Output += c.wait - w - i
}

// String lists the loops from the outermost in, with their tiles.
func (t steadyTiling) String() string {
	s := ""
	for i := t.depth - 1; i >= 0; i-- {
		loop := t.order[i]
		s += fmt.Sprintf("%s %d of %d > ", loopName[loop], t.count[loop], t.tile[loop])
	}
	return s + fmt.Sprintf("tile B %d, OW %d, OH %d, IC %d, OC %d", t.tile[loopB], t.tile[loopW], t.tile[loopH], t.tile[loopIC], t.tile[loopOC])
}
