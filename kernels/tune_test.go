package kernels

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Tune shows the moments that the definition gives, for any number of workers,
// and goes on with the gains and biases that were set.
func TestTune(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuantized(t)
		b := &netBuilder{t: t, net: q.Net}
		x := Batch{N: b.int("images", 1, 4), Shape: q.Net.InputShape()}
		x.Data = b.floats(x.N*x.Size(), 1)
		seen := map[int]bool{}
		err := q.Tune(x, b.int("workers", 1, 3), func(layer int, mean, sd []float64) error {
			if seen[layer] {
				t.Fatalf("layer %d twice", layer)
			}
			seen[layer] = true
			l := &q.Layers[layer]
			wantMean, wantSD := layerMoments(q, layer, x)
			for m := range mean {
				if math.Abs(mean[m]-wantMean[m]) > 1e-9*(1+math.Abs(wantMean[m])) || math.Abs(sd[m]-wantSD[m]) > 1e-6*(1+math.Abs(wantMean[m])) {
					t.Fatalf("layer %d, channel %d: %v ± %v, want %v ± %v", layer, m, mean[m], sd[m], wantMean[m], wantSD[m])
				}
				l.Gain[m] *= 0.75
				l.Bias[m] += 0.1
			}
			return nil
		})
		if err != nil || len(seen) != len(q.Layers) {
			t.Fatalf("%d of %d layers: %v", len(seen), len(q.Layers), err)
		}
	})
}

// layerMoments computes the moments of a layer's real outputs from the codes
// that reach it.
func layerMoments(q *Quantized, layer int, images Batch) (mean, sd []float64) {
	l := &q.Layers[layer]
	node, in := &q.Net.Nodes[l.Node], q.Net.Nodes[l.Node].Inputs[0]
	k, first := node.Reduction(), l.firstRows()
	values := make([][]float64, node.Shape.C)
	for i := range images.N {
		x := regrid(forwardInt(q, images.Image(i))[in], q.Grids[in], l.In)
		for m := range values {
			for p := range node.Shape.Pixels() {
				y := 0.0
				for r := first[m]; r < first[m+1]; r++ {
					y += l.RowScale[r] * float64(rowSum(node, l.W[r*k:(r+1)*k], m, p, codes{q.Net.Nodes[in].Shape, x}))
				}
				values[m] = append(values[m], y*l.In.Scale*l.Gain[m]+l.Bias[m])
			}
		}
	}
	for _, v := range values {
		sum, square := 0.0, 0.0
		for _, y := range v {
			sum += y
		}
		sum /= float64(len(v))
		for _, y := range v {
			square += (y - sum) * (y - sum)
		}
		mean, sd = append(mean, sum), append(sd, math.Sqrt(square/float64(len(v))))
	}
	return mean, sd
}

func TestTunedNetworkRunsAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuantized(t)
		b := &netBuilder{t: t, net: q.Net}
		x := Batch{N: 2, Shape: q.Net.InputShape()}
		x.Data = b.floats(x.N*x.Size(), 1)
		var means [2][]float64
		for i := range means { // with unchanged gains a second pass sees the same
			if err := q.Tune(x, i+1, func(_ int, mean, _ []float64) error {
				means[i] = append(means[i], mean...)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(means[0], means[1]) {
			t.Fatalf("%v with one worker, %v with two", means[0], means[1])
		}
	})
}
