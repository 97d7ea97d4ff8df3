package calls

import "bitcycle/sim/internal/units"

// Nest is the sizes of a call and the order of the loops over calls, from the
// outermost in.
type Nest struct {
	Tile  Sizes
	Order [Dims]Dim
}

// Outward are the orders of a vendor's library: outputs are finished before the next
// are begun.
var (
	ConvOrder   = [Dims]Dim{Batch, Rows, Cols, Outs, KRows, KCols, Ins}
	MatrixOrder = [Dims]Dim{Batch, Rows, Cols, Outs, KRows, KCols, Ins}
)

// Box is what one call computes: from Lo up to Hi in every loop.
type Box struct {
	Group  int
	Lo, Hi Sizes
}

// Size is the extent of the box in a loop.
func (b *Box) Size(d Dim) int { return b.Hi[d] - b.Lo[d] }

// First reports whether the box begins its sums.
func (b *Box) First() bool { return b.Lo[KRows] == 0 && b.Lo[KCols] == 0 && b.Lo[Ins] == 0 }

// Last reports whether the box ends its sums.
func (b *Box) Last(p *Product) bool {
	return b.Hi[KRows] == p.Extent[KRows] && b.Hi[KCols] == p.Extent[KCols] && b.Hi[Ins] == p.Extent[Ins]
}

// Calls is the number of boxes of all groups.
func (n *Nest) Calls(p *Product) int64 {
	total := int64(p.Groups)
	for d := range Dims {
		total *= int64(units.Ceil(p.Extent[d], n.Tile[d]))
	}
	return total
}

// Start is the first box of a product.
func (n *Nest) Start(p *Product) Box {
	var b Box
	for d := range Dims {
		b.Hi[d] = min(n.Tile[d], p.Extent[d])
	}
	return b
}

// Step moves a box to the next; it reports false after the last.
func (n *Nest) Step(p *Product, b *Box) bool {
	for i := Dims - 1; i >= 0; i-- {
		d := n.Order[i]
		if b.Hi[d] < p.Extent[d] {
			b.Lo[d] = b.Hi[d]
			b.Hi[d] = min(b.Lo[d]+n.Tile[d], p.Extent[d])
			return true
		}
		b.Lo[d], b.Hi[d] = 0, min(n.Tile[d], p.Extent[d])
	}
	b.Group++
	return b.Group < p.Groups
}
