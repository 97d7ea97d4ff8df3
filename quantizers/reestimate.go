package quantizers

import (
	"context"
	"slices"

	"bitcycle/kernels"
)

// reestimateImages is how many calibration images re-estimation looks at.
const reestimateImages = 128

// reestimate sets Gain and Bias of every layer, in execution order, so that the
// mean and deviation of each output channel on the calibration images are those
// of the float network:
//
//	gain = clamp(σ_float/σ_quantized, ½, 2),   shift = μ_float − gain·μ_quantized
//
// Each layer sees the inputs that the corrected layers before it produce. No
// labels and no gradients are involved.
func (b *builder) reestimate(ctx context.Context, q *kernels.Quantized, calib kernels.Batch, progress func(done, total int)) error {
	images := calib.Slice(0, min(calib.N, reestimateImages))
	open := *q
	open.Grids = b.grids(q, false)
	for i := range q.Layers {
		if err := ctx.Err(); err != nil {
			return err
		}
		got, err := outputStatistics(&open, i, images)
		if err != nil {
			return err
		}
		correct(&q.Layers[i], b.ranges.Stats[i], got)
		if progress != nil {
			progress(i+1, len(q.Layers))
		}
	}
	return nil
}

// correct folds the match of statistics into a layer.
func correct(l *kernels.QLayer, want, got Statistics) {
	for c := range l.Gain {
		gain := 1.0
		if got.Deviation[c] > 0 && want.Deviation[c] > 0 {
			gain = min(max(want.Deviation[c]/got.Deviation[c], 0.5), 2)
		}
		l.Gain[c] *= gain
		l.Bias[c] = gain*l.Bias[c] + want.Mean[c] - gain*got.Mean[c]
	}
}

// outputStatistics executes the network up to a layer and returns the moments
// of its output channels in real units.
func outputStatistics(q *kernels.Quantized, layer int, images kernels.Batch) (Statistics, error) {
	node := q.Layers[layer].Node
	part := &kernels.Quantized{
		Net:    &kernels.Network{Name: q.Net.Name, Nodes: slices.Clone(q.Net.Nodes[:node+1]), Output: node},
		Layers: q.Layers[:layer+1], Grids: q.Grids[:node+1],
	}
	moments := newMoments(part.Net, []int{node}, images.N)
	scale := float32(q.Grids[node].Scale)
	plan, err := kernels.CompileInt(part, kernels.IntOptions{Watch: []int{node}, Observe: func(_, image int, values []int32) {
		out := make([]float32, len(values))
		for i, v := range values {
			out[i] = scale * float32(v)
		}
		moments.add(node, image, out)
	}})
	if err != nil {
		return Statistics{}, err
	}
	if images, err = images.For(part.Net); err != nil {
		return Statistics{}, err
	}
	if err := plan.Run(images, make([]int32, images.N*plan.Classes)); err != nil {
		return Statistics{}, err
	}
	return moments.statistics(node), nil
}
