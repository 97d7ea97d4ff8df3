package yardstick

import (
	"fmt"

	"bitcycle/kernels/dataset"
)

// regression is the mean squared error of numbers,
//
//	Σ (y − t)² / n,
//
// over all numbers of all images.
type regression struct{ images *dataset.Images }

func (*regression) Task() string { return "regression" }
func (*regression) Unit() string { return "images" }

func (*regression) Scales() []Scale {
	return []Scale{{Name: "mse", Title: "MSE", Less: true}}
}

func (*regression) Count(int) int { return 1 }

// sum is of so many terms.
type sum struct{ total, terms float64 }

func (r *regression) See(i int, outputs []Output) (Seen, error) {
	y, want := outputs[0].Values, r.images.Targets[i]
	if len(y) != len(want) {
		return nil, fmt.Errorf("the network gives %d numbers, data set %q has %d targets an image", len(y), r.images.Name, len(want))
	}
	var s sum
	for k, t := range want {
		d := float64(y[k]) - float64(t)
		s.total += d * d
	}
	s.terms = float64(len(want))
	return s, nil
}

func (*regression) Score(seen []Seen) func(times []int) []float64 {
	return func(times []int) []float64 { return []float64{meanOf(seen, times)} }
}

// meanOf is the mean of the terms of sums.
func meanOf(seen []Seen, times []int) float64 {
	var all sum
	for i, s := range seen {
		all.total += float64(times[i]) * s.(sum).total
		all.terms += float64(times[i]) * s.(sum).terms
	}
	return all.total / all.terms
}
