package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa is a vector length: its registers, their size in bytes and the suffix of function names.
type isa struct {
	name  string
	bytes int
	reg   func() reg.VecVirtual
}

var (
	avx2   = isa{"AVX2", 32, YMM}
	avx512 = isa{"AVX512", 64, ZMM}
)

// regs allocates n vector registers.
func (v isa) regs(n int) []reg.VecVirtual {
	r := make([]reg.VecVirtual, n)
	for i := range r {
		r[i] = v.reg()
	}
	return r
}

// zero clears a register. (Of the ways to do so, avo knows this one not to read the register.)
func (v isa) zero(r reg.VecVirtual) { VXORPS(r, r, r) }

// broadcast repeats a unit of 4 or 8 bytes.
func broadcast(unit int, from Op, to reg.VecVirtual) {
	if unit == 8 {
		VBROADCASTSD(from, to)
	} else {
		VBROADCASTSS(from, to)
	}
}

// finish ends a function that has used wide registers.
func finish() {
	VZEROUPPER()
	RET()
}
