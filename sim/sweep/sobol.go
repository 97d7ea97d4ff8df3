package sweep

import "math/bits"

// sobolNumbers are the primitive polynomials (degree is the number of m, a its inner
// coefficients) and first direction numbers of dimensions 2 to 21: S. Joe and F. Y. Kuo,
// "Constructing Sobol sequences with better two-dimensional projections", SIAM J. Sci.
// Comput. 30 (2008), table new-joe-kuo-6.
var sobolNumbers = []struct {
	a uint32
	m []uint32
}{
	{0, []uint32{1}},
	{1, []uint32{1, 3}},
	{1, []uint32{1, 3, 1}},
	{2, []uint32{1, 1, 1}},
	{1, []uint32{1, 1, 3, 3}},
	{4, []uint32{1, 3, 5, 13}},
	{2, []uint32{1, 1, 5, 5, 17}},
	{4, []uint32{1, 1, 5, 5, 5}},
	{7, []uint32{1, 1, 7, 11, 19}},
	{11, []uint32{1, 1, 5, 1, 1}},
	{13, []uint32{1, 1, 1, 3, 11}},
	{14, []uint32{1, 3, 5, 5, 31}},
	{1, []uint32{1, 3, 3, 9, 7, 49}},
	{13, []uint32{1, 1, 1, 15, 21, 21}},
	{16, []uint32{1, 3, 1, 13, 27, 49}},
	{19, []uint32{1, 1, 1, 15, 7, 5}},
	{22, []uint32{1, 3, 1, 15, 13, 25}},
	{25, []uint32{1, 1, 5, 5, 19, 61}},
	{1, []uint32{1, 3, 7, 11, 23, 15, 103}},
	{4, []uint32{1, 3, 7, 13, 13, 15, 69}},
}

// sobol is point n of Sobol's sequence in d dimensions, by Antonov and Saleev's Gray code:
// the exclusive or of the direction numbers v of the bits of n ⊕ n/2.
func sobol(n uint32, d int) []float64 {
	x := make([]float64, d)
	for k := range x {
		var sum uint32
		for gray := n ^ n>>1; gray != 0; gray &= gray - 1 {
			sum ^= direction(k, bits.TrailingZeros32(gray))
		}
		x[k] = float64(sum) / (1 << 32)
	}
	return x
}

// direction is number i of dimension k, m shifted to the top of the word, by the
// recurrence of the dimension's polynomial.
func direction(k, i int) uint32 {
	if k == 0 {
		return 1 << (31 - i)
	}
	p := &sobolNumbers[k-1]
	s := len(p.m)
	var v [32]uint32
	for j := range i + 1 {
		if j < s {
			v[j] = p.m[j] << (31 - j)
			continue
		}
		v[j] = v[j-s] ^ v[j-s]>>s
		for t := 1; t < s; t++ {
			if p.a>>(s-1-t)&1 == 1 {
				v[j] ^= v[j-t]
			}
		}
	}
	return v[i]
}
