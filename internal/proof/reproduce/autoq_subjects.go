package reproduce

import (
	"path/filepath"

	experiments "bitcycle/internal/proof/experiments/autoq"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/onnx"
)

// autoqSubjects returns the shipped network when quick or without data, else the
// networks of the full run. Images that calibrate, reward and test do not overlap.
// Those that calibrate and reward are no test images of their data set.
func autoqSubjects(o Options) ([]*experiments.Subject, error) {
	if o.Quick || o.DataRoot == "" {
		s, err := experiments.ShippedSubject(o.Quick)
		return []*experiments.Subject{s}, err
	}
	var out []*experiments.Subject
	for _, load := range []func(root string) (*experiments.Subject, error){losslessCIFAR, jpegCIFAR, imageSample} {
		s, err := load(o.DataRoot)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func losslessCIFAR(root string) (*experiments.Subject, error) {
	return cifarSplit(root, "resnet20", "cifar10-train3728-lossless.bin.gz", "cifar10-test846-lossless.bin.gz", experiments.FullPlan())
}

// jpegCIFAR has the test images for tight intervals.
func jpegCIFAR(root string) (*experiments.Subject, error) {
	return cifarSplit(root, "resnet20-jpegft", "cifar10-train2k-jpegcopy.bin.gz", "cifar10-test10k-jpegcopy.bin.gz", experiments.FullPlan())
}

func cifarSplit(root, network, train, test string, plan experiments.Plan) (*experiments.Subject, error) {
	f, err := netfile.Load(filepath.Join(root, "networks", network+".toml"), onnx.Options{})
	if err != nil {
		return nil, err
	}
	images, err := dataset.Load("cifar10:" + filepath.Join(root, "cifar10", train))
	if err != nil {
		return nil, err
	}
	tests, err := dataset.Load("cifar10:" + filepath.Join(root, "cifar10", test))
	if err != nil {
		return nil, err
	}
	const calib, rewards = 256, 256
	return experiments.NewSubject(f, images.Slice(0, calib), images.Slice(calib, calib+rewards), tests, plan)
}

// imageSample splits the sample of one image a class: of every 25 images one
// calibrates, two reward, and the others test. Its images are large, so that searches
// are shorter than on CIFAR-10. Its budgets are wider: fewer bits hurt it more.
func imageSample(root string) (*experiments.Subject, error) {
	f, err := netfile.Load(filepath.Join(root, "networks", "squeezenet1.1.toml"), onnx.Options{})
	if err != nil {
		return nil, err
	}
	images, err := dataset.Load("images:" + filepath.Join(root, "imagenet-sample"))
	if err != nil {
		return nil, err
	}
	var calib, rewards, tests []int
	for i := range images.N {
		switch k := i % 25; {
		case k == 0:
			calib = append(calib, i)
		case k == 8 || k == 16:
			rewards = append(rewards, i)
		default:
			tests = append(tests, i)
		}
	}
	plan := experiments.FullPlan()
	plan.Agent.Episodes, plan.Agent.Warmup, plan.AgentImages, plan.Moves = 32, 8, 32, 144
	plan.AgentBudgets, plan.Budgets = []float64{0.16, 0.26, 0.38, 0.52, 0.7}, []float64{0.16, 0.24, 0.33, 0.43, 0.55, 0.7}
	return experiments.NewSubject(f, images.Pick(calib), images.Pick(rewards), images.Pick(tests), plan)
}
