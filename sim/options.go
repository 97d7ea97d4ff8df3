package sim

import "bitcycle/kernels/workload"

// Options are the choices of a run that belong neither to the machine nor to the
// workload; the zero value is ready to use.
type Options struct {
	// Trace, when set, is called with the tile timeline of every op that ran through
	// the tile pipeline, in the order of the ops.
	Trace func(op int, tiles []Tile, line Timeline)
	// TraceCalls, when set, is called with the calls of every op that ran through load,
	// execute and store units, and the stretches in which the host cuts it into them.
	TraceCalls func(op int, host []Span, calls []Call)
	// TraceTiles is the most tiles or calls of an op that are traced: more are an error. 0
	// is without limit.
	TraceTiles int
	// Loops, when set, fixes the tile loops of every op instead of searching them.
	Loops *Loops
	// Mapping fixes those of the ops that it names, and goes before Loops.
	Mapping workload.Mapping
}

// Loops is a nest of loops over tiles. On machines whose memory overlaps "steady" windows
// are not cut; on the tile pipeline neither are they, and of the order it counts whether
// OC comes before the positions; memory that is ideal or fitted cuts nothing.
type Loops = workload.Loops

// given is the loops of an op, nil where the machine cuts it.
func (o *Options) given(op string) *Loops {
	if l := o.Mapping.Of(op); l != nil {
		return l
	}
	return o.Loops
}
