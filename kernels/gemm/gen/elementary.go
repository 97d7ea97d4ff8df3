package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The numbers of cosine.go, where they are explained.
const (
	magic = 0x1.8p52
	pi2   = 0x1.1a62633145c07p-53
)

var (
	coefficients32 = []float64{-0x1.555555546033dp-3, 0x1.11110fda8ff95p-7, -0x1.a01905a717122p-13, 0x1.71968de079b19p-19, -0x1.9db160d0baed4p-26}
	coefficients64 = []float64{
		-0x1.5555555555555p-3, 0x1.1111111111107p-7, -0x1.a01a01a018aaap-13, 0x1.71de3a54564dfp-19,
		-0x1.ae6455a1c0795p-26, 0x1.612401540ed0fp-33, -0x1.ae51366b753a9p-41, 0x1.89a43bea5b135p-49,
	}
)

func elementary() {
	for _, v := range []isa{avx2, avx512} {
		v.cosines("F32", "float32", coefficients32)
		v.cosines("F64", "float64", coefficients64)
	}
}

// horner is c[0] + c[1]·z + c[2]·z² + …
func (v isa) horner(z reg.VecVirtual, c []float64) reg.VecVirtual {
	p := v.reg()
	VMOVUPD(number(c[len(c)-1]), p)
	for i := len(c) - 2; i >= 0; i-- {
		VFMADD213PD(number(c[i]), z, p)
	}
	return p
}

// The logic of 64-bit lanes, by the name each vector length has for it.
func (v isa) and(b Op, a, to reg.VecVirtual) { v.logic(VPAND, VPANDQ, b, a, to) }
func (v isa) xor(b Op, a, to reg.VecVirtual) { v.logic(VPXOR, VPXORQ, b, a, to) }

func (v isa) logic(short func(b, a, to Op), long func(ops ...Op), b Op, a, to reg.VecVirtual) {
	if v.bytes == 64 {
		long(b, a, to)
	} else {
		short(b, a, to)
	}
}

// cosines writes scale·cos(x + b) up to the first vector with an argument beyond 2³⁰.
func (v isa) cosines(kind, elem string, c []float64) {
	name := "cos" + kind + v.name
	TEXT(name, NOSPLIT, "func(dst, x, b []"+elem+", scale "+elem+") int")
	Doc(name+" is CosF32 or CosF64 for whole vectors, up to the first with an argument that is too large;",
		"it returns the number of elements done.")
	Pragma("noescape")
	single := elem == "float32"
	size := map[bool]int{true: 4, false: 8}[single]
	lanes := v.bytes / 8
	dst, x, b := Load(Param("dst").Base(), GP64()), Load(Param("x").Base(), GP64()), Load(Param("b").Base(), GP64())
	n, done := Load(Param("x").Len(), GP64()), GP64()
	XORQ(done, done)
	scale := v.reg()
	VBROADCASTSD(v.scale(single), scale)
	at := func(p reg.Register) Mem { return Mem{Base: p, Index: done, Scale: uint8(size)} }

	Label("vector")
	left := GP64()
	MOVQ(n, left)
	SUBQ(done, left)
	CMPQ(left, Imm(uint64(lanes)))
	JLT(LabelRef("end"))
	arg, t, r, z := v.reg(), v.reg(), v.reg(), v.reg()
	if single {
		VCVTPS2PD(at(x), arg)
		VCVTPS2PD(at(b), t)
		VADDPD(t, arg, arg)
	} else {
		VMOVUPD(at(x), arg)
		VADDPD(at(b), arg, arg)
	}
	v.and(bits(math.MaxInt64), arg, t)
	v.allWithin(number(1<<30), t)

	VMOVAPD(arg, t)
	half := v.reg()
	VMOVUPD(number(-0.5), half)
	VFMADD132PD(number(1/math.Pi), half, t)
	VADDPD(number(magic), t, t)
	h := half
	VSUBPD(number(magic), t, h)
	VADDPD(number(0.5), h, h)
	VMOVAPD(arg, r)
	VFNMADD231PD(number(math.Pi), h, r)
	VFNMADD231PD(number(pi2), h, r)
	VMULPD(r, r, z)
	p := v.horner(z, c)
	VMULPD(z, r, z)
	VFMADD213PD(r, z, p)
	v.xor(bits(math.MaxUint64), t, t)
	VPSLLQ(Imm(63), t, t)
	v.xor(t, p, p)
	VMULPD(scale, p, p)
	v.storeRounded(single, p, at(dst))
	ADDQ(Imm(uint64(lanes)), done)
	JMP(LabelRef("vector"))

	Label("end")
	Store(done, ReturnIndex(0))
	finish()
}

// scale is the parameter as a float64.
func (v isa) scale(single bool) reg.Register {
	s := XMM()
	if single {
		VMOVSS(param("scale"), s)
		VCVTSS2SD(s, s, s)
	} else {
		VMOVSD(param("scale"), s)
	}
	return s
}

// allWithin ends the function unless every lane is at most limit. A NaN is not.
func (v isa) allWithin(limit Mem, x reg.VecVirtual) {
	const lessOrEqual = 2
	if v.bytes == 64 {
		k := K()
		VCMPPD(U8(lessOrEqual), limit, x, k)
		KORTESTB(k, k)
		JCC(LabelRef("end"))
		return
	}
	within, mask := v.reg(), GP32()
	VCMPPD(U8(lessOrEqual), limit, x, within)
	VMOVMSKPD(within, mask)
	CMPL(mask, Imm(15))
	JNE(LabelRef("end"))
}

func (v isa) storeRounded(single bool, x reg.VecVirtual, to Mem) {
	switch {
	case !single:
		VMOVUPD(x, to)
	case v.bytes == 64:
		VCVTPD2PS(x, x.AsY())
		VMOVUPS(x.AsY(), to)
	default:
		VCVTPD2PSY(x, x.AsX())
		VMOVUPS(x.AsX(), to)
	}
}
