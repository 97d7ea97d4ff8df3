package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// depthwise multiplies patches by weights lane by lane: every lane is a channel. A step is 4 bytes of a
// channel: one float32, two int16 or four bytes of neighbouring pixels.
type depthwise struct {
	isa
	name, elem string
	mac        func(b Op, a, sum reg.VecVirtual, temp []reg.VecVirtual)
	temps      int
}

func depthwises() {
	for _, d := range []depthwise{
		{avx512, "F32", "float32", fmaPS, 0},
		{avx512, "I8", "int32", dotBytes, 0},
		{avx2, "F32", "float32", fmaPS, 0},
		{avx2, "I16", "int32", maddWords, 1},
	} {
		d.write()
	}
	interleave(avx512, 8)
	interleave(avx2, 16)
	widenAVX2()
	transposes()
}

// sizes are the numbers of positions computed together.
var sizes = []int{8, 4, 2, 1}

func (d depthwise) write() {
	name := "depthwise" + d.name + d.isa.name
	TEXT(name, NOSPLIT, fmt.Sprintf("func(rows, n int, x []%[1]s, %[2]s, w []%[1]s, c []%[1]s, ldc int)", d.elem, strided))
	Doc(name+" computes n channels of rows positions; position r reads step s of segment g at x[r·rs + g·ss + s·cs:]",
		"and the next n weights.")
	Pragma("noescape")
	cs := walk("l", 4)
	pitch := load(Param("n"), 4)
	s := newStrides(load(Param("l").Field("rs"), 4), sizes[0])

	Label("column")
	l := columns{isa: d.isa, n: Load(Param("n"), GP64()).(reg.GPVirtual)}
	l.lanes()
	x, c := Load(Param("x").Base(), GP64()).(reg.GPVirtual), Load(Param("c").Base(), GP64()).(reg.GPVirtual)
	rows := Load(Param("rows"), GP64())
	for _, size := range sizes {
		Label(fmt.Sprintf("block%d", size))
		CMPQ(rows, Imm(uint64(size)))
		JLT(LabelRef(fmt.Sprintf("done%d", size)))
		d.block(&l, size, x, c, cs, pitch, s)
		SUBQ(Imm(uint64(size)), rows)
		JMP(LabelRef(fmt.Sprintf("block%d", size)))
		Label(fmt.Sprintf("done%d", size))
	}
	for _, p := range []string{"x", "w", "c"} {
		ADDQ(Imm(uint64(d.bytes)), param(p))
	}
	SUBQ(Imm(uint64(d.bytes/4)), param("n"))
	JGT(LabelRef("column"))
	finish()
}

// block computes size positions and steps x and c past them.
func (d depthwise) block(l *columns, size int, x, c reg.GPVirtual, cs, pitch reg.Register, s strides) {
	label := func(name string) string { return fmt.Sprintf("%s%d", name, size) }
	sums, weight, pixel, temp := d.regs(size), d.reg(), d.reg(), d.regs(d.temps)
	for _, r := range sums {
		d.zero(r)
	}
	w := Load(Param("w").Base(), GP64()).(reg.GPVirtual)
	segments, at := Load(Param("l").Field("segments"), GP64()), GP64()
	MOVQ(x, at)
	Label(label("segment"))
	steps := Load(Param("l").Field("steps"), GP64())
	Label(label("step"))
	l.load(Mem{Base: w}, weight)
	for r, sum := range sums {
		l.load(s.row(at, r), pixel)
		d.mac(weight, pixel, sum, temp)
	}
	ADDQ(cs, at)
	ADDQ(pitch, w)
	DECQ(steps)
	JNE(LabelRef(label("step")))
	ADDQ(field("l", "ss"), at)
	DECQ(segments)
	JNE(LabelRef(label("segment")))

	ldc := load(Param("ldc"), 4)
	for _, sum := range sums {
		l.store(sum, Mem{Base: c})
		ADDQ(ldc, c)
	}
	next := s[1]
	for range log2(size) {
		double := GP64()
		LEAQ(Mem{Base: next, Index: next, Scale: 1}, double)
		next = double
	}
	ADDQ(next, x)
}

// interleave packs each channel of a pixel and of the pixels right of it into 4 bytes.
func interleave(v isa, shift int) {
	name := fmt.Sprintf("interleave%d%s", 32/shift, v.name)
	TEXT(name, NOSPLIT, "func(dst []int32, x []uint8, pixels, n int)")
	Doc(fmt.Sprintf("%s writes to dst[p·n+c] the bytes x[(p+i)·n+c], i < %d, bits %d·i and up. Pixels past the last are zero.", name, 32/shift, shift))
	Pragma("noescape")
	l := columns{isa: v, n: Load(Param("n"), GP64()).(reg.GPVirtual)}
	pitch := Load(Param("n"), GP64()).(reg.GPVirtual)
	x, dst := Load(Param("x").Base(), GP64()).(reg.GPVirtual), Load(Param("dst").Base(), GP64()).(reg.GPVirtual)
	last := Load(Param("pixels"), GP64())
	DECQ(last)
	IMULQ(pitch, last)
	ADDQ(last, x)
	LEAQ(Mem{Base: dst, Index: last, Scale: 4}, dst)
	quad, pixel := v.reg(), v.reg()

	Label("column")
	l.lanes()
	v.zero(quad)
	from, to, pixels := GP64(), GP64(), Load(Param("pixels"), GP64())
	MOVQ(x, from)
	MOVQ(dst, to)
	Label("pixel")
	VPSLLD(Imm(uint64(shift)), quad, quad)
	if v.bytes == 64 {
		VPMOVZXBD_Z(Mem{Base: from}, l.tail, pixel)
		VPORD(pixel, quad, quad)
	} else {
		VPMOVZXBD(Mem{Base: from}, pixel)
		VPOR(pixel, quad, quad)
	}
	l.store(quad, Mem{Base: to})
	SUBQ(pitch, from)
	back := GP64()
	MOVQ(pitch, back)
	SHLQ(Imm(2), back)
	SUBQ(back, to)
	DECQ(pixels)
	JNE(LabelRef("pixel"))
	ADDQ(Imm(uint64(v.bytes/4)), x)
	ADDQ(Imm(uint64(v.bytes)), dst)
	SUBQ(Imm(uint64(v.bytes/4)), l.n)
	JGT(LabelRef("column"))
	finish()
}
