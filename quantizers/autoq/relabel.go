package autoq

import (
	"math"
	"math/rand/v2"
)

// Relabelling considers this many goals near the achieved mean, beside that mean
// and the goal itself, and looks at this many channels of a layer.
const (
	relabelDraws    = 8
	relabelChannels = 8
	relabelSpread   = 0.5 * MaxBits / 2
)

// relabel returns the goal under which the low-level agent as it is now would most
// likely have chosen what it chose,
//
//	argmax over g of  −½ Σ_j (a_j − μ(s_j, g))²
//
// out of the goal given, the mean achieved and draws around it (HIRO; Nachum, Gu,
// Lee and Levine, NeurIPS 2018, equation 5). would returns μ of every decision
// under the first goal, then under the second, and so on.
func relabel(rng *rand.Rand, goal float64, steps []decision, would func(goals []float64) []float64) float64 {
	var goals [relabelDraws + 2]float64
	goals[0], goals[1] = goal, achieved(steps)
	for c := 2; c < len(goals); c++ {
		goals[c] = min(max(goals[1]+relabelSpread*rng.NormFloat64(), 0), MaxBits)
	}
	widths := would(goals[:])
	best, score := goal, math.Inf(-1)
	for c, g := range goals {
		s := 0.0
		for k := range steps {
			d := steps[k].bits - widths[c*len(steps)+k]
			s -= d * d / 2
		}
		if s > score {
			best, score = g, s
		}
	}
	return best
}

func achieved(steps []decision) float64 {
	sum := 0.0
	for i := range steps {
		sum += steps[i].bits
	}
	return sum / float64(len(steps))
}

// thin returns at most n of the decisions, evenly spread.
func thin(steps []decision, n int) []decision {
	if len(steps) <= n {
		return steps
	}
	out := make([]decision, n)
	for i := range out {
		out[i] = steps[i*len(steps)/n]
	}
	return out
}
