package mimo

import "math/rand/v2"

// Stream returns the random numbers that belong to a seed and two indices, so
// that work may be done in any order by any number of workers.
func Stream(seed, index, part uint64) *rand.Rand {
	high := mix(seed ^ mix(index^0x9E3779B97F4A7C15))
	return rand.New(rand.NewPCG(high, mix(high^part)))
}

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), a bijection.
func mix(z uint64) uint64 {
	z += 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}
