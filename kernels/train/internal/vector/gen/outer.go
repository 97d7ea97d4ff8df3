package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// outer writes the sum of outer products for a number of rows: one register a
// row, one vector of columns.
func (v isa) outer(rows int) {
	v.begin(fmt.Sprintf("outer%d", rows),
		"lines, width int, x *float32, xStep, xLine int, d *float32, dStep int, c *float32, ldc int",
		fmt.Sprintf("adds Σ x ⊗ d to %d rows of c; steps count bytes.", rows))
	lines, width := Load(Param("lines"), GP64()), Load(Param("width"), GP64())
	x, xStep, xLine := Load(Param("x"), GP64()), Load(Param("xStep"), GP64()), Load(Param("xLine"), GP64())
	d, dStep := Load(Param("d"), GP64()), Load(Param("dStep"), GP64())
	c, ldc := Load(Param("c"), GP64()), Load(Param("ldc"), GP64())
	sums := make([]reg.VecVirtual, rows)
	for i := range sums {
		sums[i] = v.zero()
	}
	labels++
	line, position := fmt.Sprintf("line%d", labels), fmt.Sprintf("position%d", labels)
	p, n := GP64(), GP64()
	Label(line)
	MOVQ(x, p)
	MOVQ(width, n)
	Label(position)
	t := v.load(Mem{Base: d})
	for i, s := range sums {
		from := Mem{Base: p, Disp: 4 * i}
		if v.bytes == 64 {
			VFMADD231PS_BCST(from, t, s)
			continue
		}
		b := v.vec()
		VBROADCASTSS(from, b)
		VFMADD231PS(b, t, s)
	}
	ADDQ(xStep, p)
	ADDQ(dStep, d)
	DECQ(n)
	JNZ(LabelRef(position))
	ADDQ(xLine, x)
	DECQ(lines)
	JNZ(LabelRef(line))
	for _, s := range sums {
		VADDPS(Mem{Base: c}, s, s)
		VMOVUPS(s, Mem{Base: c})
		ADDQ(ldc, c)
	}
	VZEROUPPER()
	RET()
}
