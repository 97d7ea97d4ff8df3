package evaluate

import (
	"context"
	"errors"
	"fmt"

	"bitcycle/arch"
	"bitcycle/evaluate/yardstick"
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers"
	"bitcycle/quantizers/stored"
	"bitcycle/sim"
)

// Job is one evaluation: machine × network × method × images.
type Job struct {
	Machine *arch.Accelerator
	Network *netfile.File
	Method  quantizers.Method
	Calib   *dataset.Images // what the method calibrates on; nil for methods that do not
	Data    *dataset.Images // what quality is measured on; without labels or the like, outputs are held against the float network's
	Workers int             // of execution; 0 = as many as processors; results do not depend on it
	// Progress is called with the stage and how far it is; nil for silence.
	Progress func(stage string, done, total int)
	Sim      sim.Options // of the pricing, such as a trace of it
}

// Outcome is what a method costs and loses on a machine.
type Outcome struct {
	Cost      *sim.Result
	Accuracy  Accuracy           // no images where the task is not to find classes
	Quality   *yardstick.Quality // by what is known of the images
	SQNR      []float64          // decibels by op of the workload; NaN where not executed
	Workload  *workload.Workload
	Quantized *kernels.Quantized // nil if the model's own quantizers were executed in float32
}

// Validate reports all that a job lacks.
func (job Job) Validate() error {
	var errs []error
	for _, part := range []struct {
		name    string
		missing bool
	}{
		{"a machine", job.Machine == nil},
		{"a network", job.Network == nil || job.Network.Net == nil},
		{"a method", job.Method == nil},
		{"images to measure on", job.Data == nil || job.Data.N == 0},
	} {
		if part.missing {
			errs = append(errs, fmt.Errorf("an evaluation needs %s", part.name))
		}
	}
	return errors.Join(errs...)
}

// Run evaluates the job. The same job gives the same outcome.
func Run(ctx context.Context, job Job) (*Outcome, error) {
	if err := job.Validate(); err != nil {
		return nil, err
	}
	out, err := job.lower(ctx)
	if err != nil {
		return nil, err
	}
	if out.Cost, err = sim.Run(ctx, job.Machine, out.Workload, job.Sim); err != nil {
		return nil, err
	}
	if err := job.judge(ctx, out); err != nil {
		return nil, err
	}
	return out, nil
}

// judge finds out what is lost.
func (job Job) judge(ctx context.Context, out *Outcome) (err error) {
	if Classifies(job.Data) && isFloat(job.Method) {
		out.Accuracy, out.SQNR, err = measureFloat(ctx, job, len(out.Workload.Ops))
		return err
	}
	if Classifies(job.Data) {
		out.Accuracy, out.SQNR, err = Measure(ctx, job.Network, out.Quantized, out.Workload, job.Data, job.Workers, job.stage("measure"))
		return err
	}
	q := out.Quantized
	if isFloat(job.Method) {
		q = nil
	}
	if out.Quality, err = Judge(ctx, job.Network, q, job.Data, job.Workers, job.stage("measure")); err != nil {
		return err
	}
	if q == nil {
		out.SQNR = noSQNR(len(out.Workload.Ops))
		return nil
	}
	out.SQNR, err = layerSQNR(job.Network, q, out.Workload, job.Data.Slice(0, min(job.Data.N, sqnrImages)))
	return err
}

// lower makes what a machine must do.
func (job Job) lower(ctx context.Context) (*Outcome, error) {
	if m, ok := job.Method.(*stored.Emulated); ok {
		return &Outcome{Workload: m.Lower(job.Network.Net)}, nil
	}
	q, err := Quantize(ctx, job.Network, job.Method, job.Calib, job.stage("quantize"))
	if err != nil {
		return nil, err
	}
	return &Outcome{Quantized: q, Workload: q.Lower()}, nil
}

func (job Job) stage(name string) func(done, total int) {
	return func(done, total int) {
		if job.Progress != nil {
			job.Progress(name, done, total)
		}
	}
}

// Quantize runs a method on a network's calibration images, put through the network's
// normalization; calib is nil for methods that do without. progress may be nil.
func Quantize(ctx context.Context, network *netfile.File, method quantizers.Method, calib *dataset.Images, progress func(done, total int)) (*kernels.Quantized, error) {
	var batch kernels.Batch
	if calib != nil {
		var err error
		if batch, err = inputs(network, calib); err != nil {
			return nil, fmt.Errorf("calibration: %w", err)
		}
	}
	return method.Quantize(ctx, network.Net, batch, progress)
}
