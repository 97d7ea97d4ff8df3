package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// widenAVX2 turns bytes into the numbers that they stand for, 16 at a time.
func widenAVX2() {
	TEXT("widenBy16AVX2", NOSPLIT, "func(dst []int16, x []uint8, flip uint8, zero int16)")
	Doc("widenBy16AVX2 writes (x xor flip) − zero; the length of dst is a multiple of 16.")
	Pragma("noescape")
	dst, x, n := Load(Param("dst").Base(), GP64()), Load(Param("x").Base(), GP64()), Load(Param("dst").Len(), GP64())
	flip, zero, words := XMM(), YMM(), YMM()
	VPBROADCASTB(param("flip"), flip)
	VPBROADCASTW(param("zero"), zero)
	Label("vector")
	VPXOR(Mem{Base: x}, flip, words.AsX())
	VPMOVZXBW(words.AsX(), words)
	VPSUBW(zero, words, words)
	VMOVDQU(words, Mem{Base: dst})
	ADDQ(Imm(16), x)
	ADDQ(Imm(32), dst)
	SUBQ(Imm(16), n)
	JGT(LabelRef("vector"))
	finish()
}
