package kernels

import (
	"fmt"
	"math"

	"bitcycle/internal/crew"
)

// Tune executes the quantized network on a batch one layer at a time, each after
// the layers that it depends on. When the
// products of a layer are there, adjust gets the mean and the standard
// deviation of each output channel over all images and positions, in real units
// under the layer's Gain and Bias; it may change both before the outputs are
// computed, and its error ends the work. All images are kept in memory at once. The result does not depend
// on the number of workers.
func (q *Quantized) Tune(x Batch, workers int, adjust func(layer int, mean, sd []float64) error) error {
	if x.Shape != q.Net.InputShape() || x.N < 1 {
		return fmt.Errorf("%d images of %v, the network %q reads %v", x.N, x.Shape, q.Net.Name, q.Net.InputShape())
	}
	n := min(workerCount(workers), x.N)
	per := (x.N + n - 1) / n
	c, err := newCompilerInt(q, IntOptions{Tile: per})
	if err != nil {
		return err
	}
	c.collect = true
	t := tuner{batch: x, per: per}
	for at := 0; at < x.N; at += per {
		w := c.worker()
		w.batch, w.image = x, at
		t.workers = append(t.workers, w)
	}
	for i := range t.workers[0].ops {
		if o, ok := t.workers[0].ops[i].(*productInt); ok {
			layer := c.g.layerNumber(o.layer)
			mean, sd := t.moments(i, len(o.f))
			if err := adjust(layer, mean, sd); err != nil {
				return err
			}
			t.each(func(w *intWorker, _ int) { w.ops[i].(*productInt).prepare() })
		}
		t.each(func(w *intWorker, images int) { w.ops[i].run(images) })
	}
	return nil
}

func (g *integerGraph) layerNumber(l *QLayer) int {
	for i := range g.q.Layers {
		if &g.q.Layers[i] == l {
			return i
		}
	}
	panic("kernels: layer of another network")
}

// tuner runs the same step of several workers, each with its share of the images.
type tuner struct {
	batch   Batch
	per     int // images of a worker
	workers []*intWorker
}

func (t *tuner) each(f func(w *intWorker, images int)) {
	var wait crew.Group
	for _, w := range t.workers {
		wait.Go(func() { f(w, min(t.per, t.batch.N-w.image)) })
	}
	wait.Wait()
}

// moments returns mean and standard deviation of the channels of product i. Sums
// are taken image by image, so that the workers' shares do not show.
func (t *tuner) moments(i, channels int) (mean, sd []float64) {
	sum, square := make([]float64, t.batch.N*channels), make([]float64, t.batch.N*channels)
	t.each(func(w *intWorker, images int) {
		w.ops[i].(*productInt).moments(images, sum[w.image*channels:], square[w.image*channels:])
	})
	o := t.workers[0].ops[i].(*productInt)
	mean, sd = Moments(sum, square, channels, o.rows)
	o.real(mean, sd)
	return mean, sd
}

// Moments returns the mean and the standard deviation of each channel from sums
// and sums of squares of images, each over count values: those of image i start
// at i·channels.
func Moments(sum, square []float64, channels, count int) (mean, sd []float64) {
	mean, sd = make([]float64, channels), make([]float64, channels)
	n := float64(len(sum) / channels * count)
	for m := range channels {
		var s, s2 float64
		for at := m; at < len(sum); at += channels {
			s += sum[at]
			s2 += square[at]
		}
		mean[m] = s / n
		sd[m] = math.Sqrt(max(s2/n-float64(mean[m]*mean[m]), 0))
	}
	return mean, sd
}
