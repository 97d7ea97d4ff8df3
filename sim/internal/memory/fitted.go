package memory

import (
	"fmt"

	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/schedule"
	"bitcycle/sim/internal/units"
)

// Fitted imitates the model behind HAQ's latency table (Wang et al., CVPR 2019): a
// bit-serial array whose ports each deliver one word of Dk bits per cycle, one bit
// plane of one channel vector.
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
//
// See docs/machine-model.md, section 8.4.
type Fitted struct {
	engine engine.BitSerial
	chip   *chip.Chip
	port   pipeline.Port
	groups []group
}

// NewFitted puts a bit-serial array behind three ports.
func NewFitted(e engine.BitSerial, s Site) (*Fitted, error) {
	port := portOf(s.Memory, s.Chip.Buffers)
	if !port.Split || !e.BothSerial() {
		return nil, fmt.Errorf(`memory.overlap = "fitted": needs memory.ports = "split" and array.serial = "both"`)
	}
	return &Fitted{engine: e, chip: s.Chip, port: port}, nil
}

// Price prices each group of channels of each image by itself.
func (m *Fitted) Price(l *layer.Layer) (Cost, error) {
	var sum Cost
	images, n := int64(l.Images), int64(l.Geo.OutH)*int64(l.Geo.OutW)
	var written int64 // output channels
	m.groups = appendGroups(m.groups[:0], l)
	for _, g := range m.groups {
		q := m.product(l, g, n)
		c := q.cost()
		sum.AddTimes(&c, g.times*images)
		written += q.outputs * g.times
	}
	pruned := prunedBytes(m.chip, l, l.Channels-int(written)) // the output port has time to spare
	sum.Moved.Outputs += pruned
	sum.Write += pruned
	sum.SRAM.Add(m.engine.Access(engine.Block{Layer: l, Hi: len(l.Sched.Sets), Chans: l.Chans, N: n}), images)
	sum.VectorOps = m.chip.Vector.Operations(l)
	m.chip.Vector.FinishAll(&sum.Parts, l)
	return sum, nil
}

// Work is the slowest of the unit and the ports.
func (m *Fitted) Work(w Work) Cost {
	c := w.cost()
	expose(&c.Parts, c.Moved, &m.port)
	return c
}

// Mapping describes the order of the product's pieces.
func (m *Fitted) Mapping(l *layer.Layer, c *Cost) Mapping {
	if c.Tiles == 0 {
		return Mapping{}
	}
	return Mapping{form: imageByImage, n: [2 * loopCount]int32{int32(len(l.Sched.Sets)), int32(l.Sched.Lanes), int32(m.engine.Grain())}}
}

// Assumptions says that this is an imitation.
func (m *Fitted) Assumptions() []string {
	return []string{
		fmt.Sprintf("weights and inputs in words of %d bits, a bit plane of a channel in each; %s", m.engine.Dot(), noMetadata),
		"a layer takes the array's time and what its first pass over freshly loaded words waits for them, or what the slowest port takes with the tail of its own pipeline, whichever is longer: the form behind HAQ's latency table, not a memory (" + rates(&m.port) + ")",
	}
}

// formula is one product in the letters of [Fitted].
type formula struct {
	s          *schedule.Schedule
	lo, hi     int
	planes     [schedule.Widths]int64 // of a weight of each width
	n, kt, a   int64
	outputs    int64 // channels written
	dn         int64
	fill       int64                 // latency and issue overhead of the array
	tiles      int64                 // ⌈N/Dn⌉
	steps      int64                 // ΣW_g
	first      int64                 // W_1
	wide       int64                 // w
	array      int64                 // C
	exact      int64                 // what C would be if the channels of a set shared its steps evenly
	port       [pipeline.Kinds]int64 // cycles that each port needs
	pace       [pipeline.Kinds]int64 // cycles per word
	bits       [pipeline.Kinds]int64 // moved
	wload, ild int64                 // stretches of weights and of inputs
}

// product reads the letters of a group of channels over n positions.
func (m *Fitted) product(l *layer.Layer, g group, n int64) formula {
	e, s := m.engine, &l.Sched
	dn, dot := int64(e.Grain()), e.Dot()
	q := formula{s: s, lo: g.lo, hi: g.hi, n: n, a: e.Planes(1, l.ActBits), dn: dn, tiles: units.Ceil(n, dn)}
	b := engine.Block{Layer: l, Lo: g.lo, Hi: g.hi, Chans: l.Chans, N: n}
	q.kt = e.Steps(b, int(s.Wide))
	// the waits of the first pass take the place of a fixed fill
	q.fill = e.TimeWithoutFill(b).Fill
	weights := q.walk(e)
	q.array = q.tiles * q.kt * q.a * q.steps
	q.outputs = int64(l.Channels / l.Groups)
	if l.PerInput {
		q.outputs = int64(s.Channels(g.lo, g.hi))
	}
	tensor := int64(l.InputsOf(g.lo, g.hi, 1, l.Chans)) * int64(l.Geo.InH) * int64(l.Geo.InW) * int64(l.StoreBits)
	words := [pipeline.Kinds]int64{weights * q.kt, max(n*q.kt*q.a, units.Ceil(tensor, dot)), n * units.Ceil(q.outputs, dot) * int64(l.OutBits)}
	for kind, rate := range [pipeline.Kinds]float64{m.port.WeightRate, m.port.InputRate, m.port.OutputRate} {
		q.pace[kind] = max(1, units.Cycles(dot, rate*8))
		q.port[kind] = words[kind] * q.pace[kind]
		q.bits[kind] = words[kind] * dot
	}
	q.wload = stretchesOf(q.bits[pipeline.Weights], m.chip.Room.Weights)
	q.ild = stretchesOf(q.bits[pipeline.Inputs], m.chip.Room.Inputs)
	return q
}

// walk sums the steps of all sets and returns the bit planes of their weights.
func (q *formula) walk(e engine.BitSerial) (weights int64) {
	for w := range q.planes {
		q.planes[w] = e.Planes(w, 1)
	}
	for i, r := range q.s.Rounds(q.lo, q.hi, &q.planes) {
		if i == 0 {
			q.first = q.planes[r.Mode]
		}
		q.steps += r.Max * r.Repeat
		q.wide = max(q.wide, q.planes[r.Mode])
		weights += r.Sum * r.Repeat
		q.exact += units.Ceil(q.tiles*q.kt*q.a*r.Sum, int64(r.Channels)) * r.Repeat
	}
	return weights
}

func stretchesOf(bits, limit int64) int64 {
	if limit == 0 {
		return 1
	}
	return max(1, units.Ceil(bits, limit))
}

// positions sums max(words of a tile, busy) over the position tiles.
func (q *formula) positions(busy int64) int64 {
	word := q.kt * q.pace[pipeline.Inputs]
	full, rest := q.n/q.dn, q.n%q.dn
	sum := full * max(q.dn*word, busy)
	if rest > 0 {
		sum += max(rest*word, busy)
	}
	return sum
}

// weightPlanes sums max(words of a plane, busy) over the weight planes of all sets.
func (q *formula) weightPlanes(busy int64) int64 {
	word := q.kt * q.pace[pipeline.Weights]
	var sum, last int64
	for i := q.lo; i < q.hi; i++ {
		c := &q.s.Sets[i]
		if i == q.lo || !c.Same {
			last = 0
			var above int64 // channels of at least w bits
			for w := int(c.Max); w > 0; w-- {
				above += int64(c.Count[w])
				last += (q.planes[w] - q.planes[w-1]) * max(above*word, busy)
			}
		}
		sum += last
	}
	return sum
}

// arrayBound is the shorter of the schedules A and B.
func (q *formula) arrayBound() int64 {
	tail := q.wload * q.ild
	a := q.a*q.positions(q.first*q.kt) - q.a*q.tiles*q.first*q.kt // waits of the first set
	b := q.weightPlanes(q.a*q.kt) - q.steps*q.a*q.kt              // waits of the first tile
	return q.array + min(a*q.wload+(q.wide-1)*tail, b*q.ild+(q.a-1)*tail)
}

// inputBound and weightBound are I and W, taken where the port and the array are
// equally fast when the array is the slower one.
func (q *formula) inputBound() int64 {
	steps := min(q.steps, q.port[pipeline.Inputs]/max(1, q.tiles*q.kt*q.a))
	if q.hi-q.lo == 1 {
		return q.a*q.positions(steps*q.kt) + q.ild*max(0, steps-1)
	}
	return q.a * (q.positions(steps*q.kt) + q.ild*max(0, q.kt*(steps-min(steps, q.first))+min(steps, q.wide)-1))
}

func (q *formula) weightBound() int64 {
	port := q.port[pipeline.Weights]
	a := min(q.a, port/max(1, q.tiles*q.kt*q.steps))
	if a == 0 {
		return port
	}
	if q.tiles == 1 {
		return q.weightPlanes(a*q.kt) + q.wload*(a-1)
	}
	tails := q.wide
	if q.hi-q.lo == 1 && q.tiles*q.kt*a*q.steps < port {
		tails = 1 // the sums of a single set stay in place from plane to plane
	}
	return q.weightPlanes(q.tiles*q.kt*a) + q.wload*(q.wide*(q.tiles-1)*q.kt*a+tails*(a-1))
}

// cost is the cost of one image.
func (q *formula) cost() Cost {
	var c Cost
	t := q.arrayBound() + q.fill
	c.Parts = cost.Stalls{Compute: q.exact, Imbalance: q.array - q.exact, Fill: t - q.array}
	for _, port := range [3]struct {
		bound int64
		cause *int64
	}{
		{max(q.inputBound(), q.port[pipeline.Inputs]), &c.Parts.Input},
		{q.weightBound(), &c.Parts.WeightLoad},
		{q.port[pipeline.Outputs], &c.Parts.Output},
	} {
		if port.bound > t {
			*port.cause += port.bound - t
			t = port.bound
		}
	}
	c.ArrayCycles = q.array + q.fill
	c.Tiles = int(q.tiles) * (q.hi - q.lo)
	c.move(pipeline.Traffic{Weights: bytes(q.bits[pipeline.Weights]), Inputs: bytes(q.bits[pipeline.Inputs]), Outputs: bytes(q.bits[pipeline.Outputs])}, false)
	return c
}
