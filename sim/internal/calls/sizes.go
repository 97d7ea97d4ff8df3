package calls

import "bitcycle/sim/internal/units"

// Touched is the bytes of the inputs of all groups.
func (p *Product) Touched() int64 {
	if p.InHeld {
		return 0
	}
	e := &p.Extent
	positions := int64(e[Cols])
	if !p.Matrix {
		positions = int64(e[Batch]) * int64(p.In[0]) * int64(p.In[1])
	}
	return int64(p.Groups) * positions * bytesOf(e[Ins], p.InBits)
}

// Requests is how many rows the calls of a nest load and store: every row is a request
// or more.
func Requests(p *Product, n *Nest, u *Units) int64 {
	e := &p.Extent
	count := func(d Dim) int64 { return int64(units.Ceil(e[d], n.Tile[d])) }
	rows := func(d Dim, bits, most int) int64 { // of requests over a tile of channels
		per := min(max(1, u.MaxBytes*8/bits), most)
		full, rest := int64(e[d]/n.Tile[d]), e[d]%n.Tile[d]
		return full*int64(units.Ceil(n.Tile[d], per)) + int64(units.Ceil(rest, per))
	}
	positions := count(Batch) * count(Rows) * count(Cols)
	weights := positions * int64(e[KRows]) * int64(e[KCols]) * int64(e[Ins]) * rows(Outs, p.WeightBits, e[Outs])
	var inputs int64
	if !p.InHeld {
		pixels := int64(e[Cols])
		if !p.Matrix {
			pixels = count(KRows) * count(KCols) * int64(e[Batch]) * Pixels(p, n, 0) * Pixels(p, n, 1)
		}
		inputs = pixels * count(Outs) * rows(Ins, p.InBits, e[Ins])
	}
	most := u.Lanes
	if p.Matrix {
		most = e[Outs]
	}
	outputs := int64(e[Batch]) * int64(e[Rows]) * int64(e[Cols]) * rows(Outs, p.OutBits, most)
	if p.OutHeld {
		outputs = 0
	}
	return int64(p.Groups) * (weights + inputs + outputs)
}

// Pixels is the rows or columns of the input that all calls along an axis load.
func Pixels(p *Product, n *Nest, axis int) int64 {
	d, k := Rows, KRows
	if axis == 1 {
		d, k = Cols, KCols
	}
	full, rest := p.Extent[d]/n.Tile[d], p.Extent[d]%n.Tile[d]
	most := p.Window(axis, n.Tile[d], min(n.Tile[k], p.Extent[k]))
	total := full * min(most, p.In[axis])
	if rest > 0 {
		total += min(p.Window(axis, rest, min(n.Tile[k], p.Extent[k])), p.In[axis])
	}
	return int64(total)
}
