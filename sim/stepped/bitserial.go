package stepped

import (
	"fmt"
	"slices"
)

// serialChannel is a channel with its weights cut into steps.
type serialChannel struct {
	channel
	steps [][]plane
}

// round is what the array does between two barriers.
type round struct {
	clusters []cluster
	channels int // that evenly spread work would keep busy
}

// tile holds the activations of Dn output positions, cut into steps.
type tile struct {
	base, positions, actSteps int
	steps                     [][][]plane // [group][step] of all positions
}

// bitSerial runs a product on Dm×Dn dot-product units of Dk bits.
func (j *job) bitSerial() error {
	s, err := j.newSerial()
	if err != nil {
		return err
	}
	rounds, err := j.rounds(&s)
	if err != nil {
		return err
	}
	c := &j.result.Cycles
	for base := 0; base < j.n && len(rounds) > 0; base += j.array.Cols {
		c.Fill += j.idle(j.array.StripeCycles)
		t := j.tile(&s, base)
		for i := range rounds {
			if base == 0 {
				c.Fill += j.idle(j.array.FillCycles)
			}
			j.runRound(&s, &rounds[i], t)
			c.Fill += j.idle(j.array.LatencyCycles)
		}
	}
	return nil
}

// idle steps the array through cycles without work.
func (j *job) idle(cycles int) (stepped int64) {
	for range cycles {
		stepped++
		j.result.PESteps += int64(j.array.Rows) * int64(j.array.Cols)
	}
	return stepped
}

// rounds deals the channels to clusters: with tile synchronisation every set is
// a round of one cluster, else clusters run decoupled for all channels of a
// convolution group.
func (j *job) rounds(s *serial) ([]round, error) {
	lanes := j.array.Rows
	if j.sideBySide() {
		lanes = j.array.DepthwiseOf(lanes)
	}
	unit := lanes
	switch j.array.Sync {
	case "", "tile":
	case "lane":
		unit = 1
	case "group":
		if j.array.GroupSize > 0 {
			unit = min(j.array.GroupSize, unit)
		}
	default:
		return nil, fmt.Errorf("array.sync = %q: must be tile, lane or group", j.array.Sync)
	}
	if unit == lanes {
		var rounds []round
		for _, set := range j.sets {
			one := cluster{chunks: [][]serialChannel{j.cutWeights(s, set)}}
			rounds = append(rounds, round{[]cluster{one}, len(set)})
		}
		return rounds, nil
	}
	var rounds []round
	for sets := j.sets; len(sets) > 0; {
		n := j.oneGroup(sets)
		rounds = append(rounds, j.decoupled(s, slices.Concat(sets[:n]...), unit, lanes/unit))
		sets = sets[n:]
	}
	return rounds, nil
}

// oneGroup is how many of the sets, from the first on, are of one convolution group.
func (j *job) oneGroup(sets [][]channel) int {
	n := 1
	for n < len(sets) && (j.sideBySide() || sets[n][0].group == sets[0][0].group) {
		n++
	}
	return n
}

// decoupled deals chunks of unit channels to clusters, each to the one that is done
// first.
func (j *job) decoupled(s *serial, all []channel, unit, clusters int) round {
	r := round{clusters: make([]cluster, clusters)}
	r.channels = min(len(all), unit*len(r.clusters))
	load := make([]int, len(r.clusters))
	for i := 0; i < len(all); i += unit {
		chunk := j.cutWeights(s, all[i:min(i+unit, len(all))])
		to := 0
		for l := range load {
			if load[l] < load[to] {
				to = l
			}
		}
		load[to] += longest(chunk)
		r.clusters[to].chunks = append(r.clusters[to].chunks, chunk)
	}
	return r
}

// longest returns the most steps of a chunk.
func longest(chunk []serialChannel) (steps int) {
	for i := range chunk {
		steps = max(steps, len(chunk[i].steps))
	}
	return steps
}

// cutWeights cuts the weights of channels side by side into steps.
func (j *job) cutWeights(s *serial, set []channel) []serialChannel {
	cut := make([]serialChannel, len(set))
	for i, c := range set {
		value := func(_ int, k int32) int32 { return j.weight(c, k) }
		width := j.array.RoundWeight(c.bits)
		if s.wholeWeight {
			width = c.bits
		}
		cut[i] = serialChannel{c, s.planes(value, 1, c.bits, width, s.stepWeight, !j.opt.UnsignedWeights)}
		if c.bits == 1 && j.hasPlusOne(c) && !j.opt.UnsignedWeights {
			cut[i].steps[0] = s.plusMinus(value)
		}
	}
	return cut
}

// hasPlusOne reports whether a one-bit channel holds −1 and +1 rather than −1 and 0.
func (j *job) hasPlusOne(c channel) bool {
	return slices.Contains(j.weights[c.row*j.op.K:(c.row+1)*j.op.K], 1)
}

// tile cuts the activations of the positions from base on into steps.
func (j *job) tile(s *serial, base int) *tile {
	bits := int(j.op.ActBits)
	width := j.array.RoundAct(bits)
	if s.wholeAct {
		width = bits
	}
	t := &tile{base: base, positions: min(j.array.Cols, j.n-base)}
	for group := range j.op.Groups {
		value := func(position int, k int32) int32 { return j.act(group, k, base+position) }
		steps := s.planes(value, t.positions, bits, width, s.stepAct, j.op.ActSigned)
		t.steps = append(t.steps, steps)
		t.actSteps = len(steps)
	}
	return t
}

// runRound steps all clusters until the last is done and settles the cycles:
// those in which the last one multiplied, and its issue overhead.
func (j *job) runRound(s *serial, r *round, t *tile) {
	for i := range r.clusters {
		r.clusters[i].begin(t)
	}
	var work int64 // beats of single channels
	var last *cluster
	for running := true; running; {
		running = false
		for i := range r.clusters {
			c := &r.clusters[i]
			if c.done() {
				continue
			}
			running, last = true, c
			work += c.step(s, t)
			if c.chunkDone() {
				j.store(c, t)
				c.nextChunk(t)
			}
		}
		if running {
			j.idle(1)
		}
	}
	j.result.Cycles.settle(last.beats, work, r.channels)
	j.result.Cycles.Fill += last.issue
}

// store takes the sums of a finished chunk.
func (j *job) store(c *cluster, t *tile) {
	for i, channel := range c.chunks[c.chunk] {
		copy(j.result.Outputs[channel.row*j.n+t.base:], c.sums[i])
	}
}
