package tiling

import (
	"slices"

	"bitcycle/sim/internal/layer"
)

// extent is a tile along one axis, or several equal ones in a row.
type extent struct {
	out, in     int // output and input size
	fresh       int // of the input, what no tile before has
	outAt, inAt int // of the first
	repeat      int64
}

// axis lists the tiles of an axis. Unless apart, equal neighbours are one extent; the
// first and the last tile always stay alone. The time depends on the extents, not on
// the tiles.
func axis(dst []extent, a layer.Axis, piece int, apart bool) []extent {
	dst = dst[:0]
	end := 0
	for lo := 0; lo < a.Out; lo += piece {
		hi := min(lo+piece, a.Out)
		at, size := a.Input(lo, hi)
		fresh := max(0, at+size-max(at, end))
		end = max(end, at+size)
		last := len(dst) - 1
		if apart || last < 1 || hi == a.Out || dst[last].out != hi-lo || dst[last].in != size || dst[last].fresh != fresh {
			dst = append(dst, extent{out: hi - lo, in: size, fresh: fresh, outAt: lo, inAt: at, repeat: 1})
			continue
		}
		dst[last].repeat++
		if a.Alike(lo-piece, lo) > 0 {
			further := a.Alike(lo, hi)
			dst[last].repeat += int64(further)
			end += further * piece * a.Stride
			lo += further * piece
		}
	}
	return dst
}

// inputs sums the input sizes of an axis' tiles, halos counted with each.
func inputs(extents []extent) (sum int64) {
	for i := range extents {
		sum += int64(extents[i].in) * extents[i].repeat
	}
	return sum
}

// axes are the tiles along images, rows and columns, and the distinct numbers of
// positions of a tile.
type axes struct {
	images, rows, cols []extent
	sizes              []size
}

func (a *axes) fill(l *layer.Layer, t *Tiling, apart bool) {
	a.images = axis(a.images, l.ImageAxis(), t.Images, apart)
	a.rows = axis(a.rows, l.Geo.Rows(), t.Rows, apart)
	a.cols = axis(a.cols, l.Geo.Cols(), t.Cols, apart)
	a.sizes = a.sizes[:0]
	t.EachPiece(l, func(p Piece, _ int64) {
		if s := (size{p.Positions, p.Row}); !slices.Contains(a.sizes, s) {
			a.sizes = append(a.sizes, s)
		}
	})
}

// pixels is the input positions that all tiles load together, halos counted once for
// each tile.
func (a *axes) pixels() int64 { return inputs(a.images) * inputs(a.rows) * inputs(a.cols) }

// fresh is the input positions that all tiles load together when none is loaded twice.
func (a *axes) fresh() int64 {
	sum := func(extents []extent) (n int64) {
		for i := range extents {
			n += int64(extents[i].fresh) * extents[i].repeat
		}
		return n
	}
	return inputs(a.images) * sum(a.rows) * sum(a.cols)
}

// size is the positions of a tile, and how many of them are in a row of the map.
type size struct{ n, row int64 }

// stretch is one tile of output positions.
type stretch struct {
	n           int64 // output positions
	row         int64 // of them in a row of the map; 0: all
	pixels      int64 // input positions
	fresh       int64 // of them, those that no stretch before has
	variant     int   // index among the distinct sizes
	first, last bool
	input, out  int64 // first input and output position
}

func (a *axes) stretch(l *layer.Layer, i, r, c int) stretch {
	g := &l.Geo
	image, row, col := &a.images[i], &a.rows[r], &a.cols[c]
	s := stretch{
		n:      int64(image.out) * int64(row.out) * int64(col.out),
		pixels: int64(image.in) * int64(row.in) * int64(col.in),
		fresh:  int64(image.in) * int64(row.fresh) * int64(col.fresh),
		first:  i+r+c == 0,
		last:   i == len(a.images)-1 && r == len(a.rows)-1 && c == len(a.cols)-1,
		input:  (int64(image.inAt)*int64(g.InH)+int64(row.inAt))*int64(g.InW) + int64(col.inAt),
		out:    (int64(image.outAt)*int64(g.OutH)+int64(row.outAt))*int64(g.OutW) + int64(col.outAt),
	}
	if !l.Product() {
		s.row = int64(col.out)
	}
	s.variant = slices.Index(a.sizes, size{s.n, s.row})
	return s
}
