package gemm

import "math"

// Random is a counter-based generator, Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random
// numbers: as easy as 1, 2, 3", SC 2011): block i of a stream is a function of (seed, stream, i) alone,
// so streams are independent and any number of workers may fill them in any order. Results are the same
// on every path, bit for bit. It is also a math/rand/v2 Source.
type Random struct {
	Seed, Stream uint64
	Pos          uint64 // next block of 128 bits
}

// NewRandom returns the start of a stream of a seed.
func NewRandom(seed, stream uint64) *Random { return &Random{Seed: seed, Stream: stream} }

// Split returns the start of a new seed's first stream, one for each i and place in the stream.
func (r *Random) Split(i uint64) *Random {
	seed, stream := philox(r.Seed, ^r.Stream, r.Pos)
	return &Random{Seed: seed, Stream: stream + i}
}

// Uint64 returns the first half of the next block.
func (r *Random) Uint64() uint64 {
	x, _ := philox(r.Seed, r.Stream, r.Pos)
	r.Pos++
	return x
}

// FillUint64 fills dst with uniform words, two a block.
func (r *Random) FillUint64(dst []uint64) {
	n := active.fillUint64(dst, r.Seed, r.Stream, r.Pos)
	fill(r, dst, n, func(x, y uint64) (uint64, uint64) { return x, y })
}

// FillUniform fills dst with numbers uniform in the open interval (0, 1), odd multiples of 2⁻⁵³.
func (r *Random) FillUniform(dst []float64) {
	n := active.fillUniform(dst, r.Seed, r.Stream, r.Pos)
	fill(r, dst, n, func(x, y uint64) (float64, float64) { return uniform(x), uniform(y) })
}

// FillNormal fills dst with independent standard normal numbers by the method of Box and Muller (Annals
// of Mathematical Statistics 1958). The largest possible magnitude is 8.57.
func (r *Random) FillNormal(dst []float64) {
	n := active.fillNormal(dst, r.Seed, r.Stream, r.Pos)
	fill(r, dst, n, normals)
}

// FillNormal32 is FillNormal rounded to float32: the same numbers from the same place.
func (r *Random) FillNormal32(dst []float32) {
	s := scratches.Get().(*Scratch)
	buf := grow(&s.normal, 256)
	for len(dst) > 0 {
		n := min(len(dst), len(buf))
		r.FillNormal(buf[:n])
		convert(dst[:n], buf[:n])
		dst = dst[n:]
	}
	scratches.Put(s)
}

// fill continues after n numbers, an even number of them, and moves r past the blocks used.
func fill[E any](r *Random, dst []E, n int, next func(x, y uint64) (E, E)) {
	r.Pos += uint64(n / 2)
	for ; n < len(dst); n += 2 {
		x, y := next(philox(r.Seed, r.Stream, r.Pos))
		r.Pos++
		dst[n] = x
		if n+1 < len(dst) {
			dst[n+1] = y
		}
	}
}

const (
	philoxM0, philoxM1 = 0xD2511F53, 0xCD9E8D57
	philoxW0, philoxW1 = 0x9E3779B9, 0xBB67AE85
)

// philox returns a block of 128 bits.
func philox(seed, stream, pos uint64) (uint64, uint64) {
	c0, c1, c2, c3 := uint32(pos), uint32(pos>>32), uint32(stream), uint32(stream>>32)
	k0, k1 := uint32(seed), uint32(seed>>32)
	for range 10 {
		p0, p1 := philoxM0*uint64(c0), philoxM1*uint64(c2)
		c0, c1, c2, c3 = uint32(p1>>32)^c1^k0, uint32(p1), uint32(p0>>32)^c3^k1, uint32(p0)
		k0, k1 = k0+philoxW0, k1+philoxW1
	}
	return uint64(c1)<<32 | uint64(c0), uint64(c3)<<32 | uint64(c2)
}

// uniform makes the high 52 bits of x a number in (0, 1).
func uniform(x uint64) float64 {
	return math.Float64frombits(x>>12|0x3ff0000000000000) - (1 - 0x1p-53)
}

// Near-minimax coefficients: of (sin r / r − 1)/r² and (cos r − 1 + r²/2)/r⁴ in powers of r² over
// |r| ≤ π/4, and of (2·artanh(s)/s − 2)/s² in powers of s² over |s| ≤ (√2−1)/(√2+1).
var (
	sineNear   = [...]float64{-0x1.5555555555555p-3, 0x1.1111111110bb2p-7, -0x1.a01a019e83816p-13, 0x1.71de379654304p-19, -0x1.ae600aca92c64p-26, 0x1.5e0b05bff20f2p-33}
	cosineNear = [...]float64{0x1.5555555555555p-5, -0x1.6c16c16c16967p-10, 0x1.a01a019f4e9b4p-16, -0x1.27e4fa17bf139p-22, 0x1.1eeb68cd22f56p-29, -0x1.907d8f29fe831p-37}
	logNear    = [...]float64{0x1.5555555555558p-1, 0x1.99999999952d7p-2, 0x1.2492492df281ap-2, 0x1.c71c62e3f11e6p-3, 0x1.7462b51cb66b1p-3, 0x1.39fe51a7c18f9p-3, 0x1.2b5900de53b32p-3}
)

// normals turns a block into √(−2·ln u)·(cos 2πv, sin 2πv) of its uniform halves u and v. Every
// operation rounds as the vector form does.
func normals(x, y uint64) (float64, float64) {
	radius := math.Sqrt(-2 * logarithm(uniform(x)))
	t := math.FMA(uniform(y), 4, magic) // quarters of a turn, the nearest one in the low bits
	r := math.FMA(uniform(y), 4, -(t-magic)) * (math.Pi / 2)
	z := r * r
	sin := math.FMA(float64(r*z), horner(z, sineNear[:]), r)
	cos := math.FMA(float64(z*z), horner(z, cosineNear[:]), math.FMA(z, -0.5, 1))
	quarter := math.Float64bits(t)
	if quarter&1 != 0 {
		sin, cos = cos, sin
	}
	// the signs of (cos, sin) by quarter: ++, −+, −−, +−
	return radius * flipSign(cos, (quarter+1)>>1), radius * flipSign(sin, quarter>>1)
}

// flipSign negates v if the low bit of odd is set.
func flipSign(v float64, odd uint64) float64 {
	return math.Float64frombits(math.Float64bits(v) ^ odd<<63)
}

// logarithm is ln u of a normal number u: with u = m·2^e, √½ ≤ m < √2 and s = (m−1)/(m+1) it is
// e·ln 2 + 2·artanh s.
func logarithm(u float64) float64 {
	const one, rootHalf, fraction = 0x3ff0000000000000, 0x3fe6a09e667f3bcd, 0x000fffffffffffff
	i := math.Float64bits(u) + (one - rootHalf)
	e := math.Float64frombits(i>>52|0x4330000000000000) - (0x1p52 + 1023)
	m := math.Float64frombits(i&fraction + rootHalf)
	s := (m - 1) / (m + 1)
	w := s * s
	return math.FMA(e, math.Ln2, s*math.FMA(w, horner(w, logNear[:]), 2))
}
