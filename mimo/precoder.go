package mimo

import (
	"math"
	"math/rand/v2"
)

// Precoder turns symbols into antenna signals. A precoder keeps its workspace
// and is not for concurrent use.
type Precoder interface {
	// Prepare does the work of a coherence block: what depends on the channel
	// and the noise alone.
	Prepare(ch *Channel, p Params) error
	// Precode fills tx for the K×T symbols s, whose levels are odd integers.
	Precode(tx *Transmit, s *Matrix)
	// Cost counts the operations for n antennas and k users.
	Cost(n, k int) Cost
}

// Params are the link parameters that a precoder may know.
type Params struct {
	Power    float64 // P, radiated
	NoiseVar float64 // σ_v²
	QAM      QAM
}

// Transmit is the signal of one block: the antennas radiate Scale·X.
type Transmit struct {
	X     Matrix // N×T
	Scale float64
	// Gain is the half spacing of each user's constellation as the design
	// promises it; empty if the receivers must estimate it.
	Gain []float64
	// NoiseVar is the effective noise that the design expects at each user,
	// quantization included; empty if it has no model.
	NoiseVar []float64
}

// resize returns a slice of length k, v itself if it is large enough.
func resize(v []float64, k int) []float64 {
	if cap(v) < k {
		return make([]float64, k)
	}
	return v[:k]
}

// oneBitScale is sqrt(P/2N), at which signals ±1±j radiate P.
func oneBitScale(power float64, n int) float64 { return math.Sqrt(power / float64(2*n)) }

// radiate sets the scale that makes the block's mean radiated power P.
func (tx *Transmit) radiate(power float64) {
	tx.Scale = math.Sqrt(power * float64(tx.X.Cols) / tx.X.Energy())
}

// unknown clears what the design does not promise.
func (tx *Transmit) unknown() { tx.Gain, tx.NoiseVar = tx.Gain[:0], tx.NoiseVar[:0] }

// Receive computes what the users see, y = Scale·H·X + v, with v white of the
// given variance, 0 for none.
func Receive(y *Matrix, ch *Channel, tx *Transmit, noiseVar float64, r *rand.Rand) {
	Mul(y, ch.H, &tx.X)
	s := math.Sqrt(noiseVar / 2)
	for i := range y.Rows {
		re, im := y.Row(i)
		for t := range re {
			re[t] *= tx.Scale
			im[t] *= tx.Scale
			if noiseVar > 0 {
				re[t] += s * r.NormFloat64()
				im[t] += s * r.NormFloat64()
			}
		}
	}
}

// LeastSquaresGain is the real gain from the symbols of user i to y,
// Re Σ y·s* / Σ|s|².
func LeastSquaresGain(y, s *Matrix, i int) float64 {
	yr, yi := y.Row(i)
	sr, si := s.Row(i)
	var cross, energy float64
	for t := range sr {
		cross += yr[t]*sr[t] + yi[t]*si[t]
		energy += sr[t]*sr[t] + si[t]*si[t]
	}
	return cross / energy
}

// gainOf is the half spacing by which user i decides.
func (tx *Transmit) gainOf(y, s *Matrix, i int) float64 {
	if len(tx.Gain) > 0 {
		return tx.Gain[i]
	}
	// A block that arrives inverted is lost; a tiny positive gain keeps it so.
	return math.Max(LeastSquaresGain(y, s, i), math.SmallestNonzeroFloat64)
}
