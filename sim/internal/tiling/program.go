package tiling

import (
	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/units"
)

// Builder writes the tile programs of a layer.
type Builder struct {
	Engine engine.Engine
	Chip   *chip.Chip

	layer   *layer.Layer
	cut     Tiling // whose axes and times these are
	axes    axes
	times   []cost.Stalls // of the array, see tileTimes
	weights []int64       // bytes of tiles
	program pipeline.Program
}

// Begin turns to a layer at its widths of now.
func (b *Builder) Begin(l *layer.Layer) { b.layer, b.cut = l, Tiling{} }

// Program writes the program of a tiling of the layer: tiles in loop order, with what
// each loads, computes and stores. What repeats is listed once, unless apart. The
// program is good until the next call.
func (b *Builder) Program(t *Tiling, apart bool) *pipeline.Program {
	n := t.counts(b.layer)
	if cut := t.cut(); cut != b.cut || apart { // loop orders share the cut
		b.axes.fill(b.layer, t, apart)
		b.tileTimes(t, n)
		b.cut = cut
		if apart {
			b.cut = Tiling{}
		}
	}
	b.program.Reset()
	w := writer{Builder: b, t: t, counts: n, apart: apart, sibling: -1}
	w.place()
	if t.InputsFirst {
		w.positions(0, n.sets)
	} else {
		for s := range n.sets {
			at := w.open(1)
			w.positions(s, s+1)
			w.close(at)
		}
	}
	for i := range b.program.Tiles {
		b.program.Tiles[i].Cycles = b.program.Tiles[i].Parts.Total()
	}
	return &b.program
}

// tileTimes fills times with the array's time for every distinct number of positions,
// tile of channels, and full or last cut of the reduction, and weights with the bytes
// of its weights.
func (b *Builder) tileTimes(t *Tiling, n counts) {
	b.times, b.weights = b.times[:0], b.weights[:0]
	l := b.layer
	last := l.Chans - (n.chans-1)*t.Chans
	for s := range n.sets {
		lo, hi, _ := t.setRange(l, s)
		for _, chans := range [2]int{t.Chans, last} {
			b.weights = append(b.weights, units.Bytes(b.Chip.Weights(&l.Sched, lo, hi, int64(chans)*int64(l.Area))))
		}
	}
	for _, positions := range b.axes.sizes {
		for s := range n.sets {
			lo, hi, _ := t.setRange(l, s)
			block := engine.Block{Layer: l, Lo: lo, Hi: hi, Chans: t.Chans, N: positions}
			full := b.Engine.Time(block)
			b.times = append(b.times, full)
			if last != t.Chans {
				block.Chans = last
				full = b.Engine.Time(block)
			}
			b.times = append(b.times, full)
		}
	}
}

// writer writes one program.
type writer struct {
	*Builder
	t *Tiling
	counts
	apart   bool
	sibling int // the loop that was closed last, when nothing has been written since

	inputBase, outputBase int64 // bytes
}

// open starts a loop; close ends it and drops it when it repeats the loop before.
func (w *writer) open(repeat int64) int {
	p := &w.program
	p.Steps = append(p.Steps, pipeline.Step{Lo: len(p.Tiles), Repeat: repeat})
	return len(p.Steps) - 1
}

func (w *writer) close(at int) {
	steps := w.program.Steps
	steps[at].Span = len(steps) - at
	before := w.sibling
	w.sibling = at
	if w.apart || before < 0 || before+steps[before].Span != at || !w.alike(steps[before:at], steps[at:]) {
		return
	}
	steps[before].Repeat += steps[at].Repeat
	w.program.Tiles = w.program.Tiles[:steps[at].Lo]
	w.program.Steps = steps[:at]
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
		if x[i].Span > 0 {
			continue
		}
		if !same(w.program.Tiles[x[i].Lo:x[i].Hi], w.program.Tiles[y[i].Lo:y[i].Hi]) {
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

// positions writes the loops over images, rows and columns, and inside them the
// tiles of channels from to to.
func (w *writer) positions(from, to int) {
	for i := range w.axes.images {
		image := w.open(w.axes.images[i].repeat)
		for r := range w.axes.rows {
			row := w.open(w.axes.rows[r].repeat)
			for c := range w.axes.cols {
				col := w.open(w.axes.cols[c].repeat)
				st := w.axes.stretch(w.layer, i, r, c)
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

// place lays the layer's tensors one after the other in memory: weights, inputs, outputs.
func (w *writer) place() {
	const align = 64
	l := w.layer
	w.inputBase = units.Ceil(units.Bytes(w.Chip.AllWeights(l)), align) * align
	w.outputBase = w.inputBase + units.Ceil(units.Bytes(w.Chip.Inputs(l, l.Pixels())), align)*align
}
