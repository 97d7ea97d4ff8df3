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

	// What else there may be to judge a network by, one for each image; nil if not.
	Targets [][]float32 // numbers that a regression network is to give
	Boxes   [][]Box     // objects in a picture
	Next    [][]int     // tokens that follow those of a window, one by one
	Texts   []string    // what a picture reads
	Places  []Place     // of pictures in their images; nil if they are images already

	Notes []string // what was dropped or changed on the way, a sentence each
}

// Box is an object in a picture.
type Box struct {
	Class  int
	X0, Y0 float64 // top left corner, in pixels of the picture
	X1, Y1 float64 // bottom right corner
	Area   float64 // of the object, in pixels; the box's own unless the file says another
	Crowd  bool    // a group of objects: what is found in it counts neither way
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
	part.Labels = cutList(im.Labels, lo, hi)
	part.Targets, part.Boxes, part.Next = cutList(im.Targets, lo, hi), cutList(im.Boxes, lo, hi), cutList(im.Next, lo, hi)
	part.Texts, part.Places = cutList(im.Texts, lo, hi), cutList(im.Places, lo, hi)
	return &part
}

// cutList is part of a list that may be missing.
func cutList[T any](list []T, lo, hi int) []T {
	if list == nil {
		return nil
	}
	return list[lo:hi]
}

// Pick returns copies of the images with these indices.
func (im *Images) Pick(indices []int) *Images {
	out := im.empty()
	for _, i := range indices {
		out.add(im.Slice(i, i+1))
	}
	out.Notes = im.Notes
	return out
}

// empty is a set of the same kind without images.
func (im *Images) empty() *Images {
	return &Images{Name: im.Name, H: im.H, W: im.W, C: im.C, Classes: im.Classes}
}

// add appends copies of images of the same size and kind.
func (im *Images) add(next *Images) {
	im.Notes = append(im.Notes, next.Notes...)
	im.N += next.N
	im.Pixels = append(im.Pixels, next.Pixels...)
	im.Values = append(im.Values, next.Values...)
	im.Labels = append(im.Labels, next.Labels...)
	im.Targets = append(im.Targets, next.Targets...)
	im.Boxes = append(im.Boxes, next.Boxes...)
	im.Next = append(im.Next, next.Next...)
	im.Texts = append(im.Texts, next.Texts...)
	im.Places = append(im.Places, next.Places...)
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
