package cli

import (
	"context"
	"fmt"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/shipped"
	"bitcycle/reports"
)

const (
	defaultNetwork = shipped.Name
	defaultData    = "glyphs[:1000]"
	defaultCalib   = "glyphs:calib[:256]"
	// calibLimit bounds the images that a method calibrates on.
	calibLimit = 256
)

// subject is a network with the images that it is judged on.
type subject struct {
	network     *netfile.File
	data, calib *dataset.Images
	dataName    string
	calibName   string
}

// evaluate quantizes, simulates and executes a network.
func (c runCmd) evaluate(ctx context.Context, s *session, machine *arch.Accelerator) error {
	subject, err := loadSubject(ctx, c.modelFlags, c.Network, c.Data, c.Calib, c.Images)
	if err != nil {
		return input(err)
	}
	spec := c.Method
	if spec == "" {
		spec = evaluate.DefaultMethod(subject.network, defaultMethod)
	}
	method, err := parseMethod(spec, s, subject, machine)
	if err != nil {
		return input(err)
	}
	if c.Stepped {
		q, err := evaluate.Quantize(ctx, subject.network, method, subject.calib, nil)
		if err != nil {
			return input(err)
		}
		return c.stepped(ctx, s, machine, q.Lower())
	}
	bar := s.progress()
	outcome, err := evaluate.Run(ctx, evaluate.Job{
		Machine: machine, Network: subject.network, Method: method, Calib: subject.calib, Data: subject.data,
		Workers: s.Workers, Progress: bar.update,
	})
	bar.done()
	if err != nil {
		return input(err)
	}
	doc := reports.Run(s.origin(), machine, subject.network.Name, method.Name(), outcome, subject.images(), c.Uncertainty)
	if err := c.trace(ctx, machine, outcome.Workload, doc); err != nil {
		return err
	}
	return s.writeRun(doc, outcome.Cost, spec)
}

// images says what the error figures rest on.
func (sub *subject) images() reports.Images {
	images := reports.Images{Data: sub.dataName, Calib: sub.calibName}
	if sub.calib != nil {
		images.Calibrated = sub.calib.N
	}
	return images
}

// loadSubject finds the network and its images; empty names mean the shipped ones.
func loadSubject(ctx context.Context, model modelFlags, network, data, calib string, images int) (*subject, error) {
	if images < 0 {
		return nil, fmt.Errorf("--images = %d: must be at least 1", images)
	}
	out := &subject{dataName: data, calibName: calib}
	var err error
	if out.network, err = model.load(network); err != nil {
		return nil, err
	}
	own := evaluate.DefaultMethod(out.network, "") != "" // which needs no calibration
	if isForeign(network) && (data == "" || calib == "" && !own) {
		return nil, fmt.Errorf("network %s needs its images: give --data SET and --calib SET (bitcycle list data)", out.network.Name)
	}
	if data == "" {
		out.dataName = defaultData
		if images > 0 {
			out.dataName = "glyphs"
		}
	}
	if calib == "" && !own {
		out.calibName = defaultCalib
	}
	if out.data, err = dataset.LoadContext(ctx, out.dataName); err != nil {
		return nil, err
	}
	if images > 0 && images < out.data.N {
		out.data = out.data.Slice(0, images)
	}
	if out.calibName == "" {
		return out, out.check()
	}
	if out.calib, err = dataset.LoadContext(ctx, out.calibName); err != nil {
		return nil, err
	}
	if out.calib.N > calibLimit {
		out.calib = out.calib.Slice(0, calibLimit)
	}
	return out, out.check()
}

// check holds the images against the network.
func (sub *subject) check() error {
	if sub.data.Labels == nil {
		return fmt.Errorf("data set %q has no labels to measure accuracy with", sub.dataName)
	}
	want := sub.network.Net.InputShape()
	for _, set := range []*dataset.Images{sub.data, sub.calib} {
		if set == nil {
			continue
		}
		got := kernels.Shape{C: set.C, H: set.H, W: set.W}
		if got != want && got.Size() != want.Size() {
			return fmt.Errorf("images of %q are %d×%d×%d, network %s reads %d×%d×%d", set.Name, got.C, got.H, got.W, sub.network.Name, want.C, want.H, want.W)
		}
	}
	return nil
}
