package gemm

import "math"

// Random is a counter-based generator, Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random
// numbers: as easy as 1, 2, 3", SC 2011): block i of a stream is a function of (seed, stream, i) alone,
// so streams are independent and any number of workers may fill them in any order.
// It is also a math/rand/v2 Source.
type Random struct {
	Seed, Stream uint64
	Pos          uint64 // next block of 128 bits
}

// NewRandom returns the start of a stream of a seed.
func NewRandom(seed, stream uint64) *Random { return &Random{Seed: seed, Stream: stream} }

// Uint64 returns the first half of the next block.
func (r *Random) Uint64() uint64 {
	x, _ := philox(r.Seed, r.Stream, r.Pos)
	r.Pos++
	return x
}

// FillUint64 fills dst with uniform words, two a block.
func (r *Random) FillUint64(dst []uint64) {
	for i := 0; i < len(dst); i += 2 {
		x, y := philox(r.Seed, r.Stream, r.Pos)
		r.Pos++
		dst[i] = x
		if i+1 < len(dst) {
			dst[i+1] = y
		}
	}
}

// FillUniform fills dst with numbers uniform in the open interval (0, 1), multiples of 2⁻⁵³ plus 2⁻⁵⁴.
func (r *Random) FillUniform(dst []float64) {
	for i := 0; i < len(dst); i += 2 {
		x, y := philox(r.Seed, r.Stream, r.Pos)
		r.Pos++
		dst[i] = uniform(x)
		if i+1 < len(dst) {
			dst[i+1] = uniform(y)
		}
	}
}

// FillNormal fills dst with independent standard normal numbers by the method of Box and Muller
// (Annals of Mathematical Statistics 1958).
func (r *Random) FillNormal(dst []float64) {
	for i := 0; i < len(dst); i += 2 {
		x, y := philox(r.Seed, r.Stream, r.Pos)
		r.Pos++
		radius := math.Sqrt(-2 * math.Log(uniform(x)))
		sin, cos := math.Sincos(2 * math.Pi * uniform(y))
		dst[i] = radius * cos
		if i+1 < len(dst) {
			dst[i+1] = radius * sin
		}
	}
}

// FillNormal32 is FillNormal rounded to float32: the same numbers from the same place.
func (r *Random) FillNormal32(dst []float32) {
	var buf [256]float64
	for len(dst) > 0 {
		n := min(len(dst), len(buf))
		r.FillNormal(buf[:n])
		for i, v := range buf[:n] {
			dst[i] = float32(v)
		}
		dst = dst[n:]
	}
}

func uniform(x uint64) float64 { return (float64(x>>11) + 0.5) * 0x1p-53 }

// philox returns a block of 128 bits.
func philox(seed, stream, pos uint64) (uint64, uint64) {
	const m0, m1 = 0xD2511F53, 0xCD9E8D57
	const w0, w1 = 0x9E3779B9, 0xBB67AE85
	c0, c1, c2, c3 := uint32(pos), uint32(pos>>32), uint32(stream), uint32(stream>>32)
	k0, k1 := uint32(seed), uint32(seed>>32)
	for range 10 {
		p0, p1 := m0*uint64(c0), m1*uint64(c2)
		c0, c1, c2, c3 = uint32(p1>>32)^c1^k0, uint32(p1), uint32(p0>>32)^c3^k1, uint32(p0)
		k0, k1 = k0+w0, k1+w1
	}
	return uint64(c1)<<32 | uint64(c0), uint64(c3)<<32 | uint64(c2)
}
