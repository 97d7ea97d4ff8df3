package yardstick

import (
	"math/rand/v2"

	"bitcycle/internal/stat"
)

// Quality is how good a quantized network is, beside the float network on the same
// images.
type Quality struct {
	Task    string   `json:"task"` // "detection"; "outputs" where nothing is known of the images
	Unit    string   `json:"unit"` // what it is judged on: "images"
	Count   int      `json:"count"`
	Figures []Figure `json:"figures"` // the first counts
	Outputs []Error  `json:"outputs"` // against those of the float network
}

// Figure is a figure of both networks.
type Figure struct {
	Scale
	Value      float64    `json:"value"`
	Float      float64    `json:"float"`       // of the float network
	CI95       [2]float64 `json:"ci95"`        // of Value
	Change     float64    `json:"change"`      // Value − Float
	ChangeCI95 [2]float64 `json:"change_ci95"` // paired: over the same samples of images
}

// samples is how many samples of the images an interval rests on.
const samples = 1000

// Judge gives the figures of two networks that saw the same images. Figures of which
// there are none, such as those of small objects where there is no such, are left out.
func Judge(y Yardstick, quantized, float []Seen) []Figure {
	mine, theirs := y.Score(quantized), y.Score(float)
	times := make([]int, len(quantized))
	for i := range times {
		times[i] = 1
	}
	values, floats := mine(times), theirs(times)
	var drawn, changes [][]float64
	rng := rand.New(rand.NewPCG(1, 0x6d657465))
	for range samples {
		clear(times)
		for range times {
			times[rng.IntN(len(times))]++
		}
		q, f := mine(times), theirs(times)
		drawn = append(drawn, q)
		change := make([]float64, len(q))
		for k := range q {
			change[k] = q[k] - f[k]
		}
		changes = append(changes, change)
	}
	var figures []Figure
	for k, scale := range y.Scales() {
		if none(values[k]) || none(floats[k]) {
			continue
		}
		figures = append(figures, Figure{
			Scale: scale, Value: values[k], Float: floats[k], CI95: interval(drawn, k),
			Change: values[k] - floats[k], ChangeCI95: interval(changes, k),
		})
	}
	return figures
}

// interval is what figure k lies in, in 95 % of the samples that have it.
func interval(drawn [][]float64, k int) [2]float64 {
	var list []float64
	for _, one := range drawn {
		if !none(one[k]) {
			list = append(list, one[k])
		}
	}
	return [2]float64{stat.Quantile(list, 0.025), stat.Quantile(list, 0.975)}
}

// Headline is the figure that counts, nil where there is none.
func (q *Quality) Headline() *Figure {
	if q == nil || len(q.Figures) == 0 {
		return nil
	}
	return &q.Figures[0]
}
