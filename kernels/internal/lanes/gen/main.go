// Command gen writes the assembly of package lanes. Run it through go generate.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("!noasm")
	for _, to := range []string{"U8", "I8", "I16"} {
		requant(to)
		sum(to)
	}
	maximum("U8", VPMAXUB, 1)
	maximum("I8", VPMAXSB, 1)
	maximum("I16", VPMAXSW, 2)
	maximum("F32", VMAXPS, 4)
	clampF32()
	quantizeF32()
	addU8()
	addI16()
	Generate()
}

// goType is the element type of a function name's suffix.
var goType = map[string]string{"U8": "uint8", "I8": "int8", "I16": "int16", "F32": "float32"}

// limits are the constants of a fixed-point map, broadcast.
type limits struct {
	bias, lo, hi reg.VecVirtual
	shift        reg.VecVirtual
}

func loadLimits() limits {
	l := limits{YMM(), YMM(), YMM(), XMM()}
	broadcast("bias", l.bias)
	broadcast("lo", l.lo)
	broadcast("hi", l.hi)
	VMOVD(Load(Param("shift"), GP32()), l.shift)
	return l
}

// broadcast fills a vector with an int32 parameter.
func broadcast(name string, to reg.VecVirtual) {
	x := XMM()
	VMOVD(Load(Param(name), GP32()), x)
	VPBROADCASTD(x, to)
}

// broadcastF fills a vector with a float parameter.
func broadcastF(name string, to reg.VecVirtual, instruction func(...Op)) {
	p, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	instruction(p.Addr, to)
}

// finish adds the bias, shifts and clamps.
func (l limits) finish(x reg.VecVirtual) {
	VPADDD(l.bias, x, x)
	VPSRAD(l.shift, x, x)
	VPMAXSD(l.lo, x, x)
	VPMINSD(l.hi, x, x)
}

// narrow stores 16 int16 as elements of another type.
func narrow(to string, x reg.VecVirtual, dst Mem) {
	if to == "I16" {
		VMOVDQU(x, dst)
		return
	}
	high := XMM()
	VEXTRACTI128(Imm(1), x, high)
	if to == "U8" {
		VPACKUSWB(high, x.AsX(), high)
	} else {
		VPACKSSWB(high, x.AsX(), high)
	}
	VMOVDQU(high, dst)
}

// size is the number of bytes of an element.
func size(to string) int {
	return map[string]int{"U8": 1, "I8": 1, "I16": 2, "F32": 4}[to]
}

// loop runs body for groups of lanes elements; n counts elements.
func loop(n reg.Register, lanes int, body func()) {
	Label("loop")
	body()
	SUBQ(Imm(uint64(lanes)), n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

func requant(to string) {
	TEXT("requant"+to, NOSPLIT, "func(n int, dst *"+goType[to]+", x *int16, mult, bias, shift, lo, hi int32)")
	Doc("requant" + to + " computes dst = clamp((x·mult + bias) >> shift) for n elements, a multiple of 16.")
	Pragma("noescape")
	n, dst, x := Load(Param("n"), GP64()), Load(Param("dst"), GP64()), Load(Param("x"), GP64())
	mult := YMM()
	broadcast("mult", mult)
	l := loadLimits()
	a, b := YMM(), YMM()
	loop(n, 16, func() {
		for i, v := range []reg.VecVirtual{a, b} {
			VPMOVSXWD(Mem{Base: x, Disp: 16 * i}, v)
			VPMULLD(mult, v, v)
			l.finish(v)
		}
		VPACKSSDW(b, a, a)
		VPERMQ(Imm(0xd8), a, a)
		narrow(to, a, Mem{Base: dst})
		ADDQ(Imm(32), x)
		ADDQ(Imm(uint64(16*size(to))), dst)
	})
}

func sum(to string) {
	TEXT("sum"+to, NOSPLIT, "func(n int, dst *"+goType[to]+", a, b *int16, mult, bias, shift, lo, hi int32)")
	Doc("sum" + to + " computes dst = clamp((a·low(mult) + b·high(mult) + bias) >> shift) for n elements, a multiple of 16.")
	Pragma("noescape")
	n, dst := Load(Param("n"), GP64()), Load(Param("dst"), GP64())
	pa, pb := Load(Param("a"), GP64()), Load(Param("b"), GP64())
	mult := YMM()
	broadcast("mult", mult)
	l := loadLimits()
	a, b, lo, hi := YMM(), YMM(), YMM(), YMM()
	loop(n, 16, func() {
		VMOVDQU(Mem{Base: pa}, a)
		VMOVDQU(Mem{Base: pb}, b)
		VPUNPCKLWD(b, a, lo)
		VPUNPCKHWD(b, a, hi)
		for _, v := range []reg.VecVirtual{lo, hi} {
			VPMADDWD(mult, v, v)
			l.finish(v)
		}
		VPACKSSDW(hi, lo, lo)
		narrow(to, lo, Mem{Base: dst})
		ADDQ(Imm(32), pa)
		ADDQ(Imm(32), pb)
		ADDQ(Imm(uint64(16*size(to))), dst)
	})
}

func maximum(of string, instruction func(...Op), bytes int) {
	TEXT("max"+of, NOSPLIT, "func(n int, dst, x *"+goType[of]+")")
	Doc("max" + of + " raises dst to x where that is larger, for n elements, whole vectors of 32 bytes.")
	Pragma("noescape")
	n, dst, x := Load(Param("n"), GP64()), Load(Param("dst"), GP64()), Load(Param("x"), GP64())
	a, b := YMM(), YMM()
	loop(n, 32/bytes, func() {
		VMOVDQU(Mem{Base: dst}, a)
		VMOVDQU(Mem{Base: x}, b)
		instruction(a, b, a) // b > a ? b : a
		VMOVDQU(a, Mem{Base: dst})
		ADDQ(Imm(32), dst)
		ADDQ(Imm(32), x)
	})
}

func clampF32() {
	TEXT("clampF32", NOSPLIT, "func(n int, dst, a, b *float32, lo, hi float32)")
	Doc("clampF32 computes dst = clamp(a + b) for n elements, a multiple of 8; without b it is clamp(a).")
	Pragma("noescape")
	n, dst := Load(Param("n"), GP64()), Load(Param("dst"), GP64())
	pa, pb := Load(Param("a"), GP64()), Load(Param("b"), GP64())
	lo, hi, x := YMM(), YMM(), YMM()
	broadcastF("lo", lo, VBROADCASTSS)
	broadcastF("hi", hi, VBROADCASTSS)
	loop(n, 8, func() {
		VMOVUPS(Mem{Base: pa}, x)
		TESTQ(pb, pb)
		JEQ(LabelRef("alone"))
		VADDPS(Mem{Base: pb}, x, x)
		ADDQ(Imm(32), pb)
		Label("alone")
		VMAXPS(x, lo, x)
		VMINPS(x, hi, x)
		VMOVUPS(x, Mem{Base: dst})
		ADDQ(Imm(32), pa)
		ADDQ(Imm(32), dst)
	})
}

func quantizeF32() {
	TEXT("quantizeF32", NOSPLIT, "func(n int, dst *int32, x *float32, scale, lo, hi, half float64)")
	Doc("quantizeF32 computes dst = clamp(⌊x/scale + half⌋) for n elements, a multiple of 4.")
	Pragma("noescape")
	n, dst, x := Load(Param("n"), GP64()), Load(Param("dst"), GP64()), Load(Param("x"), GP64())
	c := map[string]reg.VecVirtual{}
	for _, name := range []string{"scale", "lo", "hi", "half"} {
		c[name] = YMM()
		broadcastF(name, c[name], VBROADCASTSD)
	}
	v, out := YMM(), XMM()
	loop(n, 4, func() {
		VCVTPS2PD(Mem{Base: x}, v)
		VDIVPD(c["scale"], v, v)
		VADDPD(c["half"], v, v)
		VROUNDPD(Imm(1), v, v)
		VMAXPD(c["lo"], v, v)
		VMINPD(c["hi"], v, v)
		VCVTTPD2DQY(v, out)
		VMOVDQU(out, Mem{Base: dst})
		ADDQ(Imm(16), x)
		ADDQ(Imm(16), dst)
	})
}

func addU8() {
	TEXT("addU8", NOSPLIT, "func(n int, sum *int32, x *uint8)")
	Doc("addU8 adds x to sum for n elements, a multiple of 8.")
	widened(func(x Mem, to reg.VecVirtual) { VPMOVZXBD(x, to) }, 1)
}

func addI16() {
	TEXT("addI16", NOSPLIT, "func(n int, sum *int32, x *int16)")
	Doc("addI16 adds x to sum for n elements, a multiple of 8.")
	widened(func(x Mem, to reg.VecVirtual) { VPMOVSXWD(x, to) }, 2)
}

// widened adds elements of a number of bytes to int32 sums.
func widened(load func(x Mem, to reg.VecVirtual), bytes int) {
	Pragma("noescape")
	n, sum, x := Load(Param("n"), GP64()), Load(Param("sum"), GP64()), Load(Param("x"), GP64())
	v := YMM()
	loop(n, 8, func() {
		load(Mem{Base: x}, v)
		VPADDD(Mem{Base: sum}, v, v)
		VMOVDQU(v, Mem{Base: sum})
		ADDQ(Imm(uint64(8*bytes)), x)
		ADDQ(Imm(32), sum)
	})
}
