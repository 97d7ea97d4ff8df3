package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// epilogues writes the passes over finished elements.
func epilogues() {
	epilogueF32(avx2)
	epilogueF32(avx512)
	requantAVX512()
	requantAVX2()
}

// columns is a loop over the columns of a block of float32 or int32, a vector at a time.
type columns struct {
	isa
	n    reg.GPVirtual // columns left
	tail reg.Register  // mask of the lanes in use
}

// lanes sets the mask for the vector at hand: all lanes, or the n that are left. AVX2 masks have a word
// of ones for a lane in use and are loaded from a table.
func (l *columns) lanes() {
	lanes := l.bytes / 4
	left := GP64()
	MOVQ(U64(uint64(lanes)), left)
	CMPQ(l.n, left)
	CMOVQLT(l.n, left)
	if l.bytes == 64 {
		ones := GP64()
		MOVQ(I64(-1), ones)
		BZHIQ(left, ones, ones)
		l.tail = K()
		KMOVW(ones.As32(), l.tail)
		return
	}
	table := GP64()
	LEAQ(laneMasks(), table)
	NEGQ(left)
	l.tail = YMM()
	VMOVDQU(Mem{Base: table, Index: left, Scale: 4, Disp: 32}, l.tail)
}

var laneTable *Mem

// laneMasks is eight words of ones followed by eight of zeros.
func laneMasks() Mem {
	if laneTable == nil {
		m := GLOBL("laneMasks", RODATA|NOPTR)
		for i := range 16 {
			v := uint32(math.MaxUint32)
			if i >= 8 {
				v = 0
			}
			DATA(4*i, U32(v))
		}
		laneTable = &m
	}
	return *laneTable
}

// load reads the lanes in use.
func (l *columns) load(from Mem, to reg.VecVirtual) {
	if l.bytes == 64 {
		VMOVUPS_Z(from, l.tail, to)
	} else {
		VMASKMOVPS(from, l.tail, to)
	}
}

// store writes the lanes in use.
func (l *columns) store(from reg.VecVirtual, to Mem) {
	if l.bytes == 64 {
		VMOVUPS(from, l.tail, to)
	} else {
		VMASKMOVPS(from, l.tail, to)
	}
}

// optional loads a vector from a pointer that may be nil, and steps the pointer.
func (l *columns) optional(label string, p reg.GPVirtual, to reg.VecVirtual) {
	TESTQ(p, p)
	JEQ(LabelRef(label))
	l.load(Mem{Base: p}, to)
	ADDQ(Imm(uint64(l.bytes)), p)
	Label(label)
}

func epilogueF32(v isa) {
	name := "epilogueF32" + v.name
	TEXT(name, NOSPLIT, "func(rows, n int, c []float32, ldc int, scale, bias, residual []float32, ldr int, lo, hi float32)")
	Doc(name + " applies an epilogue to a block; nil slices leave their term out.")
	Pragma("noescape")
	l := columns{isa: v, n: Load(Param("n"), GP64()).(reg.GPVirtual)}
	c := Load(Param("c").Base(), GP64()).(reg.GPVirtual)
	scale := Load(Param("scale").Base(), GP64()).(reg.GPVirtual)
	bias := Load(Param("bias").Base(), GP64()).(reg.GPVirtual)
	residual := Load(Param("residual").Base(), GP64()).(reg.GPVirtual)
	ldc, ldr := Load(Param("ldc"), GP64()), Load(Param("ldr"), GP64())
	SHLQ(Imm(2), ldc)
	SHLQ(Imm(2), ldr)
	lo, hi, scales, biases, x, y := v.reg(), v.reg(), v.reg(), v.reg(), v.reg(), v.reg()
	VBROADCASTSS(param("lo"), lo)
	VBROADCASTSS(param("hi"), hi)
	one := GP32()
	MOVL(U32(math.Float32bits(1)), one)
	unit := XMM()
	VMOVD(one, unit)
	VBROADCASTSS(unit, scales)
	v.zero(biases)

	Label("column")
	l.lanes()
	l.optional("scaled", scale, scales)
	l.optional("biased", bias, biases)
	row, other, rows := GP64(), GP64(), Load(Param("rows"), GP64())
	MOVQ(c, row)
	MOVQ(residual, other)

	Label("row")
	l.load(Mem{Base: row}, x)
	VFMADD213PS(biases, scales, x)
	TESTQ(residual, residual)
	JEQ(LabelRef("alone"))
	l.load(Mem{Base: other}, y)
	VADDPS(y, x, x)
	ADDQ(ldr, other)
	Label("alone")
	VMAXPS(x, lo, x) // of a NaN and a bound the NaN, the second source
	VMINPS(x, hi, x)
	l.store(x, Mem{Base: row})
	ADDQ(ldc, row)
	DECQ(rows)
	JNE(LabelRef("row"))

	ADDQ(Imm(uint64(v.bytes)), c)
	LEAQ(Mem{Base: residual, Disp: v.bytes}, other)
	TESTQ(residual, residual)
	CMOVQNE(other, residual)
	SUBQ(Imm(uint64(v.bytes/4)), l.n)
	JGT(LabelRef("column"))
	finish()
}
