package rff

import "math"

// state is the memory of a modulator along one row: as many past states as its
// longest delay. The rest of u is scratch for the chunk at hand.
type state struct {
	mod   *Modulator
	quant quantizer
	depth int
	u     []float64 // depth past states, then those of the chunk
	phase int       // entries since the last reset
	diag  Diagnostics
}

func newState(m *Modulator) *state {
	depth := m.depth()
	return &state{mod: m, quant: m.Alphabet.quantizer(), depth: depth, u: make([]float64, depth)}
}

// reset forgets the row but not the diagnostics.
func (s *state) reset() {
	clear(s.u)
	s.phase = 0
}

// run quantizes the next entries y of the row into odd, in half steps.
func (s *state) run(y []float64, odd []int32) {
	s.grow(len(y))
	if len(s.mod.Delays) == 1 && s.depth == 1 {
		s.first(y, odd)
	} else {
		s.general(y, odd)
	}
	s.diagnose(s.u[s.depth:])
}

// grow keeps the last depth states and makes room for n more.
func (s *state) grow(n int) {
	copy(s.u, s.u[len(s.u)-s.depth:])
	if cap(s.u) < s.depth+n {
		u := make([]float64, s.depth+n)
		copy(u, s.u[:s.depth])
		s.u = u
	}
	s.u = s.u[:s.depth+n]
}

// first runs a modulator that looks back by one entry.
func (s *state) first(y []float64, odd []int32) {
	gain, scale, q, states := s.mod.Weights[0], s.mod.Scale, s.quant, s.u[1:]
	u := s.u[0]
	for i, x := range y {
		if s.phase == s.mod.Block && s.phase > 0 {
			s.phase, u = 0, 0
		}
		s.phase++
		v := scale*x + gain*u
		o := q.odd(v)
		u = v - o*q.half
		odd[i], states[i] = int32(o), u
	}
}

// general runs any modulator.
func (s *state) general(y []float64, odd []int32) {
	delays, weights, q := s.mod.Delays, s.mod.Weights, s.quant
	for i, x := range y {
		if s.phase == s.mod.Block && s.phase > 0 {
			s.phase = 0
		}
		v := s.mod.Scale * x
		for j, n := range delays {
			if n <= s.phase || s.mod.Block == 0 {
				v += weights[j] * s.u[i+s.depth-n]
			}
		}
		s.phase++
		o := q.odd(v)
		odd[i], s.u[i+s.depth] = int32(o), v-o*q.half
	}
}

// diagnose counts states beyond half a step; a thousandth of a millionth of it
// is left to rounding.
func (s *state) diagnose(u []float64) {
	limit := s.quant.half * (1 + 1e-9)
	s.diag.Steps += len(u)
	for _, v := range u {
		if v = math.Abs(v); v > s.diag.Peak {
			s.diag.Peak = v
		}
		if v > limit {
			s.diag.Overload++
		}
	}
}
