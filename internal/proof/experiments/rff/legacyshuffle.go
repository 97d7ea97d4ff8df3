package rff

// legacyPermutation returns the permutation of n points that NumPy's
// RandomState(seed).permutation(n) gives, which scikit-learn's train_test_split
// uses: the paper's split of the digits is defined by it. It is Fisher-Yates with
// the masked rejection of NumPy's random_interval over MT19937 (Matsumoto,
// Nishimura, ACM TOMACS 8, 1998).
func legacyPermutation(n int, seed uint32) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	twister := newTwister(seed)
	for i := n - 1; i > 0; i-- {
		mask := uint32(1)
		for mask < uint32(i) {
			mask = mask<<1 | 1
		}
		j := twister.next() & mask
		for j > uint32(i) {
			j = twister.next() & mask
		}
		p[i], p[j] = p[j], p[i]
	}
	return p
}

// twister is the 32-bit Mersenne Twister.
type twister struct {
	state [624]uint32
	at    int
}

func newTwister(seed uint32) *twister {
	t := &twister{at: 624}
	t.state[0] = seed
	for i := 1; i < len(t.state); i++ {
		t.state[i] = 1812433253*(t.state[i-1]^t.state[i-1]>>30) + uint32(i)
	}
	return t
}

func (t *twister) next() uint32 {
	if t.at == len(t.state) {
		t.twist()
	}
	y := t.state[t.at]
	t.at++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

func (t *twister) twist() {
	const n, m = 624, 397
	for i := range n {
		y := t.state[i]&0x80000000 | t.state[(i+1)%n]&0x7fffffff
		v := t.state[(i+m)%n] ^ y>>1
		if y&1 == 1 {
			v ^= 0x9908b0df
		}
		t.state[i] = v
	}
	t.at = 0
}
