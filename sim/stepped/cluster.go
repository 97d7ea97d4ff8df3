package stepped

// cluster is rows of dot-product units that share one sequencer. It works
// through chunks of its channels, from the most significant pair of steps to
// the least; the widest channel of a chunk sets the steps, and the units of
// narrower ones are gated off in the steps that they lack.
type cluster struct {
	chunks [][]serialChannel

	chunk               int // at work
	weightStep, actStep int // pair at work
	beat                int
	waiting             int // issue cycles left before the next pair
	beats, issue        int64
	sums                [][]int64 // [channel of the chunk][position]
}

// begin goes back to the first chunk.
func (c *cluster) begin(t *tile) {
	c.chunk, c.beats, c.issue = -1, 0, 0
	c.nextChunk(t)
}

// nextChunk clears the accumulators and goes to the first pair of the next chunk.
func (c *cluster) nextChunk(t *tile) {
	c.chunk++
	if c.done() {
		return
	}
	chunk := c.chunks[c.chunk]
	c.weightStep, c.actStep, c.beat, c.waiting = longest(chunk)-1, t.actSteps-1, 0, 0
	c.sums = c.sums[:0]
	for range chunk {
		c.sums = append(c.sums, make([]int64, t.positions))
	}
}

func (c *cluster) done() bool { return c.chunk >= len(c.chunks) }

// chunkDone reports whether all pairs of the chunk, and its issue cycles, are over.
func (c *cluster) chunkDone() bool { return c.weightStep < 0 && c.waiting == 0 }

// step is one cycle. It returns how many channels multiplied.
func (c *cluster) step(s *serial, t *tile) (working int64) {
	if c.waiting > 0 {
		c.waiting--
		c.issue++
		return 0
	}
	c.beats++
	for i := range c.chunks[c.chunk] {
		channel := &c.chunks[c.chunk][i]
		if c.weightStep >= len(channel.steps) {
			continue
		}
		working++
		s.multiply(c.sums[i], channel.steps[c.weightStep], t.steps[channel.group][c.actStep], c.beat)
	}
	c.advance(s, t.actSteps)
	return working
}

// advance goes to the next beat, else to the next pair after its issue cycles.
func (c *cluster) advance(s *serial, actSteps int) {
	if c.beat++; c.beat < s.count {
		return
	}
	c.beat, c.waiting = 0, s.issue
	if c.actStep--; c.actStep >= 0 {
		return
	}
	c.actStep = actSteps - 1
	c.weightStep--
}
