package onnx

import (
	"fmt"

	"bitcycle/kernels"
)

// resizePlaces and resizeRounds are ONNX's words for those of kernels.Resize.
var (
	resizePlaces = map[string]string{
		"half_pixel": "half", "pytorch_half_pixel": "half one", "align_corners": "corners", "asymmetric": "asymmetric",
	}
	resizeRounds = map[string]string{
		"round_prefer_floor": "half down", "round_prefer_ceil": "half up", "floor": "down", "ceil": "up",
	}
)

// importResize resizes height and width; before operator set 11 values lay where
// they were times the factor, and the nearest was the one before.
func importResize(im *importer, n *node) (value, error) {
	o, err := im.moving(n)
	if err != nil {
		return o.value, err
	}
	dims, err := im.outputDims(n)
	if err != nil {
		return o.value, err
	}
	place, round := "half_pixel", "round_prefer_floor"
	if n.op == "Upsample" || im.opset < 11 {
		place, round = "asymmetric", "floor"
	}
	s := im.shape(o.value)
	r := kernels.Resize{Size: [2]int{s.H, s.W}}
	cubic := n.attrs["mode"].s == "cubic"
	if r.Place, r.Round, err = resizeMode(n, place, round, cubic); err != nil {
		return o.value, err
	}
	by, err := im.resizeFactors(n, len(o.dims))
	if err != nil {
		return o.value, err
	}
	for i, a := range o.axes {
		switch {
		case a == axisH || a == axisW:
			r.Size[a-axisH] = int(dims[i])
			if by != nil {
				r.Factor[a-axisH] = float64(by[i])
			}
		case o.dims[i] != dims[i]:
			return o.value, fmt.Errorf("%v to %v: only height and width may change", o.dims, dims)
		}
	}
	if cubic {
		return im.then(n, o.value, kernels.ResizeCubic{
			Size: r.Size, Factor: r.Factor, Place: r.Place, A: n.float("cubic_coeff_a", -0.75), Inside: n.int("exclude_outside", 0) != 0,
		})
	}
	return im.then(n, o.value, r)
}

// resizeMode reads how values are taken from others.
func resizeMode(n *node, place, round string, cubic bool) (string, string, error) {
	word := func(name, otherwise string, words map[string]string) (string, error) {
		if a, ok := n.attrs[name]; ok {
			otherwise = a.s
		}
		w, ok := words[otherwise]
		if !ok {
			return "", fmt.Errorf("%s = %q is not supported", name, otherwise)
		}
		return w, nil
	}
	for name, plain := range map[string]int64{"antialias": 0, "exclude_outside": 0} {
		if n.int(name, plain) != plain && !(cubic && name == "exclude_outside") {
			return "", "", fmt.Errorf("%s = %d is not supported", name, n.int(name, plain))
		}
	}
	place, err := word("coordinate_transformation_mode", place, resizePlaces)
	if err != nil {
		return "", "", err
	}
	mode, err := word("mode", "nearest", map[string]string{"nearest": "nearest", "linear": "linear", "bilinear": "linear", "cubic": "linear"})
	if err != nil || mode == "linear" {
		return place, "", err
	}
	round, err = word("nearest_mode", round, resizeRounds)
	return place, round, err
}

// resizeFactors returns the factors of all axes, nil if sizes are given instead.
func (im *importer) resizeFactors(n *node, rank int) ([]float32, error) {
	at := 2
	if n.op == "Upsample" || im.opset == 10 {
		at = 1
	}
	by := n.attrs["scales"].floats
	t, err := im.constant(n, at)
	if err == nil && t != nil {
		by, err = t.values32()
	}
	if err != nil || len(by) == 0 {
		return nil, err
	}
	axes := n.attrs["axes"].ints
	if axes == nil {
		if len(by) != rank {
			return nil, fmt.Errorf("%d scales of %d axes", len(by), rank)
		}
		return by, nil
	}
	where, err := positions(axes, rank)
	if err != nil || len(where) != len(by) {
		return nil, fmt.Errorf("scales %v of the axes %v", by, axes)
	}
	out := repeat(1, rank)
	for i, d := range where {
		out[d] = by[i]
	}
	return out, nil
}

func writeResize(x *exporter, i int) {
	x.resize(i, x.net.Nodes[i].Op.(kernels.Resize), map[string]attribute{"mode": stringAttr("linear")})
}

func writeResizeCubic(x *exporter, i int) {
	o := x.net.Nodes[i].Op.(kernels.ResizeCubic)
	x.resize(i, kernels.Resize{Size: o.Size, Factor: o.Factor, Place: o.Place}, map[string]attribute{
		"mode": stringAttr("cubic"), "cubic_coeff_a": floatAttr(o.A), "exclude_outside": intAttr(truth(o.Inside)),
	})
}

func (x *exporter) resize(i int, o kernels.Resize, attrs map[string]attribute) {
	n, in := &x.net.Nodes[i], x.input(i, 0, 4)
	from := x.net.Nodes[n.Inputs[0]].Shape
	for word, place := range resizePlaces {
		if place == o.Place {
			attrs["coordinate_transformation_mode"] = stringAttr(word)
		}
	}
	for word, round := range resizeRounds {
		if round == o.Round {
			attrs["mode"], attrs["nearest_mode"] = stringAttr("nearest"), stringAttr(word)
		}
	}
	if o.Factor != [2]float64{} {
		by := []float32{1, 1, float32(o.Factor[0]), float32(o.Factor[1])}
		x.out(i, 4, "Resize", attrs, in, "", x.floats(n.Name+"_scales", by, 4))
		return
	}
	x.out(i, 4, "Resize", attrs, in, "", "", x.ints(n.Name+"_sizes", 1, from.C, o.Size[0], o.Size[1]))
}
