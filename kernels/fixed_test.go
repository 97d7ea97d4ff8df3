package kernels

import "testing"

// TestMeansRoundHalvesUp: between grids whose steps differ by a power of two,
// every mean of up to 50 codes is ⌊sum·r/n + ½⌋, halves included.
func TestMeansRoundHalvesUp(t *testing.T) {
	for n := 1; n <= 50; n++ {
		for log := -8; log <= 8; log++ {
			from, to := Grid{Scale: 0.3, Bits: 8, Signed: true}, Grid{Scale: 0.3, Bits: 16, Signed: true}
			num, den := 1, 2*n // of r/2n
			for range log {
				to.Scale, num = to.Scale/2, 2*num
			}
			for range -log {
				to.Scale, den = to.Scale*2, 2*den
			}
			f := meanFixed(from, to, n)
			for sum := -128 * n; sum <= 127*n; sum++ {
				twice := 2*2*sum*num + den // of ⌊twice/2den⌋
				want := twice / (2 * den)
				if twice%(2*den) < 0 {
					want--
				}
				if got := f.apply(int64(sum), -1<<15, 1<<15-1); int(got) != min(max(want, -1<<15), 1<<15-1) {
					t.Fatalf("mean of %d codes, sum %d, steps 2^%d apart: code %d, want %d", n, sum, log, got, want)
				}
			}
		}
	}
}
