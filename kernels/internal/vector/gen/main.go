// Command gen writes the assembly of package vector. Run it through go generate.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa is a vector width. All functions exist for both, with the same
// operations in the same order: products and sums are rounded apart, so that
// results equal those of the portable code bit for bit.
type isa struct {
	name  string
	bytes int
	vec   func() reg.VecVirtual
}

var (
	avx2   = isa{"AVX2", 32, YMM}
	avx512 = isa{"AVX512", 64, ZMM}
)

func main() {
	ConstraintExpr("!noasm")
	for _, v := range []isa{avx2, avx512} {
		v.affine()
		v.combine("combine", false)
		v.combine("combineAdd", true)
		v.sums()
		v.maskSums()
		v.add()
		v.addProduct()
		v.addMax()
		v.mask()
		v.ceil()
		v.ceilGradient()
	}
	Generate()
}

func (v isa) begin(name, signature, doc string) {
	TEXT(name+v.name, NOSPLIT, "func("+signature+")")
	Doc(name + v.name + " " + doc)
	Pragma("noescape")
}

func base(name string) reg.Register { return Load(Param(name).Base(), GP64()) }

// size loads the length of a slice in bytes.
func size(name string) reg.GPVirtual {
	n := GP64()
	Load(Param(name).Len(), n)
	SHLQ(U8(2), n)
	return n
}

func at(p, i reg.Register) Mem { return Mem{Base: p, Index: i, Scale: 1} }

func (v isa) load(m Mem) reg.VecVirtual {
	x := v.vec()
	VMOVUPS(m, x)
	return x
}

func (v isa) zero() reg.VecVirtual {
	x := v.vec()
	if v.bytes == 64 {
		VPXORD(x, x, x)
	} else {
		VXORPS(x, x, x)
	}
	return x
}

func (v isa) broadcast(name string) reg.VecVirtual {
	x := v.vec()
	m, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(m.Addr, x)
	return x
}

// Comparisons of vectors, false for NaN.
const (
	greater = 0x1e
	atMost  = 0x12
)

// keep clears g in the lanes where t is not greater than bound. With AVX2 it
// overwrites t.
func (v isa) keep(g, t, bound reg.VecVirtual) { v.keepIf(greater, g, t, bound, t) }

// keepIf clears g in the lanes where the comparison of t with bound is false;
// work is overwritten.
func (v isa) keepIf(comparison uint8, g, t, bound, work reg.VecVirtual) {
	if v.bytes == 64 {
		k := K()
		VCMPPS(U8(comparison), bound, t, k)
		VMOVUPS_Z(g, k, g)
		return
	}
	VCMPPS(U8(comparison), bound, t, work)
	VANDPS(work, g, g)
}

var labels int

// loop runs body for i = 0, step, 2·step … while i < n; all are bytes.
func loop(step int, n reg.GPVirtual, body func(i reg.Register)) {
	labels++
	again, done := fmt.Sprintf("loop%d", labels), fmt.Sprintf("done%d", labels)
	i := GP64()
	XORQ(i, i)
	Label(again)
	CMPQ(i, n)
	JGE(LabelRef(done))
	body(i)
	ADDQ(U32(uint32(step)), i)
	JMP(LabelRef(again))
	Label(done)
}

// channelLoop is loop with a second index that runs over the channels again
// and again; period is their size.
func (v isa) channelLoop(n, period reg.GPVirtual, body func(i, c reg.Register)) {
	c, zero := GP64(), GP64()
	XORQ(c, c)
	XORQ(zero, zero)
	loop(v.bytes, n, func(i reg.Register) {
		body(i, c)
		ADDQ(U32(uint32(v.bytes)), c)
		CMPQ(c, period)
		CMOVQGE(zero, c)
	})
}

func (v isa) affine() {
	v.begin("affine", "y, x, scale, shift []float32, floor float32", "is y = max(scale·x + shift, floor) per channel.")
	y, x, scale, shift := base("y"), base("x"), base("scale"), base("shift")
	n, period, floor := size("x"), size("scale"), v.broadcast("floor")
	v.channelLoop(n, period, func(i, c reg.Register) {
		t := v.load(at(x, i))
		VMULPS(at(scale, c), t, t)
		VADDPS(at(shift, c), t, t)
		VMAXPS(t, floor, t)
		VMOVUPS(t, at(y, i))
	})
	VZEROUPPER()
	RET()
}

func (v isa) combine(name string, add bool) {
	doc := "is dx = scale·dy + a·x + b per channel."
	if add {
		doc = "is dx += scale·dy + a·x + b per channel."
	}
	v.begin(name, "dx, dy, x, scale, a, b []float32", doc)
	dx, dy, x := base("dx"), base("dy"), base("x")
	scale, a, b := base("scale"), base("a"), base("b")
	n, period := size("dy"), size("scale")
	v.channelLoop(n, period, func(i, c reg.Register) {
		t, u := v.load(at(dy, i)), v.load(at(x, i))
		VMULPS(at(scale, c), t, t)
		VMULPS(at(a, c), u, u)
		VADDPS(u, t, t)
		VADDPS(at(b, c), t, t)
		if add {
			VADDPS(at(dx, i), t, t)
		}
		VMOVUPS(t, at(dx, i))
	})
	VZEROUPPER()
	RET()
}

// column loops over the positions of one vector of channels.
func column(body func(i reg.Register)) {
	count, stride := Load(Param("positions"), GP64()).(reg.GPVirtual), Load(Param("stride"), GP64())
	i := GP64()
	XORQ(i, i)
	labels++
	again := fmt.Sprintf("loop%d", labels)
	Label(again)
	body(i)
	ADDQ(stride, i)
	DECQ(count)
	JNZ(LabelRef(again))
}

func (v isa) sums() {
	v.begin("sums", "s, q, a, b *float32, positions, stride int",
		"writes Σa and Σa·b of one vector of channels over at least one position; stride counts bytes.")
	a, b := Load(Param("a"), GP64()), Load(Param("b"), GP64())
	s, q := v.zero(), v.zero()
	column(func(i reg.Register) {
		t := v.load(at(a, i))
		VADDPS(t, s, s)
		VMULPS(at(b, i), t, t)
		VADDPS(t, q, q)
	})
	VMOVUPS(s, Mem{Base: Load(Param("s"), GP64())})
	VMOVUPS(q, Mem{Base: Load(Param("q"), GP64())})
	VZEROUPPER()
	RET()
}

func (v isa) maskSums() {
	v.begin("maskSums", "s, q, dy, x, scale, shift *float32, positions, stride int",
		"clears dy where scale·x + shift is not positive, then is sums of dy and x.")
	dy, x := Load(Param("dy"), GP64()), Load(Param("x"), GP64())
	scale, shift := v.load(Mem{Base: Load(Param("scale"), GP64())}), v.load(Mem{Base: Load(Param("shift"), GP64())})
	s, q, zero := v.zero(), v.zero(), v.zero()
	column(func(i reg.Register) {
		u, t, d := v.load(at(x, i)), v.vec(), v.load(at(dy, i))
		VMULPS(u, scale, t)
		VADDPS(shift, t, t)
		v.keep(d, t, zero)
		VMOVUPS(d, at(dy, i))
		VADDPS(d, s, s)
		VMULPS(d, u, u)
		VADDPS(u, q, q)
	})
	VMOVUPS(s, Mem{Base: Load(Param("s"), GP64())})
	VMOVUPS(q, Mem{Base: Load(Param("q"), GP64())})
	VZEROUPPER()
	RET()
}

func (v isa) add() {
	v.begin("add", "y, x []float32", "is y += x.")
	y, x := base("y"), base("x")
	loop(v.bytes, size("x"), func(i reg.Register) {
		t := v.load(at(y, i))
		VADDPS(at(x, i), t, t)
		VMOVUPS(t, at(y, i))
	})
	VZEROUPPER()
	RET()
}

func (v isa) addProduct() {
	v.begin("addProduct", "y, a, b []float32", "is y += a·b.")
	y, a, b := base("y"), base("a"), base("b")
	loop(v.bytes, size("a"), func(i reg.Register) {
		t := v.load(at(a, i))
		VMULPS(at(b, i), t, t)
		VADDPS(at(y, i), t, t)
		VMOVUPS(t, at(y, i))
	})
	VZEROUPPER()
	RET()
}

func (v isa) addMax() {
	v.begin("addMax", "y, a, b []float32, floor float32", "is y = max(a + b, floor).")
	y, a, b, floor := base("y"), base("a"), base("b"), v.broadcast("floor")
	loop(v.bytes, size("a"), func(i reg.Register) {
		t := v.load(at(a, i))
		VADDPS(at(b, i), t, t)
		VMAXPS(t, floor, t)
		VMOVUPS(t, at(y, i))
	})
	VZEROUPPER()
	RET()
}

func (v isa) mask() {
	v.begin("mask", "dy, y []float32", "clears dy where y is not positive.")
	dy, y, zero := base("dy"), base("y"), v.zero()
	loop(v.bytes, size("dy"), func(i reg.Register) {
		t, d := v.load(at(y, i)), v.load(at(dy, i))
		v.keep(d, t, zero)
		VMOVUPS(d, at(dy, i))
	})
	VZEROUPPER()
	RET()
}

// roundUp is t = ⌈t⌉.
func (v isa) roundUp(t reg.VecVirtual) {
	const up = 0x0a // towards +∞, inexact not signalled
	if v.bytes == 64 {
		VRNDSCALEPS(U8(up), t, t)
	} else {
		VROUNDPS(U8(up), t, t)
	}
}

func (v isa) ceil() {
	v.begin("ceil", "y, x []float32, step, top float32", "is y = step·min(max(⌈x/step⌉, 0), top).")
	y, x, step, top, zero := base("y"), base("x"), v.broadcast("step"), v.broadcast("top"), v.zero()
	loop(v.bytes, size("x"), func(i reg.Register) {
		t := v.load(at(x, i))
		VDIVPS(step, t, t)
		v.roundUp(t)
		VMAXPS(t, zero, t)
		VMINPS(t, top, t)
		VMULPS(step, t, t)
		VMOVUPS(t, at(y, i))
	})
	VZEROUPPER()
	RET()
}

// ceilGradient works on 16 values at a time at either width, so that the sums
// are the same.
func (v isa) ceilGradient() {
	v.begin("ceilGradient", "s, q, dx, dy, x *float32, limit float32, positions, stride int",
		"is dx = dy where 0 < x ≤ limit, else 0, and writes 16 sums of dx and of dy where x > limit; stride is 64.")
	dx, dy, x := Load(Param("dx"), GP64()), Load(Param("dy"), GP64()), Load(Param("x"), GP64())
	limit, zero := v.broadcast("limit"), v.zero()
	var s, q []reg.VecVirtual
	for range 64 / v.bytes {
		s, q = append(s, v.zero()), append(q, v.zero())
	}
	column(func(i reg.Register) {
		for k := range s {
			m := func(p reg.Register) Mem { return Mem{Base: p, Index: i, Scale: 1, Disp: k * v.bytes} }
			u, g, above, work := v.load(m(x)), v.load(m(dy)), v.vec(), v.vec()
			VMOVAPS(g, above)
			v.keepIf(greater, above, u, limit, work)
			VADDPS(above, q[k], q[k])
			v.keepIf(atMost, g, u, limit, work)
			v.keep(g, u, zero)
			VADDPS(g, s[k], s[k])
			VMOVUPS(g, m(dx))
		}
	})
	ps, pq := Load(Param("s"), GP64()), Load(Param("q"), GP64())
	for k := range s {
		VMOVUPS(s[k], Mem{Base: ps, Disp: k * v.bytes})
		VMOVUPS(q[k], Mem{Base: pq, Disp: k * v.bytes})
	}
	VZEROUPPER()
	RET()
}
