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
}

// Begin turns to a layer at its widths of now.
func (b *Builder) Begin(l *layer.Layer) { b.layer, b.cut = l, Tiling{} }

// Program writes the program of a tiling of the layer: distinct tiles in loop order.
// Apart, every tile is listed by itself, with its addresses. The program is good until
// the next call.
func (b *Builder) Program(t *Tiling, apart bool) *pipeline.Program {
	if cut := t.cut(); cut != b.cut || apart { // loop orders share the cut
		b.tables.fill(b.Chip, b.layer, t, apart)
		if b.cut = cut; apart {
			b.cut = Tiling{}
		}
	}
	b.program.Reset()
	w := writer{
		source:  source{engine: b.Engine, chip: b.Chip, layer: b.layer, t: *t, counts: t.counts(b.layer), tables: &b.tables},
		program: &b.program, apart: apart,
	}
	if apart {
		w.place()
	}
	w.write()
	return w.program
}

// writer writes one program.
type writer struct {
	source
	program *pipeline.Program
	apart   bool
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
		for i := p.tiles; i < p.end; i++ {
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
	for c := 0; c < w.chans; c++ {
		between := int64(1)
		if inner := w.chans - 2; c == 1 && inner > 1 && !w.apart {
			between = int64(inner)
		}
		w.emit(st, i, c, between)
		c += int(between) - 1
	}
}

// emit appends a tile that runs so many times.
func (w *writer) emit(st *stretch, i, c int, times int64) {
	tile := w.tile(st, i, c)
	if w.apart {
		tile.Address = w.address(st, i, c)
	}
	w.program.Append(tile, times)
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
