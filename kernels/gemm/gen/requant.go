package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const requantSignature = "func(rows, n int, x []int32, ldx int, zero int32, sums, mult []int32, bias []int64, shift []uint8, lo, hi int32, dst *byte, ldd, size int)"

// requantAVX512 works on 16 columns at a time, as two halves in 64 bits.
func requantAVX512() {
	name := "requantAVX512"
	TEXT(name, NOSPLIT, requantSignature)
	Doc(name+" takes zero times the column sums off x (sums may be nil), requantizes and stores elements of size",
		"1, 2 or 4 bytes; ldd counts bytes.")
	Pragma("noescape")
	l := columns{isa: avx512, n: Load(Param("n"), GP64()).(reg.GPVirtual)}
	pointer := func(name string) reg.GPVirtual { return Load(Param(name).Base(), GP64()).(reg.GPVirtual) }
	x, sums, mult, bias, shift := pointer("x"), pointer("sums"), pointer("mult"), pointer("bias"), pointer("shift")
	dst := Load(Param("dst"), GP64()).(reg.GPVirtual)
	lo, hi, off, zero := ZMM(), ZMM(), ZMM(), ZMM()
	VBROADCASTSS(param("lo"), lo)
	VBROADCASTSS(param("hi"), hi)
	VBROADCASTSS(param("zero"), zero)
	VPXORQ(off, off, off)
	var m, b, s [2]reg.VecVirtual
	for h := range 2 {
		m[h], b[h], s[h] = ZMM(), ZMM(), ZMM()
	}

	Label("column")
	l.lanes()
	high := K()
	KSHIFTRW(Imm(8), l.tail, high)
	half := [2]reg.Register{l.tail, high}
	l.optional("summed", sums, off)
	VPMULLD(zero, off, off)
	for h := range 2 {
		VPMOVSXDQ_Z(Mem{Base: mult, Disp: 32 * h}, half[h], m[h])
		VMOVDQU64_Z(Mem{Base: bias, Disp: 64 * h}, half[h], b[h])
		VPMOVZXBQ_Z(Mem{Base: shift, Disp: 8 * h}, half[h], s[h])
	}
	from, to, rows := GP64(), GP64(), Load(Param("rows"), GP64())
	size := Load(Param("size"), GP64())
	MOVQ(x, from)
	MOVQ(dst, to)

	Label("row")
	v, y := ZMM(), [2]reg.VecVirtual{ZMM(), ZMM()}
	VMOVDQU32_Z(Mem{Base: from}, l.tail, v)
	VPSUBD(off, v, v)
	VEXTRACTI64X4(Imm(1), v, y[1].AsY())
	VPMOVSXDQ(v.AsY(), y[0])
	VPMOVSXDQ(y[1].AsY(), y[1])
	for h := range 2 {
		VPMULDQ(m[h], y[h], y[h])
		VPADDQ(b[h], y[h], y[h])
		VPSRAVQ(s[h], y[h], y[h])
		VPMOVSQD(y[h], y[h].AsY())
	}
	VINSERTI64X4(Imm(1), y[1].AsY(), y[0], v)
	VPMAXSD(lo, v, v)
	VPMINSD(hi, v, v)
	CMPQ(size, Imm(2))
	JEQ(LabelRef("words"))
	JGT(LabelRef("doublewords"))
	VPMOVDB(v, l.tail, Mem{Base: to})
	JMP(LabelRef("stored"))
	Label("words")
	VPMOVDW(v, l.tail, Mem{Base: to})
	JMP(LabelRef("stored"))
	Label("doublewords")
	VMOVDQU32(v, l.tail, Mem{Base: to})
	Label("stored")
	step := Load(Param("ldx"), GP64())
	LEAQ(Mem{Base: from, Index: step, Scale: 4}, from)
	ADDQ(param("ldd"), to)
	DECQ(rows)
	JNE(LabelRef("row"))

	ADDQ(Imm(64), x)
	ADDQ(Imm(64), mult)
	ADDQ(Imm(128), bias)
	ADDQ(Imm(16), shift)
	SHLQ(Imm(4), size)
	ADDQ(size, dst)
	SUBQ(Imm(16), l.n)
	JGT(LabelRef("column"))
	finish()
}
