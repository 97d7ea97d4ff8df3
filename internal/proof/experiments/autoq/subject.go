package autoq

import (
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/shipped"
	"bitcycle/quantizers/autoq"
)

// Subject is the network of an experiment with its images, which do not overlap.
type Subject struct {
	Name          string
	Net           *kernels.Network
	Calib, Images kernels.Batch // ranges and statistics; rewards and sensitivities
	Test          kernels.Batch
	Labels        []int // classes of Test
	Plan          Plan
	// Sensitivity that Images showed before; nil measures it.
	Sensitivity *autoq.Sensitivity
}

// NewSubject puts images through a network file's normalization.
func NewSubject(f *netfile.File, calib, images, test *dataset.Images, plan Plan) (*Subject, error) {
	s := &Subject{Name: f.Name, Net: f.Net, Plan: plan}
	for _, part := range []struct {
		from *dataset.Images
		to   *kernels.Batch
	}{{calib, &s.Calib}, {images, &s.Images}, {test, &s.Test}} {
		x := part.from
		var err error
		if *part.to, err = kernels.Normalize(x.Pixels, x.N, kernels.Shape{C: x.C, H: x.H, W: x.W}, f.Mean, f.Std); err != nil {
			return nil, err
		}
	}
	for _, label := range test.Labels {
		s.Labels = append(s.Labels, label+f.LabelOffset)
	}
	return s, nil
}

// ShippedSubject is the shipped network with glyphs.
func ShippedSubject(quick bool) (*Subject, error) {
	plan, images := FullPlan(), 256
	if quick {
		plan, images = QuickPlan(), 128
	}
	glyphs := func(split string, n int) *dataset.Images { return dataset.Glyphs(split, 0, n, dataset.GlyphSeed) }
	return NewSubject(shipped.File(), glyphs("calib", 128), glyphs("train", images), glyphs("test", 2000), plan)
}
