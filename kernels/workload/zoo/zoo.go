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

// Variants returns further shipped workloads: networks in the definition, or at the width
// and image, in which machines were measured with them.
func Variants() []Entry {
	return []Entry{
		{"resnet50-v1", "ResNet-50 v1 as first published (stride in the first 1×1), 224×224", firstResNet(3, 4, 6, 3)},
		{"resnet50-v1-slim", "ResNet-50 v1 of TF-Slim (stride in a stage's last block), 224×224", slimResNetV1(3, 4, 6, 3)},
		{"resnet101-v1-slim", "ResNet-101 v1 of TF-Slim, 224×224", slimResNetV1(3, 4, 23, 3)},
		{"resnet152-v1-slim", "ResNet-152 v1 of TF-Slim, 224×224", slimResNetV1(3, 8, 36, 3)},
		{"resnet50-v2-slim", "ResNet-50 v2 of TF-Slim, 299×299", slimResNetV2(3, 4, 6, 3)},
		{"resnet101-v2-slim", "ResNet-101 v2 of TF-Slim, 299×299", slimResNetV2(3, 4, 23, 3)},
		{"resnet152-v2-slim", "ResNet-152 v2 of TF-Slim, 299×299", slimResNetV2(3, 8, 36, 3)},
		{"inception-v1-slim", "Inception v1 of TF-Slim (3×3 in place of 5×5), 224×224", slimInceptionV1},
		{"inception-v2", "Inception v2, 224×224", inceptionV2(false)},
		{"inception-v2-slim", "Inception v2 of TF-Slim (separable first convolution), 224×224", inceptionV2(true)},
		{"inception-v4", "Inception v4, 299×299", inceptionV4},
		{"inception-resnet-v2", "Inception-ResNet v2, 299×299", inceptionResNetV2},
		{"vgg19", "VGG-19, 224×224", vgg19},
		{"squeezenet-1.1-227", "SqueezeNet 1.1, 227×227", squeezeNet11At227},
		{"mobilenet-v1-0.25-128", "MobileNet v1, a quarter of its width, 128×128", mobileNetV1At(0.25, 128)},
		{"mobilenet-v1-0.5-160", "MobileNet v1, half of its width, 160×160", mobileNetV1At(0.5, 160)},
		{"mobilenet-v2-1.4", "MobileNet v2, 1.4 times its width, 224×224", mobileNetV2At(1.4)},
		{"mobilenet-v3-small-minimal", "MobileNet v3 small, minimalistic, 224×224", mobileNetV3Minimal},
		{"mobilenet-edge-0.75", "MobileNet EdgeTPU, three quarters of its width, 224×224", mobileNetEdge(0.75)},
		{"mobilenet-edge-1.0", "MobileNet EdgeTPU, 224×224", mobileNetEdge(1)},
		{"efficientnet-edge-s", "EfficientNet-EdgeTPU S, 224×224", efficientNetEdge(1, 1, 224)},
		{"efficientnet-edge-m", "EfficientNet-EdgeTPU M, 240×240", efficientNetEdge(1, 1.1, 240)},
		{"efficientnet-edge-l", "EfficientNet-EdgeTPU L, 300×300", efficientNetEdge(1.2, 1.4, 300)},
		{"tiny-mobilenet-live", "tiny-mobilenet without the channels whose weights are all zero, 96×96", tinyMobileNetLive},
		{"tiny-mlp-finn", "keywords by FINN in MLPerf Tiny v0.7, open division: dense 490-256-256-256-12", chain(490, 256, 256, 256, 12)},
		{"tiny-autoencoder-hls4ml", "anomalies by hls4ml in MLPerf Tiny v0.7, open division (AD08): dense 64-72-72-8-72-72-64", chain(64, 72, 72, 8, 72, 72, 64)},
		{"ssd-mobilenet-v1", "SSD on MobileNet v1 for COCO, 300×300", ssdMobileNetV1},
		{"ssd-mobilenet-v2", "SSD on MobileNet v2 for COCO, 300×300", ssdMobileNetV2(false)},
		{"ssdlite-mobilenet-v2", "SSDLite on MobileNet v2 for COCO, 300×300", ssdMobileNetV2(true)},
		{"ssd-inception-v2", "SSD on Inception v2 for COCO, 300×300", ssdInceptionV2},
		{"ssd-resnet50-fpn", "SSD on ResNet-50 v1 with a feature pyramid for COCO, 640×640", ssdResNet50FPN},
		{"yolov2-voc", "YOLOv2 for VOC, 448×448", yoloV2VOC(448)},
		{"yolov3-voc", "YOLOv3 for VOC, 416×416", yoloV3(416, 75)},
		{"yolov3-coco", "YOLOv3 for COCO, 416×416", yoloV3(416, 255)},
		{"yolov4-416", "YOLOv4 for COCO, 416×416", yoloV4(416)},
		{"yolov4-512", "YOLOv4 for COCO, 512×512", yoloV4(512)},
	}
}

// find returns the entry of a name.
func find(name string) *Entry {
	for _, e := range append(List(), Variants()...) {
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
	for _, e := range append(List(), Variants()...) {
		names = append(names, e.Name)
	}
	return nil, strict.UnknownBut("workload", name, names, "a file or one of "+strings.Join(names, ", "))
}
