// Package goldencheck runs the multipoint quantizer on golden vectors.
package goldencheck

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"gonum.org/v1/gonum/floats"

	"bitcycle/internal/proof/golden"
	mp "bitcycle/quantizers/multipoint"
)

// Check judges every case of a golden file of the multipoint quantizer.
func Check(r io.Reader) ([]golden.Row, error) {
	file, err := golden.Read(r)
	if err != nil {
		return nil, err
	}
	return golden.Check(file, judge), nil
}

// params joins the parameters of all operations.
type params struct {
	B, N, NMax, Bits, ScaleBits int
	K, BOffset, Eps, SX, Max    float64
	steps                       int
}

// UnmarshalJSON tells "B" (offset) from "b" (bits) and "N" (grid steps) from
// "n" (points), which encoding/json does not.
func (p *params) UnmarshalJSON(data []byte) error {
	var m map[string]float64
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	*p = params{
		B: int(m["b"]), N: int(m["n"]), steps: int(m["N"]), NMax: int(m["nmax"]), Bits: int(m["bits"]),
		ScaleBits: int(m["scale_bits"]), K: m["K"], BOffset: m["B"], Eps: m["eps"], SX: m["sx"], Max: m["max"],
	}
	return nil
}

func judge(c *golden.Case, v *golden.Verdict) error {
	var p params
	if len(c.Params) > 0 {
		if err := json.Unmarshal(c.Params, &p); err != nil {
			return err
		}
	}
	run, ok := operations[c.Op]
	if !ok {
		return fmt.Errorf("unknown operation %q", c.Op)
	}
	return run(c.Inputs, p, v)
}

var operations = map[string]func(inputs json.RawMessage, p params, v *golden.Verdict) error{
	"code": func(inputs json.RawMessage, p params, v *golden.Verdict) error {
		var in struct{ X []float64 }
		err := json.Unmarshal(inputs, &in)
		codes := make([]int, len(in.X))
		for i, x := range in.X {
			codes[i] = int(mp.Code(x, p.B))
		}
		v.Equal("codes", codes...)
		top := mp.Top(p.B)
		levels := make([]float64, 0, 2*top+1)
		for c := -top; c <= top; c++ {
			levels = append(levels, float64(c)/float64(top))
		}
		v.Close("levels", levels...)
		return err
	},
	"naive": func(inputs json.RawMessage, p params, v *golden.Verdict) error {
		var in struct{ W []float64 }
		err := json.Unmarshal(inputs, &in)
		q := make([]float64, len(in.W))
		mp.Naive(q, in.W, p.K, p.BOffset, p.B)
		v.Close("wq", q...)
		mp.Naive(q, in.W, p.K, 0, p.B)
		v.Close("wq_B0", q...)
		return err
	},
	"objective": func(inputs json.RawMessage, p params, v *golden.Verdict) error {
		var in struct{ R, A []float64 }
		err := json.Unmarshal(inputs, &in)
		var objectives []float64
		var all []int
		codes := make([]int8, len(in.R))
		for _, a := range in.A {
			objectives = append(objectives, mp.Objective(in.R, a, p.B))
			mp.Codes(codes, in.R, a, p.B)
			all = append(all, widen(codes)...)
		}
		v.Close("obj", objectives...)
		v.Equal("codes", all...)
		return err
	},
	"best_scale_grid": func(inputs json.RawMessage, p params, v *golden.Verdict) error {
		var in struct{ R []float64 }
		err := json.Unmarshal(inputs, &in)
		a, objective := mp.BestScaleGrid(in.R, p.B, p.steps)
		codes := make([]int8, len(in.R))
		mp.Codes(codes, in.R, a, p.B)
		v.Close("a", a)
		v.Equal("codes", widen(codes)...)
		v.Close("obj", objective)
		v.Close("Imax", float64(2*mp.Top(p.B))*mp.MaxAbs(in.R))
		return err
	},
	"best_scale_exact": func(inputs json.RawMessage, p params, v *golden.Verdict) error {
		var in struct{ R []float64 }
		err := json.Unmarshal(inputs, &in)
		point := mp.BestScaleExact(in.R, p.B)
		v.Close("a", point.A)
		v.Equal("codes", widen(point.Codes)...)
		residual := slices.Clone(in.R)
		floats.Sub(residual, mp.Reconstruct([]mp.Point{point}, len(in.R), p.B))
		v.Close("obj", floats.Dot(residual, residual))
		return err
	},
	"multipoint_exact": func(inputs json.RawMessage, p params, v *golden.Verdict) error {
		return sequence(inputs, p, v, func(w []float64) []mp.Point { return mp.Points(w, p.B, p.N, mp.Exact) })
	},
	"multipoint_grid": func(inputs json.RawMessage, p params, v *golden.Verdict) error {
		return sequence(inputs, p, v, func(w []float64) []mp.Point { return mp.GridPoints(w, p.B, p.N, p.steps) })
	},
	"residual_maxabs": func(inputs json.RawMessage, p params, v *golden.Verdict) error {
		return sequence(inputs, p, v, func(w []float64) []mp.Point { return mp.Points(w, p.B, p.N, mp.MaxAbsRule) })
	},
	"adaptive_layer": adaptiveLayer,
	"clip_search": func(inputs json.RawMessage, p params, v *golden.Verdict) error {
		var in struct {
			W, X [][]float64
			K    []float64
		}
		err := json.Unmarshal(inputs, &in)
		w, d := rows(in.W)
		x, _ := rows(in.X)
		errs, best := mp.ClipSearch(w, d, in.K, mp.NewMoment(x, d), p.B)
		v.Close("err", errs...)
		v.Equal("best", best)
		return err
	},
	"cost": cost,
	"int_dot": func(inputs json.RawMessage, p params, v *golden.Verdict) error {
		var in struct {
			Codes [][]int8
			A     []float64
			XQ    []int
		}
		err := json.Unmarshal(inputs, &in)
		points := make([]mp.Point, len(in.A))
		for i := range points {
			points[i] = mp.Point{A: in.A[i], Codes: in.Codes[i]}
		}
		acc, y := mp.IntDot(points, in.XQ, p.SX, p.B)
		v.Equal("int_acc", acc...)
		v.Close("y", y)
		return err
	},
	"act_quant": func(inputs json.RawMessage, p params, v *golden.Verdict) error {
		var in struct{ X []float64 }
		err := json.Unmarshal(inputs, &in)
		codes, values := make([]int, len(in.X)), make([]float64, len(in.X))
		for i, x := range in.X {
			codes[i], values[i] = mp.QuantizeAct(x, p.Max, p.Bits)
		}
		v.Equal("q", codes...)
		v.Close("xhat", values...)
		return err
	},
}

func adaptiveLayer(inputs json.RawMessage, p params, v *golden.Verdict) error {
	var in struct{ W, X [][]float64 }
	if err := json.Unmarshal(inputs, &in); err != nil {
		return err
	}
	w, d := rows(in.W)
	x, _ := rows(in.X)
	channels := mp.Adapt(w, d, p.K, mp.NewMoment(x, d),
		mp.Options{Bits: p.B, MaxPoints: p.NMax, Solver: mp.Exact, Threshold: p.Eps})
	var points []int
	var output, naive, quantized []float64
	for _, ch := range channels {
		points = append(points, len(ch.Points))
		output = append(output, ch.OutputError)
		naive = append(naive, ch.NaiveError)
		quantized = append(quantized, ch.Quantized...)
	}
	v.Equal("n_points", points...)
	v.Close("output_error", output...)
	v.Close("naive_error", naive...)
	v.Close("Wq", quantized...)
	return nil
}

func cost(inputs json.RawMessage, p params, v *golden.Verdict) error {
	var in struct {
		Layers [][]json.RawMessage `json:"C_d_b_n"`
	}
	if err := json.Unmarshal(inputs, &in); err != nil {
		return err
	}
	var weights, scales, macs, adds, overhead []float64
	for _, layer := range in.Layers {
		var d, b int
		var points []int
		if err := json.Unmarshal(layer[1], &d); err != nil {
			return err
		}
		if err := json.Unmarshal(layer[2], &b); err != nil {
			return err
		}
		if err := json.Unmarshal(layer[3], &points); err != nil {
			return err
		}
		c := mp.CostOf(points, d, b, p.ScaleBits)
		weights = append(weights, float64(c.WeightBits))
		scales = append(scales, float64(c.ScaleBits))
		macs = append(macs, float64(c.MACs))
		adds = append(adds, float64(c.MulAdds))
		overhead = append(overhead, c.Overhead)
	}
	v.Close("weight_bits", weights...)
	v.Close("scale_bits", scales...)
	v.Close("overhead", overhead...)
	v.Close("low_bit_macs", macs...)
	v.Close("extra_mul_add", adds...)
	return nil
}

// sequence compares a greedy sequence: scales, codes, residual norms, the
// reconstruction and the refitted scales, as far as the case has them.
func sequence(inputs json.RawMessage, p params, v *golden.Verdict, solve func(w []float64) []mp.Point) error {
	var in struct{ W []float64 }
	if err := json.Unmarshal(inputs, &in); err != nil {
		return err
	}
	points := solve(in.W)
	residual := slices.Clone(in.W)
	norms, infNorms := []float64{floats.Norm(residual, 2)}, []float64{mp.MaxAbs(residual)}
	var scales []float64
	var codes []int
	for _, point := range points {
		floats.Sub(residual, mp.Reconstruct([]mp.Point{point}, len(in.W), p.B))
		norms = append(norms, floats.Norm(residual, 2))
		infNorms = append(infNorms, mp.MaxAbs(residual))
		scales = append(scales, point.A)
		codes = append(codes, widen(point.Codes)...)
	}
	refitted, refitError := mp.Refit(in.W, points, p.B)
	v.Close("a", scales...)
	v.Equal("codes", codes...)
	v.Close("residual_norms", norms...)
	v.Close("inf_norms", infNorms...)
	v.Close("recon", mp.Reconstruct(points, len(in.W), p.B)...)
	v.Close("refit_a", refitted...)
	v.Close("refit_err", refitError)
	return nil
}

func widen(codes []int8) []int {
	out := make([]int, len(codes))
	for i, c := range codes {
		out[i] = int(c)
	}
	return out
}

func rows(matrix [][]float64) (flat []float64, d int) {
	for _, row := range matrix {
		flat = append(flat, row...)
		d = len(row)
	}
	return flat, d
}
