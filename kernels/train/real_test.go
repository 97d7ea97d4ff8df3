package train

import (
	"context"
	"testing"

	"bitcycle/internal/testdata"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/onnx"
)

// TestWarmStart takes ResNet-20 from ONNX, puts its batch normalizations back
// with the statistics of training images, and finds the accuracy of the
// original: 776 of 846 test images.
func TestWarmStart(t *testing.T) {
	model, err := onnx.Load(testdata.Data(t, "models/cifar10/resnet20_cifar10.onnx"), onnx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	net := model.Net
	spec, err := FromNetwork(net, true)
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(spec, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	data := cifar(t, "cifar10/cifar10-train3728-lossless.bin.gz", "[:500]")
	if err := m.Recalibrate(context.Background(), data); err != nil {
		t.Fatal(err)
	}
	got, err := m.Evaluate(context.Background(), cifar(t, "cifar10/cifar10-test846-lossless.bin.gz", ""))
	if err != nil {
		t.Fatal(err)
	}
	if got.Correct != 776 {
		t.Errorf("%d of %d images: want 776", got.Correct, got.Images)
	}
}

func cifar(t *testing.T, path, part string) *Data {
	t.Helper()
	im, err := dataset.Load("cifar10:" + testdata.Data(t, path) + part)
	if err != nil {
		t.Fatal(err)
	}
	return &Data{Images: im, Normalization: dataset.Normalization{
		Mean: []float32{123.675, 116.28, 103.53}, Std: []float32{58.395, 57.12, 57.375},
	}}
}
