package evaluate

import "bitcycle/internal/stat"

// Accuracy is the share of images classified as labelled, beside the float
// network's on the same images.
type Accuracy struct {
	Images    int
	Top1      float64 // of the quantized network
	FloatTop1 float64
	Agreement float64    // share of images on which both choose the same class
	CI95      [2]float64 // of Top1, Wilson score interval
}

// compare counts classes against labels; offset is added to a label to give
// its class.
func compare(quantized, float, labels []int, offset int) Accuracy {
	var right, floatRight, same int
	for i, label := range labels {
		if quantized[i] == label+offset {
			right++
		}
		if float[i] == label+offset {
			floatRight++
		}
		if quantized[i] == float[i] {
			same++
		}
	}
	n := float64(len(labels))
	lo, hi := stat.Wilson(float64(right), n)
	return Accuracy{
		Images: len(labels), Top1: float64(right) / n, FloatTop1: float64(floatRight) / n,
		Agreement: float64(same) / n, CI95: [2]float64{lo, hi},
	}
}

// AccuracyOf is the accuracy of a quantized network by which images it got right, beside
// the classes of the float network. Agreement is not known and 0.
func AccuracyOf(right []bool, float, labels []int, offset int) Accuracy {
	quantized := make([]int, len(right))
	for i, r := range right {
		quantized[i] = -1
		if r {
			quantized[i] = labels[i] + offset
		}
	}
	a := compare(quantized, float, labels, offset)
	a.Agreement = 0
	return a
}
