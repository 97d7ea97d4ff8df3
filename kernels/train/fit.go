package train

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"

	"bitcycle/internal/files"
	"bitcycle/internal/tensors"
)

// Options say how to train.
type Options struct {
	Epochs int
	Batch  int // images a step; the last step of an epoch may have fewer
	Rate   Schedule
	Rule   Rule
	Seed   uint64 // of the order of the images and of augmentation

	// BeforeStep may change transforms and activations with time; time is in
	// epochs, fractions included. nil: nothing.
	BeforeStep func(time float64)
	// Progress is called after every step, EpochDone after every epoch. nil:
	// nothing.
	Progress  func(Progress)
	EpochDone func(History)
	// Checkpoint is a file that keeps the state, written after every epoch and
	// when the context ends. If it is there when Fit begins, training goes on
	// from it and ends with the same bits as without the interruption, provided
	// Rate and BeforeStep are the same functions of time. "": none.
	Checkpoint string
}

// Progress tells where training stands.
type Progress struct {
	Epoch   int // from 0
	Step    int // steps done in this epoch
	Steps   int // steps of an epoch
	Rate    float64
	Running Metrics // of the epoch so far, on the images as augmented
}

// Epoch is a point of the loss curve.
type Epoch struct {
	Rate  float64 // at the end of the epoch
	Train Metrics // while training, on the images as augmented
	Test  Metrics // after the epoch; zero without test data
}

// History is the loss curve.
type History []Epoch

// fit is a training run. The embedded state is what a checkpoint keeps beside
// the tensors.
type fit struct {
	m    *Model
	data *Data
	o    Options
	state
}

// state is the position in a run.
type state struct {
	Step    int     `json:"step"` // steps done in the current epoch
	Running Metrics `json:"running"`
	History History `json:"history"` // finished epochs
}

// Fit trains the model. test, which may be nil, is measured after each epoch.
// If the context ends, Fit writes the checkpoint and returns the context's
// error with the curve so far.
func Fit(ctx context.Context, m *Model, data, test *Data, o Options) (History, error) {
	if err := checkFit(m, data, test, o); err != nil {
		return nil, err
	}
	f := &fit{m: m, data: data, o: o}
	if o.Checkpoint == "" {
		return f.run(ctx, test)
	}
	unlock, err := files.Lock(o.Checkpoint)
	if err != nil {
		return nil, fmt.Errorf("checkpoint %w", err)
	}
	history, err := f.run(ctx, test)
	return history, errors.Join(err, unlock())
}

// run goes on from the checkpoint, if there is one, to the last epoch.
func (f *fit) run(ctx context.Context, test *Data) (History, error) {
	m, o := f.m, f.o
	if err := f.resume(ctx); err != nil {
		return nil, err
	}
	for len(f.History) < o.Epochs {
		if err := f.epoch(ctx); err != nil {
			return f.History, errors.Join(err, f.save())
		}
		e := Epoch{Rate: o.Rate(float64(len(f.History) + 1)), Train: f.Running}
		if test != nil {
			var err error
			if e.Test, err = m.Evaluate(ctx, test); err != nil {
				return f.History, errors.Join(err, f.save())
			}
		}
		f.state = state{History: append(f.History, e)}
		if err := f.save(); err != nil {
			return f.History, err
		}
		if o.EpochDone != nil {
			o.EpochDone(f.History)
		}
	}
	return f.History, nil
}

func checkFit(m *Model, data, test *Data, o Options) error {
	if err := data.check(m, true); err != nil {
		return err
	}
	if test != nil {
		if err := test.check(m, true); err != nil {
			return err
		}
	}
	if o.Epochs < 1 || o.Batch < 1 || o.Rate == nil {
		return fmt.Errorf("training: epochs = %d, batch = %d: want at least 1 of each, and a learning rate", o.Epochs, o.Batch)
	}
	return nil
}

// epoch does the remaining steps of the current epoch.
func (f *fit) epoch(ctx context.Context) error {
	defer f.m.engine.start()()
	n, number := f.data.Images.N, len(f.History)
	steps := f.steps()
	order := shuffled(n, f.o.Seed, number)
	f.begin(number)
	for f.Step < steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		time := float64(number) + float64(f.Step)/float64(steps)
		if f.o.BeforeStep != nil {
			f.o.BeforeStep(time)
		}
		rate := f.o.Rate(time)
		batch := f.step(order[f.Step*f.o.Batch:min((f.Step+1)*f.o.Batch, n)], rate)
		if math.IsNaN(batch.Sum) || math.IsInf(batch.Sum, 0) {
			return fmt.Errorf("training: loss %v in epoch %d, step %d: the learning rate %g may be too high", batch.Sum, number, f.Step, rate)
		}
		f.Running.add(batch)
		f.Step++
		if f.o.Progress != nil {
			f.o.Progress(Progress{Epoch: number, Step: f.Step, Steps: steps, Rate: rate, Running: f.Running})
		}
	}
	return nil
}

// steps is how many an epoch has; the last may be smaller.
func (f *fit) steps() int { return (f.data.Images.N + f.o.Batch - 1) / f.o.Batch }

// begin prepares the model for the steps of an epoch.
func (f *fit) begin(epoch int) {
	m := f.m
	m.engine.training = true
	m.reserve(min(f.o.Batch, f.data.Images.N), true)
	m.load.augment, m.load.seed, m.load.epoch = true, f.o.Seed, epoch
}

// step does one update on the images with these indices.
func (f *fit) step(index []int, rate float64) Metrics {
	m := f.m
	m.prepare()
	m.take(f.data, index)
	m.loss.grad = true
	m.engine.run(m.ahead)
	m.backward()
	m.update(f.o.Rule, float32(rate))
	return m.loss.metrics()
}

// update applies the rule to all parameters.
func (m *Model) update(r Rule, rate float32) {
	for _, p := range m.Params {
		r.update(p, rate)
	}
}

// resume restores the state from the checkpoint file if there is one.
func (f *fit) resume(ctx context.Context) error {
	if f.o.Checkpoint == "" {
		return nil
	}
	kept, err := tensors.Load(ctx, f.o.Checkpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("checkpoint %w", err)
	}
	if err := f.restore(kept); err != nil {
		return fmt.Errorf("checkpoint %s: %w", f.o.Checkpoint, err)
	}
	return nil
}

// save replaces the checkpoint file, all or nothing.
func (f *fit) save() error {
	if f.o.Checkpoint == "" {
		return nil
	}
	data, err := f.bytes()
	if err != nil {
		return err
	}
	return files.Save(f.o.Checkpoint, data)
}
