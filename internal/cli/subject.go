package cli

import (
	"context"
	"fmt"

	"bitcycle/evaluate"
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
)

// subject is a network with the images that it is judged on.
type subject struct {
	network     *netfile.File
	data, calib *dataset.Images
	dataName    string
	calibName   string
	notes       []string // what was chosen, changed or dropped on the way
}

// loadSubject finds the network and its images; empty names mean the shipped ones, and
// of another network the part of its data that is there to calibrate on.
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
	if isForeign(network) && data == "" {
		return nil, fmt.Errorf("network %s needs its images: give --data SET, and --calib SET for others to calibrate on (bitcycle list data)", out.network.Name)
	}
	if data == "" {
		out.dataName = defaultData
		if images > 0 {
			out.dataName = "glyphs"
		}
	}
	if calib == "" && !isForeign(network) && !own {
		out.calibName = defaultCalib
	}
	if out.data, err = out.load(ctx, out.dataName); err != nil {
		return nil, err
	}
	if err := out.calibrate(ctx, own); err != nil {
		return nil, err
	}
	if images > 0 && images < out.data.N {
		out.data = out.data.Slice(0, images)
	}
	return out, out.check()
}

// announce says on standard error what was chosen, changed or dropped.
func (sub *subject) announce(s *session) {
	sub.compareSets()
	for _, note := range sub.notes {
		s.warn(sub.network.Name, note)
	}
}

// load reads images as the network wants them.
func (sub *subject) load(ctx context.Context, set string) (*dataset.Images, error) {
	in := sub.network.Net.InputShape()
	im, err := dataset.LoadFor(ctx, set, dataset.Want{C: in.C, H: in.H, W: in.W, Fit: sub.network.Fit})
	if err != nil {
		return nil, err
	}
	for _, note := range im.Notes {
		sub.notes = append(sub.notes, set+": "+note)
	}
	return im, nil
}

// calibrate loads the images to calibrate on: those named, else the part of the data that
// is there for it, else the last images of the data, which are not measured then.
func (sub *subject) calibrate(ctx context.Context, own bool) (err error) {
	name := sub.calibName
	if name == "" && own {
		return nil
	}
	if name == "" {
		if part := dataset.CalibrationPart(sub.dataName); part != "" {
			if sub.calib, err = sub.load(ctx, part); err == nil {
				sub.calibName = part
				sub.notes = append(sub.notes, fmt.Sprintf("calibrated on %s: no --calib was given", part))
			}
		}
	} else if sub.calib, err = sub.load(ctx, name); err != nil {
		return err
	}
	if sub.calib == nil {
		sub.data, sub.calib = sub.data.HoldOut(calibLimit)
		sub.dataName, sub.calibName = sub.data.Name, sub.calib.Name
		sub.notes = append(sub.notes, fmt.Sprintf("calibrated on %s, measured on %s: no --calib was given", sub.calibName, sub.dataName))
	}
	if sub.calib.N > calibLimit {
		sub.calib = sub.calib.Slice(0, calibLimit)
	}
	return nil
}

// compareSets notes images that are calibrated on and measured.
func (sub *subject) compareSets() {
	if sub.calib == nil {
		return
	}
	if n := sub.calib.Shared(sub.data); n > 0 {
		sub.notes = append(sub.notes, fmt.Sprintf("%d of %d images of %s are measured as well as calibrated on: what is lost is understated", n, sub.calib.N, sub.calibName))
	}
}

// check holds the images against the network.
func (sub *subject) check() error {
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

// classes wants images with classes, for what goes by top-1 alone.
func (sub *subject) classes(what string) error {
	if !evaluate.Classifies(sub.data) {
		return fmt.Errorf("data set %q has no labels of classes: %s goes by top-1", sub.dataName, what)
	}
	return nil
}
