package tiling

import (
	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
)

// Builder writes the tile programs of a layer.
type Builder struct {
	Engine engine.Engine
	Chip   *chip.Chip

	layer   *layer.Layer
	tables  tables
	cut     Tiling // whose tables these are
	program pipeline.Program
	lent    pipeline.Tile
}

// Begin turns to a layer at its widths of now.
func (b *Builder) Begin(l *layer.Layer) { b.layer, b.cut = l, Tiling{} }

// Program writes the program of a tiling of the layer: distinct tiles in loop order. It
// is good until the next call.
func (b *Builder) Program(t *Tiling) *pipeline.Program {
	if cut := t.cut(); cut != b.cut { // loop orders share the cut
		b.tables.fill(b.Chip, b.layer, t, false)
		b.cut = cut
	}
	b.program.Reset()
	w := b.writer(t)
	w.program = &b.program
	w.write()
	return w.program
}

// Each calls visit with every tile of a tiling by itself, in loop order, with its
// addresses, as long as it returns true. The tile is lent.
func (b *Builder) Each(t *Tiling, visit func(tile *pipeline.Tile) bool) {
	b.tables.fill(b.Chip, b.layer, t, true)
	b.cut = Tiling{}
	w := b.writer(t)
	w.visit, w.lent = visit, &b.lent
	w.place()
	w.write()
}

func (b *Builder) writer(t *Tiling) writer {
	return writer{source: source{engine: b.Engine, chip: b.Chip, layer: b.layer, t: *t, counts: t.counts(b.layer), tables: &b.tables}}
}

// writer writes one program, or tells every tile.
type writer struct {
	source
	program *pipeline.Program
	visit   func(tile *pipeline.Tile) bool // when every tile stands by itself
	lent    *pipeline.Tile
	done    bool // visit has seen enough
}

// write writes the loops over channels around those over positions, or the other way
// round.
func (w *writer) write() {
	if w.t.InputsFirst {
		w.overPositions(func(st stretch) {
			w.overChannels(func(i int) { w.reduce(&st, i) })
		})
		return
	}
	w.overChannels(func(i int) {
		w.overPositions(func(st stretch) { w.reduce(&st, i) })
	})
}

func (w *writer) overPositions(body func(st stretch)) {
	for i := range w.images {
		image := w.open(w.images[i].repeat)
		for r := range w.rows {
			row := w.open(w.rows[r].repeat)
			for c := range w.cols {
				if w.done {
					return
				}
				col := w.open(w.cols[c].repeat)
				body(w.stretch(w.layer, i, r, c))
				w.close(col)
			}
			w.close(row)
		}
		w.close(image)
	}
}

func (w *writer) overChannels(body func(i int)) {
	for _, p := range w.passes {
		pass := w.open(p.repeat)
		for i := p.tiles; i < p.end && !w.done; i++ {
			tile := w.open(w.tiles[i].repeat)
			body(i)
			w.close(tile)
		}
		w.close(pass)
	}
}

// reduce appends the tiles of one stretch of positions and one tile of channels, one
// for each cut of the reduction. Those between the first and the last are equal.
func (w *writer) reduce(st *stretch, i int) {
	for c := 0; c < w.chans && !w.done; c++ {
		between := int64(1)
		if inner := w.chans - 2; c == 1 && inner > 1 && w.visit == nil {
			between = int64(inner)
		}
		w.emit(st, i, c, between)
		c += int(between) - 1
	}
}

// emit appends a tile that runs so many times.
func (w *writer) emit(st *stretch, i, c int, times int64) {
	tile := w.tile(st, i, c)
	if w.visit == nil {
		w.program.Append(tile, times)
		return
	}
	*w.lent = tile
	w.lent.Address = w.address(st, i, c)
	w.done = !w.visit(w.lent)
}

const never = -1 // a loop that runs once is none

func (w *writer) open(repeat int64) int {
	if repeat == 1 {
		return never
	}
	return w.program.Open(repeat)
}

func (w *writer) close(at int) {
	if at != never {
		w.program.Close(at)
	}
}
