// Command gen writes the assembly of package kernel. Run it through go generate.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa is a vector length: its name in function names, its size in bytes and its registers.
type isa struct {
	name  string
	bytes int
	reg   func() reg.VecVirtual
}

func main() {
	ConstraintExpr("!noasm")
	for _, v := range []isa{{"AVX512", 64, ZMM}, {"AVX2", 32, YMM}} {
		for _, t := range tiles[v.name] {
			v.tile(t.rows, t.vectors)
		}
		for _, vectors := range strips[v.name] {
			v.strip(vectors, false)
			v.strip(vectors, true)
		}
		v.step()
		v.combine()
		v.maxAbs()
	}
	Generate()
}

// wide reports whether the vectors are those of AVX-512.
func (v isa) wide() bool { return v.bytes == 64 }

// lanes is the number of float64 in a vector.
func (v isa) lanes() int { return v.bytes / 8 }

// regs allocates n vector registers.
func (v isa) regs(n int) []reg.VecVirtual {
	r := make([]reg.VecVirtual, n)
	for i := range r {
		r[i] = v.reg()
	}
	return r
}

// zero clears registers.
func (v isa) zero(rs ...reg.VecVirtual) {
	for _, r := range rs {
		if v.wide() {
			VPXORQ(r, r, r)
		} else {
			VXORPD(r, r, r)
		}
	}
}

// constant fills a register with a float64 given by its bits.
func (v isa) constant(bits uint64) reg.VecVirtual {
	g, low, r := GP64(), XMM(), v.reg()
	MOVQ(operand.U64(bits), g)
	MOVQ(g, low)
	VBROADCASTSD(low, r)
	return r
}

// param loads a float64 parameter into all lanes.
func (v isa) param(name string) reg.VecVirtual {
	r := v.reg()
	VBROADCASTSD(paramMem(name), r)
	return r
}

// paramMem addresses a parameter.
func paramMem(name string) operand.Mem {
	b, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

// bytesOf loads an integer parameter that counts float64 and turns it into bytes.
func bytesOf(name string) reg.GPVirtual {
	r := GP64()
	Load(Param(name), r)
	SHLQ(operand.U8(3), r)
	return r
}

func pointer(name string) reg.GPVirtual {
	r := GP64()
	Load(Param(name), r)
	return r
}

// finish ends a function that has used wide registers.
func finish() {
	VZEROUPPER()
	RET()
}
