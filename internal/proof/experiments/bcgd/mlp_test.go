package bcgd

import (
	"context"
	"testing"
)

// Blending helps most at the fewest bits: the mean of the last three epochs
// gains, and the weights settle (5 seeds, 1-bit weights, 2-bit activations).
func TestBlendingGains(t *testing.T) {
	if testing.Short() {
		t.Skip("trains ten small networks")
	}
	b, err := Compare(context.Background(), 1, 2, []float64{0, 1e-5}, 5)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("float %.4f, best %.4f, last three %.4f, gain %.4f ± %.4f, late flips %.0f", b.Float, b.Best, b.LastThree, b.Gain[1], b.GainError[1], b.LateFlips)
	if b.Gain[1] < 0.003 {
		t.Errorf("blending gains %.4f, want more than 0.003", b.Gain[1])
	}
	if b.LateFlips[0] < 5*b.LateFlips[1] {
		t.Errorf("late flips fall from %.0f to %.0f, want at least 5 times", b.LateFlips[0], b.LateFlips[1])
	}
}
