package golden

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"bitcycle/kernels"
	"bitcycle/kernels/gemm"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers/multipoint"
)

// multipointOperations repeats the vectors of package multipoint. Parameters are
// b (bits), n (points), N (scales that the grid tries), K and B (grid and offset).
var multipointOperations = map[string]func(c *Case){
	"code": func(c *Case) {
		b := c.whole("b", 0)
		var codes []int
		for _, x := range c.list("x") {
			codes = append(codes, int(multipoint.Code(x, b)))
		}
		c.equal("codes", codes...)
		top := multipoint.Top(b)
		var levels []float64
		for code := -top; code <= top; code++ {
			levels = append(levels, float64(code)/float64(top))
		}
		c.close("levels", levels...)
	},
	"naive": func(c *Case) {
		w := c.list("w")
		q := make([]float64, len(w))
		multipoint.Naive(q, w, c.number("K", 0), c.number("B", 0), c.whole("b", 0))
		c.close("wq", q...)
		multipoint.Naive(q, w, c.number("K", 0), 0, c.whole("b", 0))
		c.close("wq_B0", q...)
	},
	"objective": func(c *Case) {
		r, b := c.list("r"), c.whole("b", 0)
		var objectives []float64
		var all []int
		for _, a := range c.list("a") {
			objectives = append(objectives, multipoint.Objective(r, a, b))
			all = append(all, codesOf(r, a, b)...)
		}
		c.close("obj", objectives...)
		c.equal("codes", all...)
	},
	"best_scale_grid": func(c *Case) {
		r, b := c.list("r"), c.whole("b", 0)
		a, objective := multipoint.BestScaleGrid(r, b, c.whole("N", 0))
		c.close("a", a)
		c.equal("codes", codesOf(r, a, b)...)
		c.close("obj", objective)
		c.close("Imax", float64(2*multipoint.Top(b))*multipoint.MaxAbs(r))
	},
	"best_scale_exact": func(c *Case) {
		r, b := c.list("r"), c.whole("b", 0)
		point := multipoint.BestScaleExact(r, b)
		c.close("a", point.A)
		c.equal("codes", integers[int](point.Codes)...)
		rest := slices.Clone(r)
		floats.Sub(rest, multipoint.Reconstruct([]multipoint.Point{point}, len(r), b))
		c.close("obj", floats.Dot(rest, rest))
	},
	"multipoint_exact": func(c *Case) { greedy(c, multipoint.Exact) },
	"multipoint_grid":  func(c *Case) { greedy(c, multipoint.GridSearch) },
	"residual_maxabs":  func(c *Case) { greedy(c, multipoint.MaxAbsRule) },
	"adaptive_layer":   adaptiveLayer,
	"clip_search": func(c *Case) {
		w, d := flatRows(c, "W")
		x, _ := flatRows(c, "X")
		errs, best := multipoint.ClipSearch(w, d, c.list("K"), multipoint.NewMoment(x, d), c.whole("b", 0))
		c.close("err", errs...)
		c.equal("best", best)
	},
	"cost":    pointCost,
	"int_dot": integerDot,
	"act_quant": func(c *Case) {
		bits := c.whole("bits", 0)
		grid := kernels.Grid{Bits: uint8(bits), Scale: c.number("max", 0) / float64(int(1)<<bits-1)}
		var codes []int
		var values []float64
		for _, x := range c.list("x") {
			code := grid.Quantize(x)
			codes, values = append(codes, int(code)), append(values, grid.Scale*float64(code))
		}
		c.equal("q", codes...)
		c.close("xhat", values...)
	},
}

// codesOf returns the codes of r on the grid of scale a.
func codesOf(r []float64, a float64, b int) []int {
	codes := make([]int8, len(r))
	multipoint.Codes(codes, r, a, b)
	return integers[int](codes)
}

// flatRows reads a matrix, row-major, and its columns.
func flatRows(c *Case, name string) (flat []float64, cols int) {
	rows := c.rows(name)
	return slices.Concat(rows...), len(rows[0])
}

// greedy compares a greedy sequence of points: scales, codes, norms of the rest,
// the reconstruction and the refitted scales, as far as the case has them.
func greedy(c *Case, solver multipoint.Solver) {
	w, b := c.list("w"), c.whole("b", 0)
	points := multipoint.Points(w, b, c.whole("n", 0), solver, c.whole("N", 0))
	rest := slices.Clone(w)
	norms, largest := []float64{floats.Norm(rest, 2)}, []float64{multipoint.MaxAbs(rest)}
	var scales []float64
	var codes []int
	for _, point := range points {
		floats.Sub(rest, multipoint.Reconstruct([]multipoint.Point{point}, len(w), b))
		norms, largest = append(norms, floats.Norm(rest, 2)), append(largest, multipoint.MaxAbs(rest))
		scales, codes = append(scales, point.A), append(codes, integers[int](point.Codes)...)
	}
	refitted, refitError := multipoint.Refit(w, points, b)
	c.close("a", scales...)
	c.equal("codes", codes...)
	c.close("residual_norms", norms...)
	c.close("inf_norms", largest...)
	c.close("recon", multipoint.Reconstruct(points, len(w), b)...)
	c.close("refit_a", refitted...)
	c.close("refit_err", refitError)
}

func adaptiveLayer(c *Case) {
	w, d := flatRows(c, "W")
	x, _ := flatRows(c, "X")
	first := slices.Repeat([]float64{c.number("K", 0)}, len(w)/d)
	channels := multipoint.Adapt(w, d, first, multipoint.NewMoment(x, d), multipoint.Options{
		Bits: c.whole("b", 0), MaxPoints: c.whole("nmax", 0), Solver: multipoint.Exact, Threshold: c.number("eps", 0),
	})
	var points []int
	var output, naive, quantized []float64
	for _, ch := range channels {
		points = append(points, len(ch.Points))
		output, naive = append(output, ch.OutputError), append(naive, ch.NaiveError)
		quantized = append(quantized, ch.Quantized...)
	}
	c.equal("n_points", points...)
	c.close("output_error", output...)
	c.close("naive_error", naive...)
	c.close("Wq", quantized...)
}

// pointCost compares what layers with several points store and compute as
// workloads charge for it. Scales are not charged there: their bits are those of
// a scale for every weight vector.
func pointCost(c *Case) {
	var layers [][4]json.RawMessage
	c.decode("C_d_b_n", &layers)
	var weights, scales, macs, adds, overhead []float64
	for _, layer := range layers {
		op, points := workload.Op{Kind: workload.MatMul, N: 1, Groups: 1, Batch: 1, WeightBits: make([]uint8, 1)}, []int{}
		for i, into := range []any{&op.M, &op.K, &op.WeightBits[0], &points} {
			if err := json.Unmarshal(layer[i], into); err != nil {
				panic(fmt.Sprintf("input C_d_b_n: %v", err))
			}
		}
		for _, n := range points {
			op.Points = append(op.Points, uint8(n))
		}
		vectors := float64(op.VirtualChannels())
		weights = append(weights, float64(op.WeightCount())*float64(op.WeightBits[0]))
		scales = append(scales, vectors*c.number("scale_bits", 0))
		macs, adds = append(macs, float64(op.MACs())), append(adds, vectors)
		overhead = append(overhead, vectors/float64(op.Channels())-1)
	}
	c.close("weight_bits", weights...)
	c.close("scale_bits", scales...)
	c.close("overhead", overhead...)
	c.close("low_bit_macs", macs...)
	c.close("extra_mul_add", adds...)
}

// integerDot multiplies the codes of several points by activation codes as the
// integer network does, and the vector that they stand for by the activations.
func integerDot(c *Case) {
	var codes [][]int8
	c.decode("codes", &codes)
	x := c.list("xq")
	var points []multipoint.Point
	for i, a := range c.list("a") {
		points = append(points, multipoint.Point{A: a, Codes: codes[i]})
	}
	c.equal("int_acc", integerSums(codes, x)...)
	w := multipoint.Reconstruct(points, len(x), c.whole("b", 0))
	c.close("y", floats.Dot(w, x)*c.number("sx", 0))
}

// integerSums is the product of each row of codes with activation codes.
func integerSums(codes [][]int8, x []float64) []int {
	k, n := len(x), len(codes)
	dst := gemm.IntDst{I32: make([]int32, n), LD: n}
	flat := slices.Concat(codes...)
	if slices.Max(x) > math.MaxUint8 {
		packed := gemm.PackI16(k, n, integers[int16](flat), k, true)
		packed.Mul(1, &gemm.DenseI16{A: integers[int16](x), LDA: k}, nil, &dst, new(gemm.Scratch))
	} else {
		packed := gemm.PackI8(k, n, flat, k, true)
		packed.Mul(1, &gemm.DenseU8{A: integers[uint8](x), LDA: k}, nil, &dst, new(gemm.Scratch))
	}
	return integers[int](dst.I32)
}

func integers[T, F number](values []F) []T {
	out := make([]T, len(values))
	for i, v := range values {
		out[i] = T(v)
	}
	return out
}

type number interface {
	int | int8 | int16 | int32 | uint8 | uint16 | float64
}
