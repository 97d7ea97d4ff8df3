package rff

// fold is the condensed first-order modulator at the price of a sum. With
// |u| ≤ h the levels of a block sum to
//
//	Σq = Σy + u_start − u_end,   Σq ∈ h·{−λ, −λ+2, …} (K = 1),   −h ≤ u_end < h,
//
// so the state at the end of a block, and with it the code, follows from the
// block's sum alone: quantizing every feature and adding the levels is the same
// as quantizing the block sums with a first-order modulator of step 2h. Features
// are taken in fixed point, multiples of h·2⁻³⁰, so that both are exactly equal.
type fold struct {
	gain   float32 // fixed-point units per unit of feature
	lambda int
	odd    int64 // λ mod 2: parity of the code
	bound  int64 // largest code
	state  int64 // u at the end of the last block
	sum    int64 // of the block begun
	filled int   // entries in it
}

// foldOne is h in fixed point.
const foldOne = 1 << 30

// newFold returns the folded form of a first-order scheme whose modulator is
// safe for features in [−1,1]; ok is false for any other scheme.
func newFold(s Scheme) (f fold, ok bool) {
	m, shaped := s.Modulator()
	if !shaped || s.Method != SigmaDelta || s.Order != 1 || !m.Safe(1) {
		return fold{}, false
	}
	return fold{
		gain: float32(foldOne / s.Alphabet.Half()), lambda: s.Lambda,
		odd: int64(s.Lambda % 2), bound: s.bound(),
	}, true
}

func (f *fold) begin() { f.state, f.sum, f.filled = 0, 0, 0 }

// push takes the next features of the row and appends the block sums, in half
// steps, that they complete.
func (f *fold) push(dst []int32, z []float32) []int32 {
	for len(z) > 0 {
		n := min(f.lambda-f.filled, len(z))
		f.sum += f.total(z[:n])
		z = z[n:]
		if f.filled += n; f.filled == f.lambda {
			dst = append(dst, f.close())
		}
	}
	return dst
}

// total adds features in fixed point. Conversion truncates.
func (f *fold) total(z []float32) int64 {
	var a, b int64
	gain := f.gain
	for len(z) >= 4 {
		a += int64(z[0]*gain) + int64(z[1]*gain)
		b += int64(z[2]*gain) + int64(z[3]*gain)
		z = z[4:]
	}
	for _, x := range z {
		a += int64(x * gain)
	}
	return a + b
}

// close ends a block: the code is the integer of λ's parity that leaves the state
// in [−h, h).
func (f *fold) close() int32 {
	total := f.sum + f.state
	code := 2*((total-(f.odd-1)*foldOne)>>31) + f.odd
	code = min(max(code, -f.bound), f.bound)
	f.state = total - code*foldOne
	f.sum, f.filled = 0, 0
	return int32(code)
}
