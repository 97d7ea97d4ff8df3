package reproduce

import (
	"context"
	"path/filepath"

	experiments "bitcycle/internal/proof/experiments/bcgd"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/onnx"
	"bitcycle/kernels/shipped"
	"bitcycle/kernels/train"
)

// bcgdSubject is a network to train quantized, loaded when its turn comes.
type bcgdSubject struct {
	title string
	load  func(ctx context.Context, o Options, r experiments.Run) (*experiments.Subject, error)
	arms  []experiments.Arm
}

// bits are the widths of weights and activations, in the order of the table.
var bcgdBits = [][2]int{{1, 2}, {1, 4}, {2, 4}, {4, 4}}

// bcgdArms are BinaryConnect and blending at every width. epochs, if given, are
// those of networks with weights of as many bits.
func bcgdArms(bits [][2]int, epochs map[int]int) []experiments.Arm {
	var arms []experiments.Arm
	for _, b := range bits {
		for _, rho := range []float64{0, 1e-5} {
			arms = append(arms, experiments.Arm{WeightBits: b[0], ActBits: b[1], Rho: rho, Epochs: epochs[b[0]]})
		}
	}
	return arms
}

// cifarEpochs gives the most time to the networks that start farthest from the
// float one.
var cifarEpochs = map[int]int{1: 8, 2: 5, 4: 3}

// bcgdSubjects are the real networks where the data are, else, or if quick, the
// shipped one.
func bcgdSubjects(o Options) []bcgdSubject {
	if o.Quick || o.DataRoot == "" {
		bits := bcgdBits
		if o.Quick {
			bits = bits[1:2]
		}
		return []bcgdSubject{{"resnet8-glyphs, the shipped network, on its test images", glyphsSubject, bcgdArms(bits, nil)}}
	}
	return []bcgdSubject{
		{"LeNet on MNIST, 60 000 training and 10 000 test images", digitsSubject("lenet-mnist", "mnist", "mnist", 2), bcgdArms(bcgdBits, nil)},
		{"LeNet on Fashion-MNIST, first 10 000 training images and 10 000 test images", digitsSubject("lenet-fashion", "fashion", "fashion-mnist", 6), bcgdArms(bcgdBits, nil)},
		{"ResNet-20 on CIFAR-10, 7728 training and 846 test images", cifarSubject, bcgdArms(bcgdBits, cifarEpochs)},
	}
}

// Shares of a run after which the learning rate falls tenfold: that of the
// perceptron, and of the authors' CIFAR-10 runs (80 and 140 of 200 epochs).
var (
	usualDrops = [2]float64{0.6, 0.85}
	cifarDrops = [2]float64{0.4, 0.7}
)

// glyphsSubject is the shipped network on images that did not train it.
func glyphsSubject(_ context.Context, o Options, _ experiments.Run) (*experiments.Subject, error) {
	count, epochs := 8000, 4
	if o.Quick {
		count, epochs = 4000, 2
	}
	return &experiments.Subject{
		Name: shipped.Name, Net: shipped.Network(), Epochs: epochs, Batch: 64, Rate: 0.01, Drops: usualDrops,
		Train: &train.Data{Images: dataset.Glyphs("train", 0, count, dataset.GlyphSeed), Normalization: shipped.Normalization},
		Test:  &train.Data{Images: dataset.Glyphs("test", 0, 2000, dataset.GlyphSeed), Normalization: shipped.Normalization},
	}, nil
}

// digitsSubject is a small network on 28×28 pixels, trained in float first.
func digitsSubject(name, kind, folder string, epochs int) func(context.Context, Options, experiments.Run) (*experiments.Subject, error) {
	return func(ctx context.Context, o Options, r experiments.Run) (*experiments.Subject, error) {
		s := &experiments.Subject{Name: name, Epochs: epochs, Batch: 64, Rate: 0.01, Drops: usualDrops}
		at := kind + ":" + filepath.Join(o.DataRoot, folder)
		norm := dataset.Normalization{Mean: []float32{0}, Std: []float32{255}}
		var err error
		if s.Train, err = loadData(at+":train", norm); err != nil {
			return nil, err
		}
		if s.Test, err = loadData(at, norm); err != nil {
			return nil, err
		}
		return s, s.Float(ctx, experiments.LeNet(name), epochs, 0.05, r)
	}
}

// cifarSubject is the pretrained ResNet-20 on the images that are stored without
// loss.
func cifarSubject(_ context.Context, o Options, _ experiments.Run) (*experiments.Subject, error) {
	at := func(parts ...string) string { return filepath.Join(append([]string{o.DataRoot}, parts...)...) }
	file, err := netfile.Load(at("networks", "resnet20.toml"), onnx.Options{})
	if err != nil {
		return nil, err
	}
	set := func(name string) string { return "cifar10:" + at("cifar10", name) }
	norm := dataset.Normalization{Mean: file.Mean, Std: file.Std}
	s := &experiments.Subject{
		Name: "resnet20-cifar10", Net: file.Net, Batch: 64, Rate: 0.01, Drops: cifarDrops, Augment: train.Augment{Shift: 4, Flip: true},
	}
	s.Train, err = loadData(set("cifar10-train4000-lossless.bin.gz")+"+"+set("cifar10-train3728-lossless.bin.gz"), norm)
	if err != nil {
		return nil, err
	}
	s.Test, err = loadData(set("cifar10-test846-lossless.bin.gz"), norm)
	return s, err
}

// loadData reads a set. Its name leaves out the folder, so that a checkpoint
// serves wherever the data lie.
func loadData(set string, norm dataset.Normalization) (*train.Data, error) {
	images, err := dataset.Load(set)
	if err != nil {
		return nil, err
	}
	images.Name = filepath.Base(set)
	return &train.Data{Images: images, Normalization: norm}, nil
}
