package memory

import (
	"fmt"

	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/units"
)

// tile loops of Bit Fusion's simulator
const (
	loopB = iota
	loopW
	loopH
	loopIC
	loopOC
	loopCount
)

// touches tells which tensors a loop walks through: weights, inputs, outputs.
var touches = [loopCount][pipeline.Kinds]bool{
	loopB: {false, true, true}, loopW: {false, true, true}, loopH: {false, true, true},
	loopIC: {true, true, false}, loopOC: {true, false, true},
}

var loopName = [loopCount]string{"B", "OW", "OH", "IC", "OC"}

// Loops is a nest of tile loops that the caller has fixed.
type Loops = workload.Loops

// nest is a tile loop nest: tile sizes, and the loops from the innermost out.
type nest struct {
	tile, count [loopCount]int
	order       [loopCount]int
	depth       int // loops in order
}

// nestCost is a nest with its cost, in bits and cycles.
type nestCost struct {
	nest
	busy, wait  int64                 // cycles of the array; exposed transfer
	moved, held [pipeline.Kinds]int64 // traffic one way, first load
	energy      float64
}

func (c *nestCost) cycles() int64 { return c.busy + c.wait }

// set cuts a dimension of size dim.
func (t *nest) set(loop, size, dim int) {
	t.tile[loop] = min(size, dim)
	t.count[loop] = units.Ceil(dim, t.tile[loop])
}

// positions is the output positions of a tile.
func (t *nest) positions() int64 {
	return int64(t.tile[loopB]) * int64(t.tile[loopW]) * int64(t.tile[loopH])
}

// passes counts the passes over all output channels.
func (t *nest) passes() int64 {
	return int64(t.count[loopB]) * int64(t.count[loopW]) * int64(t.count[loopH]) * int64(t.count[loopIC])
}

// String lists the loops from the outermost in, with their tiles.
func (t nest) String() string {
	s := ""
	for i := t.depth - 1; i >= 0; i-- {
		loop := t.order[i]
		s += fmt.Sprintf("%s %d of %d > ", loopName[loop], t.count[loop], t.tile[loop])
	}
	return s + fmt.Sprintf("tile B %d, OW %d, OH %d, IC %d, OC %d", t.tile[loopB], t.tile[loopW], t.tile[loopH], t.tile[loopIC], t.tile[loopOC])
}

// walk is the state of the transfers on the way from the innermost loop out. A
// tensor stays in its scratchpad over a loop while what it holds still fits; from
// the first loop on that it walks through and outgrows its scratchpad, every loop
// that it does not walk through moves it again.
type walk struct {
	moved, held, size [pipeline.Kinds]int64
	kept              [pipeline.Kinds]bool
}

// walkFrom is the state inside all loops: every tile of each tensor is moved once.
func walkFrom(t *nest, tile [pipeline.Kinds]int64, weights int64) walk {
	moved := tile
	for loop, n := range t.count {
		for x := range moved {
			if touches[loop][x] {
				moved[x] *= int64(n)
			}
		}
	}
	moved[pipeline.Weights] = weights
	return walk{moved: moved, held: tile, size: tile, kept: [pipeline.Kinds]bool{true, true, true}}
}

// over goes on to the state outside one more loop of n iterations.
func (w *walk) over(loop int, n int64, limit *[pipeline.Kinds]int64) {
	for x, through := range touches[loop] {
		switch {
		case through && w.kept[x]:
			w.size[x] *= n
			if w.kept[x] = units.Fits(w.size[x], limit[x]); w.kept[x] {
				w.held[x] = w.size[x]
			}
		case !through && !w.kept[x]:
			w.moved[x] *= n
		}
	}
}

// firstAndLast is the bits of the first load and of the last store.
func (w *walk) firstAndLast() int64 {
	return w.held[pipeline.Weights] + w.held[pipeline.Inputs] + 2*w.held[pipeline.Outputs]
}

// all is the bits of all transfers; outputs are read and written.
func (w *walk) all() int64 {
	return w.moved[pipeline.Weights] + w.moved[pipeline.Inputs] + 2*w.moved[pipeline.Outputs]
}

// whole is which tensors fit their scratchpads as a whole, and their sizes then: whatever
// the order of the loops, they are held whole in the end and moved once.
type whole struct {
	fits [pipeline.Kinds]bool
	size [pipeline.Kinds]int64
}

func wholeOf(t *nest, tile, limit *[pipeline.Kinds]int64) whole {
	v := whole{size: *tile}
	for loop, n := range t.count {
		for x := range v.size {
			if touches[loop][x] {
				v.size[x] *= int64(n)
			}
		}
	}
	for x := range v.fits {
		v.fits[x] = units.Fits(v.size[x], limit[x])
	}
	return v
}

// counts is how often a bit of a tensor counts as traffic: outputs are read and written.
var counts = [pipeline.Kinds]int64{1, 1, 2}

// passes is the tensor that a loop does not walk through.
var passes = [loopCount]pipeline.Kind{
	loopB: pipeline.Weights, loopW: pipeline.Weights, loopH: pipeline.Weights, loopIC: pipeline.Outputs, loopOC: pipeline.Inputs,
}

// ahead bounds what is held and what is moved outside the loops that are left, in any
// order of them: a tensor that fits whole is held whole, and one that has outgrown its
// scratchpad is moved by every loop that it does not walk through.
func (w *walk) ahead(t *nest, left int, v *whole) (held, moved int64) {
	again := w.moved
	for loop, n := range t.count {
		if x := passes[loop]; left>>loop&1 == 1 && !w.kept[x] {
			again[x] *= int64(n)
		}
	}
	for x, n := range counts {
		moved += n * again[x]
		if v.fits[x] {
			held += n * v.size[x]
		} else {
			held += n * w.held[x]
		}
	}
	return held, moved
}

// settled reports whether the loops that are left cost the same in any order: every
// tensor fits whole, or has outgrown its scratchpad.
func (w *walk) settled(v *whole) bool {
	for x, kept := range w.kept {
		if kept && !v.fits[x] {
			return false
		}
	}
	return true
}
