package autoq

import (
	"context"
	"math"
	"math/rand/v2"

	"bitcycle/kernels"
)

// Hutchinson's estimate of a trace takes this many directions, each a step of
// this part of the weights' deviation.
const (
	traceSamples = 4
	traceStep    = 0.02
)

// trace estimates the mean trace of the Hessian of the divergence from the float
// network in the weights of a layer. The divergence has its minimum, zero, at
// those weights, so with random signs z
//
//	E[zᵀHz] = tr H,   zᵀHz ≈ 2·KL(W + ε·z)/ε²
//
// and no gradient is needed (Hutchinson 1990; HAWQ-V2, Dong et al., NeurIPS 2020).
func (r *meter) trace(ctx context.Context, layer int) (float64, error) {
	net := *r.ranges.Net
	net.Nodes = append([]kernels.Node(nil), net.Nodes...)
	node := &net.Nodes[net.Layers()[layer]]
	weights := node.Weight
	square := 0.0
	for _, w := range weights {
		square += float64(w) * float64(w)
	}
	step := traceStep * math.Sqrt(square/float64(len(weights)))
	if step == 0 {
		return 0, nil
	}
	rng := rand.New(rand.NewPCG(uint64(layer), 11))
	images := r.images.Slice(0, r.few())
	sum := 0.0
	for range traceSamples {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		node.Weight = make([]float32, len(weights))
		for i, w := range weights {
			node.Weight[i] = w + float32(step)*float32(2*rng.IntN(2)-1)
		}
		plan, err := kernels.Compile(&net, kernels.PlanOptions{Workers: r.workers})
		if err != nil {
			return 0, err
		}
		logits := make([]float32, images.N*plan.Classes)
		if err := plan.Run(images, logits); err != nil {
			return 0, err
		}
		sum += 2 * floatDivergence(r.float[:len(logits)], logits, plan.Classes) / (step * step)
	}
	return sum / traceSamples / float64(len(weights)), nil
}

// floatDivergence is divergence between two float networks.
func floatDivergence(a, b []float32, classes int) float64 {
	const fine = 1 << 16
	codes := make([]int32, len(b))
	for i, x := range b {
		codes[i] = int32(math.Round(float64(x) * fine))
	}
	return divergence(a, codes, 1.0/fine, classes)
}
