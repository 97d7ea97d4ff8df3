package sweep

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"bitcycle/evaluate"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/shipped"
)

func (l *lab) loadImages(ctx context.Context) (errs []error) {
	s := l.plan.Spec
	calib := s.values("calib")
	if len(calib) == 0 {
		for _, name := range s.values("network") {
			switch file := l.networks[name]; {
			case file != nil && evaluate.DefaultMethod(file.file, "") != "": // its own integers
			case name != shipped.Name:
				return []error{fmt.Errorf("network %s needs images to calibrate on: give calib", name)}
			default:
				calib = []string{shippedCalib}
			}
		}
	}
	for _, set := range s.values("data") {
		errs = append(errs, l.load(ctx, judging, set, s.Base.Images))
	}
	for _, set := range calib {
		errs = append(errs, l.load(ctx, calibrating, set, mostCalib))
	}
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

// What images are for, before their names in a lab.
const (
	judging     = "data "
	calibrating = "calib "
)

// load reads images, at most so many of them; 0 takes all.
func (l *lab) load(ctx context.Context, use, set string, most int) error {
	read := l.plan.options.Images
	if read == nil {
		read = func(ctx context.Context, name string, _ bool) (*dataset.Images, error) {
			return dataset.LoadFor(ctx, name, l.want())
		}
	}
	im, err := read(ctx, set, use == calibrating)
	if err != nil {
		return err
	}
	if most > 0 && im.N > most {
		im = im.Slice(0, most)
	}
	one := &images{Images: im}
	one.hash, err = digest(func(w io.Writer) error {
		fmt.Fprintln(w, im.N, im.H, im.W, im.C, im.Labels)
		if !evaluate.Classifies(im) {
			fmt.Fprintln(w, im.Targets, im.Boxes, im.Next, im.Texts, im.Places)
		}
		if _, err := w.Write(im.Pixels); err != nil {
			return err
		}
		return binary.Write(w, binary.LittleEndian, im.Values)
	})
	l.images[use+set] = one
	return err
}

// want is what the networks ask of pictures, where all ask the same.
func (l *lab) want() (want dataset.Want) {
	first := true
	for _, n := range l.networks {
		in := n.file.Net.InputShape()
		w := dataset.Want{C: in.C, H: in.H, W: in.W, Fit: n.file.Fit}
		if !first && w != want {
			return dataset.Want{}
		}
		want, first = w, false
	}
	return want
}

// data are the images that a point is judged on, calib those that its method calibrates
// on, none where it needs none.
func (l *lab) data(pt *point) *images { return l.images[judging+pt.get("data")] }

func (l *lab) calib(pt *point) *images {
	name := pt.get("calib")
	if name == "" {
		name = shippedCalib
	}
	if im := l.images[calibrating+name]; im != nil {
		return im
	}
	return &images{}
}
