package cli

import (
	"fmt"

	"bitcycle/kernels/train"
	"bitcycle/quantizers"
	"bitcycle/quantizers/bcgd"
	"bitcycle/reports"
)

// watch returns where the loss curve of a method that trains will be once it has; nil
// for others.
func watch(method quantizers.Method) *reports.Training {
	m, ok := method.(*bcgd.Method)
	if !ok {
		return nil
	}
	r := &reports.Training{Images: m.Data.Images.N, Set: m.Data.Images.Name}
	m.Trained = func(n *bcgd.Network, h train.History) { r.Resolutions, r.Epochs = n.Alphas(), h }
	return r
}

// basis says which images a method got its ranges from.
func basis(method quantizers.Method, sub *subject) string {
	if m, ok := method.(*bcgd.Method); ok {
		im := m.Data.Images
		return fmt.Sprintf("trained on %d images of %s, ranges from the first %d", im.N, im.Name, min(im.N, m.Config.Calibration))
	}
	return fmt.Sprintf("calibrated on %d images of %s", sub.calib.N, sub.calibName)
}
