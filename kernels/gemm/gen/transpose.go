package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transposes writes dst[c·ldd + r] = src[r·lds + c] for whole square blocks.
func transposes() {
	transpose("F32", f32, 8, eightByEight)
	transpose("F64", f64, 4, fourByFour)
}

func transpose(kind string, e element, side int, block func(x []reg.VecVirtual) []reg.VecVirtual) {
	name := "transpose" + kind + "AVX2"
	TEXT(name, NOSPLIT, "func(dst []"+e.name+", ldd int, src []"+e.name+", lds, rows, cols int)")
	Doc(name + " transposes a matrix whose sides are multiples of the block's.")
	Pragma("noescape")
	dst, src := Load(Param("dst").Base(), GP64()).(reg.GPVirtual), Load(Param("src").Base(), GP64()).(reg.GPVirtual)
	to, from := newStrides(load(Param("ldd"), e.size), side), newStrides(load(Param("lds"), e.size), side)
	Label("rows")
	at, out, cols := GP64(), GP64(), Load(Param("cols"), GP64())
	MOVQ(src, at)
	MOVQ(dst, out)
	Label("block")
	x := avx2.regs(side)
	for r := range side {
		VMOVUPS(from.row(at, r), x[r])
	}
	for c, v := range block(x) {
		VMOVUPS(v, to.row(out, c))
	}
	ADDQ(Imm(32), at)
	LEAQ(to.row(out, side), out)
	SUBQ(Imm(uint64(side)), cols)
	JGT(LabelRef("block"))
	LEAQ(from.row(src, side), src)
	ADDQ(Imm(32), dst)
	SUBQ(Imm(uint64(side)), param("rows"))
	JGT(LabelRef("rows"))
	finish()
}

// fourByFour transposes four rows of four.
func fourByFour(x []reg.VecVirtual) []reg.VecVirtual {
	y := avx2.regs(4)
	for i := 0; i < 4; i += 2 {
		VUNPCKLPD(x[i+1], x[i], y[i])
		VUNPCKHPD(x[i+1], x[i], y[i+1])
	}
	return halves2(y[:2], y[2:], x)
}

// halves2 joins the low halves of a and b, then their high halves.
func halves2(a, b, out []reg.VecVirtual) []reg.VecVirtual {
	n := len(a)
	for i := range a {
		VPERM2F128(U8(0x20), b[i], a[i], out[i])
		VPERM2F128(U8(0x31), b[i], a[i], out[n+i])
	}
	return out
}

// eightByEight transposes eight rows of eight.
func eightByEight(x []reg.VecVirtual) []reg.VecVirtual {
	y := avx2.regs(8)
	for i := 0; i < 8; i += 2 {
		VUNPCKLPS(x[i+1], x[i], y[i])
		VUNPCKHPS(x[i+1], x[i], y[i+1])
	}
	for q := 0; q < 8; q += 4 { // quarters of four rows
		for i := range 2 {
			VUNPCKLPD(y[q+2+i], y[q+i], x[q+2*i])
			VUNPCKHPD(y[q+2+i], y[q+i], x[q+2*i+1])
		}
	}
	return halves2(x[:4], x[4:], y)
}
