package cli

import (
	"fmt"

	"bitcycle/kernels/train"
	"bitcycle/quantizers"
	"bitcycle/quantizers/bcgd"
	"bitcycle/reports"
)

// watch returns a function that gives the loss curve of a method that trains,
// once it has, and nothing for others.
func watch(method quantizers.Method) func() []*reports.Table {
	m, ok := method.(*bcgd.Method)
	if !ok {
		return func() []*reports.Table { return nil }
	}
	t := &reports.Table{Title: "loss curve", Columns: []reports.Column{
		reports.Number("epoch", "epoch"), reports.Significant("rate", "rate at its end", 3),
		reports.Significant("loss", "training loss", 4), reports.Percent("top1", "training top-1 [%]", 2),
	}}
	m.Trained = func(n *bcgd.Network, h train.History) {
		for i, e := range h {
			t.Add(i+1, e.Rate, e.Train.Loss(), e.Train.Top1())
		}
		t.Notes = append(t.Notes, fmt.Sprintf("on %d images of %s as augmented, while training; resolutions %.3g", m.Data.Images.N, m.Data.Images.Name, n.Alphas()))
	}
	return func() []*reports.Table { return []*reports.Table{t} }
}

// basis says which images a method got its ranges from.
func basis(method quantizers.Method, sub *subject) string {
	if m, ok := method.(*bcgd.Method); ok {
		im := m.Data.Images
		return fmt.Sprintf("trained on %d images of %s, ranges from the first %d", im.N, im.Name, min(im.N, m.Config.Calibration))
	}
	return fmt.Sprintf("calibrated on %d images of %s", sub.calib.N, sub.calibName)
}
