package dataset

import (
	"slices"
	"testing"

	"bitcycle/internal/testdata"
)

// TestRealSets loads the sets that are on the machine; the first labels are
// those of the published files.
func TestRealSets(t *testing.T) {
	for _, c := range []struct {
		kind, path, suffix string
		n, h, w, c         int
		labels             []int
	}{
		{"mnist:", "mnist", "", 10000, 28, 28, 1, []int{7, 2, 1, 0, 4}},
		{"mnist:", "mnist", ":train[:100]", 100, 28, 28, 1, []int{5, 0, 4, 1, 9}},
		{"fashion:", "fashion-mnist", ":test", 10000, 28, 28, 1, []int{9, 2, 1, 1, 6}},
		{"fashion:", "fashion-mnist", ":train", 10000, 28, 28, 1, []int{9, 0, 0, 3, 0}},
		{"cifar10:", "cifar10/cifar10-test846-lossless.bin.gz", "", 846, 32, 32, 3, []int{3, 8, 8, 0, 6}},
		{"cifar10:", "cifar10/cifar10-test846-lossless.bin.gz", "[2:4]", 2, 32, 32, 3, []int{8, 0}},
		{"kws:", "speech-commands-kws", "", 1000, 49, 10, 1, nil},
		{"images:", "imagenet-sample", "[:64]", 64, 224, 224, 3, []int{0, 1, 2}},
		{"npy:", "models/mnist/lenet_mnist_golden_t10k64.npy", "", 64, 1, 1, 10, nil},
	} {
		t.Run(c.path+c.suffix, func(t *testing.T) {
			im, err := Load(c.kind + testdata.Data(t, c.path) + c.suffix)
			if err != nil {
				t.Fatal(err)
			}
			if im.N != c.n || im.H != c.h || im.W != c.w || im.C != c.c {
				t.Errorf("%d images %d×%d×%d: want %d, %d×%d×%d", im.N, im.H, im.W, im.C, c.n, c.h, c.w, c.c)
			}
			if len(im.Pixels)+len(im.Values) != im.N*im.Size() {
				t.Errorf("%d pixels and %d values: want %d", len(im.Pixels), len(im.Values), im.N*im.Size())
			}
			if c.labels != nil && !slices.Equal(im.Labels[:len(c.labels)], c.labels) {
				t.Errorf("labels %v…: want %v", im.Labels[:len(c.labels)], c.labels)
			}
		})
	}
}

// TestKWSLabels checks the classes that the data set's description gives.
func TestKWSLabels(t *testing.T) {
	im, err := Load("kws:" + testdata.Data(t, "speech-commands-kws"))
	if err != nil {
		t.Fatal(err)
	}
	count := make([]int, len(im.Classes))
	for _, l := range im.Labels {
		count[l]++
	}
	if slices.Contains(count, 0) {
		t.Errorf("labels by class %v: every class should occur", count)
	}
	lo, hi := slices.Min(im.Values), slices.Max(im.Values)
	if lo < -128 || hi > 127 || lo >= 0 {
		t.Errorf("features in [%v, %v]: want signed bytes", lo, hi)
	}
}
