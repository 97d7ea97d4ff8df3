package autoq

import "math/rand/v2"

// transition is a step of an agent.
type transition struct {
	state, next []float32
	action      float32 // the agent's output
	center      center  // what its output lies about
	real        float64 // the width that it means, not rounded
	score       float64 // extrinsic reward of the episode
	reward      float64
	done        bool
	// steps are the low-level decisions that followed a goal; nil for others.
	steps []decision
	// relabelled is the goal that explains steps best by the low-level agent as it was
	// in the episode era; 0 = never.
	relabelled float32
	era        int
}

// decision is what a low-level agent did: its state, with the goal, and the width.
type decision struct {
	state []float32
	bits  float64
}

// replay is a ring of transitions.
type replay struct {
	limit int
	ring  []transition
	at    int
}

func (r *replay) add(t transition) {
	if len(r.ring) < r.limit {
		r.ring = append(r.ring, t)
		return
	}
	r.ring[r.at] = t
	r.at = (r.at + 1) % r.limit
}

func (r *replay) sample(rng *rand.Rand) *transition { return &r.ring[rng.IntN(len(r.ring))] }
