package peak

import "math/bits"

var portable = []Rate{
	{Kind: "f32", Path: "generic", loop: func(n int) { chains[float32](n) }, perLp: 16},
	{Kind: "f64", Path: "generic", loop: func(n int) { chains[float64](n) }, perLp: 16},
	{Kind: "i8", Path: "generic", loop: func(n int) { chains[int32](n) }, perLp: 16},
	{Kind: "bits", Path: "generic", loop: func(n int) { counts(n) }, perLp: 4 * 128},
}

// sink keeps the compiler from dropping the loops.
var sink float64

func chains[E float32 | float64 | int32](loops int) {
	var s [8]E
	s0, s1, s2, s3, s4, s5, s6, s7 := s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]
	x, y := E(1), E(loops&1)
	for range loops {
		s0, s1, s2, s3 = s0+x*y, s1+x*y, s2+x*y, s3+x*y
		s4, s5, s6, s7 = s4+x*y, s5+x*y, s6+x*y, s7+x*y
		x += y
	}
	sink = float64(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7)
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
	sink = float64(s0 + s1 + s2 + s3)
}
