// Package evaluate joins cost and error: it quantizes a network, executes it
// in integers beside its float original, charges the same integers' workload to
// a machine, and returns both as one outcome.
package evaluate

import (
	"context"
	"fmt"

	"bitcycle/arch"
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
	"bitcycle/quantizers"
	"bitcycle/sim"
)

// Job is one evaluation: machine × network × method × images.
type Job struct {
	Machine *arch.Accelerator
	Network *netfile.File
	Method  quantizers.Method
	Calib   *dataset.Images // nil for the float method
	Data    *dataset.Images
	Workers int
	// Progress is called with the stage and how far it is; nil for silence.
	Progress func(stage string, done, total int)
}

// Outcome is what a method costs and loses on a machine.
type Outcome struct {
	Cost      *sim.Result
	Accuracy  Accuracy
	SQNR      []float64 // decibels by op of the workload; NaN where not executed
	Quantized *kernels.Quantized
}

// Run evaluates the job.
func Run(ctx context.Context, job Job) (*Outcome, error) {
	q, err := Quantize(ctx, job.Network, job.Method, job.Calib, job.stage("quantize"))
	if err != nil {
		return nil, err
	}
	workload := q.Lower()
	out := &Outcome{Quantized: q}
	if out.Cost, err = sim.Run(ctx, job.Machine, workload, sim.Options{}); err != nil {
		return nil, err
	}
	if out.Accuracy, out.SQNR, err = Measure(ctx, job.Network, q, workload, job.Data, job.Workers, job.stage("measure")); err != nil {
		return nil, err
	}
	return out, nil
}

func (job Job) stage(name string) func(done, total int) {
	return func(done, total int) {
		if job.Progress != nil {
			job.Progress(name, done, total)
		}
	}
}

// Quantize runs a method on a network's calibration images.
func Quantize(ctx context.Context, network *netfile.File, method quantizers.Method, calib *dataset.Images, progress func(done, total int)) (*kernels.Quantized, error) {
	batch, err := inputs(network, calib)
	if err != nil {
		return nil, fmt.Errorf("calibration: %w", err)
	}
	return method.Quantize(ctx, network.Net, batch, progress)
}
