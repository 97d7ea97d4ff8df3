package stepped

import "fmt"

// bricks is the number of 2-bit multipliers of a fusion unit for 8-bit operands.
const bricks = 16

// recipe tells how a fusion unit composes its bricks: four bricks make a quad,
// their products shifted by the places weight and act, 1 or 4; four quads make
// the unit, shifted by quadWeight and quadAct, 1 or 16. A place of 1 adds
// independent products.
//
//	quad = b00 + b01·act + b10·weight + b11·weight·act
//	unit = q00 + q01·quadAct + q10·quadWeight + q11·quadWeight·quadAct
//
// (Bit Fusion, ISCA 2018, Figs. 5–7.)
type recipe struct{ weight, act, quadWeight, quadAct int32 }

// composition is a recipe and which digits of which operands the bricks take.
type composition struct {
	recipe  recipe
	digits  [2]int       // of a weight and of an activation
	element [bricks]int8 // reduction element of each brick, −1 if idle
	weight  [bricks]int8 // digit of its weight
	act     [bricks]int8 // digit of its activation
}

// compose spreads pack products of weight × act digits over the bricks. Brick
// b has the coordinates (quad weight, quad act, weight, act) in its bits 3 to 0;
// an operand of 4 digits uses both of its coordinates, one of 2 digits the inner
// one, and free coordinates count products.
func compose(weightDigits, actDigits, pack int) (composition, error) {
	c := composition{digits: [2]int{weightDigits, actDigits}}
	if !oneTwoFour(weightDigits) || !oneTwoFour(actDigits) || weightDigits*actDigits*pack > bricks {
		return c, fmt.Errorf("%d products of %d by %d bits: a fusion unit of %d bricks composes operands of 2, 4 and 8 bits", pack, 2*weightDigits, 2*actDigits, bricks)
	}
	c.recipe = recipe{placeIf(weightDigits >= 2, 4), placeIf(actDigits >= 2, 4), placeIf(weightDigits == 4, 16), placeIf(actDigits == 4, 16)}
	for b := range bricks {
		inner := coordinates{b >> 1 & 1, b & 1, b >> 3 & 1, b >> 2 & 1}
		var element int
		element, c.weight[b] = inner.digit(0, weightDigits, 0)
		element, c.act[b] = inner.digit(1, actDigits, element)
		c.element[b] = int8(element)
		if element >= pack {
			c.element[b] = -1
		}
	}
	return c, nil
}

// coordinates are those of a brick: weight, act, quad weight, quad act.
type coordinates [4]int

// digit returns which digit of operand 0 (weight) or 1 (act) a brick takes, and
// the element number with the free coordinates of the operand appended.
func (c coordinates) digit(operand, digits, element int) (int, int8) {
	inner, outer := c[operand], c[operand+2]
	switch digits {
	case 4:
		return element, int8(2*outer + inner)
	case 2:
		return 2*element + outer, int8(inner)
	}
	return 4*element + 2*outer + inner, 0
}

func oneTwoFour(n int) bool { return n == 1 || n == 2 || n == 4 }

func placeIf(on bool, place int32) int32 {
	if on {
		return place
	}
	return 1
}

// digit returns 2-bit digit i of an operand of n digits; the top one of a signed
// operand carries the sign.
func digit(v int32, i, n int, signed bool) int8 {
	d := v >> (2 * i)
	if signed && i == n-1 {
		return int8(d << 30 >> 30)
	}
	return int8(d & 3)
}

// unit is one cycle of a fusion unit: 16 bricks and their shift-add trees.
func (r *recipe) unit(w, a *[bricks]int8) int64 {
	q00 := r.quad((*[4]int8)(w[0:4]), (*[4]int8)(a[0:4]))
	q01 := r.quad((*[4]int8)(w[4:8]), (*[4]int8)(a[4:8]))
	q10 := r.quad((*[4]int8)(w[8:12]), (*[4]int8)(a[8:12]))
	q11 := r.quad((*[4]int8)(w[12:16]), (*[4]int8)(a[12:16]))
	return int64(q00 + q01*r.quadAct + (q10+q11*r.quadAct)*r.quadWeight)
}

func (r *recipe) quad(w, a *[4]int8) int32 {
	b00 := int32(w[0]) * int32(a[0])
	b01 := int32(w[1]) * int32(a[1])
	b10 := int32(w[2]) * int32(a[2])
	b11 := int32(w[3]) * int32(a[3])
	return b00 + b01*r.act + (b10+b11*r.act)*r.weight
}
