package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// peaks writes loops that keep the arithmetic units busy from registers alone.
func peaks() {
	for _, p := range []struct {
		name string
		isa
		sums int
		mac  func(b Op, a, sum reg.VecVirtual, temp []reg.VecVirtual)
	}{
		{"F32", avx512, 24, fmaPS},
		{"F64", avx512, 24, fmaPD},
		{"I8", avx512, 24, dotBytes},
		{"Bits", avx512, 12, andCount},
		{"F32", avx2, 12, fmaPS},
		{"F64", avx2, 12, fmaPD},
		{"I16", avx2, 8, maddWords},
	} {
		TEXT("peak"+p.name+p.isa.name, NOSPLIT, "func(loops int)")
		Doc(fmt.Sprintf("peak%s%s does loops times %d independent multiply-accumulate instructions.", p.name, p.isa.name, p.sums))
		loops := Load(Param("loops"), GP64())
		sums, ab, temp := p.regs(p.sums), p.regs(2), p.regs(4)
		for _, r := range append(sums, ab...) {
			p.zero(r)
		}
		Label("loop")
		for i, s := range sums {
			p.mac(ab[0], ab[1], s, temp[i%4:])
		}
		DECQ(loops)
		JNE(LabelRef("loop"))
		finish()
	}
}

// andCount adds the population count of a AND b to 64-bit sums.
func andCount(b Op, a, sum reg.VecVirtual, temp []reg.VecVirtual) {
	VPANDQ(b, a, temp[0])
	VPOPCNTQ(temp[0], temp[0])
	VPADDQ(temp[0], sum, sum)
}
