package sim

// Options are the choices of a run that belong neither to the machine nor to the
// workload; the zero value is ready to use.
type Options struct {
	// Trace, when set, is called with the tile timeline of every op that ran through
	// the tile pipeline, in the order of the ops.
	Trace func(op int, tiles []Tile, line Timeline)
	// TraceTiles is the most tiles of an op that Trace is called with: more are an
	// error. 0 is without limit.
	TraceTiles int
	// Loops, when set, fixes the tile loops of every op instead of searching them, on
	// machines whose memory overlaps "steady".
	Loops *Loops
}

// Loops is a tile loop nest: the size of a tile in each dimension, and the loops from
// the outermost in by their names B, OW, OH, IC and OC.
type Loops struct {
	B, OW, OH, IC, OC int
	Order             []string
}
