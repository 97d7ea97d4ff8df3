package train

import "context"

// evalBatch is the number of images of a step without gradients. It changes
// no result.
const evalBatch = 64

// Evaluate measures loss and top-1 accuracy with the running statistics and
// the used weights.
func (m *Model) Evaluate(ctx context.Context, data *Data) (Metrics, error) {
	var total Metrics
	if err := data.check(m, true); err != nil {
		return total, err
	}
	err := m.run(ctx, data, evalBatch, func(index []int) {
		total.add(m.loss.metrics())
	})
	return total, err
}

// Logits returns the network's output for all images, [N][classes].
func (m *Model) Logits(ctx context.Context, data *Data) ([]float32, error) {
	var logits []float32
	out := m.values[len(m.values)-1]
	err := m.run(ctx, data, evalBatch, func(index []int) {
		logits = append(logits, out.images(0, len(index))...)
	})
	return logits, err
}

// run passes all images through the network in inference mode, batch by batch.
func (m *Model) run(ctx context.Context, data *Data, batch int, visit func(index []int)) error {
	return m.sweep(ctx, data, batch, false, func() {}, visit)
}

// sweep passes all images through the network in their order, with the batch's
// statistics if batchStatistics, calling before and after every batch.
func (m *Model) sweep(ctx context.Context, data *Data, batch int, batchStatistics bool, before func(), after func(index []int)) error {
	if err := data.check(m, false); err != nil {
		return err
	}
	defer m.engine.start()()
	m.engine.training = batchStatistics
	m.reserve(min(batch, data.Images.N), false)
	m.prepare()
	pass := m.infer
	if batchStatistics {
		pass = m.ahead
	}
	var index []int
	for lo := 0; lo < data.Images.N; lo += batch {
		if err := ctx.Err(); err != nil {
			return err
		}
		index = index[:0]
		for i := lo; i < min(lo+batch, data.Images.N); i++ {
			index = append(index, i)
		}
		m.take(data, index)
		m.load.augment = false
		before()
		m.engine.run(pass)
		after(index)
	}
	return nil
}

// take makes the images with these indices the batch.
func (m *Model) take(data *Data, index []int) {
	m.engine.n = len(index)
	m.load.data, m.load.index = data, index
	m.loss.take(data.Images.Labels, index)
	m.loss.grad = false
}
