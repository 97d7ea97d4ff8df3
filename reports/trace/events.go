package trace

import (
	"cmp"
	"fmt"
	"slices"
)

// event is the beginning or the end of a slice, or a change of a counter.
type event struct {
	at     int64 // cycle of the layer
	track  Track
	ends   bool
	name   string
	fields []Field
	change int64 // of a counter
}

type events []event

// rank orders events of one moment: what ends does so before something begins, and a
// layer begins before its tiles and ends after them.
func (e *event) rank() int {
	switch {
	case e.ends && e.track == Layers:
		return 1
	case e.ends:
		return 0
	case e.track == OnChip:
		return 3
	case e.track == Layers:
		return 2
	}
	return 4
}

// write sends the events in the order of time. Slices that begin and end in one cycle
// are left out: their order would be anyone's.
func (e events) write(to Sink, c clock) {
	slices.SortStableFunc(e, func(a, b event) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.rank(), b.rank())) })
	var held int64
	for i := range e {
		one := &e[i]
		switch ns := c.ns(one.at); {
		case one.track == OnChip:
			held += one.change
			if next := i + 1; next == len(e) || e[next].track != OnChip || e[next].at != one.at {
				to.Value(OnChip, ns, held)
			}
		case one.ends:
			to.End(one.track, ns)
		default:
			to.Begin(one.track, ns, one.name, one.fields)
		}
	}
}

// events are those of the tiles: the array's time, the transfers, and the bytes that wait
// on chip, of inputs and weights until the tile is computed and of outputs until they are
// stored.
func (t *Timeline) events() events {
	var e events
	change := func(at, bytes int64) {
		if bytes != 0 {
			e = append(e, event{at: at, track: OnChip, change: bytes})
		}
	}
	for i := range t.Tiles {
		tile := &t.Tiles[i]
		fields := append([]Field{{"tile", int64(i)}, {"weight_bytes", tile.Weights}, {"input_bytes", tile.Inputs}, {"output_bytes", tile.Outputs}}, stalls(&tile.Parts)...)
		e.slice(Array, t.Line.Start[i], t.Line.End[i], fmt.Sprintf("tile %d", i), fields)
		change(t.Line.End[i], tile.Outputs-tile.Weights-tile.Inputs)
	}
	for _, b := range t.Line.Bus {
		tile := &t.Tiles[b.Tile]
		track, bytes, delta := WeightLoads, tile.Weights, tile.Weights
		switch b.Kind {
		case 'i':
			track, bytes, delta = InputLoads, tile.Inputs, tile.Inputs
		case 'o':
			track, bytes, delta = OutputStores, tile.Outputs, -tile.Outputs
		}
		e.slice(track, b.Start, b.End, fmt.Sprintf("tile %d", b.Tile), []Field{{"tile", int64(b.Tile)}, {"bytes", bytes}})
		change(b.End, delta)
	}
	return e
}

// turns are the calls in the units.
func (t *Timeline) turns() events {
	var e events
	for _, h := range t.Host {
		e.slice(Host, h.Start, h.End, "cuts the layer", nil)
	}
	for i := range t.Calls {
		c, name, fields := &t.Calls[i], fmt.Sprintf("call %d", i), []Field{{"call", int64(i)}}
		e.slice(LoadUnit, c.Load.Start, c.Load.End, name, fields)
		e.slice(Array, c.Execute.Start, c.Execute.End, name, fields)
		e.slice(StoreUnit, c.Store.Start, c.Store.End, name, fields)
	}
	return e
}

// slice adds one; those of no cycles are left out.
func (e *events) slice(track Track, start, end int64, name string, fields []Field) {
	if end > start {
		*e = append(*e, event{at: start, track: track, name: name, fields: fields}, event{at: end, track: track, ends: true})
	}
}
