package peak

import (
	"math/bits"
	"runtime"
)

var portable = []Loop{
	{Kind: "f32", Path: "generic", run: chains[float32], ops: 16},
	{Kind: "f64", Path: "generic", run: chains[float64], ops: 16},
	{Kind: "i8", Path: "generic", run: chains[int32], ops: 16},
	{Kind: "bits", Path: "generic", run: counts, ops: 4 * 128},
}

// chains is eight independent chains of a multiplication and an addition.
func chains[E float32 | float64 | int32](loops int) {
	var s0, s1, s2, s3, s4, s5, s6, s7 E
	x := E(loops & 1)
	for range loops {
		s0, s1, s2, s3 = s0*x+1, s1*x+2, s2*x+3, s3*x+4
		s4, s5, s6, s7 = s4*x+5, s5*x+6, s6*x+7, s7*x+8
	}
	runtime.KeepAlive([]E{s0, s1, s2, s3, s4, s5, s6, s7})
}

func counts(loops int) {
	var s0, s1, s2, s3 int
	x := uint64(loops)
	for range loops {
		s0 += bits.OnesCount64(x & 0x0f0f)
		s1 += bits.OnesCount64(x & 0xf0f0)
		s2 += bits.OnesCount64(x & 0xff00)
		s3 += bits.OnesCount64(x & 0x00ff)
		x++
	}
	runtime.KeepAlive(s0 + s1 + s2 + s3)
}
