package arch

import "strconv"

// Requests are what the load and store units of a machine with memory.overlap =
// "decoupled" send towards memory. See section 8.8 of machine-model.md.
type Requests struct {
	MaxBytes    int `toml:"max_bytes"`    // longest request, and longest row that a command moves
	BeatBytes   int `toml:"beat_bytes"`   // shortest request, and what the bus of all reads carries a cycle
	InFlight    int `toml:"in_flight"`    // requests that a unit has outstanding
	Commands    int `toml:"commands"`     // load commands outstanding
	Calls       int `toml:"calls"`        // calls in the units at a time: one loads while another is executed or stored
	BaseBytes   int `toml:"base_bytes"`   // where tensors begin, past a multiple of a line
	ReadCycles  int `toml:"read_cycles"`  // from a request to its data, where the next cache has the line
	WriteCycles int `toml:"write_cycles"` // from a write to its acknowledgement
}

// Cache is a level between the load and store units and main memory. It allocates on
// reads and writes, writes back, and replaces at random.
type Cache struct {
	Bytes      int `toml:"bytes"`       // 0: there is none
	Ways       int `toml:"ways"`        // lines of a set
	Line       int `toml:"line_bytes"`  // a power of two
	Misses     int `toml:"misses"`      // lines that are fetched at a time
	HeldCycles int `toml:"held_cycles"` // that a hit takes the place of such a line
	MissCycles int `toml:"miss_cycles"` // from a request to a line that the level behind has
	// Uneven is how much more than their bytes lines take of a cache of the model
	// "footprint", since they fill its sets unevenly.
	Uneven float64 `toml:"uneven"`
}

// Outer is a cache behind the first.
type Outer struct {
	Bytes int `toml:"bytes"`      // 0: there is none
	Ways  int `toml:"ways"`       // blocks of a set
	Line  int `toml:"line_bytes"` // a power of two, not below the line of the first cache
}

// Main is the memory behind the caches.
type Main struct {
	ReadCycles  int `toml:"read_cycles"`  // from a request to the first of a block
	BlockCycles int `toml:"block_cycles"` // between blocks: the mean over open and closed rows
	EvictCycles int `toml:"evict_cycles"` // to take a block back
}

func (m *Memory) checkPath(r *rules) {
	q, c, o := &m.Requests, &m.Cache, &m.Outer
	r.oneOf("memory.cache_model", m.CacheModel, "lines", "footprint")
	r.oneOf("memory.start", m.Start, "cold", "outer", "warm")
	r.power("memory.requests.max_bytes", q.MaxBytes, 4096)
	r.power("memory.requests.beat_bytes", q.BeatBytes, 4096)
	check(r, q.BeatBytes <= q.MaxBytes, "memory.requests.beat_bytes", q.BeatBytes, "must be at most memory.requests.max_bytes")
	r.count("memory.requests.in_flight", q.InFlight, 1, 1024)
	r.count("memory.requests.commands", q.Commands, 1, 1024)
	r.count("memory.requests.calls", q.Calls, 1, 64)
	r.count("memory.requests.base_bytes", q.BaseBytes, 0, 4095)
	r.count("memory.requests.read_cycles", q.ReadCycles, 0, 1<<20)
	r.count("memory.requests.write_cycles", q.WriteCycles, 0, 1<<20)
	r.count("memory.cache.bytes", c.Bytes, 0, maxCache)
	r.count("memory.cache.ways", c.Ways, 1, 64)
	r.power("memory.cache.line_bytes", c.Line, 4096)
	check(r, c.Bytes == 0 || c.Bytes >= c.Ways*c.Line, "memory.cache.bytes", c.Bytes, "must hold a set of lines")
	r.count("memory.cache.misses", c.Misses, 1, 1024)
	r.count("memory.cache.held_cycles", c.HeldCycles, 0, 1<<20)
	r.count("memory.cache.miss_cycles", c.MissCycles, 0, 1<<20)
	check(r, q.MaxBytes <= c.Line || r.held != nil, "memory.requests.max_bytes", q.MaxBytes, "must be at most memory.cache.line_bytes")
	r.within("memory.cache.uneven", c.Uneven, 1, 16)
	r.count("memory.outer.bytes", o.Bytes, 0, maxCache)
	check(r, o.Bytes == 0 || c.Bytes > 0, "memory.outer.bytes", o.Bytes, "must be 0 without memory.cache.bytes")
	r.count("memory.outer.ways", o.Ways, 1, 64)
	r.power("memory.outer.line_bytes", o.Line, 4096)
	check(r, o.Line >= c.Line, "memory.outer.line_bytes", o.Line, "must be at least memory.cache.line_bytes")
	check(r, o.Bytes == 0 || o.Bytes >= o.Ways*o.Line, "memory.outer.bytes", o.Bytes, "must hold a set of lines")
	r.count("memory.main.read_cycles", m.Main.ReadCycles, 0, 1<<20)
	r.count("memory.main.block_cycles", m.Main.BlockCycles, 0, 1<<20)
	r.count("memory.main.evict_cycles", m.Main.EvictCycles, 0, 1<<20)
}

// maxCache is the largest cache that is simulated line by line.
const maxCache = 1 << 28

// power wants a power of two up to hi.
func (r *rules) power(key string, v, hi int) {
	r.held.Between(key, 1, float64(hi))
	r.held.Note(key, "a power of two")
	if v < 1 || v > hi || v&(v-1) != 0 {
		r.add(key, v, "must be a power of two of at most "+strconv.Itoa(hi))
	}
}

// checkSteps wants steps on an array that streams positions.
func (a *Accelerator) checkSteps(r *rules) {
	if a.Engine != Systolic {
		return
	}
	r.count("array.step_cycles", a.Array.StepCycles, 0, maxArray)
	r.within("array.pair_cycles", a.Array.PairCycles, 0, maxArray)
	steps := a.Array.StepCycles > 0
	check(r, steps || a.Array.PairCycles == 0, "array.pair_cycles", a.Array.PairCycles, "must be 0 without array.step_cycles")
	check(r, !steps || a.Array.Dataflow == "ws", "array.step_cycles", a.Array.StepCycles, `needs array.dataflow = "ws"`)
}
