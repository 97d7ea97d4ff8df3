package dataset

import "fmt"

// Images is a labelled set of pictures of one size, channels last: pixel
// (i, y, x, c) lies at ((i·H + y)·W + x)·C + c.
type Images struct {
	Name       string
	N, H, W, C int
	Pixels     []uint8   // nil if the set is stored as Values
	Values     []float32 // sets that are not unsigned bytes: features, float arrays
	Labels     []int     // class of each image; nil if the set has none
	Classes    []string  // names of the classes; nil if unknown
}

// Normalization maps stored values to network inputs, (x − Mean[c]) / Std[c]
// per channel. One entry serves all channels; the zero value changes nothing.
type Normalization struct{ Mean, Std []float32 }

// Size is the number of values of one image.
func (im *Images) Size() int { return im.H * im.W * im.C }

// Slice returns the images [lo, hi), sharing memory with im.
func (im *Images) Slice(lo, hi int) *Images {
	part := *im
	part.N = hi - lo
	if im.Pixels != nil {
		part.Pixels = im.Pixels[lo*im.Size() : hi*im.Size()]
	}
	if im.Values != nil {
		part.Values = im.Values[lo*im.Size() : hi*im.Size()]
	}
	if im.Labels != nil {
		part.Labels = im.Labels[lo:hi]
	}
	return &part
}

// Pick returns copies of the images with these indices.
func (im *Images) Pick(indices []int) *Images {
	out := *im
	out.N, out.Pixels, out.Values, out.Labels = len(indices), nil, nil, nil
	for _, i := range indices {
		one := im.Slice(i, i+1)
		out.Pixels = append(out.Pixels, one.Pixels...)
		out.Values = append(out.Values, one.Values...)
		out.Labels = append(out.Labels, one.Labels...)
	}
	return &out
}

// HWC writes image i to dst, normalized, channels last: [H][W][C].
func (im *Images) HWC(dst []float32, i int, norm Normalization) {
	size := im.Size()
	for c := range im.C {
		mean, std := norm.channel(c)
		if im.Values != nil {
			for p := c; p < size; p += im.C {
				dst[p] = (im.Values[i*size+p] - mean) / std
			}
			continue
		}
		table := levels(mean, std)
		for p := c; p < size; p += im.C {
			dst[p] = table[im.Pixels[i*size+p]]
		}
	}
}

// levels tabulates the normalized values of the 256 pixel levels.
func levels(mean, std float32) (table [256]float32) {
	for x := range table {
		table[x] = (float32(x) - mean) / std
	}
	return table
}

// Apply normalizes a value of channel c.
func (n Normalization) Apply(x float32, c int) float32 {
	mean, std := n.channel(c)
	return (x - mean) / std
}

// channel returns the mean and standard deviation of channel c.
func (n Normalization) channel(c int) (mean, std float32) {
	return entry(n.Mean, c, 0), entry(n.Std, c, 1)
}

func entry(list []float32, c int, missing float32) float32 {
	switch len(list) {
	case 0:
		return missing
	case 1:
		return list[0]
	}
	return list[c]
}

// Check reports whether the normalization fits images of c channels.
func (n Normalization) Check(c int) error {
	for _, list := range [][]float32{n.Mean, n.Std} {
		if l := len(list); l > 1 && l != c {
			return fmt.Errorf("normalization has %d entries for %d channels", l, c)
		}
	}
	for _, s := range n.Std {
		if s == 0 {
			return fmt.Errorf("std = 0: must not be zero")
		}
	}
	return nil
}
