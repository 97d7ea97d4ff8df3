package main

import (
	"fmt"
	bitcount "math/bits"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Truth tables of VPTERNLOG. The index of a row is 4·dst + 2·second + first, in the order of the
// assembler's operands read backwards.
const (
	ternXorAnd = 0x78 // dst ^ (b & a)
	ternAnd    = 0x80 // dst & b & a
	ternCarry  = 0x74 // the carry between three parities, see bitTile
)

// bitTile multiplies bit rows by bit columns: AND and population count.
//
// Counting each AND takes three instructions a word: AND, VPOPCNTQ, add. Here a word only toggles the
// parity of its lanes, s ← s ^ (a & b), one VPTERNLOG. Every second toggle of a lane is a carry of
// weight two, and over two toggles s₀ → s₁ → s₂ it is a function of the three parities alone: one more
// VPTERNLOG gives the carries of two words, which are counted and added together. That makes five
// instructions for two words instead of six, and the parities left at the end are counted once.
type bitTile struct {
	tile
	count, parity []reg.VecVirtual
	word          [2][]reg.VecVirtual
	t             [2]reg.VecVirtual
}

func bitTiles() {
	for _, vectors := range []int{2, 1} {
		t := bitTile{tile: tile{isa: avx512, name: "Bits", a: u8, b: u64, c: i32, rows: 6, vectors: vectors, unit: 8}}
		t.declare("weight int32")
		t.blocks(t.body)
	}
	for _, vectors := range []int{2, 1} {
		t := nibbleTile{tile{isa: avx2, name: "Bits", a: u8, b: u64, c: i32, rows: 3, vectors: vectors, unit: 8}}
		t.declare("weight int32")
		t.blocks(t.body)
	}
	bitPlanes()
}

func (t *bitTile) body(rows int, l loop) {
	label := func(name string) string { return fmt.Sprintf("%s%d", name, rows) }
	t.count, t.parity = t.regs(rows*t.vectors), t.regs(rows*t.vectors)
	t.word = [2][]reg.VecVirtual{t.regs(t.vectors), t.regs(t.vectors)}
	t.t = [2]reg.VecVirtual{t.reg(), t.reg()}

	Label(label("rows"))
	Label(label("panel"))
	for i := range t.count {
		t.zero(t.count[i])
		t.zero(t.parity[i])
	}
	segments, a, b := Load(Param("l").Field("segments"), GP64()), GP64(), Load(Param("b").Base(), GP64()).(reg.GPVirtual)
	MOVQ(l.a, a)

	Label(label("segment"))
	steps := Load(Param("l").Field("steps"), GP64())
	SUBQ(Imm(2), steps)
	JLT(LabelRef(label("last")))
	Label(label("pair"))
	t.load(b, 2)
	for r := range rows {
		for v := range t.vectors {
			t.pair(l.rows.row(a, r), r*t.vectors+v, v)
		}
	}
	t.advance(2, l, a, b)
	SUBQ(Imm(2), steps)
	JGE(LabelRef(label("pair")))

	Label(label("last"))
	CMPQ(steps, I8(-1))
	JNE(LabelRef(label("even")))
	t.load(b, 1)
	for r := range rows {
		for v := range t.vectors {
			t.single(l.rows.row(a, r), r*t.vectors+v, v)
		}
	}
	t.advance(1, l, a, b)
	Label(label("even"))
	ADDQ(field("l", "ss"), a)
	ADDQ(field("r", "ss"), b)
	DECQ(segments)
	JNE(LabelRef(label("segment")))

	t.finish(rows)
	t.nextPanel(label, t.vectors*32)
}

func (t *bitTile) load(b reg.GPVirtual, words int) {
	for w := range words {
		for v, r := range t.word[w] {
			VMOVDQU64(Mem{Base: b, Disp: (w*t.vectors + v) * 64}, r)
		}
	}
}

func (t *bitTile) advance(words int, l loop, a, b reg.GPVirtual) {
	for range words {
		ADDQ(l.stepA, a)
		ADDQ(l.stepB, b)
	}
}

// pair takes two words of a row at m, 8 bytes apart.
func (t *bitTile) pair(m Mem, i, v int) {
	next := m
	next.Disp += 8
	VMOVDQA64(t.parity[i], t.t[0])
	VPTERNLOGQ_BCST(U8(ternXorAnd), m, t.word[0][v], t.t[0])
	VMOVDQA64(t.t[0], t.t[1])
	VPTERNLOGQ_BCST(U8(ternXorAnd), next, t.word[1][v], t.t[1])
	VPTERNLOGQ(U8(ternCarry), t.t[1], t.t[0], t.parity[i])
	VPOPCNTQ(t.parity[i], t.t[0])
	VPADDQ(t.t[0], t.count[i], t.count[i])
	VMOVDQA64(t.t[1], t.parity[i])
}

// single takes one word.
func (t *bitTile) single(m Mem, i, v int) {
	VMOVDQA64(t.parity[i], t.t[0])
	VPTERNLOGQ_BCST(U8(ternAnd), m, t.word[0][v], t.t[0])
	VPTERNLOGQ_BCST(U8(ternXorAnd), m, t.word[0][v], t.parity[i])
	VPOPCNTQ(t.t[0], t.t[0])
	VPADDQ(t.t[0], t.count[i], t.count[i])
}

// finish adds weight·(2·count + parity) to C.
func (t *bitTile) finish(rows int) {
	weight, low := t.word[0][0], t.word[1][0]
	VBROADCASTSS(param("weight"), weight)
	if t.vectors == 2 {
		VMOVDQU64(lowHalves(), low)
	}
	row := Load(Param("c").Base(), GP64()).(reg.GPVirtual)
	ldc := load(Param("ldc"), 4)
	for r := range rows {
		i := r * t.vectors
		for v := range t.vectors {
			VPOPCNTQ(t.parity[i+v], t.parity[i+v])
			VPADDQ(t.count[i+v], t.count[i+v], t.count[i+v])
			VPADDQ(t.count[i+v], t.parity[i+v], t.parity[i+v])
		}
		sum, at := t.parity[i], Mem{Base: row}
		if t.vectors == 2 {
			VPERMT2D(t.parity[i+1], low, sum)
			VPMULLD(weight, sum, sum)
			VPADDD(at, sum, sum)
			VMOVDQU32(sum, at)
		} else {
			VPMOVQD(sum, sum.AsY())
			VPMULLD(weight.AsY(), sum.AsY(), sum.AsY())
			VPADDD(at, sum.AsY(), sum.AsY())
			VMOVDQU32(sum.AsY(), at)
		}
		if r < rows-1 {
			ADDQ(ldc, row)
		}
	}
}

// lowHalves is the index of the low halves of 16 numbers of 64 bits.
func lowHalves() Mem {
	if halves == nil {
		m := GLOBL("lowHalves", RODATA|NOPTR)
		for i := range 16 {
			DATA(4*i, U32(uint32(2*i)))
		}
		halves = &m
	}
	return *halves
}

var halves *Mem

// nibbleTile is a bitTile for machines that count bits only by looking up nibbles (Muła, Kurz and Lemire,
// "Faster population counts using AVX2 instructions", Computer Journal 2018).
type nibbleTile struct{ tile }

func (t nibbleTile) body(rows int, l loop) {
	label := func(name string) string { return fmt.Sprintf("%s%d", name, rows) }
	sums, word := t.regs(rows*t.vectors), t.regs(t.vectors)
	table, low, zero, left, x, y := t.reg(), t.reg(), t.reg(), t.reg(), t.reg(), t.reg()

	Label(label("rows"))
	VMOVDQU(nibbles(), table)
	VMOVDQU(bits(0x0f0f0f0f0f0f0f0f), low)
	t.zero(zero)
	Label(label("panel"))
	for _, r := range sums {
		t.zero(r)
	}
	t.walkSteps(label, l, func(a, b reg.GPVirtual) {
		for v, r := range word {
			VMOVDQU(Mem{Base: b, Disp: v * t.bytes}, r)
		}
		for r := range rows {
			broadcast(t.unit, l.rows.row(a, r), left)
			for v := range word {
				VPAND(word[v], left, x)
				VPSRLW(Imm(4), x, y)
				VPAND(low, x, x)
				VPAND(low, y, y)
				VPSHUFB(x, table, x)
				VPSHUFB(y, table, y)
				VPADDB(x, y, x)
				VPSADBW(zero, x, x)
				VPADDQ(x, sums[r*t.vectors+v], sums[r*t.vectors+v])
			}
		}
	})
	index, weight := low, zero // no more needed in this panel
	VMOVDQU(lowHalves(), index)
	VBROADCASTSS(param("weight"), weight)
	t.eachRow(rows, t.vectors, func(i int, at Mem) {
		at.Disp /= 2 // a sum takes half the room in C
		VPMULLD(weight, sums[i], x)
		VPERMD(x, index, x)
		VPADDD(at, x.AsX(), x.AsX())
		VMOVDQU(x.AsX(), at)
	})
	VMOVDQU(bits(0x0f0f0f0f0f0f0f0f), low)
	t.zero(zero)
	t.nextPanel(label, t.vectors*t.bytes/2)
}

// nibbles is the number of ones of each nibble, twice.
func nibbles() Mem {
	if counts == nil {
		m := GLOBL("nibbles", RODATA|NOPTR)
		for i := range 32 {
			DATA(i, U8(uint8(bitcount.OnesCount(uint(i%16)))))
		}
		counts = &m
	}
	return *counts
}

var counts *Mem

// bitPlanes writes the extraction of one bit of every byte.
func bitPlanes() {
	TEXT("bitPlaneAVX512", NOSPLIT, "func(dst, x []uint8, plane uint)")
	Doc("bitPlaneAVX512 writes bit plane of x[i] to bit i of dst, in whole words of 8 bytes.")
	Pragma("noescape")
	dst := Load(Param("dst").Base(), GP64())
	x := Load(Param("x").Base(), GP64())
	n := Load(Param("x").Len(), GP64())
	count := reg.RCX
	Load(Param("plane"), count)
	one := GP32()
	MOVL(U32(1), one)
	SHLL(reg.CL, one)
	select1, bytes, bits, lanes := ZMM(), ZMM(), K(), K()
	VPBROADCASTB(one, select1)
	ones := GP64()
	MOVQ(I64(-1), ones)
	KMOVQ(ones, lanes)
	TESTQ(n, n)
	JEQ(LabelRef("done"))
	Label("block")
	CMPQ(n, Imm(64))
	JGE(LabelRef("full"))
	BZHIQ(n, ones, ones)
	KMOVQ(ones, lanes)
	Label("full")
	VMOVDQU8_Z(Mem{Base: x}, lanes, bytes)
	VPTESTMB(select1, bytes, bits)
	KMOVQ(bits, Mem{Base: dst})
	ADDQ(Imm(64), x)
	ADDQ(Imm(8), dst)
	SUBQ(Imm(64), n)
	JGT(LabelRef("block"))
	Label("done")
	finish()
}
