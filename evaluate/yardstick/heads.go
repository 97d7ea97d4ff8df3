package yardstick

import (
	"fmt"
	"math"
	"slices"

	"bitcycle/kernels/netfile"
)

// decode reads the boxes of a detector's outputs, in pixels of its images.
func decode(d *netfile.Detect, size [2]int, outputs []Output) ([]Found, error) {
	switch d.Head {
	case "ssd":
		return decodeSSD(d, size, outputs)
	case "yolov3":
		return decodeYOLOv3(d, size, outputs)
	}
	return decodeYOLOX(d, size, outputs[0])
}

// grid is a map of cells.
type grid struct{ stride, w, h int }

// gridsOf are those of an image of a size.
func gridsOf(d *netfile.Detect, size [2]int) (list []grid, cells int) {
	for _, s := range d.Strides {
		g := grid{s, (size[0] + s - 1) / s, (size[1] + s - 1) / s}
		list, cells = append(list, g), cells+g.w*g.h
	}
	return list, cells
}

// activate makes scores of values, in place.
func activate(values []float32, how string) {
	switch how {
	case "sigmoid":
		for i, v := range values {
			values[i] = float32(sigmoid(v))
		}
	case "softmax":
		var total float64
		top := slices.Max(values)
		for i, v := range values {
			values[i] = float32(math.Exp(float64(v - top)))
			total += float64(values[i])
		}
		for i := range values {
			values[i] = float32(float64(values[i]) / total)
		}
	}
}

func sigmoid(x float32) float64 { return 1 / (1 + math.Exp(-float64(x))) }

// centred is a box by its centre and size.
func centred(x, y, w, h float64) Found {
	return Found{X0: x - w/2, Y0: y - h/2, X1: x + w/2, Y1: y + h/2}
}

// decodeYOLOX reads rows of x, y, width, height, objectness and classes, one for each
// cell of every grid (Ge et al., arXiv 2107.08430, 2021): centres are (x + cell)·stride,
// sizes e^w·stride; a row is of its best class, with its score times the objectness.
func decodeYOLOX(d *netfile.Detect, size [2]int, out Output) ([]Found, error) {
	grids, cells := gridsOf(d, size)
	width := 5 + d.Classes
	if d.Decoded {
		cells = len(out.Values) / width
	}
	if len(out.Values) != cells*width {
		return nil, fmt.Errorf("output %q is %v: want %d rows of %d: a box, an objectness and %d classes", out.Name, out.Dims, cells, width, d.Classes)
	}
	var found []Found
	one := func(row []float32, x, y, stride float64) {
		activate(row[4:], d.Activate)
		class := 0
		for c, v := range row[5:] {
			if v > row[5+class] {
				class = c
			}
		}
		score := float64(row[4]) * float64(row[5+class])
		if score < d.Score {
			return
		}
		f := centred(float64(row[0]), float64(row[1]), float64(row[2]), float64(row[3]))
		if !d.Decoded {
			f = centred((float64(row[0])+x)*stride, (float64(row[1])+y)*stride, math.Exp(float64(row[2]))*stride, math.Exp(float64(row[3]))*stride)
		}
		f.Class, f.Score = class, score
		found = append(found, f)
	}
	rest := out.Values
	next := func() []float32 {
		row := rest[:width]
		rest = rest[width:]
		return row
	}
	if d.Decoded {
		for range cells {
			one(next(), 0, 0, 1)
		}
		return found, nil
	}
	for _, g := range grids {
		for y := range g.h {
			for x := range g.w {
				one(next(), float64(x), float64(y), float64(g.stride))
			}
		}
	}
	return found, nil
}

// decodeYOLOv3 reads an output for each grid, [anchors·(5 + classes)] maps or
// [anchors][rows][columns][5 + classes] (Redmon and Farhadi, arXiv 1804.02767, 2018):
// centres are (σ(x) + cell)·stride, sizes anchor·e^w; a cell may be of every class whose
// score times the objectness is enough.
func decodeYOLOv3(d *netfile.Detect, size [2]int, outputs []Output) ([]Found, error) {
	if d.Decoded {
		return decodeYOLOX(d, size, outputs[0])
	}
	grids, _ := gridsOf(d, size)
	var found []Found
	for k, g := range grids {
		anchors, width := d.Anchors[k], 5+d.Classes
		n := len(anchors) / 2
		at := -1
		for i := range outputs {
			if len(outputs[i].Values) == n*width*g.w*g.h {
				at = i
			}
		}
		if at < 0 {
			return nil, fmt.Errorf("no output has %d values: %d anchors of 5 + %d, %d×%d cells of stride %d", n*width*g.w*g.h, n, d.Classes, g.h, g.w, g.stride)
		}
		out := &outputs[at]
		last := out.Dims[len(out.Dims)-1] == width && len(out.Dims) > 3
		row := make([]float32, width)
		for a := range n {
			for cell := range g.w * g.h {
				for c := range row {
					if last {
						row[c] = out.Values[(a*g.w*g.h+cell)*width+c]
					} else {
						row[c] = out.Values[(a*width+c)*g.w*g.h+cell]
					}
				}
				activate(row[4:], d.Activate)
				x, y := sigmoid(row[0])+float64(cell%g.w), sigmoid(row[1])+float64(cell/g.w)
				f := centred(x*float64(g.stride), y*float64(g.stride), anchors[2*a]*math.Exp(float64(row[2])), anchors[2*a+1]*math.Exp(float64(row[3])))
				for c, v := range row[5:] {
					if f.Class, f.Score = c, float64(v)*float64(row[4]); f.Score >= d.Score {
						found = append(found, f)
					}
				}
			}
		}
	}
	return found, nil
}

// decodeSSD reads an output of four numbers a box and one of scores, the background
// first (Liu et al., ECCV 2016): centres are the prior's + x·v₀·its size, sizes the
// prior's·e^(w·v₁), priors lie in the middle of cells, anchor after anchor; decoded boxes
// are corners as fractions of the image.
func decodeSSD(d *netfile.Detect, size [2]int, outputs []Output) ([]Found, error) {
	var boxes, scores *Output
	for i := range outputs {
		switch dims := outputs[i].Dims; {
		case len(dims) < 1:
		case dims[len(dims)-1] == 4 && (boxes == nil || d.Classes+1 != 4):
			boxes = &outputs[i]
		case dims[len(dims)-1] == d.Classes+1:
			scores = &outputs[i]
		}
	}
	if boxes == nil || scores == nil || len(boxes.Values)/4 != len(scores.Values)/(d.Classes+1) {
		return nil, fmt.Errorf("want an output of 4 numbers a box and one of 1 + %d scores a box", d.Classes)
	}
	priors := priorsOf(d, size)
	n := len(boxes.Values) / 4
	if !d.Decoded && len(priors) != n {
		return nil, fmt.Errorf("output %q has %d boxes, strides and anchors make %d", boxes.Name, n, len(priors))
	}
	var found []Found
	for i := range n {
		b, s := boxes.Values[4*i:][:4], scores.Values[(d.Classes+1)*i:][:d.Classes+1]
		activate(s, d.Activate)
		w, h := float64(size[0]), float64(size[1])
		f := Found{X0: float64(b[0]) * w, Y0: float64(b[1]) * h, X1: float64(b[2]) * w, Y1: float64(b[3]) * h}
		if !d.Decoded {
			p := &priors[i]
			pw, ph := p.X1-p.X0, p.Y1-p.Y0
			f = centred((p.X0+p.X1)/2+float64(b[0])*d.Variances[0]*pw, (p.Y0+p.Y1)/2+float64(b[1])*d.Variances[0]*ph,
				pw*math.Exp(float64(b[2])*d.Variances[1]), ph*math.Exp(float64(b[3])*d.Variances[1]))
		}
		for c, v := range s[1:] {
			if f.Class, f.Score = c, float64(v); f.Score >= d.Score {
				found = append(found, f)
			}
		}
	}
	return found, nil
}

// priorsOf are the anchors in the middle of every cell.
func priorsOf(d *netfile.Detect, size [2]int) (priors []Found) {
	grids, _ := gridsOf(d, size)
	for k, g := range grids {
		if k >= len(d.Anchors) {
			break
		}
		for cell := range g.w * g.h {
			x, y := (float64(cell%g.w)+0.5)*float64(g.stride), (float64(cell/g.w)+0.5)*float64(g.stride)
			for a := 0; a < len(d.Anchors[k]); a += 2 {
				priors = append(priors, centred(x, y, d.Anchors[k][a], d.Anchors[k][a+1]))
			}
		}
	}
	return priors
}
