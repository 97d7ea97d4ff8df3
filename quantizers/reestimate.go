package quantizers

import (
	"context"

	"bitcycle/kernels"
)

// Re-estimation looks at up to 256 calibration images, fewer if they are large,
// because it keeps the activations of all of them.
const (
	reestimateImages = 256
	reestimateValues = 64 * 3 * 224 * 224 // of input
)

// reestimate sets Gain and Bias of every layer, in execution order, so that the
// mean and deviation of each output channel on the calibration images are those
// of the float network, or of the original by layer name:
//
//	gain = clamp(σ_float/σ_quantized, ½, 2),   shift = μ_float − gain·μ_quantized
//
// Each layer sees the inputs that the corrected layers before it produce. Both
// sides of the match are of the same images: few of them will do then, whereas
// moments of other images would be off by what the images differ in. No labels
// and no gradients are involved.
func (r *Ranges) reestimate(ctx context.Context, q *kernels.Quantized, calib kernels.Batch, original *kernels.Network, progress func(done, total int)) error {
	calib, err := calib.For(q.Net)
	if err != nil {
		return err
	}
	images := calib.Slice(0, min(calib.N, reestimateImages, max(reestimateValues/calib.Size(), 1)))
	float, err := r.targets(original, images)
	if err != nil {
		return err
	}
	done := 0
	return q.Tune(images, 0, func(layer int, mean, sd []float64) error {
		if want := float[layer]; want.Mean != nil {
			correct(&q.Layers[layer], want, Statistics{mean, sd})
		}
		if done++; progress != nil {
			progress(done, len(q.Layers))
		}
		return ctx.Err()
	})
}

// targets returns the statistics that the layers are to have, empty for those that
// the original lacks.
func (r *Ranges) targets(original *kernels.Network, images kernels.Batch) ([]Statistics, error) {
	if original == nil {
		return r.statistics(images)
	}
	theirs, err := moments(original, images)
	if err != nil {
		return nil, err
	}
	named := map[string]Statistics{}
	for i, n := range original.Layers() {
		named[original.Nodes[n].Name] = theirs[i]
	}
	out := make([]Statistics, len(r.Net.Layers()))
	for i, n := range r.Net.Layers() {
		out[i] = named[r.Net.Nodes[n].Name]
	}
	return out, nil
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
