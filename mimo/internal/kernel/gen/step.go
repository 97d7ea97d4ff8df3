package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The loops below take eight elements at a time, one vector of AVX-512 or two of AVX2, so that lane i
// always meets the elements i, i+8, i+16, …
func (v isa) vectors() int { return 8 / v.lanes() }

// eights loops over a slice of float64 whose length, not zero, is a multiple of eight.
func eights(length reg.GPVirtual, pointers []reg.GPVirtual, body func()) {
	SHRQ(U8(3), length)
	Label("eight")
	body()
	for _, p := range pointers {
		ADDQ(U8(64), p)
	}
	DECQ(length)
	JNE(LabelRef("eight"))
}

// step writes the projected gradient step and its two sums.
func (v isa) step() {
	TEXT("step"+v.name, NOSPLIT, "func(n int, next, y, x, grad *float64, inv, amp float64, sums *[2][8]float64)")
	Pragma("noescape")
	Doc("step" + v.name + " is stepGeneric.")
	n := pointer("n")
	next, y, x, grad := pointer("next"), pointer("y"), pointer("x"), pointer("grad")
	inv, amp := v.param("inv"), v.param("amp")
	low := v.reg()
	v.zero(low)
	VSUBPD(amp, low, low)
	count := v.vectors()
	sums := v.regs(2 * count)
	v.zero(sums...)
	from, to, t := v.reg(), v.reg(), v.reg()
	eights(n, []reg.GPVirtual{next, y, x, grad}, func() {
		for j := range count {
			off := j * v.bytes
			VMOVUPD(Mem{Base: y, Disp: off}, from)
			VMULPD(Mem{Base: grad, Disp: off}, inv, t)
			VSUBPD(t, from, to)
			VMINPD(amp, to, to)
			VMAXPD(low, to, to)
			VMOVUPD(to, Mem{Base: next, Disp: off})
			VSUBPD(from, to, from) // d
			VMULPD(from, from, t)
			VADDPD(t, sums[j], sums[j])
			VSUBPD(Mem{Base: x, Disp: off}, to, t)
			VMULPD(from, t, t)
			VADDPD(t, sums[count+j], sums[count+j])
		}
	})
	out := pointer("sums")
	for i, s := range sums {
		VMOVUPD(s, Mem{Base: out, Disp: i * v.bytes})
	}
	finish()
}

// combine writes the extrapolation of accelerated gradients.
func (v isa) combine() {
	TEXT("combine"+v.name, NOSPLIT, "func(n int, y, next, prev *float64, m float64)")
	Pragma("noescape")
	Doc("combine" + v.name + " is combineGeneric.")
	n := pointer("n")
	y, next, prev := pointer("y"), pointer("next"), pointer("prev")
	m := v.param("m")
	a, d := v.reg(), v.reg()
	eights(n, []reg.GPVirtual{y, next, prev}, func() {
		for j := range v.vectors() {
			off := j * v.bytes
			VMOVUPD(Mem{Base: next, Disp: off}, a)
			VSUBPD(Mem{Base: prev, Disp: off}, a, d)
			VMULPD(d, m, d)
			VADDPD(d, a, a)
			VMOVUPD(a, Mem{Base: y, Disp: off})
		}
	})
	finish()
}

// maxAbs writes the largest magnitude, lane by lane.
func (v isa) maxAbs() {
	TEXT("maxAbs"+v.name, NOSPLIT, "func(n int, x *float64, peaks *[8]float64)")
	Pragma("noescape")
	Doc("maxAbs" + v.name + " leaves the largest magnitude of each lane in peaks.")
	n, x := pointer("n"), pointer("x")
	magnitude := v.constant(0x7FFFFFFFFFFFFFFF)
	peaks := v.regs(v.vectors())
	v.zero(peaks...)
	t := v.reg()
	eights(n, []reg.GPVirtual{x}, func() {
		for j := range peaks {
			VANDPD(Mem{Base: x, Disp: j * v.bytes}, magnitude, t)
			VMAXPD(t, peaks[j], peaks[j])
		}
	})
	out := pointer("peaks")
	for j, p := range peaks {
		VMOVUPD(p, Mem{Base: out, Disp: j * v.bytes})
	}
	finish()
}
