package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const requantSignature = "func(rows, n int, x []int32, ldx int, zero int32, sums, mult []int32, bias []int64, shift []uint8, lo, hi int32, dst *byte, ldd, size int)"

// requantAVX512 works on 16 columns at a time, the even and the odd ones in 64 bits each. Where
// |mult| + |bias|/2³¹ < 2^shift in every column, as for any scale below one, no result leaves 32 bits
// and the slower saturation to 32 bits is left out.
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
	r := requantRegs{lo: ZMM(), hi: ZMM(), off: ZMM(), odd: K()}
	zero := ZMM()
	VBROADCASTSS(param("lo"), r.lo)
	VBROADCASTSS(param("hi"), r.hi)
	VBROADCASTSS(param("zero"), zero)
	avx512.zero(r.off)
	odd := GP32()
	MOVL(U32(0xaaaa), odd)
	KMOVW(odd, r.odd)
	for h := range 2 {
		r.m[h], r.b[h], r.s[h] = ZMM(), ZMM(), ZMM()
	}

	Label("column")
	l.lanes()
	l.optional("summed", sums, r.off)
	VPMULLD(zero, r.off, r.off)
	narrow := r.columns(&l, mult, bias, shift)
	from, to, rows := GP64(), GP64(), Load(Param("rows"), GP64())
	size := Load(Param("size"), GP64())
	MOVQ(x, from)
	MOVQ(dst, to)
	for _, saturate := range []bool{false, true} {
		suffix := map[bool]string{false: "Narrow", true: "Wide"}[saturate]
		if !saturate {
			KORTESTB(narrow, narrow)
			JCC(LabelRef("rowWide"))
		}
		Label("row" + suffix)
		v := r.row(&l, from, saturate)
		storeInts(v, l.tail, to, size, suffix)
		step := Load(Param("ldx"), GP64())
		LEAQ(Mem{Base: from, Index: step, Scale: 4}, from)
		ADDQ(param("ldd"), to)
		DECQ(rows)
		JNE(LabelRef("row" + suffix))
		if !saturate {
			JMP(LabelRef("next"))
		}
	}

	Label("next")
	ADDQ(Imm(64), x)
	ADDQ(Imm(64), mult)
	ADDQ(U32(128), bias)
	ADDQ(Imm(16), shift)
	SHLQ(Imm(4), size)
	ADDQ(size, dst)
	SUBQ(Imm(16), l.n)
	JGT(LabelRef("column"))
	finish()
}

// requantRegs is what the rows of 16 columns share: the even columns' numbers and the odd ones'.
type requantRegs struct {
	lo, hi, off reg.VecVirtual
	m, b, s     [2]reg.VecVirtual
	odd         reg.Register // mask of the odd lanes of 32 bits
}

// columns loads the numbers of the columns, and returns a mask of ones if no result leaves 32 bits.
func (r *requantRegs) columns(l *columns, mult, bias, shift reg.GPVirtual) reg.Register {
	l.load(Mem{Base: mult}, r.m[0])
	VPSRLQ(Imm(32), r.m[0], r.m[1])
	high := K()
	KSHIFTRW(Imm(8), l.tail, high)
	b := [2]reg.VecVirtual{ZMM(), ZMM()}
	VMOVDQU64_Z(Mem{Base: bias}, l.tail, b[0])
	VMOVDQU64_Z(Mem{Base: bias, Disp: 64}, high, b[1])
	VPMOVZXBD_Z(Mem{Base: shift}, l.tail, r.s[0])
	VPSRLQ(Imm(32), r.s[0], r.s[1])
	VPSLLQ(Imm(32), r.s[0], r.s[0])
	VPSRLQ(Imm(32), r.s[0], r.s[0])
	fits := [2]reg.Register{K(), K()}
	for h := range 2 {
		VMOVDQU64(everySecond(h), r.b[h])
		VPERMI2Q(b[1], b[0], r.b[h])
		magnitude, part, limit := ZMM(), ZMM(), ZMM()
		VPSLLQ(Imm(32), r.m[h], magnitude)
		VPSRAQ(Imm(32), magnitude, magnitude)
		VPABSQ(magnitude, magnitude)
		VPABSQ(r.b[h], part)
		VPSRLQ(Imm(31), part, part)
		VPADDQ(part, magnitude, magnitude)
		VPTERNLOGD(U8(0xff), limit, limit, limit)
		VPABSQ(limit, limit)
		VPSLLVQ(r.s[h], limit, limit)
		VPCMPQ(U8(1), limit, magnitude, fits[h]) // magnitude < limit
	}
	KANDB(fits[0], fits[1], fits[0])
	return fits[0]
}

// everySecond is the index of the even or odd ones of 16 numbers of 64 bits.
func everySecond(first int) Mem {
	m := GLOBL([]string{"evenOnes", "oddOnes"}[first], RODATA|NOPTR)
	for i := range 8 {
		DATA(8*i, U64(uint64(2*i+first)))
	}
	return m
}

// row computes 16 results.
func (r *requantRegs) row(l *columns, from reg.GPVirtual, saturate bool) reg.VecVirtual {
	v, y := ZMM(), [2]reg.VecVirtual{ZMM(), ZMM()}
	VMOVDQU32_Z(Mem{Base: from}, l.tail, v)
	VPSUBD(r.off, v, y[0])
	VPSRLQ(Imm(32), y[0], y[1])
	for h := range 2 {
		VPMULDQ(r.m[h], y[h], y[h])
		VPADDQ(r.b[h], y[h], y[h])
		VPSRAVQ(r.s[h], y[h], y[h])
		if saturate {
			VPMOVSQD(y[h], y[h].AsY())
			VPMOVZXDQ(y[h].AsY(), y[h])
		}
	}
	VMOVSLDUP(y[1], r.odd, y[0])
	VPMAXSD(r.lo, y[0], v)
	VPMINSD(r.hi, v, v)
	return v
}

// storeInts stores the low 1, 2 or 4 bytes of each lane in use.
func storeInts(v reg.VecVirtual, lanes reg.Register, to, size reg.Register, suffix string) {
	CMPQ(size, Imm(2))
	JEQ(LabelRef("words" + suffix))
	JGT(LabelRef("doublewords" + suffix))
	VPMOVDB(v, lanes, Mem{Base: to})
	JMP(LabelRef("stored" + suffix))
	Label("words" + suffix)
	VPMOVDW(v, lanes, Mem{Base: to})
	JMP(LabelRef("stored" + suffix))
	Label("doublewords" + suffix)
	VMOVDQU32(v, lanes, Mem{Base: to})
	Label("stored" + suffix)
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
