package goldencheck

import (
	"math"

	"bitcycle/quantizers/rff"
)

func checkMSQ(t *trial) {
	a := t.alphabet()
	q := t.flat(t.inputs, "x")
	for i, x := range q {
		q[i] = a.Level(a.Nearest(x))
	}
	t.compareLevels("q", a, q)
	t.compareLevels("alphabet", a, a.Levels())
}

func checkStocQ(t *trial) {
	a := t.alphabet()
	q, u := t.flat(t.inputs, "x"), t.flat(t.inputs, "u")
	for i, x := range q {
		q[i] = a.Level(a.Stochastic(x, u[i]))
	}
	t.compareLevels("q", a, q)
	t.compareLevels("alphabet", a, a.Levels())
}

// loop returns the modulator and condenser that the parameters of a case name.
func (t *trial) loop() (rff.Modulator, rff.Condenser) {
	a, r, lambda := t.alphabet(), t.integer("r", 1), t.integer("lam", 0)
	if t.params.given("beta") {
		m := rff.Distributed(t.number(t.params, "beta", 0), lambda, a)
		m.Scale = t.number(t.params, "scale", m.Scale)
		return m, rff.Condenser{V: rff.BetaVector(m.Weights[0], lambda), Scale: m.Scale}
	}
	lt := t.integer("lam_tilde", 1)
	if lambda > 0 && !t.params.given("lam_tilde") {
		lt = (lambda + r - 1) / r
	}
	m := rff.Greedy(r, a)
	if t.params.given("sigma") {
		m = rff.Sparse(r, t.integer("sigma", 0), a)
	}
	return m, rff.Condenser{V: rff.SigmaDeltaVector(r, lt), Scale: 1}
}

// checkModulator repeats any noise-shaping loop: levels, states, condensed
// features, and the residuals v·(y−q) of the blocks.
func checkModulator(t *trial) {
	m, c := t.loop()
	var levels, states, psi, residuals []float64
	for _, y := range t.rows(t.inputs, "Y") {
		q, u := make([]float64, len(y)), make([]float64, len(y))
		m.Quantize(y, q, u)
		levels, states = append(levels, q...), append(states, u...)
		p := len(y) / len(c.V)
		condensed := make([]float64, p)
		c.Condense(condensed, q)
		psi = append(psi, condensed...)
		for b := range p {
			sum := 0.0
			for j, v := range c.V {
				i := b*len(c.V) + j
				sum += v * (m.Scale*y[i] - q[i])
			}
			residuals = append(residuals, sum)
		}
	}
	t.compareLevels("Q", m.Alphabet, levels)
	t.compare("U", states)
	t.compare("psi", psi)
	t.compare("v_dot_residual", residuals)
}

func checkSparseFilter(t *trial) {
	var delays, weights []float64
	for _, r := range t.flat(t.inputs, "r") {
		m := rff.Sparse(int(r), t.integer("sigma", 6), rff.Alphabet{K: 1})
		for _, n := range m.Delays {
			delays = append(delays, float64(n))
		}
		weights = append(weights, m.Weights...)
	}
	t.compare("weights", weights)
	if t.outputs.given("delays") {
		t.seen["delays"] = true
		t.compareIntegers("delays", delays, t.flat(t.outputs, "delays"))
	}
}

func checkSigmaDeltaVectors(t *trial) {
	var all, norms []float64
	for _, pair := range t.rows(t.inputs, "r_lt") {
		v := rff.SigmaDeltaVector(int(pair[0]), int(pair[1]))
		all, norms = append(all, v...), append(norms, square(v))
	}
	t.compare("v", all)
	t.compare("norm2", norms)
}

func checkBetaVector(t *trial) {
	v := rff.BetaVector(t.number(t.params, "beta", 0), t.integer("lam", 0))
	t.compare("v", v)
	t.compare("norm", []float64{math.Sqrt(square(v))})
}

func square(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	return sum
}

func checkCondense(t *trial) {
	_, c := t.loop()
	var psi []float64
	for _, q := range t.rows(t.inputs, "Q") {
		condensed := make([]float64, t.integer("p", len(q)/len(c.V)))
		c.Condense(condensed, q)
		psi = append(psi, condensed...)
	}
	t.compare("psi", psi)
}
