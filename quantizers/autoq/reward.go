package autoq

import "math"

// Guarantee asks for low cost at a guaranteed accuracy.
type Guarantee struct {
	Latency, Energy float64 // exponents ψ, between 0 and 1
	Floor           float64 // accuracy that a policy must have
}

// accuracyExponent is ψ_acc where accuracy is guaranteed.
const accuracyExponent = 2

// floorPenalty is what a unit of accuracy below the floor costs.
const floorPenalty = 10

// Extrinsic is the reward of a policy (AutoQ, equation 2),
//
//	ln(acc^ψacc / (latency^ψl · energy^ψe))
//
// with latency and energy relative to 8 bits everywhere. Within a budget (g =
// nil) only accuracy counts: ψacc = 1, ψl = ψe = 0. Where accuracy is guaranteed
// ψacc = 2 and, since exponents alone guarantee nothing, 10 is taken for every
// unit of accuracy below the floor.
func Extrinsic(accuracy, latency, energy float64, g *Guarantee) float64 {
	acc := math.Log(max(accuracy, 1e-3))
	if g == nil {
		return acc
	}
	r := accuracyExponent*acc - g.Latency*math.Log(latency) - g.Energy*math.Log(energy)
	if accuracy < g.Floor {
		r -= floorPenalty * (g.Floor - accuracy)
	}
	return r
}

// Intrinsic is the reward of the low-level agent in a layer (AutoQ, equation 3),
//
//	(1−ζ)·(−|goal − mean|/8) + ζ·(eR − baseline)
//
// with the error of the goal per channel and per bit, so that both terms have one
// scale.
func Intrinsic(zeta, goal, mean, extrinsic, baseline float64) float64 {
	return -(1-zeta)*math.Abs(goal-mean)/MaxBits + zeta*(extrinsic-baseline)
}

// shaping returns ζ of an episode: first the low-level agent learns to obey, then
// to be good.
func shaping(episode, episodes int) float64 {
	return 0.1 + 0.7*min(1, float64(episode)/float64(episodes))
}
