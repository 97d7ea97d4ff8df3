// Package lines runs the requests of load and store units through the caches between
// scratchpads and memory, line by line.
//
// See docs/machine-model.md, section 8.8.
package lines

// cache is a set-associative cache with random replacement that allocates on reads and
// writes.
type cache struct {
	tags []uint32 // line + 1, shifted left; lowest bit: written
	ways int
	mask uint32 // of the set in a line
	seed uint32
}

func newCache(bytes, ways, lineBytes int) cache {
	sets := 1
	for sets*2*ways*lineBytes <= bytes {
		sets *= 2
	}
	return cache{tags: make([]uint32, sets*ways), ways: ways, mask: uint32(sets - 1)}
}

// empty forgets all lines.
func (c *cache) empty() {
	clear(c.tags)
	c.seed = 2463534242
}

// touch accesses a line. Where it is not there, it takes the place of another: evicted
// is that line if it was written.
func (c *cache) touch(line uint32, written uint32) (hit bool, evicted uint32, dirty bool) {
	set := c.tags[int(line&c.mask)*c.ways:][:c.ways]
	key := (line + 1) << 1
	place := -1
	for i, tag := range set {
		if tag&^1 == key {
			set[i] = tag | written
			return true, 0, false
		}
		if tag == 0 {
			place = i
		}
	}
	if place < 0 {
		place = int(c.random() % uint32(len(set)))
	}
	old := set[place]
	set[place] = key | written
	return false, old>>1 - 1, old&1 == 1
}

// random is Marsaglia's xorshift (Journal of Statistical Software 8(14), 2003).
func (c *cache) random() uint32 {
	c.seed ^= c.seed << 13
	c.seed ^= c.seed >> 17
	c.seed ^= c.seed << 5
	return c.seed >> 4
}
