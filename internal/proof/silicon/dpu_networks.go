package silicon

import (
	"math"
	"strings"

	"bitcycle/internal/proof"
	"bitcycle/kernels/workload"
	"bitcycle/kernels/workload/zoo"
)

// dpuNetworks are the shipped workloads of the public networks of Vitis AI's model zoo, by
// names without case and punctuation: network, data set unless ImageNet, framework. Names
// without a framework are Caffe's.
var dpuNetworks = map[string]string{
	"resnet50":                 "resnet50-v1",
	"resnet50cf":               "resnet50-v1",
	"resnet50tf2":              "resnet50-v1",
	"resnet50pt":               "resnet50",
	"mlperfresnet50tf":         "resnet50",
	"mlperfresnet50v15tf":      "resnet50",
	"resnet50tf":               "resnet50-v1-slim",
	"resnetv150tf":             "resnet50-v1-slim",
	"resnetv1101tf":            "resnet101-v1-slim",
	"resnetv1152tf":            "resnet152-v1-slim",
	"resnetv250tf":             "resnet50-v2-slim",
	"resnetv2101tf":            "resnet101-v2-slim",
	"resnetv2152tf":            "resnet152-v2-slim",
	"resnet18":                 "resnet18",
	"resnet18cf":               "resnet18",
	"inceptionv1":              "inception-v1",
	"inceptionv1cf":            "inception-v1",
	"inceptionv1tf":            "inception-v1-slim",
	"inceptionv2":              "inception-v2",
	"inceptionv2cf":            "inception-v2",
	"inceptionv2tf":            "inception-v2-slim",
	"inceptionv3":              "inception-v3",
	"inceptionv3cf":            "inception-v3",
	"inceptionv3tf":            "inception-v3",
	"inceptionv3tf2":           "inception-v3",
	"inceptionv3pt":            "inception-v3",
	"inceptionv4":              "inception-v4",
	"inceptionv4cf":            "inception-v4",
	"inceptionv4tf":            "inception-v4",
	"inceptionv420160909tf":    "inception-v4",
	"inceptionresnetv2tf":      "inception-resnet-v2",
	"vgg16tf":                  "vgg16",
	"vgg19tf":                  "vgg19",
	"squeezenet":               "squeezenet-1.1-227",
	"squeezenetcf":             "squeezenet-1.1-227",
	"squeezecf":                "squeezenet-1.1-227",
	"squeezenetpt":             "squeezenet-1.1",
	"mobilenetv1025128tf":      "mobilenet-v1-0.25-128",
	"mobilenetv105160tf":       "mobilenet-v1-0.5-160",
	"mobilenetv110224tf":       "mobilenet-v1",
	"mobilenetv1tf":            "mobilenet-v1",
	"mobilenetv1tf2":           "mobilenet-v1",
	"mobilenet10224tf2":        "mobilenet-v1",
	"mobilenetv2":              "mobilenet-v2",
	"mobilenetv2cf":            "mobilenet-v2",
	"mobilenetv2tf":            "mobilenet-v2",
	"mobilenetv210224tf":       "mobilenet-v2",
	"mobilenetv214224tf":       "mobilenet-v2-1.4",
	"mobilenetv3small10tf2":    "mobilenet-v3-small",
	"mobilenetv3tf2":           "mobilenet-v3-small",
	"mobilenetedge075tf":       "mobilenet-edge-0.75",
	"mobilenetedge10tf":        "mobilenet-edge-1.0",
	"efficientnetb0tf2":        "efficientnet-b0",
	"efficientnetedgetpustf":   "efficientnet-edge-s",
	"efficientnetedgetpumtf":   "efficientnet-edge-m",
	"efficientnetedgetpultf":   "efficientnet-edge-l",
	"ssdmobilenetv1cocotf":     "ssd-mobilenet-v1",
	"ssdmobilenetv2cocotf":     "ssd-mobilenet-v2",
	"ssdlitemobilenetv2cocotf": "ssdlite-mobilenet-v2",
	"ssdinceptionv2cocotf":     "ssd-inception-v2",
	"ssdresnet50fpncocotf":     "ssd-resnet50-fpn",
	"yolov2voc":                "yolov2-voc",
	"yolov2vocdk":              "yolov2-voc",
	"yolov3voc":                "yolov3-voc",
	"yolov3vocdk":              "yolov3-voc",
	"yolov3voctf":              "yolov3-voc",
	"yolov3cocotf2":            "yolov3-coco",
	"yolov3coco416tf2":         "yolov3-coco",
	"yolov4416tf":              "yolov4-416",
	"yolov4cocotf":             "yolov4-416",
	"yolov4leaky416tf":         "yolov4-416",
	"yolov4leakysppmtf":        "yolov4-416",
	"yolov4512tf":              "yolov4-512",
	"yolov4leaky512tf":         "yolov4-512",
}

// frameworks begin or end the names of models.
var frameworks = []string{"tf2", "tf", "pt", "cf", "dk"}

// dpuNetwork is the workload of a row: by the model's name, or by an identifier such as
// tf_resnetv1_50_imagenet_224_224_6.97G, "" where there is none.
func dpuNetwork(r proof.Record, id string) (*workload.Workload, error) {
	if r.Text("layers_public") == "no" {
		return nil, Skip("of layers that are not public")
	}
	name := ""
	for _, key := range dpuKeys(r.Text("model"), id) {
		if name = dpuNetworks[key]; name != "" {
			break
		}
	}
	if name == "" {
		return nil, Skip("of a network that is not rebuilt")
	}
	return zoo.Load(name)
}

// listedLike reports whether a workload has the operations that a row lists, or as many
// multiply-accumulates, which are listed for some.
func listedLike(w *workload.Workload, gop float64) bool {
	const within = 0.15
	gmacs := float64(w.MACs()) / 1e9
	return math.Abs(2*gmacs/gop-1) <= within || math.Abs(gmacs/gop-1) <= within
}

// dpuKeys are the names that a model may stand under.
func dpuKeys(model, id string) []string {
	keys := []string{plain(model), frameworkLast(model)}
	parts := strings.Split(strings.ToLower(id), "_")
	for i, part := range parts {
		if part == "imagenet" || part == "coco" || part == "voc" {
			if part != "imagenet" {
				i++
			}
			return append(keys, frameworkLast(strings.Join(parts[:i], "_")))
		}
	}
	return keys
}

// plain is a name in small letters and digits alone.
func plain(name string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, strings.ToLower(name))
}

// frameworkLast moves the framework that a name begins with to its end.
func frameworkLast(name string) string {
	first, rest, _ := strings.Cut(strings.ToLower(name), "_")
	for _, f := range frameworks {
		if first == f {
			return plain(rest) + f
		}
	}
	return plain(name)
}
