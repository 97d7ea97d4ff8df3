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

// requantAVX2 works on 8 columns at a time, the even and the odd ones in 64 bits each. n is a multiple
// of 8. There is no arithmetic shift of 64 bits: v >> s is ((v xor 2⁶³) >>> s) − (2⁶³ >>> s).
func requantAVX2() {
	name := "requantBy8AVX2"
	TEXT(name, NOSPLIT, requantSignature)
	Doc(name + " is requantAVX512 for multiples of 8 columns.")
	Pragma("noescape")
	pointer := func(name string) reg.GPVirtual { return Load(Param(name).Base(), GP64()).(reg.GPVirtual) }
	x, sums, mult, bias, shift := pointer("x"), pointer("sums"), pointer("mult"), pointer("bias"), pointer("shift")
	dst := Load(Param("dst"), GP64()).(reg.GPVirtual)
	wide := func(name string) reg.VecVirtual {
		bound, r := GP64(), YMM()
		MOVLQSX(param(name), bound)
		VMOVQ(bound, r.AsX())
		VPBROADCASTQ(r.AsX(), r)
		return r
	}
	lo, hi, off, least := wide("lo"), wide("hi"), YMM(), YMM()
	VPXOR(off, off, off)
	VPCMPEQQ(least, least, least)
	VPSLLQ(Imm(63), least, least)
	var m, b, s, correction, y [2]reg.VecVirtual
	for h := range 2 {
		m[h], b[h], s[h], correction[h], y[h] = YMM(), YMM(), YMM(), YMM(), YMM()
	}
	t := YMM()

	Label("column")
	TESTQ(sums, sums)
	JEQ(LabelRef("unsummed"))
	VBROADCASTSS(param("zero"), off)
	VPMULLD(Mem{Base: sums}, off, off)
	ADDQ(Imm(32), sums)
	Label("unsummed")
	VMOVDQU(Mem{Base: mult}, m[0])
	VPSRLQ(Imm(32), m[0], m[1])
	VMOVDQU(Mem{Base: bias}, t)
	VPUNPCKLQDQ(Mem{Base: bias, Disp: 32}, t, b[0])
	VPUNPCKHQDQ(Mem{Base: bias, Disp: 32}, t, b[1])
	VPMOVZXBD(Mem{Base: shift}, t)
	VPSRLQ(Imm(32), t, s[1])
	VPSLLQ(Imm(32), t, s[0])
	VPSRLQ(Imm(32), s[0], s[0])
	for h := range 2 {
		VPERMQ(U8(0xd8), b[h], b[h])
		VPSRLVQ(s[h], least, correction[h])
	}
	from, to, rows := GP64(), GP64(), Load(Param("rows"), GP64())
	MOVQ(x, from)
	MOVQ(dst, to)

	Label("row")
	VMOVDQU(Mem{Base: from}, y[0])
	VPSUBD(off, y[0], y[0])
	VPSRLQ(Imm(32), y[0], y[1])
	for h := range 2 {
		VPMULDQ(m[h], y[h], y[h])
		VPADDQ(b[h], y[h], y[h])
		VPXOR(least, y[h], y[h])
		VPSRLVQ(s[h], y[h], y[h])
		VPSUBQ(correction[h], y[h], y[h])
		VPCMPGTQ(hi, y[h], t)
		VBLENDVPD(t, hi, y[h], y[h])
		VPCMPGTQ(y[h], lo, t)
		VBLENDVPD(t, lo, y[h], y[h])
	}
	VPSLLQ(Imm(32), y[1], y[1])
	VPBLENDD(U8(0xaa), y[1], y[0], y[0])
	size := Load(Param("size"), GP64())
	CMPQ(size, Imm(2))
	JEQ(LabelRef("words"))
	JGT(LabelRef("doublewords"))
	VPSHUFB(lowBytes("lowBytes", 0, 4, 8, 12), y[0], y[0])
	VEXTRACTI128(Imm(1), y[0], t.AsX())
	VPUNPCKLDQ(t.AsX(), y[0].AsX(), t.AsX())
	VMOVQ(t.AsX(), Mem{Base: to})
	JMP(LabelRef("stored"))
	Label("words")
	VPSHUFB(lowBytes("lowWords", 0, 1, 4, 5, 8, 9, 12, 13), y[0], y[0])
	VPERMQ(U8(0x08), y[0], y[0])
	VMOVDQU(y[0].AsX(), Mem{Base: to})
	JMP(LabelRef("stored"))
	Label("doublewords")
	VMOVDQU(y[0], Mem{Base: to})
	Label("stored")
	step := Load(Param("ldx"), GP64())
	LEAQ(Mem{Base: from, Index: step, Scale: 4}, from)
	ADDQ(param("ldd"), to)
	DECQ(rows)
	JNE(LabelRef("row"))

	for _, p := range []struct {
		at   reg.GPVirtual
		size int
	}{{x, 32}, {mult, 32}, {bias, 64}, {shift, 8}} {
		ADDQ(Imm(uint64(p.size)), p.at)
	}
	SHLQ(Imm(3), size)
	ADDQ(size, dst)
	SUBQ(Imm(8), param("n"))
	JGT(LabelRef("column"))
	finish()
}

// lowBytes is a shuffle of each half of a register that moves the bytes at the given places to its
// beginning.
func lowBytes(name string, places ...int) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 32 {
		v := uint8(0x80)
		if i%16 < len(places) {
			v = uint8(places[i%16])
		}
		DATA(i, U8(v))
	}
	return m
}
