// Package goldencheck runs blended coarse gradient descent on golden vectors.
package goldencheck

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"gonum.org/v1/gonum/floats"

	"bitcycle/internal/proof/golden"
	"bitcycle/quantizers/bcgd"
)

// Check judges every case of a golden file of the method.
func Check(r io.Reader) ([]golden.Row, error) {
	file, err := golden.Read(r)
	if err != nil {
		return nil, err
	}
	file.Absolute = true
	return golden.Check(file, judge), nil
}

// arguments joins the inputs of the two-layer model and the projections.
type arguments struct {
	V, W     []float64
	VStar    []float64 `json:"v_star"`
	WStar    []float64 `json:"w_star"`
	WStarRaw []float64 `json:"w_star_unnormalised"`
	Eta      float64
	Steps    int
	Z        [][][]float64
	Bits     int
}

func judge(c *golden.Case, v *golden.Verdict) error {
	run, ok := operations[c.Op]
	if !ok {
		return fmt.Errorf("unknown operation %q", c.Op)
	}
	return run(c.Inputs, v)
}

type operation = func(inputs json.RawMessage, v *golden.Verdict) error

var operations = map[string]operation{
	"two_layer_closed_forms": closedForms,
	"coarse_crelu": func(inputs json.RawMessage, v *golden.Verdict) error {
		in, m, err := model(inputs)
		v.Close("coarse_crelu", m.CoarseClipped(in.V, in.W)...)
		return err
	},
	"coarse_gd_trajectory": trajectory,
	"sample_coarse_gradient": func(inputs json.RawMessage, v *golden.Verdict) error {
		in, m, err := model(inputs)
		s := m.Batch(in.V, in.W, in.Z)
		v.Close("loss", s.Loss)
		v.Close("grad_v", s.GradV...)
		v.Close("coarse_w", s.GradW...)
		return err
	},
	"spurious_minimiser": func(inputs json.RawMessage, v *golden.Verdict) error {
		in, m, err := model(inputs)
		n := len(in.VStar)
		m.WStar = append(make([]float64, n-1), 1)
		opposite := append(make([]float64, n-1), -1)
		spurious := m.Spurious()
		v.Close("v_sp", spurious...)
		v.Close("loss", m.Loss(spurious, opposite))
		v.Close("id_norm", floats.Norm(m.CoarseIdentity(spurious, opposite), 2))
		v.Close("h", m.H(spurious))
		return err
	},
	"proj_binary_ternary": func(inputs json.RawMessage, v *golden.Verdict) error {
		var in arguments
		err := json.Unmarshal(inputs, &in)
		projection(v, "bin", bcgd.Binary(in.W))
		projection(v, "ter", bcgd.Ternary(in.W))
		projection(v, "twn", bcgd.TernaryThreshold(in.W))
		return err
	},
	"proj_bbit": func(inputs json.RawMessage, v *golden.Verdict) error {
		var in arguments
		err := json.Unmarshal(inputs, &in)
		for name, p := range map[string]bcgd.Projection{
			"oneshot": bcgd.OneShot(in.W, in.Bits), "lloyd": bcgd.Lloyd(in.W, in.Bits), "exact": bcgd.ExactBits(in.W, in.Bits),
		} {
			projection(v, name, p)
			d := floats.Distance(in.W, p.Values(), 2)
			v.Close("err_"+name, d*d)
		}
		return err
	},
	"act_quant":          actQuant,
	"alpha_step":         alphaStep,
	"bcgd_step":          step,
	"sufficient_descent": sufficientDescent,
	"quantised_mlp":      quantisedMLP,
	"dorefa": func(inputs json.RawMessage, v *golden.Verdict) error {
		var in struct{ W, X []float64 }
		err := json.Unmarshal(inputs, &in)
		for bits := 1; bits <= 8; bits++ {
			v.Close(fmt.Sprintf("w%d", bits), bcgd.DoReFaWeights(in.W, bits)...)
			v.Close(fmt.Sprintf("a%d", bits), mapped(in.X, func(x float64) float64 { return bcgd.DoReFaActivation(x, bits) })...)
		}
		return err
	},
	"binary_relax": func(inputs json.RawMessage, v *golden.Verdict) error {
		var in arguments
		err := json.Unmarshal(inputs, &in)
		v.Close("pseudo", bcgd.Relax(in.W, 2, in.Eta)...)
		return err
	},
}

func mapped(x []float64, f func(float64) float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = f(v)
	}
	return out
}

// model decodes the arguments of a two-layer case, w* normalized.
func model(inputs json.RawMessage) (arguments, bcgd.TwoLayer, error) {
	var in arguments
	err := json.Unmarshal(inputs, &in)
	if in.WStarRaw != nil {
		in.WStar = slices.Clone(in.WStarRaw)
		floats.Scale(1/floats.Norm(in.WStar, 2), in.WStar)
	}
	return in, bcgd.TwoLayer{VStar: in.VStar, WStar: in.WStar}, err
}

func closedForms(inputs json.RawMessage, v *golden.Verdict) error {
	in, m, err := model(inputs)
	gradW, relu, id := m.GradW(in.V, in.W), m.CoarseReLU(in.V, in.W), m.CoarseIdentity(in.V, in.W)
	v.Close("theta", m.Theta(in.W))
	v.Close("loss", m.Loss(in.V, in.W))
	v.Close("grad_v", m.GradV(in.V, in.W)...)
	v.Close("grad_w", gradW...)
	v.Close("h", m.H(in.V))
	v.Close("coarse_relu", relu...)
	v.Close("coarse_id", id...)
	v.Close("inner_relu", floats.Dot(relu, gradW))
	v.Close("inner_relu_formula", m.Correlation(in.V, in.W))
	v.Close("inner_id", floats.Dot(id, gradW))
	v.Close("inner_id_formula", 2*m.Correlation(in.V, in.W))
	return err
}

func trajectory(inputs json.RawMessage, v *golden.Verdict) error {
	in, m, err := model(inputs)
	if err != nil {
		return err
	}
	var want []map[string]json.RawMessage
	if !v.Want("steps", &want) {
		return nil
	}
	at := 0
	m.Descend(in.V, in.W, in.Eta, in.Steps, m.CoarseReLU, func(int) {
		if at >= len(want) {
			return
		}
		for name, got := range map[string][]float64{
			"v": in.V, "w": in.W, "loss": {m.Loss(in.V, in.W)}, "theta": {m.Theta(in.W)},
		} {
			if raw, ok := want[at][name]; ok {
				v.CloseRaw(fmt.Sprintf("steps[%d].%s", at, name), raw, got...)
			}
		}
		at++
	})
	return nil
}

func projection(v *golden.Verdict, prefix string, p bcgd.Projection) {
	v.Close(prefix+"_delta", p.Delta)
	q := make([]int, len(p.Q))
	for i, x := range p.Q {
		q[i] = int(x)
	}
	v.Equal(prefix+"_q", q...)
}

func actQuant(inputs json.RawMessage, v *golden.Verdict) error {
	var in struct {
		X     []float64
		Alpha float64
		Bits  int
	}
	err := json.Unmarshal(inputs, &in)
	a := bcgd.Activation{Bits: in.Bits, Alpha: in.Alpha}
	v.Close("y", mapped(in.X, a.Forward)...)
	v.Close("dx", mapped(in.X, func(x float64) float64 { dx, _ := a.Backward(x); return dx })...)
	for name, kind := range map[string]bcgd.AlphaKind{"da_ae": bcgd.Exactly, "da_3": bcgd.ThreeValued, "da_2": bcgd.TwoValued, "da_min": bcgd.Smallest} {
		a.Kind = kind
		v.Close(name, mapped(in.X, func(x float64) float64 { _, da := a.Backward(x); return da })...)
	}
	return err
}

func alphaStep(inputs json.RawMessage, v *golden.Verdict) error {
	var in struct {
		X       []float64
		GradOut []float64 `json:"grad_out"`
		Alpha   float64
		Buf     float64
		Bits    int
		LR      float64
		Rate    float64
		Decay   float64 `json:"weight_decay"`
		Mom     float64 `json:"momentum"`
	}
	err := json.Unmarshal(inputs, &in)
	a := bcgd.Activation{Bits: in.Bits, Alpha: in.Alpha, Rate: in.Rate}
	a.SetMomentum(in.Buf)
	raw := 0.0
	for i, x := range in.X {
		_, da := a.Backward(x)
		raw += in.GradOut[i] * da
	}
	v.Close("g", min(max(in.Rate*raw, -1), 1))
	a.Step(raw, bcgd.SGD{Rate: in.LR, Momentum: in.Mom, WeightDecay: in.Decay})
	v.Close("buf", a.Momentum())
	v.Close("alpha", a.Alpha)
	return err
}

func step(inputs json.RawMessage, v *golden.Verdict) error {
	var in struct {
		WF, Grad, Buf []float64
		Rho, Eta      float64
		Momentum      float64 `json:"momentum"`
		Decay         float64 `json:"weight_decay"`
	}
	err := json.Unmarshal(inputs, &in)
	w := bcgd.Binary(in.WF).Values()
	v.Close("w", w...)
	plain := slices.Clone(in.WF)
	bcgd.Step(plain, make([]float64, len(plain)), w, in.Grad, in.Rho, bcgd.SGD{Rate: in.Eta})
	v.Close("plain_wf", plain...)
	projection(v, "plain", bcgd.Binary(plain))
	moved, buf := slices.Clone(in.WF), slices.Clone(in.Buf)
	bcgd.Step(moved, buf, w, in.Grad, in.Rho, bcgd.SGD{Rate: in.Eta, Momentum: in.Momentum, WeightDecay: in.Decay})
	v.Close("mom_wf", moved...)
	v.Close("mom_buf", buf...)
	projection(v, "mom", bcgd.Binary(moved))
	return err
}

func sufficientDescent(inputs json.RawMessage, v *golden.Verdict) error {
	var in struct {
		Matrix      [][]float64 `json:"A"`
		Target      []float64   `json:"a"`
		WF0         []float64
		Rho, Eta, L float64
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(inputs, &fields); err != nil {
		return err
	}
	for name, into := range map[string]any{"A": &in.Matrix, "a": &in.Target, "wf0": &in.WF0, "rho": &in.Rho, "eta": &in.Eta, "L": &in.L} {
		if err := json.Unmarshal(fields[name], into); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	var want []struct {
		FOld  float64 `json:"f_old"`
		FNew  float64 `json:"f_new"`
		Bound float64
	}
	if !v.Want("steps", &want) {
		return nil
	}
	wf := slices.Clone(in.WF0)
	w := bcgd.Binary(wf).Values()
	for i, s := range want {
		before, gradient := quadratic(in.Matrix, in.Target, w)
		bcgd.Step(wf, make([]float64, len(wf)), w, gradient, in.Rho, bcgd.SGD{Rate: in.Eta})
		next := bcgd.Binary(wf).Values()
		after, _ := quadratic(in.Matrix, in.Target, next)
		move := floats.Distance(next, w, 2)
		bound := before - (in.Rho/in.Eta-in.L)*move*move/2
		v.CloseTo(fmt.Sprintf("steps[%d]", i), []float64{s.FOld, s.FNew, s.Bound}, []float64{before, after, bound})
		w = next
	}
	return nil
}

// quadratic returns ½(w−a)ᵀA(w−a) and its gradient.
func quadratic(a [][]float64, target, w []float64) (value float64, gradient []float64) {
	delta := make([]float64, len(w))
	floats.SubTo(delta, w, target)
	gradient = make([]float64, len(w))
	for i := range a {
		gradient[i] = floats.Dot(a[i], delta)
	}
	return floats.Dot(delta, gradient) / 2, gradient
}

func quantisedMLP(inputs json.RawMessage, v *golden.Verdict) error {
	var in struct {
		X, W1, W2   [][]float64
		Y           []int
		Gamma, Beta []float64
		Alpha       float64
		Bits        int
	}
	if err := json.Unmarshal(inputs, &in); err != nil {
		return err
	}
	hidden := len(in.W1[0])
	norm := bcgd.NewBatchNorm(hidden)
	copy(norm.Gamma, in.Gamma)
	copy(norm.Beta, in.Beta)
	act := &bcgd.Activation{Bits: in.Bits, Alpha: in.Alpha}
	net := bcgd.MLP{
		Layers: []*bcgd.Dense{
			bcgd.NewDense(len(in.W1), hidden, 1, slices.Concat(in.W1...)),
			bcgd.NewDense(hidden, len(in.W2[0]), 1, slices.Concat(in.W2...)),
		},
		Norms: []*bcgd.BatchNorm{norm}, Acts: []*bcgd.Activation{act},
	}
	logits := net.Forward(slices.Concat(in.X...), true)
	v.Close("logits", logits...)
	normed := net.Normed(0)
	v.Close("bn_out", normed...)
	v.Close("act", mapped(normed, act.Forward)...)
	v.Close("loss", net.Backward(in.Y))
	v.Close("gW1", net.Layers[0].Gradient()...)
	v.Close("gW2", net.Layers[1].Gradient()...)
	gamma, beta := norm.Gradients()
	v.Close("ggamma", gamma...)
	v.Close("gbeta", beta...)
	v.Close("galpha", net.AlphaGradients()...)
	return nil
}
