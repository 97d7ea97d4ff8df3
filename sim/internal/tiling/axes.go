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

// axis lists the tiles of an axis with so many outputs. Unless apart, equal
// neighbours are one extent; the first and the last tile always stay alone.
func axis(dst []extent, outputs, piece int, apart bool, input func(lo, hi int) (at, size int)) []extent {
	dst = dst[:0]
	end := 0
	for lo := 0; lo < outputs; lo += piece {
		hi := min(lo+piece, outputs)
		at, size := input(lo, hi)
		fresh := max(0, at+size-max(at, end))
		end = max(end, at+size)
		if last := len(dst) - 1; !apart && last > 0 && hi < outputs && dst[last].out == hi-lo && dst[last].in == size && dst[last].fresh == fresh {
			dst[last].repeat++
			continue
		}
		dst = append(dst, extent{out: hi - lo, in: size, fresh: fresh, outAt: lo, inAt: at, repeat: 1})
	}
	return dst
}

// axes are the tiles along images, rows and columns, and the distinct numbers of
// positions of a tile.
type axes struct {
	images, rows, cols []extent
	sizes              []int64
}

func (a *axes) fill(l *layer.Layer, t *Tiling, apart bool) {
	g := &l.Geo
	a.images = axis(a.images, l.Images, t.Images, apart, func(lo, hi int) (int, int) { return lo, hi - lo })
	a.rows = axis(a.rows, g.OutH, t.Rows, apart, g.InputRows)
	a.cols = axis(a.cols, g.OutW, t.Cols, apart, g.InputCols)
	a.sizes = a.sizes[:0]
	t.EachPiece(l, func(p Piece, _ int64) {
		if !slices.Contains(a.sizes, p.Positions) {
			a.sizes = append(a.sizes, p.Positions)
		}
	})
}

// stretch is one tile of output positions.
type stretch struct {
	n           int64 // output positions
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
	s.variant = slices.Index(a.sizes, s.n)
	return s
}
