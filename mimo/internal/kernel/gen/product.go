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
	TEXT(fmt.Sprintf("tile%dx%d%s", rows, vectors*v.lanes(), v.name), NOSPLIT,
		"func(k int, aRe, aIm *float64, lda int, bRe, bIm *float64, ldb int, cRe, cIm *float64, ldc int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("tile%dx%d%s multiplies %d rows of A by %d columns of B, k deep.", rows, vectors*v.lanes(), v.name, rows, vectors*v.lanes()))
	k := pointer("k")
	aRe, aIm, lda := pointer("aRe"), pointer("aIm"), bytesOf("lda")
	bRe, bIm, ldb := pointer("bRe"), pointer("bIm"), bytesOf("ldb")
	lda3 := GP64()
	LEAQ(Mem{Base: lda, Index: lda, Scale: 2}, lda3)
	row := func(base reg.Register, r int) Mem {
		switch r {
		case 0:
			return Mem{Base: base}
		case 3:
			return Mem{Base: base, Index: lda3, Scale: 1}
		}
		return Mem{Base: base, Index: lda, Scale: uint8(r)}
	}
	sumRe, sumIm := v.regs(rows*vectors), v.regs(rows*vectors)
	v.zero(sumRe...)
	v.zero(sumIm...)
	bs := v.regs(2 * vectors)
	a := v.regs(2)
	t := v.regs(2)
	label := "k"
	Label(label)
	for j := range vectors {
		VMOVUPD(Mem{Base: bRe, Disp: j * v.bytes}, bs[2*j])
		VMOVUPD(Mem{Base: bIm, Disp: j * v.bytes}, bs[2*j+1])
	}
	for r := range rows {
		VBROADCASTSD(row(aRe, r), a[0])
		VBROADCASTSD(row(aIm, r), a[1])
		for j := range vectors {
			re, im := bs[2*j], bs[2*j+1]
			sr, si := sumRe[r*vectors+j], sumIm[r*vectors+j]
			VMULPD(a[0], re, t[0])
			VMULPD(a[1], im, t[1])
			VSUBPD(t[1], t[0], t[0])
			VADDPD(t[0], sr, sr)
			VMULPD(a[0], im, t[0])
			VMULPD(a[1], re, t[1])
			VADDPD(t[1], t[0], t[0])
			VADDPD(t[0], si, si)
		}
	}
	ADDQ(U8(8), aRe)
	ADDQ(U8(8), aIm)
	ADDQ(ldb, bRe)
	ADDQ(ldb, bIm)
	DECQ(k)
	JNE(LabelRef(label))
	cRe, cIm, ldc := pointer("cRe"), pointer("cIm"), bytesOf("ldc")
	for r := range rows {
		for j := range vectors {
			VMOVUPD(sumRe[r*vectors+j], Mem{Base: cRe, Disp: j * v.bytes})
			VMOVUPD(sumIm[r*vectors+j], Mem{Base: cIm, Disp: j * v.bytes})
		}
		if r < rows-1 {
			ADDQ(ldc, cRe)
			ADDQ(ldc, cIm)
		}
	}
	finish()
}
