package memory

import "bitcycle/sim/internal/calls"

// search finds the calls of fewest cycles by their footprint, among extents that are
// halved, channels in multiples of what the array takes, in two orders: outputs are
// finished one after the other, or weights stay while positions pass.
func (m *Decoupled) search() (best calls.Nest, fits bool) {
	least := int64(-1)
	var n calls.Nest
	var cut func(d calls.Dim)
	cut = func(d calls.Dim) {
		if d == calls.Dims {
			if !m.room.Fits(&m.product, &n.Tile) {
				return
			}
			for _, order := range [...][calls.Dims]calls.Dim{calls.ConvOrder, weightsOutside} {
				n.Order = order
				if out := m.foot.Run(&m.product, &n, m.start); least < 0 || out.Cycles < least {
					best, least = n, out.Cycles
				}
			}
			return
		}
		for size := m.product.Extent[d]; ; size = m.half(d, size) {
			n.Tile[d] = size
			cut(d + 1)
			if size == 1 || (d == calls.KRows || d == calls.KCols) && size < m.product.Extent[d] || size == m.half(d, size) {
				return
			}
		}
	}
	cut(0)
	return best, least >= 0
}

// weightsOutside keeps weights while positions pass.
var weightsOutside = [calls.Dims]calls.Dim{calls.Outs, calls.Batch, calls.Rows, calls.Cols, calls.KRows, calls.KCols, calls.Ins}

// half is the next smaller size of a loop: windows are whole or single positions.
func (m *Decoupled) half(d calls.Dim, size int) int {
	unit := 1
	switch d {
	case calls.KRows, calls.KCols:
		return 1
	case calls.Outs:
		unit = m.room.Lanes
	case calls.Ins:
		unit = m.room.Depth
	case calls.Cols:
		unit = m.room.Step
	}
	half := (size + 1) / 2
	if half > unit {
		return (half + unit - 1) / unit * unit
	}
	return half
}
