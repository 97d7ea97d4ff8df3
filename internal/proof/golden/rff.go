package golden

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	experiments "bitcycle/internal/proof/experiments/rff"
	"bitcycle/quantizers/rff"
	"bitcycle/quantizers/rff/learn"
)

// rffOperations repeats the vectors of package rff. Parameters are K and step
// (alphabet; no step means 2/(2K−1)), r and sigma (order and sparse filter), beta,
// lam and lam_tilde (block lengths).
var rffOperations = map[string]func(c *Case){
	"msq": func(c *Case) {
		a := c.alphabet()
		q := c.list("x")
		for i, x := range q {
			q[i] = a.Level(a.Nearest(x))
		}
		c.levels("q", a, q)
		c.levels("alphabet", a, a.Levels())
	},
	"stocq": func(c *Case) {
		a := c.alphabet()
		q, u := c.list("x"), c.list("u")
		for i, x := range q {
			q[i] = a.Level(a.Stochastic(x, u[i]))
		}
		c.levels("q", a, q)
		c.levels("alphabet", a, a.Levels())
	},
	"sigma_delta_greedy":   noiseShaping,
	"sigma_delta_filtered": noiseShaping,
	"telescope":            noiseShaping,
	"beta":                 noiseShaping,
	"sparse_filter": func(c *Case) {
		var delays []int
		var weights []float64
		for _, r := range c.list("r") {
			m := rff.Sparse(int(r), c.whole("sigma", 6), rff.Alphabet{K: 1})
			delays, weights = append(delays, m.Delays...), append(weights, m.Weights...)
		}
		c.close("weights", weights...)
		c.equal("delays", delays...)
	},
	"v_sd": func(c *Case) {
		var all, norms []float64
		for _, pair := range c.rows("r_lt") {
			v := rff.SigmaDeltaVector(int(pair[0]), int(pair[1]))
			all, norms = append(all, v...), append(norms, floats.Dot(v, v))
		}
		c.close("v", all...)
		c.close("norm2", norms...)
	},
	"v_beta": func(c *Case) {
		v := rff.BetaVector(c.number("beta", 0), c.whole("lam", 0))
		c.close("v", v...)
		c.close("norm", floats.Norm(v, 2))
	},
	"condense": func(c *Case) {
		_, condenser := c.loop()
		var psi []float64
		for _, q := range c.rows("Q") {
			condensed := make([]float64, c.whole("p", len(q)/len(condenser.V)))
			condenser.Condense(condensed, q)
			psi = append(psi, condensed...)
		}
		c.close("psi", psi...)
	},
	"pipeline": pipeline,
	"bits":     storedBits,
	"ridge": func(c *Case) {
		y := c.list("y")
		w, err := learn.Ridge(c.matrix("F"), mat.NewDense(len(y), 1, y), c.number("mu", 1))
		if !c.ready(err) {
			return
		}
		c.close("w", w.RawMatrix().Data...)
		if c.has("Ftest") {
			var predicted mat.Dense
			predicted.Mul(c.matrix("Ftest"), w)
			c.close("pred", predicted.RawMatrix().Data...)
		}
	},
	"mmd": func(c *Case) {
		c.close("mmd2", experiments.MMD2(c.matrix("Kxx"), c.matrix("Kyy"), c.matrix("Kxy")))
	},
}

func (c *Case) alphabet() rff.Alphabet {
	return rff.Alphabet{K: c.whole("K", 1), Step: c.number("step", 0)}
}

// levels is close for levels of an alphabet, whose codes must be equal too.
func (c *Case) levels(name string, a rff.Alphabet, got []float64) {
	want, ok := c.wanted(name)
	if !ok {
		return
	}
	c.near(name, want, got)
	codes := func(levels []float64) (codes []float64) {
		for _, level := range levels {
			codes = append(codes, math.Round(level/a.Half()))
		}
		return codes
	}
	c.same(name+" (codes)", codes(want), codes(got))
}

// loop returns the modulator and the condenser that the parameters name.
func (c *Case) loop() (rff.Modulator, rff.Condenser) {
	a, r, lambda := c.alphabet(), c.whole("r", 1), c.whole("lam", 0)
	if c.has("beta") {
		m := rff.Distributed(c.number("beta", 0), lambda, a)
		m.Scale = c.number("scale", m.Scale)
		return m, rff.Condenser{V: rff.BetaVector(m.Weights[0], lambda), Scale: m.Scale}
	}
	lag := c.whole("lam_tilde", 1)
	if lambda > 0 && !c.has("lam_tilde") {
		lag = (lambda + r - 1) / r
	}
	m := rff.Greedy(r, a)
	if c.has("sigma") {
		m = rff.Sparse(r, c.whole("sigma", 0), a)
	}
	return m, rff.Condenser{V: rff.SigmaDeltaVector(r, lag), Scale: 1}
}

// noiseShaping repeats any noise-shaping loop: levels, states, condensed features,
// and the residuals v·(y−q) of the blocks.
func noiseShaping(c *Case) {
	m, condenser := c.loop()
	var levels, states, psi, residuals []float64
	for _, y := range c.rows("Y") {
		q, u := make([]float64, len(y)), make([]float64, len(y))
		m.Quantize(y, q, u)
		levels, states = append(levels, q...), append(states, u...)
		condensed := make([]float64, len(y)/len(condenser.V))
		condenser.Condense(condensed, q)
		psi = append(psi, condensed...)
		for b := range condensed {
			sum := 0.0
			for j, v := range condenser.V {
				i := b*len(condenser.V) + j
				sum += v * (m.Scale*y[i] - q[i])
			}
			residuals = append(residuals, sum)
		}
	}
	c.levels("Q", m.Alphabet, levels)
	c.close("U", states...)
	c.close("psi", psi...)
	c.close("v_dot_residual", residuals...)
}

// storedBits repeats the storage accounts of condensed Sigma-Delta codes.
func storedBits(c *Case) {
	var rows []struct {
		Lambda   float64 `json:"lam"`
		P        float64 `json:"p"`
		Real     float64 `json:"bits_real"`
		Codebook float64 `json:"bits_exact_codebook"`
		Plain    float64 `json:"plain"`
	}
	cases := c.rows("m_lt_r_K")
	if !c.output("rows", &rows) || len(rows) != len(cases) {
		c.fail("%d rows for %d inputs", len(rows), len(cases))
		return
	}
	for i, in := range cases {
		m, lag, r, want := int(in[0]), int(in[1]), int(in[2]), rows[i]
		s := rff.NewSigmaDelta(r, rff.BlockLength(r, lag), rff.Alphabet{K: int(in[3])})
		b := s.Bits(m)
		c.same("rows", []float64{want.Lambda, want.P, want.Codebook}, []float64{float64(b.Lambda), float64(b.P), float64(b.Codebook)})
		c.near("rows", []float64{want.Real, want.Plain}, []float64{b.Real, b.Plain})
	}
}
