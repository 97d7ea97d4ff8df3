package evaluate

import (
	"context"
	"math"

	"bitcycle/quantizers"
)

// AboutFloat says what the figures of the method float are.
const AboutFloat = "float: accuracy is the float network's; machines here have no floating point, the cost is that of 16-bit integers"

// isFloat reports whether a method leaves the network as it is.
func isFloat(m quantizers.Method) bool {
	own, ok := m.(interface{ IsFloat() bool })
	return ok && own.IsFloat()
}

// measureFloat is the accuracy of the float network, and no SQNR of so many ops.
func measureFloat(ctx context.Context, job Job, ops int) (Accuracy, []float64, error) {
	classes, err := FloatClasses(ctx, job.Network, job.Data, job.Workers, job.stage("measure"))
	if err != nil {
		return Accuracy{}, nil, err
	}
	return compare(classes, classes, job.Data.Labels, job.Network.LabelOffset), noSQNR(ops), nil
}

// noSQNR says of so many ops that none was compared.
func noSQNR(ops int) []float64 {
	sqnr := make([]float64, ops)
	for i := range sqnr {
		sqnr[i] = math.NaN()
	}
	return sqnr
}
