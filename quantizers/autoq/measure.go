package autoq

import (
	"context"
	"math"

	"bitcycle/kernels"
	"bitcycle/quantizers"
)

// meter measures policies of a network on images.
type meter struct {
	ranges  *quantizers.Ranges
	layers  []Layer
	calib   kernels.Batch // statistics are re-estimated on these
	images  kernels.Batch
	options quantizers.Options
	workers int
	float   []float32 // logits of the float network on images
	power   float64   // of the float logits, about the mean of each image's
	logits  []int32
}

// newMeter prepares to measure on images; float are the logits of the float
// network on them, nil finds out.
func newMeter(ranges *quantizers.Ranges, images kernels.Batch, float []float32, workers int) (*meter, error) {
	images, err := images.For(ranges.Net)
	if err != nil {
		return nil, err
	}
	plan, err := kernels.Compile(ranges.Net, kernels.PlanOptions{Workers: workers})
	if err != nil {
		return nil, err
	}
	r := &meter{ranges: ranges, images: images, workers: workers, float: float}
	r.logits = make([]int32, images.N*plan.Classes)
	if float == nil {
		r.float = make([]float32, images.N*plan.Classes)
		if err := plan.Run(images, r.float); err != nil {
			return nil, err
		}
	}
	r.power = power(r.float, plan.Classes)
	return r, nil
}

// power is the variance of the logits about the mean of their image.
func power(logits []float32, classes int) float64 {
	total := 0.0
	for at := 0; at < len(logits); at += classes {
		sum, square := 0.0, 0.0
		for _, x := range logits[at : at+classes] {
			sum += float64(x)
			square += float64(x) * float64(x)
		}
		total += square - sum*sum/float64(classes)
	}
	return max(total/float64(len(logits)), math.SmallestNonzeroFloat32)
}

// quantize makes the network of a policy.
func (r *meter) quantize(ctx context.Context, p *Policy, options quantizers.Options) (*kernels.Quantized, error) {
	return r.ranges.Quantize(ctx, p.Named("search", r.layers), r.calib, options, nil)
}

// run executes a quantized network on the first n images and returns the scale of its logits.
func (r *meter) run(q *kernels.Quantized, n int) (logits []int32, scale float64, err error) {
	plan, err := kernels.CompileInt(q, kernels.IntOptions{Workers: r.workers})
	if err != nil {
		return nil, 0, err
	}
	logits = r.logits[:n*plan.Classes]
	return logits, plan.Grid().Scale, plan.Run(r.images.Slice(0, n), logits)
}

// accuracy is the agreement with the float network.
func (r *meter) accuracy(ctx context.Context, p *Policy) (float64, error) {
	q, err := r.quantize(ctx, p, r.options)
	if err != nil {
		return 0, err
	}
	logits, scale, err := r.run(q, r.images.N)
	if err != nil {
		return 0, err
	}
	return agreement(r.float, logits, scale, len(logits)/r.images.N), nil
}

// fidelity is exp(−loss), what aware goes by: of two policies it names the one that
// is better on other images more surely than classes or their divergence, which
// hang on the few images that the network is in two minds about.
func (r *meter) fidelity(ctx context.Context, p *Policy) (float64, error) {
	loss, err := r.loss(ctx, p)
	return math.Exp(-loss), err
}

// loss is the squared error of the logits over their variance.
func (r *meter) loss(ctx context.Context, p *Policy) (float64, error) {
	q, err := r.quantize(ctx, p, r.options)
	if err != nil {
		return 0, err
	}
	return r.error(q, r.images.N)
}

// Single channels, and traces, are measured on up to 128 images, fewer if they are large.
const (
	channelImages = 128
	channelLeast  = 8
	channelValues = channelImages * 3 * 32 * 32 // of input
)

// few is how many images single channels are measured on.
func (r *meter) few() int {
	return min(r.images.N, channelImages, max(channelValues/r.images.Size(), channelLeast))
}

// channelLoss is loss on few images and without re-estimation, except that pruned
// channels put out the mean of what they did.
func (r *meter) channelLoss(ctx context.Context, p *Policy) (float64, error) {
	q, err := r.quantize(ctx, p, quantizers.Options{})
	if err != nil {
		return 0, err
	}
	for i := range q.Layers {
		for c, bits := range p.Weights[i] {
			if bits == 0 {
				q.Layers[i].Bias[c] = r.ranges.Stats[i].Mean[c]
			}
		}
	}
	return r.error(q, r.few())
}

func (r *meter) error(q *kernels.Quantized, n int) (float64, error) {
	logits, scale, err := r.run(q, n)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for i, code := range logits {
		d := float64(r.float[i]) - scale*float64(code)
		sum += d * d
	}
	return sum / float64(len(logits)) / r.power, nil
}

// agreement is the mean over images of the probability that a quantized network
// gives the class of the float network: its accuracy if the latter were always right,
// without the steps of counting. Networks that are lost lie near one over the
// classes, however lost they are.
func agreement(float []float32, codes []int32, scale float64, classes int) float64 {
	total := 0.0
	for at := 0; at < len(float); at += classes {
		best := 0
		for c, x := range float[at : at+classes] {
			if x > float[at+best] {
				best = c
			}
		}
		sum := 0.0
		for _, code := range codes[at : at+classes] {
			sum += math.Exp(scale * float64(code-codes[at+best]))
		}
		total += 1 / sum
	}
	return total / float64(len(float)/classes)
}

// divergence is the mean over images of KL(float ‖ quantized) of the softmaxes.
func divergence(float []float32, codes []int32, scale float64, classes int) float64 {
	total := 0.0
	for at := 0; at < len(float); at += classes {
		f, q := float[at:at+classes], codes[at:at+classes]
		topF, topQ := math.Inf(-1), math.Inf(-1)
		for c := range f {
			topF, topQ = max(topF, float64(f[c])), max(topQ, scale*float64(q[c]))
		}
		sumF, sumQ := 0.0, 0.0
		for c := range f {
			sumF += math.Exp(float64(f[c]) - topF)
			sumQ += math.Exp(scale*float64(q[c]) - topQ)
		}
		for c := range f {
			logF, logQ := float64(f[c])-topF-math.Log(sumF), scale*float64(q[c])-topQ-math.Log(sumQ)
			total += math.Exp(logF) * (logF - logQ)
		}
	}
	return max(total/float64(len(float)/classes), 0)
}
