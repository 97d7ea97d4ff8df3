package bcgd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"bitcycle/kernels"
	"bitcycle/kernels/train"
	"bitcycle/quantizers/bcgd"
)

// Subject is a trained float network with the images that it learns from and is
// judged on.
type Subject struct {
	Name        string
	Net         *kernels.Network
	Train, Test *train.Data // not augmented
	Augment     train.Augment
	Epochs      int
	Batch       int
	Rate        float64
	Drops       [2]float64 // shares of the run at which the rate falls tenfold
}

// Arm is a way to train a subject quantized.
type Arm struct {
	WeightBits, ActBits int
	Rho                 float64 // of the blend, 0 is BinaryConnect
	Epochs              int     // 0: the subject's
}

// String is short enough for a file name.
func (a Arm) String() string {
	method := "bcgd"
	if a.Rho == 0 {
		method = "bc"
	}
	return fmt.Sprintf("%dw%da-%s", a.WeightBits, a.ActBits, method)
}

// Run says how to train; the outcome depends on the seed alone.
type Run struct {
	Seed     uint64
	Workers  int
	Folder   string // of checkpoints; "" keeps none
	Progress func(done, total int)
}

// checkpoint is a file of the run's folder.
func (r *Run) checkpoint(name string) string {
	if r.Folder == "" {
		return ""
	}
	return filepath.Join(r.Folder, name+".safetensors")
}

// Trained is a quantized network, judged.
type Trained struct {
	Quantized *kernels.Quantized
	Right     []bool // by test image, of the integer network
	Curve     train.History
	// Codes is how many logit codes of the integer network were compared with the
	// simulation of the network as trained, Differing how many are not the same,
	// Decided how many images are put in another class.
	Codes, Differing, Decided int
}

// Quantize trains the subject by an arm and judges it on all its test images.
func (s *Subject) Quantize(ctx context.Context, a Arm, r Run) (*Trained, error) {
	epochs := a.Epochs
	if epochs == 0 {
		epochs = s.Epochs
	}
	c := bcgd.Defaults(a.WeightBits, a.ActBits, epochs)
	c.Rho, c.Seed, c.Workers = a.Rho, r.Seed, r.Workers
	c.Batch, c.Rate, c.Drops = s.Batch, s.Rate, s.drops(epochs)
	c.Checkpoint = r.checkpoint(s.Name + "-" + a.String())
	c.Progress = func(p train.Progress) { r.report(p, epochs) }
	n, err := bcgd.FromNetwork(ctx, s.Net, s.Train, c)
	if err != nil {
		return nil, err
	}
	varied := *s.Train
	varied.Augment = s.Augment
	t := &Trained{}
	if t.Curve, err = n.Train(ctx, &varied, s.Test); err != nil {
		return nil, err
	}
	if t.Quantized, err = n.Quantized(ctx, s.Train); err != nil {
		return nil, err
	}
	simulation, err := n.Simulate(ctx, s.Train)
	if err != nil {
		return nil, err
	}
	return t, t.judge(ctx, s.Test, simulation, r.Workers)
}

// drops returns the epochs at which the rate falls.
func (s *Subject) drops(epochs int) []float64 {
	return []float64{s.Drops[0] * float64(epochs), s.Drops[1] * float64(epochs)}
}

func (r *Run) report(p train.Progress, epochs int) {
	if r.Progress != nil {
		r.Progress(p.Epoch*p.Steps+p.Step, epochs*p.Steps)
	}
}

// judge runs the integer network and the simulation on the test images.
func (t *Trained) judge(ctx context.Context, test *train.Data, simulation *bcgd.Simulation, workers int) error {
	logits, err := IntegerLogits(ctx, t.Quantized, test, workers)
	if err != nil {
		return err
	}
	t.Right = right(logits, test.Images.Labels)
	classes := len(logits) / test.Images.N
	return eachBatch(ctx, t.Quantized.Net, test, func(lo int, images kernels.Batch) error {
		codes, err := simulation.Logits(ctx, images)
		integers := logits[lo*classes:][:len(codes)]
		for i, code := range codes {
			t.Codes++
			if code != integers[i] {
				t.Differing++
			}
		}
		for at := 0; at < len(codes); at += classes {
			if kernels.Argmax(codes[at:at+classes]) != kernels.Argmax(integers[at:at+classes]) {
				t.Decided++
			}
		}
		return err
	})
}

// IntegerLogits executes a quantized network on all images.
func IntegerLogits(ctx context.Context, q *kernels.Quantized, data *train.Data, workers int) ([]int32, error) {
	plan, err := kernels.CompileInt(q, kernels.IntOptions{Workers: workers})
	if err != nil {
		return nil, err
	}
	logits := make([]int32, data.Images.N*plan.Classes)
	return logits, eachBatch(ctx, q.Net, data, func(lo int, images kernels.Batch) error {
		return plan.Run(images, logits[lo*plan.Classes:][:images.N*plan.Classes])
	})
}

// Right tells for every test image whether a quantized network is right.
func (s *Subject) Right(ctx context.Context, q *kernels.Quantized, workers int) ([]bool, error) {
	logits, err := IntegerLogits(ctx, q, s.Test, workers)
	return right(logits, s.Test.Images.Labels), err
}

// FloatRight tells for every test image whether the float network is right.
func (s *Subject) FloatRight(ctx context.Context, workers int) ([]bool, error) {
	plan, err := kernels.Compile(s.Net, kernels.PlanOptions{Workers: workers})
	if err != nil {
		return nil, err
	}
	logits := make([]float32, s.Test.Images.N*plan.Classes)
	err = eachBatch(ctx, s.Net, s.Test, func(lo int, images kernels.Batch) error {
		return plan.Run(images, logits[lo*plan.Classes:][:images.N*plan.Classes])
	})
	return right(logits, s.Test.Images.Labels), err
}

func right[T int32 | float32](logits []T, labels []int) []bool {
	classes := len(logits) / max(len(labels), 1)
	out := make([]bool, len(labels))
	for i, label := range labels {
		out[i] = kernels.Argmax(logits[i*classes:(i+1)*classes]) == label
	}
	return out
}

// Calibration returns the first n training images as the network takes them.
func (s *Subject) Calibration(n int) (kernels.Batch, error) {
	return batch(s.Net, s.Train, 0, min(n, s.Train.Images.N))
}

// eachBatch visits all images in parts that bound memory; lo is the first image.
func eachBatch(ctx context.Context, net *kernels.Network, data *train.Data, visit func(lo int, images kernels.Batch) error) error {
	const part = 128
	for lo := 0; lo < data.Images.N; lo += part {
		if err := ctx.Err(); err != nil {
			return err
		}
		images, err := batch(net, data, lo, min(lo+part, data.Images.N))
		if err != nil {
			return err
		}
		if err := visit(lo, images); err != nil {
			return err
		}
	}
	return nil
}

// batch returns the images [lo, hi) as the network takes them.
func batch(net *kernels.Network, data *train.Data, lo, hi int) (kernels.Batch, error) {
	im, norm := data.Images, data.Normalization
	if im.Pixels == nil {
		return kernels.Batch{}, errors.New("images are not stored as bytes")
	}
	b, err := kernels.Normalize(im.Pixels[lo*im.Size():hi*im.Size()], hi-lo, kernels.Shape{C: im.C, H: im.H, W: im.W}, norm.Mean, norm.Std)
	if err != nil {
		return b, err
	}
	return b.For(net)
}

// LeNet describes a small network for images of one channel and 28×28 pixels
// (after LeCun, Bottou, Bengio and Haffner, Proc. IEEE 86, 1998, with batch
// normalization and ReLUs): 5×5 convolutions to 16 and 32 channels, each halved
// by maximum pooling, and dense layers of 128 and 10.
func LeNet(name string) *train.Spec {
	s := train.NewSpec(name, kernels.Shape{C: 1, H: 28, W: 28})
	x := s.BatchNorm("conv1.norm", s.Conv("conv1", 0, 16, 5, 1, 2))
	x = s.MaxPool("pool1", s.Relu("relu1", x), 2, 2, 0)
	x = s.BatchNorm("conv2.norm", s.Conv("conv2", x, 32, 5, 1, 0))
	x = s.MaxPool("pool2", s.Relu("relu2", x), 2, 2, 0)
	x = s.BatchNorm("dense1.norm", s.Dense("dense1", s.Flatten("flat", x), 128))
	s.Dense("dense2", s.Relu("relu3", x), 10)
	return s
}

// Float trains the float network of a specification on the subject's images and
// makes it the subject's.
func (s *Subject) Float(ctx context.Context, spec *train.Spec, epochs int, rate float64, r Run) error {
	m, err := train.New(spec, r.Seed, r.Workers)
	if err != nil {
		return err
	}
	varied := *s.Train
	varied.Augment = s.Augment
	if _, err = train.Fit(ctx, m, &varied, nil, train.Options{
		Epochs: epochs, Batch: s.Batch, Rate: train.Steps(rate, 0.1, s.drops(epochs)...), Rule: train.Rule{Momentum: 0.9, Decay: 1e-4},
		Seed: r.Seed, Checkpoint: r.checkpoint(s.Name + "-float"), Progress: func(p train.Progress) { r.report(p, epochs) },
	}); err != nil {
		return err
	}
	s.Net, err = m.Export()
	return err
}
