package kernels

import (
	"cmp"
	"slices"
)

// A layout decides, for the float and the integer executor alike, which nodes
// are computed in one step, which share memory, and where every value lies
// while it is needed. Values are NHWC.
type layout struct {
	net     *Network
	readers [][]int
	rules   rules
	steps   []step
	places  []place // of the nodes' values
	sizes   []int   // elements of each buffer for one image
	spans   []span  // steps during which each buffer is in use
}

// step computes a chain of nodes, each the only reader of the one before; only
// the values of the last one are stored.
type step struct {
	chain  []int
	inputs []int // nodes read by the chain: those of its first node, then the others
}

func (s *step) first() int { return s.chain[0] }
func (s *step) last() int  { return s.chain[len(s.chain)-1] }

// place is where the values of a node lie: pixel p of an image starts at
// element off + p·ld of the buffer. buf is −1 if they are not stored.
type place struct {
	buf, off, ld int
	// rows tells that a flattened image still lies in row, column, channel order.
	rows bool
	// piece tells that the buffer belongs to a concatenation.
	piece bool
}

type span struct{ from, to int }

// rules are what the executors decide differently.
type rules struct {
	// fuse tells whether next, the only reader of node, is computed in the same step.
	fuse func(node, next int) bool
	keep []bool // nodes whose values must be stored as their own
}

func newLayout(net *Network, r rules) *layout {
	if r.keep == nil {
		r.keep = make([]bool, len(net.Nodes))
	}
	l := &layout{net: net, readers: net.Readers(), rules: r, places: make([]place, len(net.Nodes))}
	l.chain()
	l.join()
	l.assign()
	l.live()
	return l
}

// chain forms the steps. Later nodes claim their readers first, so that of two
// convolutions that are added the second takes the addition along.
func (l *layout) chain() {
	chains := make([][]int, len(l.net.Nodes))
	for i := len(chains) - 1; i >= 0; i-- {
		chains[i] = []int{i}
		if len(l.readers[i]) != 1 || i == l.net.Output || l.rules.keep[i] {
			continue
		}
		if next := l.readers[i][0]; chains[next] != nil && l.rules.fuse(i, next) {
			chains[i] = append(chains[i], chains[next]...)
			chains[next] = nil
		}
	}
	for i := range l.places {
		l.places[i].buf = -1
	}
	for _, chain := range chains {
		if chain != nil {
			l.steps = append(l.steps, step{chain, l.reads(chain)})
		}
	}
	slices.SortFunc(l.steps, func(a, b step) int { return cmp.Compare(a.last(), b.last()) })
}

// reads returns the nodes outside a chain that it reads.
func (l *layout) reads(chain []int) []int {
	inputs := slices.Clone(l.net.Nodes[chain[0]].Inputs)
	for j := 1; j < len(chain); j++ {
		for _, in := range l.net.Nodes[chain[j]].Inputs {
			if in != chain[j-1] {
				inputs = append(inputs, in)
			}
		}
	}
	return inputs
}

// join gives concatenations their buffers and lets their inputs write into them.
func (l *layout) join() {
	stored := make([]bool, len(l.net.Nodes))
	for i := range l.steps {
		stored[l.steps[i].last()] = true
	}
	for c := len(l.net.Nodes) - 1; c >= 0; c-- {
		node := &l.net.Nodes[c]
		if node.Op.storage() != joined || !stored[c] {
			continue
		}
		if l.places[c].buf < 0 {
			l.places[c] = l.buffer(node.Shape)
		}
		off := l.places[c].off
		for _, k := range node.Inputs {
			from := &l.net.Nodes[k]
			where := from.Op.storage()
			free := l.places[k].buf < 0 && stored[k] && (where == anywhere || where == joined)
			if free && !l.readWhole(k) {
				l.places[k] = place{buf: l.places[c].buf, off: off, ld: l.places[c].ld, piece: true}
			}
			off += from.Shape.C
		}
	}
}

// readWhole tells whether a dense layer reads all pixels of node k as one row,
// so that they must lie together.
func (l *layout) readWhole(k int) bool {
	return l.net.Nodes[k].Shape.Pixels() > 1 && slices.ContainsFunc(l.readers[k], l.dense)
}

// dense tells whether node n is a dense layer.
func (l *layout) dense(n int) bool {
	p, ok := l.net.Product(n)
	return ok && p.Whole
}

func (l *layout) buffer(s Shape) place {
	l.sizes = append(l.sizes, s.Size())
	return place{buf: len(l.sizes) - 1, ld: s.C}
}

// assign gives every other stored node a buffer, or that of the image it flattens.
func (l *layout) assign() {
	for i := range l.steps {
		n := l.steps[i].last()
		if l.places[n].buf >= 0 {
			continue
		}
		if p, ok := l.flattened(n); ok {
			l.places[n] = p
			continue
		}
		l.places[n] = l.buffer(l.net.Nodes[n].Shape)
	}
}

// flattened returns the place of the image that node n flattens if it may stay
// there: it is one pixel, or none but dense layers read it, whose weights can
// follow its order.
func (l *layout) flattened(n int) (place, bool) {
	node := &l.net.Nodes[n]
	if node.Op.storage() != flat || l.rules.keep[n] {
		return place{}, false
	}
	source := node.Inputs[0]
	p, shape := l.places[source], l.net.Nodes[source].Shape
	if shape.Pixels() == 1 {
		return p, true
	}
	for _, r := range l.readers[n] {
		if !l.dense(r) {
			return place{}, false
		}
	}
	p.rows, p.ld = true, p.ld*shape.Pixels()
	return p, !p.piece && n != l.net.Output
}

// aliased tells whether node n needs no step of its own because its values
// already lie where they belong.
func (l *layout) aliased(n int) bool {
	node := &l.net.Nodes[n]
	return node.Op.storage() == flat && l.places[n].buf == l.places[node.Inputs[0]].buf
}

// live finds the steps during which each buffer is in use.
func (l *layout) live() {
	l.spans = make([]span, len(l.sizes))
	for b := range l.spans {
		l.spans[b] = span{len(l.steps), -1}
	}
	use := func(node, at int) {
		s := &l.spans[l.places[node].buf]
		s.from, s.to = min(s.from, at), max(s.to, at)
	}
	for at := range l.steps {
		s := &l.steps[at]
		use(s.last(), at)
		for _, in := range s.inputs {
			use(in, at)
		}
	}
	use(l.net.Output, len(l.steps))
}

// arena packs buffers that are in use at different times into the same memory:
// the largest first, each at the lowest offset free during its span.
// It returns their offsets and the length of the whole.
func arena(sizes []int, spans []span) (offsets []int, total int) {
	const align = 64
	order := make([]int, len(sizes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sizes[b], sizes[a]) })
	offsets = make([]int, len(sizes))
	for k, b := range order {
		var taken []span // address ranges in use at the same time
		for _, o := range order[:k] {
			if spans[o].from <= spans[b].to && spans[b].from <= spans[o].to {
				taken = append(taken, span{offsets[o], offsets[o] + sizes[o]})
			}
		}
		slices.SortFunc(taken, func(a, b span) int { return cmp.Compare(a.from, b.from) })
		at := 0
		for _, t := range taken {
			if at+sizes[b] <= t.from {
				break
			}
			at = max(at, (t.to+align-1)/align*align)
		}
		offsets[b] = at
		total = max(total, at+sizes[b])
	}
	return offsets, total
}
