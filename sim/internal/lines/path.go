package lines

import "math/bits"

// Path is the way from the load and store units to memory, in cycles and bytes.
type Path struct {
	Beat      int64 // bytes a cycle of the bus that all reads share
	Requests  int   // that a unit may have outstanding
	Commands  int   // that the load unit may have outstanding
	HitRead   int64 // from a request to the first byte where the cache has the line
	HitWrite  int64 // … to the acknowledgement of a write
	Cache     Level // next to the units
	Misses    int   // of the cache that are handled at a time
	Held      int64 // cycles that a hit takes of the place of a miss
	Refill    float64
	Miss      int64 // from a request to a line of the outer cache
	Outer     Level // before memory
	Memory    int64 // from a request to a block of memory
	Block     int64 // cycles between blocks of memory
	WriteBack int64 // cycles of memory to take a block back
	// Uneven is how much more than their bytes lines take of a cache by [Footprint], since
	// they fill its sets unevenly; 0 is none.
	Uneven float64
}

// Level is a cache; 0 bytes are none.
type Level struct{ Bytes, Ways, Line int }

// Start is what the caches hold before a layer.
type Start int

// The starts.
const (
	Cold  Start = iota // nothing
	Outer              // the outer cache its tensors, as far as they fit
	Warm               // both
)

// way is a path at work.
type way struct {
	Path
	cache, outer cache
	shift, deep  uint // of a line, and of an outer block beyond it
	places       []int64
	bus, port    int64 // cycle from which each is free
	memory       int64
	refill       int64
	line         int64 // bytes

	read, written int64 // bytes of memory
}

func newWay(p Path) *way {
	line, block := max(p.Cache.Line, 16), max(p.Outer.Line, p.Cache.Line, 16)
	if p.Cache.Bytes == 0 {
		p.Misses = p.Requests * 2
	}
	w := &way{
		Path: p, line: int64(line),
		shift: uint(bits.TrailingZeros(uint(line))), deep: uint(bits.TrailingZeros(uint(block / line))),
		places: make([]int64, max(p.Misses, 1)),
	}
	if p.Cache.Bytes > 0 {
		w.cache = newCache(p.Cache.Bytes, p.Cache.Ways, p.Cache.Line)
	}
	if p.Outer.Bytes > 0 {
		w.outer = newCache(p.Outer.Bytes, p.Outer.Ways, p.Outer.Line)
	}
	if p.Refill > 0 {
		w.refill = int64(float64(line)/p.Refill + 0.5)
	}
	return w
}

func (w *way) begin() {
	clear(w.places)
	w.bus, w.port, w.memory, w.read, w.written = 0, 0, 0, 0, 0
	if w.cache.tags != nil {
		w.cache.empty()
	}
	if w.outer.tags != nil {
		w.outer.empty()
	}
}

// hold puts bytes into the caches.
func (w *way) hold(at, size int64, s Start, written uint32) {
	for line := at >> w.shift; line <= (at+size-1)>>w.shift; line++ {
		if w.outer.tags != nil {
			w.outer.touch(uint32(line>>w.deep), written)
		}
		if s == Warm && w.cache.tags != nil {
			w.cache.touch(uint32(line), written)
		}
	}
}

// request sends one at a cycle, and returns when its data have come or its write is
// acknowledged.
func (w *way) request(now, address, size int64, written uint32) int64 {
	place, free := 0, w.places[0]
	for i, p := range w.places {
		if p < free {
			place, free = i, p
		}
	}
	start := max(now, free)
	line := uint32(address >> w.shift)
	ready := start + w.HitRead
	if written == 1 {
		ready = start + w.HitWrite
	}
	hit, evicted, dirty := false, uint32(0), false
	if w.cache.tags != nil {
		hit, evicted, dirty = w.cache.touch(line, written)
	}
	if hit {
		w.places[place] = start + w.Held
	} else {
		if dirty {
			w.back(evicted, start)
		}
		ready = w.fetch(line, start, written)
		w.places[place] = ready
	}
	if written == 1 {
		return ready
	}
	w.bus = max(w.bus, ready) + size/w.Beat
	return w.bus
}

// fetch brings a line to the cache.
func (w *way) fetch(line uint32, start int64, written uint32) int64 {
	arrival := start + w.Miss
	if w.outer.tags == nil {
		arrival = max(arrival, w.block(start, 1<<w.shift, written == 1 && w.cache.tags == nil))
	} else if hit, _, dirty := w.outer.touch(line>>w.deep, 0); !hit {
		if dirty {
			w.evict(start)
		}
		arrival = max(arrival, w.block(start, int64(1)<<(w.shift+w.deep), false))
	}
	w.port = max(w.port+w.refill, arrival)
	return w.port
}

// block takes a block of memory.
func (w *way) block(start, size int64, write bool) int64 {
	if write {
		w.written += size
	} else {
		w.read += size
	}
	w.memory = max(w.memory, start) + w.Block
	return max(start+w.Memory, w.memory)
}

// back takes a line that was written out of the cache.
func (w *way) back(line uint32, start int64) {
	if w.outer.tags == nil {
		w.evict(start)
		return
	}
	if _, _, dirty := w.outer.touch(line>>w.deep, 1); dirty {
		w.evict(start)
	}
}

// evict writes a block to memory.
func (w *way) evict(start int64) {
	w.memory = max(w.memory, start) + w.WriteBack
	w.written += int64(1) << (w.shift + w.deep)
}
