package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

type tileShape struct{ rows, vectors int }

// tiles are the register tiles of the complex product, by instruction set.
var tiles = map[string][]tileShape{
	"AVX512": {{4, 2}, {4, 1}, {1, 1}},
	"AVX2":   {{2, 2}, {1, 2}},
}

// tile writes C = A·B for a tile of rows × vectors·lanes complex elements.
func (v isa) tile(rows, vectors int) {
	cols := vectors * v.lanes()
	name := fmt.Sprintf("tile%dx%d%s", rows, cols, v.name)
	TEXT(name, NOSPLIT, "func(k int, aRe, aIm *float64, lda int, bRe, bIm *float64, ldb int, cRe, cIm *float64, ldc int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s multiplies %d rows of A by %d columns of B, k deep.", name, rows, cols))
	t := tile{isa: v, vectors: vectors, sumRe: v.regs(rows * vectors), sumIm: v.regs(rows * vectors), b: v.regs(2 * vectors), a: v.regs(2), t: v.regs(2)}
	v.zero(t.sumRe...)
	v.zero(t.sumIm...)
	k := pointer("k")
	a := [2]reg.GPVirtual{pointer("aRe"), pointer("aIm")}
	lda := bytesOf("lda")
	b := [2]reg.GPVirtual{pointer("bRe"), pointer("bIm")}
	ldb := bytesOf("ldb")
	lda3 := GP64()
	LEAQ(Mem{Base: lda, Index: lda, Scale: 2}, lda3)
	Label("k")
	for j := range t.b {
		VMOVUPD(Mem{Base: b[j%2], Disp: j / 2 * v.bytes}, t.b[j])
	}
	for r := range rows {
		t.multiply(r, rowOf(a[0], lda, lda3, r), rowOf(a[1], lda, lda3, r))
	}
	for p := range 2 {
		ADDQ(U8(8), a[p])
		ADDQ(ldb, b[p])
	}
	DECQ(k)
	JNE(LabelRef("k"))
	t.store(rows)
	finish()
}

// rowOf addresses row r of 0 to 3, given one and three times the row length.
func rowOf(base, ld, ld3 reg.Register, r int) Mem {
	switch r {
	case 0:
		return Mem{Base: base}
	case 3:
		return Mem{Base: base, Index: ld3, Scale: 1}
	}
	return Mem{Base: base, Index: ld, Scale: uint8(r)}
}

// tile is the register allocation of a tile; b holds the real and imaginary vectors
// of B in turn.
type tile struct {
	isa
	vectors      int
	sumRe, sumIm []reg.VecVirtual
	b, a, t      []reg.VecVirtual
}

// multiply adds row r of A, one element, times the vectors of B to the sums.
func (t *tile) multiply(r int, aRe, aIm Mem) {
	VBROADCASTSD(aRe, t.a[0])
	VBROADCASTSD(aIm, t.a[1])
	for j := range t.vectors {
		re, im := t.b[2*j], t.b[2*j+1]
		sumRe, sumIm := t.sumRe[r*t.vectors+j], t.sumIm[r*t.vectors+j]
		VMULPD(t.a[0], re, t.t[0])
		VMULPD(t.a[1], im, t.t[1])
		VSUBPD(t.t[1], t.t[0], t.t[0])
		VADDPD(t.t[0], sumRe, sumRe)
		VMULPD(t.a[0], im, t.t[0])
		VMULPD(t.a[1], re, t.t[1])
		VADDPD(t.t[1], t.t[0], t.t[0])
		VADDPD(t.t[0], sumIm, sumIm)
	}
}

// store writes the sums to C.
func (t *tile) store(rows int) {
	c := [2]reg.GPVirtual{pointer("cRe"), pointer("cIm")}
	ldc := bytesOf("ldc")
	for r := range rows {
		for j := range t.vectors {
			VMOVUPD(t.sumRe[r*t.vectors+j], Mem{Base: c[0], Disp: j * t.bytes})
			VMOVUPD(t.sumIm[r*t.vectors+j], Mem{Base: c[1], Disp: j * t.bytes})
		}
		if r < rows-1 {
			ADDQ(ldc, c[0])
			ADDQ(ldc, c[1])
		}
	}
}
