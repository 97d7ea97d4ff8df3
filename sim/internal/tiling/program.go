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

// Program writes the program of a tiling of the layer: tiles in loop order. What
// repeats is listed once, unless apart. The program is good until the next call.
func (b *Builder) Program(t *Tiling, apart bool) *pipeline.Program {
	if cut := t.cut(); cut != b.cut || apart { // loop orders share the cut
		b.tables.fill(b.Engine, b.Chip, b.layer, t, apart)
		if b.cut = cut; apart {
			b.cut = Tiling{}
		}
	}
	b.program.Reset()
	w := writer{
		source:  source{engine: b.Engine, chip: b.Chip, layer: b.layer, t: t, counts: t.counts(b.layer), tables: &b.tables},
		program: &b.program, apart: apart, sibling: -1,
	}
	w.place()
	if t.InputsFirst {
		w.positions(0, w.sets)
		return w.program
	}
	for s := range w.sets {
		at := w.open(1)
		w.positions(s, s+1)
		w.close(at)
	}
	return w.program
}

// writer writes one program.
type writer struct {
	source
	program *pipeline.Program
	apart   bool
	sibling int // the loop that was closed last, when nothing has been written since
}

// positions writes the loops over images, rows and columns, and inside them the
// tiles of channels from to to.
func (w *writer) positions(from, to int) {
	for i := range w.images {
		image := w.open(w.images[i].repeat)
		for r := range w.rows {
			row := w.open(w.rows[r].repeat)
			for c := range w.cols {
				col := w.open(w.cols[c].repeat)
				st := w.stretch(w.layer, i, r, c)
				for s := from; s < to; s++ {
					set := w.open(1)
					w.emit(&st, s)
					w.close(set)
				}
				w.close(col)
			}
			w.close(row)
		}
		w.close(image)
	}
}

// emit appends the tiles of one stretch of positions and one of channels, a tile
// for each cut of the reduction.
func (w *writer) emit(st *stretch, s int) {
	p := w.program
	from := len(p.Tiles)
	for c := range w.chans {
		p.Tiles = append(p.Tiles, w.tile(st, s, c))
	}
	p.Steps = append(p.Steps, pipeline.Step{Lo: from, Hi: len(p.Tiles), Repeat: 1})
}

// open starts a loop; close ends it and drops it when it repeats the loop before.
func (w *writer) open(repeat int64) int {
	p := w.program
	p.Steps = append(p.Steps, pipeline.Step{Lo: len(p.Tiles), Repeat: repeat})
	return len(p.Steps) - 1
}

func (w *writer) close(at int) {
	p := w.program
	p.Steps[at].Span = len(p.Steps) - at
	before := w.sibling
	w.sibling = at
	if w.apart || before < 0 || before+p.Steps[before].Span != at || !w.alike(p.Steps[before:at], p.Steps[at:]) {
		return
	}
	p.Steps[before].Repeat += p.Steps[at].Repeat
	p.Tiles = p.Tiles[:p.Steps[at].Lo]
	p.Steps = p.Steps[:at]
	w.sibling = before
}

// alike reports whether two loops have bodies that move and compute the same.
func (w *writer) alike(x, y []pipeline.Step) bool {
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i].Span != y[i].Span || i > 0 && x[i].Repeat != y[i].Repeat {
			return false
		}
		if x[i].Span == 0 && !same(w.program.Tiles[x[i].Lo:x[i].Hi], w.program.Tiles[y[i].Lo:y[i].Hi]) {
			return false
		}
	}
	return true
}

func same(a, b []pipeline.Tile) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].Same(&b[i]) {
			return false
		}
	}
	return true
}
