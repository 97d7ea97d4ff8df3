package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// strips are the numbers of vectors that a strip of columns takes.
var strips = map[string][]int{
	"AVX512": {4, 1},
	"AVX2":   {4, 2},
}

const (
	one      = 0x3FF0000000000000
	minusOne = 0xBFF0000000000000
	// geOrdered is the predicate "greater or equal" of VCMPPD, for which −0 ≥ 0.
	geOrdered = 13
)

// strip writes the first-order recursion for a strip of columns, with feedback 1
// or with a coefficient per antenna. The state stays in registers.
func (v isa) strip(vectors int, steered bool) {
	name, more := "strip", ""
	if steered {
		name, more = "steer", ", kRe, kIm *float64"
	}
	name = fmt.Sprintf("%s%d%s", name, vectors*v.lanes(), v.name)
	TEXT(name, NOSPLIT, "func(n int, xRe, xIm *float64, ldx int, inRe, inIm *float64, ldin int, scale float64"+more+")")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s runs n antennas of %d chains.", name, vectors*v.lanes()))
	s := stripState{isa: v, plus: v.constant(one), minus: v.constant(minusOne), scale: v.param("scale"), t: v.regs(4)}
	if v.wide() {
		s.mask, s.zeros = K(), v.reg()
		v.zero(s.zeros)
	}
	s.q = [2][]reg.VecVirtual{v.regs(vectors), v.regs(vectors)}
	v.zero(s.q[0]...)
	v.zero(s.q[1]...)
	n := pointer("n")
	x := [2]reg.GPVirtual{pointer("xRe"), pointer("xIm")}
	in := [2]reg.GPVirtual{pointer("inRe"), pointer("inIm")}
	ldx, ldin := bytesOf("ldx"), bytesOf("ldin")
	if steered {
		s.c = []reg.GPVirtual{pointer("kRe"), pointer("kIm")}
	}
	Label("antenna")
	for j := range vectors {
		s.sample(j, in, x)
	}
	for p := range 2 {
		ADDQ(ldx, x[p])
		ADDQ(ldin, in[p])
	}
	for _, c := range s.c {
		ADDQ(U8(8), c)
	}
	DECQ(n)
	JNE(LabelRef("antenna"))
	finish()
}

// stripState is the register allocation of a strip.
type stripState struct {
	isa
	q                  [2][]reg.VecVirtual
	c                  []reg.GPVirtual // the antenna's coefficient; none if it is 1
	plus, minus, scale reg.VecVirtual
	t                  []reg.VecVirtual
	mask               reg.OpmaskVirtual // of AVX-512 only
	zeros              reg.VecVirtual
}

// sample takes vector j through the quantizer.
func (s *stripState) sample(j int, in, x [2]reg.GPVirtual) {
	fed := [2]reg.VecVirtual{s.q[0][j], s.q[1][j]}
	if s.c != nil {
		s.rotate(s.q[0][j], s.q[1][j])
		fed = [2]reg.VecVirtual{s.t[0], s.t[1]}
	}
	for p := range 2 {
		off := j * s.bytes
		s.decide(Mem{Base: in[p], Disp: off}, fed[p], s.q[p][j], Mem{Base: x[p], Disp: off})
	}
}

// rotate leaves c·q in t[0], t[1].
func (s *stripState) rotate(qr, qi reg.VecVirtual) {
	VBROADCASTSD(Mem{Base: s.c[0]}, s.t[2])
	VBROADCASTSD(Mem{Base: s.c[1]}, s.t[3])
	VMULPD(s.t[2], qr, s.t[0])
	VMULPD(s.t[2], qi, s.t[1])
	VMULPD(s.t[3], qi, s.t[2])
	VMULPD(s.t[3], qr, s.t[3])
	VSUBPD(s.t[2], s.t[0], s.t[0])
	VADDPD(s.t[3], s.t[1], s.t[1])
}

// decide computes b = scale·in − fed, stores x = sgn(b) and leaves q = x − b.
func (s *stripState) decide(in Mem, fed, q reg.VecVirtual, x Mem) {
	b, sgn := s.t[2], s.t[3]
	VMULPD(in, s.scale, b)
	VSUBPD(fed, b, b)
	if s.wide() {
		VCMPPD(U8(geOrdered), s.zeros, b, s.mask)
		VBLENDMPD(s.plus, s.minus, s.mask, sgn)
	} else {
		s.zero(sgn)
		VCMPPD(U8(geOrdered), sgn, b, sgn)
		VBLENDVPD(sgn, s.plus, s.minus, sgn)
	}
	VMOVUPD(sgn, x)
	VSUBPD(b, sgn, q)
}
