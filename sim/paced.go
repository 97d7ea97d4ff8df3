package sim

// priceLoadPaced prices a product on a bit-serial array whose ports each deliver one
// word of Dk bits per cycle, one bit plane of one channel vector.
//
// Each image is one product; a dense layer folds its batch into the positions. With
// kt = ⌈K/Dk⌉ words per vector and plane, positions in tiles of Dn, channels in sets
// of Dm of which set g takes W_g = max w steps for each activation bit, the array
// needs C = ⌈N/Dn⌉·kt·a·ΣW_g cycles and the ports N·kt·a, kt·Σw and N·⌈M/Dk⌉·a. On
// top of the largest of these comes what the first pass over freshly loaded words
// costs: a tile of l words cannot be multiplied faster than it arrives.
//
//	A: activation planes outside; the first set waits for the positions
//	   a·(Σ_j max(l_j·kt, W_1·kt) + ⌈N/Dn⌉·kt·Σ_{g>1} W_g) + (w−1)
//	B: weight planes outside; the first position tile waits for the weights
//	   Σ_g W_g·(max(l_g·kt, a·kt) + (⌈N/Dn⌉−1)·kt·a) + (a−1)
//
// and the schedule is the shorter of both. Words that do not fit a scratchpad come in
// several stretches, each of which pays the first pass and the tail again. When a port
// is slower than the array, its own pipeline decides:
//
//	I: a·(Σ_j max(l_j·kt, kt·ΣW_g) + (kt·(ΣW_g−W_1) + w−1))
//	W: w·(Σ_g max(l_g·kt, ⌈N/Dn⌉·kt·a) + (⌈N/Dn⌉−1)·kt·a + a−1)
//
// where a single set keeps its sums in place from plane to plane and so pays the tail
// w−1 or a−1 once. A port that is faster than the array is taken at equal speed, so
// that the time never falls when widths grow. The form was found by reading the
// differences between HAQ's published table and the plain maximum; it has no numbers
// beyond those of the array, the word and the scratchpads.
func (m *machine) priceLoadPaced(l *layer, p *planner, e bitSerial) cost {
	var sum cost
	times := int64(l.images)
	n := int64(l.geo.outH) * int64(l.geo.outW)
	var written int64 // output channels
	p.groups = steadyGroups(l, p.groups[:0])
	q := &p.paced
	for _, g := range p.groups {
		q.init(m, l, p, e, g.lo, g.hi, n)
		c := q.cost()
		sum.addTimes(&c, g.times*times)
		written += q.outputs * g.times
	}
	m.writePruned(l, l.channels-int(written), &sum)
	sum.tiling = tiling{images: 1, rows: l.geo.outH, cols: l.geo.outW, chans: l.chans, sets: max(1, l.units())}
	p.block = l.block(0, len(l.sched.sets), l.chans, n)
	sum.sram = m.engine.access(&p.block, &l.sched).times(times)
	if lanes := m.acc.Vector.Lanes; lanes > 0 {
		sum.vectorOps = l.vectorOps(l.positions(), l.channels, 0, len(l.sched.sets))
		sum.parts.epilogue(m.vectorCycles(l, l.positions(), l.channels, 0, len(l.sched.sets)), m.acc.Vector.Overlapped)
	}
	return sum
}

// paced is one product in the letters of priceLoadPaced.
type paced struct {
	s          *schedule
	lo, hi     int
	n, kt, a   int64
	outputs    int64 // channels written
	dn         int64
	fill       int64    // latency and issue overhead of the array
	tiles      int64    // ⌈N/Dn⌉
	steps      int64    // ΣW_g
	first      int64    // W_1
	wide       int64    // w
	array      int64    // C
	exact      int64    // what C would be if the channels of a set shared its steps evenly
	port       [3]int64 // cycles that each port needs
	pace       [3]int64 // cycles per word
	bits       [3]int64 // moved
	wload, ild int64    // stretches of weights and of inputs
	bitSerial
}

func (q *paced) init(m *machine, l *layer, p *planner, e bitSerial, lo, hi int, n int64) {
	*q = paced{s: &l.sched, lo: lo, hi: hi, n: n, a: e.planes(1, l.actBits), dn: e.cols, tiles: ceil(n, e.cols), bitSerial: e}
	b := l.block(lo, hi, l.chans, n)
	q.kt = e.steps(&b, int(l.sched.wide))
	var weights int64
	var work [widths]int64
	for w := range work {
		work[w] = e.planes(w, 1)
	}
	p.rounds = l.sched.appendRounds(p.rounds[:0], lo, hi, &work)
	for i, r := range p.rounds {
		if i == 0 {
			q.first = work[r.mode]
		}
		q.steps += r.max * r.repeat
		q.wide = max(q.wide, work[r.mode])
		weights += r.sum * r.repeat
		q.exact += ceil(q.tiles*q.kt*q.a*r.sum, int64(r.channels)) * r.repeat
	}
	e.fill = 0 // the waits of the first pass take the place of a fixed fill
	p.block = b
	q.fill = e.time(&p.block, &l.sched, &p.rounds).Fill
	q.array = q.tiles * q.kt * q.a * q.steps
	tensor := int64(l.inputChannels(lo, hi, 1, l.chans)) * int64(l.geo.inH) * int64(l.geo.inW) * int64(l.storeBits)
	q.outputs = int64(l.channels / l.groups)
	if l.perInput {
		q.outputs = int64(l.sched.channels(lo, hi))
	}
	words := [3]int64{weights * q.kt, max(n*q.kt*q.a, ceil(tensor, e.dot)), n * ceil(q.outputs, e.dot) * int64(l.outBits)}
	for kind, rate := range [3]float64{m.port.WeightRate, m.port.InputRate, m.port.OutputRate} {
		q.pace[kind] = max(1, cyclesAt(e.dot, rate*8))
		q.port[kind] = words[kind] * q.pace[kind]
		q.bits[kind] = words[kind] * e.dot
	}
	q.wload = stretchesOf(q.bits[weightKind], m.limit.weights)
	q.ild = stretchesOf(q.bits[inputKind], m.limit.inputs)
}

func stretchesOf(bits, limit int64) int64 {
	if limit == 0 {
		return 1
	}
	return max(1, ceil(bits, limit))
}

// positions sums max(words of a tile, busy) over the position tiles.
func (q *paced) positions(busy int64) int64 {
	word := q.kt * q.pace[inputKind]
	full, rest := q.n/q.dn, q.n%q.dn
	sum := full * max(q.dn*word, busy)
	if rest > 0 {
		sum += max(rest*word, busy)
	}
	return sum
}

// weightPlanes sums max(words of a plane, busy) over the weight planes of all sets.
func (q *paced) weightPlanes(busy int64) int64 {
	word := q.kt * q.pace[weightKind]
	var sum, last int64
	for i := q.lo; i < q.hi; i++ {
		c := &q.s.sets[i]
		if i == q.lo || !c.same {
			last = 0
			var above int64 // channels of at least w bits
			for w := int(c.max); w > 0; w-- {
				above += int64(c.count[w])
				last += max(above*word, busy)
			}
		}
		sum += last
	}
	return sum
}

// arrayBound is the shorter of the schedules A and B.
func (q *paced) arrayBound() int64 {
	tail := q.wload * q.ild
	a := q.a*q.positions(q.first*q.kt) - q.a*q.tiles*q.first*q.kt // waits of the first set
	b := q.weightPlanes(q.a*q.kt) - q.steps*q.a*q.kt              // waits of the first tile
	return q.array + min(a*q.wload+(q.wide-1)*tail, b*q.ild+(q.a-1)*tail)
}

// inputBound and weightBound are I and W, taken where the port and the array are
// equally fast when the array is the slower one.
func (q *paced) inputBound() int64 {
	steps := min(q.steps, q.port[inputKind]/max(1, q.tiles*q.kt*q.a))
	if q.hi-q.lo == 1 {
		return q.a*q.positions(steps*q.kt) + q.ild*max(0, steps-1)
	}
	return q.a * (q.positions(steps*q.kt) + q.ild*max(0, q.kt*(steps-min(steps, q.first))+min(steps, q.wide)-1))
}

func (q *paced) weightBound() int64 {
	a := min(q.a, q.port[weightKind]/max(1, q.tiles*q.kt*q.steps))
	if a == 0 {
		return q.port[weightKind]
	}
	if q.tiles == 1 {
		return q.weightPlanes(a*q.kt) + q.wload*(a-1)
	}
	tails := q.wide
	if q.hi-q.lo == 1 && q.tiles*q.kt*a*q.steps < q.port[weightKind] {
		tails = 1 // the sums of a single set stay in place from plane to plane
	}
	return q.weightPlanes(q.tiles*q.kt*a) + q.wload*(q.wide*(q.tiles-1)*q.kt*a+tails*(a-1))
}

// cost is the cost of one image.
func (q *paced) cost() cost {
	var c cost
	t := q.arrayBound() + q.fill
	c.parts = Stalls{Compute: q.exact, Imbalance: q.array - q.exact, Fill: t - q.array}
	for _, port := range [3]struct {
		bound int64
		cause *int64
	}{{max(q.inputBound(), q.port[inputKind]), &c.parts.Input}, {q.weightBound(), &c.parts.WeightLoad}, {q.port[outputKind], &c.parts.Output}} {
		if port.bound > t {
			*port.cause += port.bound - t
			t = port.bound
		}
	}
	c.arrayCycles = q.array + q.fill
	c.loaded = traffic{bytes(q.bits[weightKind]), bytes(q.bits[inputKind]), bytes(q.bits[outputKind])}
	c.read, c.write, c.tiles = c.loaded.weights+c.loaded.inputs, c.loaded.outputs, int(q.tiles)*(q.hi-q.lo)
	return c
}
