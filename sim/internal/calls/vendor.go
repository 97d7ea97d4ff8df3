package calls

import (
	"math"

	"bitcycle/sim/internal/units"
)

// Room is what one call may take of the scratchpads, in words; 0 is no limit. A word
// holds the elements that the array takes of one position.
type Room struct {
	Scratch, Sums int // words of inputs and weights together; of sums
	Word, SumWord int // bits
	SumBits       int // of a sum
	Lanes, Depth  int // output channels and input channels that the array takes at a time
	Step          int // positions
}

func (r *Room) words(elements, bits int) int { return units.Ceil(elements*bits, max(r.Word, 1)) }

func (r *Room) sumWords(elements int) int { return units.Ceil(elements*r.SumBits, max(r.SumWord, 1)) }

// Fits reports whether a call fits the scratchpads.
func (r *Room) Fits(p *Product, t *Sizes) bool {
	var inputs int
	if p.Matrix {
		inputs = t[Cols] * r.words(t[Ins], p.InBits)
	} else {
		high := t[Rows]*p.Stride[0] + (t[KRows]-1)*p.Dilation[0]
		wide := t[Cols]*p.Stride[1] + (t[KCols]-1)*p.Dilation[1]
		inputs = t[Batch] * high * wide * r.words(t[Ins], p.InBits)
	}
	weights := t[KRows] * t[KCols] * t[Ins] * r.words(t[Outs], p.WeightBits)
	sums := t[Batch] * t[Rows] * t[Cols] * r.sumWords(t[Outs])
	return (r.Scratch == 0 || inputs+weights <= r.Scratch) && (r.Sums == 0 || sums <= r.Sums)
}

// vendor is a search by the rule of Gemmini's library; trials counts the calls whose
// room it has computed.
type vendor struct {
	room   *Room
	of     *Product
	trials int64
}

// Vendor cuts a product by the rule of Gemmini's library (tiled_conv_auto and
// tiled_matmul_auto of ucb-bar/gemmini-rocc-tests), and counts the calls that it tries.
// It reports false where the smallest call does not fit.
func Vendor(p *Product, room *Room) (n Nest, trials int64, fits bool) {
	v := vendor{room: room, of: p}
	n.Order = ConvOrder
	if p.Matrix {
		n.Tile = v.matrix()
	} else if n.Tile, fits = v.shrunk(); fits {
		v.grow(&n.Tile)
	}
	return n, v.trials, room.Fits(p, &n.Tile)
}

func (v *vendor) try(t *Sizes) bool {
	v.trials++
	return v.room.Fits(v.of, t)
}

// shrunk begins with the whole product and shrinks the largest extent, the first among
// equals, while it does not fit: channels to the next multiple of what the array takes,
// the others by one. Columns of a row are spared down to what the array takes at a time
// while there is more than one row.
func (v *vendor) shrunk() (t Sizes, fits bool) {
	t = v.of.Extent
	for !v.try(&t) {
		largest := Dim(-1)
		for d := range Dims {
			if d == Cols && t[Cols] <= v.room.Step && t[Rows] > 1 {
				continue
			}
			if largest < 0 || t[d] > t[largest] {
				largest = d
			}
		}
		if t[largest] == 1 {
			return t, false
		}
		switch largest {
		case Outs:
			t[Outs] = below(t[Outs], v.room.Lanes)
		case Ins:
			t[Ins] = below(t[Ins], v.room.Depth)
		default:
			t[largest]--
		}
	}
	return t, true
}

// below is the next lower multiple, at least 1.
func below(n, multiple int) int { return max(1, (n-1)/multiple*multiple) }

// grow lengthens the rows of positions while they fit, then every extent in turn by one
// until none can grow.
func (v *vendor) grow(t *Sizes) {
	for v.larger(t, Cols, 1) {
	}
	for grown := true; grown; {
		grown = false
		for d := range Dims {
			if v.larger(t, d, 1) {
				grown = true
			}
		}
	}
}

// larger grows one extent if the product is that large and it fits.
func (v *vendor) larger(t *Sizes, d Dim, by int) bool {
	next := *t
	if next[d] = min(t[d]+by, max(v.of.Extent[d], t[d])); next[d] == t[d] || !v.try(&next) {
		return false
	}
	*t = next
	return true
}

// matrix begins with a square of blocks that fills the sums and as much of the reduction
// as half of the scratchpad holds, and grows channels, positions and reduction in turn.
func (v *vendor) matrix() Sizes {
	r, e := v.room, &v.of.Extent
	side, depth := e[Cols], e[Ins]
	if r.Sums > 0 {
		side = max(1, int(math.Sqrt(float64(r.Sums/(r.Step*r.sumWords(r.Lanes))))))
	}
	if r.Scratch > 0 {
		depth = max(1, r.Scratch/2/(r.Depth*max(r.words(r.Lanes, v.of.WeightBits), r.words(r.Depth, v.of.InBits)))/side)
	}
	t := Sizes{1, 1, min(side*r.Step, round(e[Cols], r.Step)), min(side*r.Lanes, round(e[Outs], r.Lanes)), 1, 1, min(depth*r.Depth, round(e[Ins], r.Depth))}
	whole := Product{Matrix: true, Extent: Sizes{1, 1, round(e[Cols], r.Step), round(e[Outs], r.Lanes), 1, 1, round(e[Ins], r.Depth)}, InBits: v.of.InBits, WeightBits: v.of.WeightBits}
	blocks := vendor{room: r, of: &whole}
	for _, d := range [...]Dim{Cols, Ins, Outs} { // a block that does not fit as it is
		for t[d] > 1 && !r.Fits(&whole, &t) {
			t[d] /= 2
		}
	}
	for grown := true; grown; {
		grown = false
		for _, by := range [...]struct {
			d Dim
			n int
		}{{Outs, r.Lanes}, {Cols, r.Step}, {Ins, r.Depth}} {
			if blocks.larger(&t, by.d, by.n) {
				grown = true
			}
		}
	}
	v.trials = blocks.trials
	return t
}

// round is n rounded up to a multiple.
func round(n, multiple int) int { return units.Ceil(n, multiple) * multiple }
