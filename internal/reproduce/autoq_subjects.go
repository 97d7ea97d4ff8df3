package reproduce

import (
	"path/filepath"

	"bitcycle/internal/search"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
)

// autoqSubjects returns the shipped network when quick or without data, else the
// networks of the full run. Images for calibration, for rewards and for tests
// come from files or parts of files that do not overlap; none of the first two
// kinds was a test image of its data set.
func autoqSubjects(o Options) ([]*search.Subject, error) {
	if o.Quick || o.DataRoot == "" {
		s, err := search.ShippedSubject(o.Quick)
		return []*search.Subject{s}, err
	}
	var out []*search.Subject
	for _, load := range []func(root string) (*search.Subject, error){losslessCIFAR, jpegCIFAR, imageSample} {
		s, err := load(o.DataRoot)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func losslessCIFAR(root string) (*search.Subject, error) {
	return cifarSplit(root, "resnet20", "cifar10-train3728-lossless.bin.gz", "cifar10-test846-lossless.bin.gz", search.FullPlan())
}

// jpegCIFAR searches less than the lossless records do: its test images are many,
// which is what it is for.
func jpegCIFAR(root string) (*search.Subject, error) {
	plan := search.FullPlan()
	plan.Methods, plan.Agent.Episodes, plan.Agent.Warmup, plan.Moves = search.Published(), 48, 12, 60
	plan.Metrics = plan.Metrics[:1]
	return cifarSplit(root, "resnet20-jpegft", "cifar10-train2k-jpegcopy.bin.gz", "cifar10-test10k-jpegcopy.bin.gz", plan)
}

func cifarSplit(root, network, train, test string, plan search.Plan) (*search.Subject, error) {
	f, err := netfile.Load(filepath.Join(root, "networks", network+".toml"))
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
	return search.NewSubject(f, images.Slice(0, calib), images.Slice(calib, calib+rewards), tests, plan)
}

// imageSample splits the sample of one image a class: of every 25 images one
// calibrates, two reward, and twelve test.
func imageSample(root string) (*search.Subject, error) {
	f, err := netfile.Load(filepath.Join(root, "networks", "squeezenet1.1.toml"))
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
		case k%2 == 1:
			tests = append(tests, i)
		}
	}
	plan := search.FullPlan()
	plan.Methods = search.Published()
	plan.Agent.Episodes, plan.Agent.Warmup, plan.AgentImages, plan.Moves = 16, 4, 32, 24
	plan.Metrics = plan.Metrics[:1]
	return search.NewSubject(f, images.Pick(calib), images.Pick(rewards), images.Pick(tests), plan)
}
