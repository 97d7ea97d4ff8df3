package golden

import (
	"encoding/json"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/floats"

	experiments "bitcycle/internal/proof/experiments/bcgd"
	"bitcycle/quantizers/bcgd"
)

// bcgdOperations repeats the vectors of package bcgd: its projections,
// activations and rivals, and in double precision what the reproduction trains
// and examines: the perceptron, the blended step and the two-layer model.
var bcgdOperations = map[string]func(c *Case){
	"two_layer_closed_forms": closedForms,
	"coarse_crelu": func(c *Case) {
		c.close("coarse_crelu", c.twoLayer().CoarseClipped(c.list("v"), c.list("w"))...)
	},
	"coarse_gd_trajectory":   trajectory,
	"sample_coarse_gradient": sampleGradient,
	"spurious_minimiser":     spuriousMinimum,
	"proj_binary_ternary": func(c *Case) {
		w := c.list("w")
		projection(c, "bin", bcgd.Binary(w))
		projection(c, "ter", bcgd.Ternary(w))
		projection(c, "twn", bcgd.TernaryThreshold(w))
	},
	"proj_bbit": func(c *Case) {
		w, bits := c.list("w"), c.whole("bits", 0)
		for name, project := range map[string]func([]float64, int) bcgd.Projection{
			"oneshot": bcgd.OneShot, "lloyd": bcgd.Lloyd, "exact": bcgd.ExactBits,
		} {
			p := project(w, bits)
			projection(c, name, p)
			d := floats.Distance(w, p.Values(), 2)
			c.close("err_"+name, d*d)
		}
	},
	"act_quant": func(c *Case) {
		x, a := c.list("x"), bcgd.Activation{Bits: c.whole("bits", 0), Alpha: c.number("alpha", 0)}
		c.close("y", mapped(x, a.Forward)...)
		c.close("dx", mapped(x, func(x float64) float64 { dx, _ := a.Backward(x); return dx })...)
		for name, kind := range map[string]bcgd.AlphaKind{"da_ae": bcgd.Exactly, "da_3": bcgd.ThreeValued, "da_2": bcgd.TwoValued, "da_min": bcgd.Smallest} {
			a.Kind = kind
			c.close(name, mapped(x, func(x float64) float64 { _, da := a.Backward(x); return da })...)
		}
	},
	"alpha_step":         resolutionStep,
	"bcgd_step":          blendedStep,
	"sufficient_descent": sufficientDescent,
	"quantised_mlp":      perceptron,
	"dorefa": func(c *Case) {
		w, x := c.list("w"), c.list("x")
		for bits := 1; bits <= 8; bits++ {
			n := 1<<bits - 1
			c.close(fmt.Sprintf("w%d", bits), bcgd.DoReFaWeights(w, bits)...)
			c.close(fmt.Sprintf("a%d", bits), mapped(x, func(x float64) float64 { return bcgd.Rounded(x, 1/float64(n), 0, n) })...)
		}
	},
	"binary_relax": func(c *Case) {
		c.close("pseudo", bcgd.Relax(c.list("w"), 2, c.number("eta", 0))...)
	},
}

func mapped(x []float64, f func(float64) float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = f(v)
	}
	return out
}

// projection compares the scale and the levels of a projection.
func projection(c *Case, prefix string, p bcgd.Projection) {
	c.close(prefix+"_delta", p.Delta)
	c.equal(prefix+"_q", integers[int](p.Q)...)
}

// twoLayer is the model of a case, w* of length 1.
func (c *Case) twoLayer() experiments.TwoLayer {
	m := experiments.TwoLayer{VStar: c.list("v_star")}
	if c.has("w_star_unnormalised") {
		m.WStar = c.list("w_star_unnormalised")
		floats.Scale(1/floats.Norm(m.WStar, 2), m.WStar)
	} else {
		m.WStar = c.list("w_star")
	}
	return m
}

func closedForms(c *Case) {
	m, v, w := c.twoLayer(), c.list("v"), c.list("w")
	gradW, relu, identity := m.GradW(v, w), m.CoarseReLU(v, w), m.CoarseIdentity(v, w)
	c.close("theta", m.Theta(w))
	c.close("loss", m.Loss(v, w))
	c.close("grad_v", m.GradV(v, w)...)
	c.close("grad_w", gradW...)
	c.close("h", m.H(v))
	c.close("coarse_relu", relu...)
	c.close("coarse_id", identity...)
	c.close("inner_relu", floats.Dot(relu, gradW))
	c.close("inner_relu_formula", m.Correlation(v, w))
	c.close("inner_id", floats.Dot(identity, gradW))
	c.close("inner_id_formula", 2*m.Correlation(v, w))
}

func trajectory(c *Case) {
	m, v, w := c.twoLayer(), c.list("v"), c.list("w")
	var want []map[string]json.RawMessage
	if !c.output("steps", &want) {
		return
	}
	at := 0
	m.Descend(v, w, c.number("eta", 0), c.whole("steps", 0), m.CoarseReLU, func(int) {
		if at >= len(want) {
			return
		}
		for name, got := range map[string][]float64{"v": v, "w": w, "loss": {m.Loss(v, w)}, "theta": {m.Theta(w)}} {
			raw, ok := want[at][name]
			if !ok {
				continue
			}
			list, err := numbers(raw)
			if c.ready(err) {
				c.near(fmt.Sprintf("steps[%d].%s", at, name), list, got)
			}
		}
		at++
	})
}

func sampleGradient(c *Case) {
	var z [][][]float64
	c.decode("Z", &z)
	s := c.twoLayer().Batch(c.list("v"), c.list("w"), z)
	c.close("loss", s.Loss)
	c.close("grad_v", s.GradV...)
	c.close("coarse_w", s.GradW...)
}

func spuriousMinimum(c *Case) {
	m := experiments.TwoLayer{VStar: c.list("v_star")}
	n := len(m.VStar)
	m.WStar = append(make([]float64, n-1), 1)
	opposite := append(make([]float64, n-1), -1)
	v := m.Spurious()
	c.close("v_sp", v...)
	c.close("loss", m.Loss(v, opposite))
	c.close("id_norm", floats.Norm(m.CoarseIdentity(v, opposite), 2))
	c.close("h", m.H(v))
}

// descent are the settings of a step.
func (c *Case) descent(rate string) experiments.SGD {
	return experiments.SGD{Rate: c.number(rate, 0), Momentum: c.number("momentum", 0), WeightDecay: c.number("weight_decay", 0)}
}

func resolutionStep(c *Case) {
	a := experiments.Resolution{
		Activation: bcgd.Activation{Bits: c.whole("bits", 0), Alpha: c.number("alpha", 0), Rate: c.number("rate", 0)},
		Momentum:   c.number("buf", 0),
	}
	raw, gradient := 0.0, c.list("grad_out")
	for i, x := range c.list("x") {
		_, da := a.Backward(x)
		raw += gradient[i] * da
	}
	c.close("g", min(max(a.Rate*raw, -1), 1))
	a.Step(raw, c.descent("lr"))
	c.close("buf", a.Momentum)
	c.close("alpha", a.Alpha)
}

func blendedStep(c *Case) {
	wf, gradient, rho := c.list("wf"), c.list("grad"), c.number("rho", 0)
	w := bcgd.Binary(wf).Values()
	c.close("w", w...)
	plain := slices.Clone(wf)
	experiments.Step(plain, make([]float64, len(plain)), w, gradient, rho, experiments.SGD{Rate: c.number("eta", 0)})
	c.close("plain_wf", plain...)
	projection(c, "plain", bcgd.Binary(plain))
	moved, buf := slices.Clone(wf), c.list("buf")
	experiments.Step(moved, buf, w, gradient, rho, c.descent("eta"))
	c.close("mom_wf", moved...)
	c.close("mom_buf", buf...)
	projection(c, "mom", bcgd.Binary(moved))
}

// sufficientDescent follows blended steps on ½(w−a)ᵀA(w−a) beside the bound on
// its value.
func sufficientDescent(c *Case) {
	var steps []struct {
		FOld  float64 `json:"f_old"`
		FNew  float64 `json:"f_new"`
		Bound float64
	}
	if !c.output("steps", &steps) {
		return
	}
	matrix, target, wf := c.rows("A"), c.list("a"), c.list("wf0")
	rho, eta := c.number("rho", 0), c.number("eta", 0)
	w := bcgd.Binary(wf).Values()
	for i, s := range steps {
		before, gradient := quadratic(matrix, target, w)
		experiments.Step(wf, make([]float64, len(wf)), w, gradient, rho, experiments.SGD{Rate: eta})
		next := bcgd.Binary(wf).Values()
		after, _ := quadratic(matrix, target, next)
		move := floats.Distance(next, w, 2)
		bound := before - (rho/eta-c.number("L", 0))*move*move/2
		c.near(fmt.Sprintf("steps[%d]", i), []float64{s.FOld, s.FNew, s.Bound}, []float64{before, after, bound})
		w = next
	}
}

// quadratic returns ½(w−a)ᵀA(w−a) and its gradient.
func quadratic(a [][]float64, target, w []float64) (value float64, gradient []float64) {
	delta := make([]float64, len(w))
	floats.SubTo(delta, w, target)
	for _, row := range a {
		gradient = append(gradient, floats.Dot(row, delta))
	}
	return floats.Dot(delta, gradient) / 2, gradient
}

func perceptron(c *Case) {
	w1, w2 := c.rows("W1"), c.rows("W2")
	hidden := len(w1[0])
	norm := experiments.NewBatchNorm(hidden)
	copy(norm.Gamma, c.list("gamma"))
	copy(norm.Beta, c.list("beta"))
	bits := c.whole("bits", 0)
	act := &experiments.Resolution{Activation: bcgd.Activation{Bits: bits, Alpha: c.number("alpha", 0)}}
	net := experiments.MLP{
		Layers: []*experiments.Dense{
			experiments.NewDense(len(w1), hidden, 1, slices.Concat(w1...)),
			experiments.NewDense(hidden, len(w2[0]), 1, slices.Concat(w2...)),
		},
		Norms: []*experiments.BatchNorm{norm}, Acts: []*experiments.Resolution{act},
	}
	c.close("logits", net.Forward(c.list("X"), true)...)
	normed := net.Normed(0)
	c.close("bn_out", normed...)
	c.close("act", mapped(normed, act.Forward)...)
	c.close("loss", net.Backward(integers[int](c.list("Y"))))
	c.close("gW1", net.Layers[0].Gradient()...)
	c.close("gW2", net.Layers[1].Gradient()...)
	gamma, beta := norm.Gradients()
	c.close("ggamma", gamma...)
	c.close("gbeta", beta...)
	c.close("galpha", net.AlphaGradients()...)
}
