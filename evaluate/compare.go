package evaluate

import (
	"context"

	"bitcycle/arch"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers"
	"bitcycle/sim"
)

// Entry is one method on one machine.
type Entry struct {
	Machine  string
	Method   string
	Cost     *sim.Result
	Accuracy Accuracy
	// WeightBytes is the storage of all weights at their widths, scales excluded.
	WeightBytes int64
}

// Cross evaluates every method once and charges it to every machine.
func Cross(ctx context.Context, network *netfile.File, methods []quantizers.Method, machines []*arch.Accelerator,
	data, calib *dataset.Images, workers int, progress func(stage string, done, total int),
) ([]Entry, error) {
	batch, err := inputs(network, calib)
	if err != nil {
		return nil, err
	}
	float, err := FloatClasses(ctx, network, data, workers, func(done, total int) {
		if progress != nil {
			progress("float", done, total)
		}
	})
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for _, method := range methods {
		report := func(done, total int) {
			if progress != nil {
				progress(method.Name(), done, total)
			}
		}
		q, err := method.Quantize(ctx, network.Net, batch, report)
		if err != nil {
			return nil, err
		}
		workload := q.Lower()
		quantized, err := IntClasses(ctx, network, q, data, workers, report)
		if err != nil {
			return nil, err
		}
		accuracy := compare(quantized, float, data.Labels, network.LabelOffset)
		for _, machine := range machines {
			cost, err := sim.Run(ctx, machine, workload, sim.Options{})
			if err != nil {
				return nil, err
			}
			entries = append(entries, Entry{machine.Name, method.Name(), cost, accuracy, WeightBytes(workload)})
		}
	}
	return entries, nil
}

// WeightBytes returns the storage of the weights of a workload at their widths.
func WeightBytes(w *workload.Workload) int64 {
	var bits int64
	for i := range w.Ops {
		op := &w.Ops[i]
		if op.Kind > workload.MatMul {
			continue
		}
		bits += op.WeightBits.Sum(op.VirtualChannels()) * int64(op.K)
	}
	return (bits + 7) / 8
}
