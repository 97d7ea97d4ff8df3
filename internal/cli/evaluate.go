package cli

import (
	"context"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/kernels/shipped"
	"bitcycle/reports"
	"bitcycle/reports/trace"
)

const (
	defaultNetwork = shipped.Name
	defaultData    = "glyphs[:1000]"
	defaultCalib   = "glyphs:calib[:256]"
	// calibLimit bounds the images that a method calibrates on.
	calibLimit = 256
)

// evaluate quantizes, simulates and executes a network.
func (c runCmd) evaluate(ctx context.Context, s *session, machine *arch.Accelerator) error {
	subject, err := loadSubject(ctx, c.modelFlags, c.Network, c.Data, c.Calib, c.Images)
	if err != nil {
		return input(err)
	}
	subject.announce(s)
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
	lines := trace.Timelines{}
	bar := s.progress()
	outcome, err := evaluate.Run(ctx, evaluate.Job{
		Machine: machine, Network: subject.network, Method: method, Calib: subject.calib, Data: subject.data,
		Workers: s.Workers, Progress: bar.update, Sim: c.traced(lines),
	})
	bar.done()
	if err != nil {
		return input(err)
	}
	doc := reports.Run(s.origin(), machine, subject.network.Name, method.Name(), outcome, subject.images(), c.Uncertainty)
	doc.Assumptions = append(doc.Assumptions, subject.notes...)
	if err := c.trace(outcome.Cost, lines, doc); err != nil {
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
