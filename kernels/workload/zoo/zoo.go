// Package zoo holds the shapes of published networks as workloads, all at 8 bits.
//
// Batch normalization and biases are part of the products before them, the zeros of
// padding part of the convolutions. Tokens are embedded, and images read, for
// nothing; attention is not masked: every query meets every key. Where an
// element-wise step has no product to follow, it is an op of its own.
package zoo

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"bitcycle/internal/strict"
	"bitcycle/kernels/workload"
)

// Entry is a shipped workload.
type Entry struct {
	Name  string
	About string
	build func(*net)
}

// List returns all shipped workloads.
func List() []Entry {
	return []Entry{
		{"alexnet", "AlexNet in two groups, 227×227", alexNet},
		{"vgg16", "VGG-16, 224×224", vgg16},
		{"resnet18", "ResNet-18, 224×224", basicResNet(2, 2, 2, 2)},
		{"resnet34", "ResNet-34, 224×224", basicResNet(3, 4, 6, 3)},
		{"resnet50", "ResNet-50 v1.5 (stride in the 3×3 convolutions), 224×224", bottleneckResNet(3, 4, 6, 3)},
		{"resnet101", "ResNet-101 v1.5, 224×224", bottleneckResNet(3, 4, 23, 3)},
		{"resnet152", "ResNet-152 v1.5, 224×224", bottleneckResNet(3, 8, 36, 3)},
		{"inception-v1", "GoogLeNet, 224×224", inceptionV1},
		{"inception-v3", "Inception v3, 299×299", inceptionV3},
		{"mobilenet-v1", "MobileNet v1, full width, 224×224", mobileNetV1},
		{"mobilenet-v2", "MobileNet v2, full width, 224×224", mobileNetV2},
		{"mobilenet-v3-large", "MobileNet v3 large, 224×224", mobileNetV3Large},
		{"mobilenet-v3-small", "MobileNet v3 small, 224×224", mobileNetV3Small},
		{"efficientnet-b0", "EfficientNet-B0, 224×224", efficientNetB0},
		{"densenet121", "DenseNet-121, 224×224", denseNet121},
		{"squeezenet-1.0", "SqueezeNet 1.0, 224×224", squeezeNet10},
		{"squeezenet-1.1", "SqueezeNet 1.1, 224×224", squeezeNet11},
		{"yolov3-tiny", "YOLOv3-tiny for COCO, 416×416", yoloV3Tiny},
		{"tiny-resnet8", "MLPerf Tiny image classification: ResNet-8, 32×32", tinyResNet8},
		{"tiny-ds-cnn", "MLPerf Tiny keyword spotting: DS-CNN, 49×10", tinyDSCNN},
		{"tiny-mobilenet", "MLPerf Tiny visual wake words: MobileNet v1 0.25, 96×96", tinyMobileNet},
		{"tiny-autoencoder", "MLPerf Tiny anomaly detection: autoencoder, 640", tinyAutoencoder},
		{"bert-base", "BERT-base, 128 tokens", bertBase},
		{"vit-b16", "ViT-B/16, 224×224, 197 tokens", vitB16},
		{"gpt2-prefill", "GPT-2 (124 M), 1024 tokens at once", gpt2(1024, 1024)},
		{"gpt2-decode", "GPT-2 (124 M), one token after 1023", gpt2(1, 1024)},
		{"llama2-7b-prefill", "Llama 2 7B, 2048 tokens at once", decode("Llama-2-7B", 2048, 2048)},
		{"llama2-7b-decode", "Llama 2 7B, one token after 2047", decode("Llama-2-7B", 1, 2048)},
	}
}

// find returns the entry of a name.
func find(name string) *Entry {
	for _, e := range List() {
		if e.Name == name {
			return &e
		}
	}
	return nil
}

// Has tells whether a workload is shipped.
func Has(name string) bool { return find(name) != nil }

// Workload returns the workload of an entry, the caller's to change.
func (e *Entry) Workload() *workload.Workload {
	n := &net{w: workload.Workload{Name: e.Name}}
	e.build(n)
	return &n.w
}

// Load returns the shipped workload of that name, or reads the file, as
// [workload.Load] does.
func Load(name string) (*workload.Workload, error) {
	if e := find(name); e != nil {
		return e.Workload(), nil
	}
	w, err := workload.Load(name)
	if ext := filepath.Ext(name); !errors.Is(err, os.ErrNotExist) || ext == ".toml" || ext == ".csv" || strings.ContainsAny(name, `/\`) {
		return w, err
	}
	var names []string
	for _, e := range List() {
		names = append(names, e.Name)
	}
	return nil, strict.UnknownBut("workload", name, names, "a file or one of "+strings.Join(names, ", "))
}
