// Package trace writes what happens when on a machine, for viewers of traces: a track
// for layers, one for the array and one for each kind of transfer, whose slices are tiles
// with their bytes and stalls, and the bytes of tiles that are on chip; of machines whose
// load, execute and store units take calls, one for each unit and one for the host.
//
// [Perfetto] is the TrackEvent form of ui.perfetto.dev, [Chrome] the JSON form of
// chrome://tracing, which other viewers read too. Both are in the order of time.
package trace

import (
	"fmt"
	"io"
	"math"
	"slices"

	"bitcycle/sim"
)

// Track is a row of a viewer, from 1.
type Track int

// The tracks.
const (
	Layers Track = 1 + iota
	Array
	WeightLoads
	InputLoads
	OutputStores
	LoadUnit  // of machines whose units take calls, and so on
	StoreUnit // the array is their execute unit
	Host
	OnChip // a counter, in bytes
)

// names of the tracks.
var names = map[Track]string{
	Layers: "layers", Array: "array", WeightLoads: "weights in", InputLoads: "inputs in", OutputStores: "outputs out",
	LoadUnit: "load unit", StoreUnit: "store unit", Host: "host", OnChip: "bytes of tiles on chip",
}

// Field is a fact about a slice: an int64 or a string.
type Field struct {
	Key   string
	Value any
}

// Sink is a format. Times are nanoseconds and never fall; a slice ends before the next
// one of its track begins.
type Sink interface {
	Begin(t Track, ns int64, name string, fields []Field)
	End(t Track, ns int64)
	Value(t Track, ns int64, value int64)
	Close() error
}

// Open begins a trace in the format of a file's extension, .pftrace or .json.
func Open(extension string, w io.Writer) (Sink, error) {
	switch extension {
	case ".pftrace", ".perfetto-trace":
		return newPerfetto(w), nil
	case ".json":
		return newChrome(w), nil
	}
	return nil, fmt.Errorf("extension %q: must be .pftrace (Perfetto) or .json (Chrome)", extension)
}

// Timelines are the tile timelines of a run by op, as [sim.Options] reports them.
type Timelines map[int]Timeline

// Timeline is that of one op.
type Timeline struct {
	Tiles []sim.Tile
	Line  sim.Timeline
	Host  []sim.Span // of units that take calls
	Calls []sim.Call
}

// Add keeps the timeline of an op.
func (t Timelines) Add(op int, tiles []sim.Tile, line sim.Timeline) {
	t[op] = Timeline{Tiles: slices.Clone(tiles), Line: line}
}

// AddCalls keeps the calls of an op.
func (t Timelines) AddCalls(op int, host []sim.Span, calls []sim.Call) {
	t[op] = Timeline{Host: host, Calls: calls}
}

// Write writes the layers of a run one after the other, and the tiles of those that have
// a timeline. Layers whose batch takes several passes through the pipeline are slices
// without tiles.
func Write(to Sink, r *sim.Result, lines Timelines) error {
	clock := clock{hz: r.ClockHz}
	for i := range r.Layers {
		l := &r.Layers[i]
		if l.Cycles == 0 {
			continue
		}
		e := events{{at: 0, track: Layers, name: l.Name, fields: layerFields(l)}, {at: l.Cycles, track: Layers, ends: true}}
		switch t := lines[i]; {
		case len(t.Calls) > 0:
			e = append(e, t.turns()...)
		case t.Line.Cycles == l.Cycles:
			e = append(e, t.events()...)
		}
		e.write(to, clock)
		clock.start += l.Cycles
	}
	return to.Close()
}

func layerFields(l *sim.Layer) []Field {
	fields := []Field{{"kind", l.Kind}, {"shape", l.Shape.String()}, {"cycles", l.Cycles}}
	fields = append(fields, stalls(&l.Stalls)...)
	fields = append(fields, Field{"dram_read_bytes", l.DRAMRead}, Field{"dram_write_bytes", l.DRAMWrite})
	if mapping := l.Mapping.String(); mapping != "" {
		fields = append(fields, Field{"mapping", mapping})
	}
	return fields
}

// stalls are the causes that took time.
func stalls(s *sim.Stalls) []Field {
	var fields []Field
	for _, c := range s.Causes() {
		if c.Cycles > 0 {
			fields = append(fields, Field{c.Name + "_cycles", c.Cycles})
		}
	}
	return fields
}

// clock turns cycles of a layer into nanoseconds of the run.
type clock struct {
	hz    float64
	start int64 // of the layer, in cycles
}

func (c clock) ns(cycle int64) int64 {
	if c.hz <= 0 {
		return c.start + cycle
	}
	return int64(math.Round(float64(c.start+cycle) * 1e9 / c.hz))
}
