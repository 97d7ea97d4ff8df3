package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// filling makes two numbers of a block's two words.
type filling struct {
	name, elem string
	make       func(v isa, x, y reg.VecVirtual) (reg.VecVirtual, reg.VecVirtual)
}

var fillings = []filling{
	{"Uint64", "uint64", func(v isa, x, y reg.VecVirtual) (reg.VecVirtual, reg.VecVirtual) { return x, y }},
	{"Uniform", "float64", func(v isa, x, y reg.VecVirtual) (reg.VecVirtual, reg.VecVirtual) {
		v.uniform(x)
		v.uniform(y)
		return x, y
	}},
	{"Normal", "float64", isa.normals},
}

// fill writes a loop over as many blocks as a register has lanes of 64 bits.
func (v isa) fill(f filling) {
	name := "fill" + f.name + v.name
	TEXT(name, NOSPLIT, "func(dst []"+f.elem+", seed, stream, pos uint64) int")
	Doc(name + " fills whole vectors and returns the number of elements done.")
	Pragma("noescape")
	lanes := v.bytes / 8
	dst := Load(Param("dst").Base(), GP64())
	n, done := Load(Param("dst").Len(), GP64()), GP64()
	XORQ(done, done)
	pos := v.reg()
	VPBROADCASTQ(param("pos"), pos)
	VPADDQ(counting(), pos, pos)

	Label("vector")
	left := GP64()
	MOVQ(n, left)
	SUBQ(done, left)
	CMPQ(left, Imm(uint64(2*lanes)))
	JLT(LabelRef("end"))
	x, y := v.philox(pos)
	x, y = f.make(v, x, y)
	v.storePairs(x, y, Mem{Base: dst, Index: done, Scale: 8})
	VPADDQ(bits(uint64(lanes)), pos, pos)
	ADDQ(Imm(uint64(2*lanes)), done)
	JMP(LabelRef("vector"))

	Label("end")
	Store(done, ReturnIndex(0))
	finish()
}

// counting is 0, 1, 2, … in lanes of 64 bits.
func counting() Mem {
	if count == nil {
		m := GLOBL("counting", RODATA|NOPTR)
		for i := range 8 {
			DATA(8*i, U64(uint64(i)))
		}
		count = &m
	}
	return *count
}

var count *Mem

// philox computes the blocks of the positions in the lanes. Of a lane's 64 bits the products read the
// low 32; what the others hold in between does not matter.
func (v isa) philox(pos reg.VecVirtual) (x, y reg.VecVirtual) {
	c := v.regs(4)
	k, p := v.regs(2), v.regs(2)
	v.copy(pos, c[0])
	VPSRLQ(Imm(32), pos, c[1])
	VPBROADCASTQ(param("stream"), c[2])
	VPSRLQ(Imm(32), c[2], c[3])
	VPBROADCASTQ(param("seed"), k[0])
	VPSRLQ(Imm(32), k[0], k[1])
	for round := range 10 {
		VPMULUDQ(bits(0xD2511F53), c[0], p[0])
		VPMULUDQ(bits(0xCD9E8D57), c[2], p[1])
		VPSRLQ(Imm(32), p[1], c[0])
		v.xor(c[1], c[0], c[0])
		v.xor(k[0], c[0], c[0])
		VPSRLQ(Imm(32), p[0], c[2])
		v.xor(c[3], c[2], c[2])
		v.xor(k[1], c[2], c[2])
		c[1], p[1] = p[1], c[1]
		c[3], p[0] = p[0], c[3]
		if round < 9 {
			VPADDD(bits(0x9E3779B9), k[0], k[0])
			VPADDD(bits(0xBB67AE85), k[1], k[1])
		}
	}
	for i := 0; i < 4; i += 2 {
		VPSLLQ(Imm(32), c[i+1], c[i+1])
		v.and(bits(math.MaxUint32), c[i], c[i])
		v.or(c[i], c[i+1], c[i])
	}
	return c[0], c[2]
}

// copy copies a register.
func (v isa) copy(from, to reg.VecVirtual) {
	if v.bytes == 64 {
		VMOVDQA64(from, to)
	} else {
		VMOVDQA(from, to)
	}
}

// uniform makes words numbers in (0, 1).
func (v isa) uniform(x reg.VecVirtual) {
	VPSRLQ(Imm(12), x, x)
	v.or(number(1), x, x)
	VSUBPD(number(1-0x1p-53), x, x)
}

// normals is the method of Box and Muller.
func (v isa) normals(x, y reg.VecVirtual) (reg.VecVirtual, reg.VecVirtual) {
	v.uniform(x)
	v.uniform(y)
	radius := v.logarithm(x)
	VMULPD(number(-2), radius, radius)
	VSQRTPD(radius, radius)

	t, r, z := v.reg(), v.reg(), v.reg()
	VMOVUPD(number(magic), t)
	VFMADD231PD(number(4), y, t)
	VSUBPD(number(magic), t, r)
	VFMSUB231PD(number(4), y, r) // 4·y − r
	VMULPD(number(math.Pi/2), r, r)
	VMULPD(r, r, z)
	sin := v.horner(z, sineNear)
	cube := v.reg()
	VMULPD(z, r, cube)
	VFMADD213PD(r, cube, sin)
	cos := v.horner(z, cosineNear)
	VMOVUPD(number(1), r)
	VFMADD231PD(number(-0.5), z, r)
	VMULPD(z, z, z)
	VFMADD213PD(r, z, cos)

	// odd quarters exchange sine and cosine
	odd, either := r, z
	VPSLLQ(Imm(63), t, odd)
	v.exchange(odd, sin, cos, either)
	VPADDQ(bits(1), t, odd)
	for _, s := range []struct{ quarter, value reg.VecVirtual }{{odd, cos}, {t, sin}} {
		VPSRLQ(Imm(1), s.quarter, s.quarter)
		VPSLLQ(Imm(63), s.quarter, s.quarter)
		v.xor(s.quarter, s.value, s.value)
		VMULPD(radius, s.value, s.value)
	}
	return cos, sin
}

// exchange swaps a and b where the sign bit of by is set.
func (v isa) exchange(by, a, b, temp reg.VecVirtual) {
	if v.bytes == 64 {
		k := K()
		VPMOVQ2M(by, k)
		VMOVAPD(a, temp)
		VMOVAPD(b, k, a)
		VMOVAPD(temp, k, b)
		return
	}
	VBLENDVPD(by, b, a, temp)
	VBLENDVPD(by, a, b, b)
	VMOVAPD(temp, a)
}

// logarithm is ln u, in a new register; u is destroyed.
func (v isa) logarithm(u reg.VecVirtual) reg.VecVirtual {
	const one, rootHalf, fraction = 0x3ff0000000000000, 0x3fe6a09e667f3bcd, 0x000fffffffffffff
	e, s, w := v.reg(), v.reg(), v.reg()
	VPADDQ(bits(one-rootHalf), u, u)
	VPSRLQ(Imm(52), u, e)
	v.or(bits(0x4330000000000000), e, e)
	VSUBPD(number(0x1p52+1023), e, e)
	v.and(bits(fraction), u, u)
	VPADDQ(bits(rootHalf), u, u)
	VSUBPD(number(1), u, s)
	VADDPD(number(1), u, w)
	VDIVPD(w, s, s)
	VMULPD(s, s, w)
	p := v.horner(w, logNear)
	VFMADD213PD(number(2), w, p)
	VMULPD(p, s, s)
	VFMADD132PD(number(math.Ln2), s, e)
	return e
}

// storePairs stores x and y lane by lane in turn.
func (v isa) storePairs(x, y reg.VecVirtual, to Mem) {
	second := to
	second.Disp += v.bytes
	low, high := v.reg(), v.reg()
	if v.bytes == 64 {
		VMOVDQU64(pairs("lowPairs", 0), low)
		VMOVDQU64(pairs("highPairs", 4), high)
		VPERMI2Q(y, x, low)
		VPERMI2Q(y, x, high)
		VMOVDQU64(low, to)
		VMOVDQU64(high, second)
		return
	}
	VPUNPCKLQDQ(y, x, low)
	VPUNPCKHQDQ(y, x, high)
	VPERM2I128(U8(0x20), high, low, x)
	VPERM2I128(U8(0x31), high, low, y)
	VMOVDQU(x, to)
	VMOVDQU(y, second)
}

var pairIndex = map[string]Mem{}

// pairs is the index of four lanes of two registers in turn, from lane first on.
func pairs(name string, first int) Mem {
	if m, ok := pairIndex[name]; ok {
		return m
	}
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 8 {
		DATA(8*i, U64(uint64(first+i/2+i%2*8)))
	}
	pairIndex[name] = m
	return m
}
