package evaluate

import "math"

// Accuracy is the share of images classified as labelled, beside the float
// network's on the same images.
type Accuracy struct {
	Images    int
	Top1      float64 // of the quantized network
	FloatTop1 float64
	Agreement float64    // share of images on which both choose the same class
	CI95      [2]float64 // of Top1, Wilson score interval
}

// z95 is the 97.5 % quantile of the normal distribution.
const z95 = 1.959963984540054

// Wilson returns the 95 % score interval of a proportion (Wilson 1927).
func Wilson(successes, trials int) [2]float64 {
	if trials == 0 {
		return [2]float64{0, 1}
	}
	n := float64(trials)
	p := float64(successes) / n
	center := (p + z95*z95/(2*n)) / (1 + z95*z95/n)
	half := z95 / (1 + z95*z95/n) * math.Sqrt(p*(1-p)/n+z95*z95/(4*n*n))
	return [2]float64{max(center-half, 0), min(center+half, 1)}
}

// Paired returns how much more often a is right than b on the same images, as a
// fraction, with its 95 % interval from the images on which they differ.
func Paired(a, b []bool) (difference float64, ci95 [2]float64) {
	n := float64(max(len(a), 1))
	var better, worse float64
	for i := range a {
		switch {
		case a[i] && !b[i]:
			better++
		case b[i] && !a[i]:
			worse++
		}
	}
	difference = (better - worse) / n
	half := z95 * math.Sqrt((better+worse)/n-difference*difference) / math.Sqrt(n)
	return difference, [2]float64{difference - half, difference + half}
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
	return Accuracy{
		Images: len(labels), Top1: float64(right) / n, FloatTop1: float64(floatRight) / n,
		Agreement: float64(same) / n, CI95: Wilson(right, len(labels)),
	}
}
