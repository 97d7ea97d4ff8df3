package dataset

import "math/bits"

// random is the SplitMix64 generator (Steele, Lea and Flood, OOPSLA 2014).
// Only integers are drawn from it, so a picture is the same on every machine.
type random uint64

// newRandom returns the generator of one image: neighbouring keys give
// unrelated streams.
func newRandom(keys ...uint64) random {
	var r random
	for _, k := range keys {
		r = random(r.next() ^ k)
	}
	return r
}

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below draws from 0 .. n−1.
func (r *random) below(n int) int {
	hi, _ := bits.Mul64(r.next(), uint64(n))
	return int(hi)
}

// between draws from lo .. hi.
func (r *random) between(lo, hi int) int { return lo + r.below(hi-lo+1) }

// normal draws approximately from N(0, sd²): the sum of four uniform 16-bit
// numbers, whose standard deviation is 2¹⁶/√3 = 37837.
func (r *random) normal(sd int) int {
	u := r.next()
	sum := int(u&0xffff) + int(u>>16&0xffff) + int(u>>32&0xffff) + int(u>>48)
	return (sum - 2*0xffff) * sd / 37837
}
