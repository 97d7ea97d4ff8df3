package evaluate

import (
	"context"

	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/workload"
)

// chunk is how many images go through both networks before the next progress
// report; it bounds memory.
const chunk = 128

// inputs makes the batch of a network from stored images.
func inputs(network *netfile.File, images *dataset.Images) (kernels.Batch, error) {
	shape := kernels.Shape{C: images.C, H: images.H, W: images.W}
	var batch kernels.Batch
	var err error
	if images.Pixels != nil {
		batch, err = kernels.Normalize(images.Pixels, images.N, shape, network.Mean, network.Std)
	} else {
		batch, err = kernels.Normalize(images.Values, images.N, shape, network.Mean, network.Std)
	}
	if err != nil {
		return kernels.Batch{}, err
	}
	return batch.For(network.Net)
}

// Measure executes a quantized network beside its float original on images and
// returns its accuracy and, of every op of the workload whose node was executed, the
// SQNR in decibels on the first of them; NaN for other ops. progress may be nil.
func Measure(ctx context.Context, network *netfile.File, q *kernels.Quantized, w *workload.Workload, images *dataset.Images, workers int, progress func(done, total int)) (Accuracy, []float64, error) {
	if progress == nil {
		progress = func(int, int) {}
	}
	float, err := FloatClasses(ctx, network, images, workers, func(done, total int) { progress(done, 2*total) })
	if err != nil {
		return Accuracy{}, nil, err
	}
	quantized, err := IntClasses(ctx, network, q, images, workers, func(done, total int) { progress(total+done, 2*total) })
	if err != nil {
		return Accuracy{}, nil, err
	}
	sqnr, err := layerSQNR(network, q, w, images.Slice(0, min(images.N, sqnrImages)))
	if err != nil {
		return Accuracy{}, nil, err
	}
	return compare(quantized, float, images.Labels, network.LabelOffset), sqnr, nil
}

// FloatClasses returns the class that the float network gives each image. progress may
// be nil.
func FloatClasses(ctx context.Context, network *netfile.File, images *dataset.Images, workers int, progress func(done, total int)) ([]int, error) {
	plan, err := kernels.Compile(network.Net, kernels.PlanOptions{Workers: workers})
	if err != nil {
		return nil, err
	}
	return classes(ctx, network, images, plan.Classes, plan.Run, progress)
}

// IntClasses returns the class that the quantized network gives each image. progress
// may be nil.
func IntClasses(ctx context.Context, network *netfile.File, q *kernels.Quantized, images *dataset.Images, workers int, progress func(done, total int)) ([]int, error) {
	plan, err := kernels.CompileInt(q, kernels.IntOptions{Workers: workers})
	if err != nil {
		return nil, err
	}
	return classes(ctx, network, images, plan.Classes, plan.Run, progress)
}

func classes[T float32 | int32](ctx context.Context, network *netfile.File, images *dataset.Images, width int,
	run func(kernels.Batch, []T) error, progress func(done, total int),
) ([]int, error) {
	out := make([]int, images.N)
	logits := make([]T, chunk*width)
	for start := 0; start < images.N; start += chunk {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := min(chunk, images.N-start)
		batch, err := inputs(network, images.Slice(start, start+n))
		if err != nil {
			return nil, err
		}
		if err := run(batch, logits[:n*width]); err != nil {
			return nil, err
		}
		for i := range n {
			out[start+i] = kernels.Argmax(logits[i*width : (i+1)*width])
		}
		if progress != nil {
			progress(start+n, images.N)
		}
	}
	return out, nil
}
