package yardstick

import (
	"cmp"
	"slices"

	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
)

// detection is the mean average precision of boxes by the rules of COCO (Lin et al.,
// ECCV 2014; cocodataset.org/#detection-eval), in [Score].
type detection struct {
	*netfile.Detect
	images *dataset.Images
	offset int    // class of the network = class of the data + this
	size   [2]int // width and height of the network's images
}

func (*detection) Task() string { return "detection" }
func (*detection) Unit() string { return "images" }

func (*detection) Scales() []Scale {
	return []Scale{
		{Name: "map", Title: "mAP@.5:.95", Percent: true},
		{Name: "map50", Title: "mAP@.5", Percent: true},
		{Name: "map75", Title: "mAP@.75", Percent: true},
		{Name: "map_small", Title: "mAP, small", Percent: true},
		{Name: "map_medium", Title: "mAP, medium", Percent: true},
		{Name: "map_large", Title: "mAP, large", Percent: true},
	}
}

func (*detection) Count(int) int { return 1 }

// Found is a box that a network found in a picture.
type Found struct {
	Class          int
	Score          float64
	X0, Y0, X1, Y1 float64
}

func (d *detection) See(i int, outputs []Output) (Seen, error) {
	found, err := decode(d.Detect, d.size, outputs)
	if err != nil {
		return nil, err
	}
	found = suppress(found, d.IoU, d.Most)
	place := dataset.Place{Scale: [2]float64{1, 1}, Size: d.size}
	if d.images.Places != nil {
		place = d.images.Places[i]
	}
	for k := range found {
		found[k].Class -= d.offset
		found[k].toPicture(&place)
	}
	return Match(found, d.images.Boxes[i]), nil
}

// toPicture moves a box from the image to the picture that it was made of.
func (f *Found) toPicture(p *dataset.Place) {
	back := func(x float64, axis int) float64 {
		return min(max((x-p.Shift[axis])/p.Scale[axis], 0), float64(p.Size[axis]))
	}
	f.X0, f.X1, f.Y0, f.Y1 = back(f.X0, 0), back(f.X1, 0), back(f.Y0, 1), back(f.Y1, 1)
}

// suppress drops boxes that overlap a better one of their class by more than a share,
// and all but the best (greedy non-maximum suppression).
func suppress(found []Found, most float64, keep int) []Found {
	slices.SortStableFunc(found, func(a, b Found) int { return cmp.Compare(b.Score, a.Score) })
	byClass := map[int][]int{}
	var kept []Found
	for _, f := range found {
		if len(kept) == keep {
			break
		}
		overlaps := slices.ContainsFunc(byClass[f.Class], func(k int) bool { return f.overlap(&kept[k]) > most })
		if !overlaps {
			byClass[f.Class] = append(byClass[f.Class], len(kept))
			kept = append(kept, f)
		}
	}
	return kept
}

// overlap is the intersection of two boxes over their union.
func (f *Found) overlap(g *Found) float64 {
	both := intersection(f, &dataset.Box{X0: g.X0, Y0: g.Y0, X1: g.X1, Y1: g.Y1})
	return ratio(both, f.area()+g.area()-both)
}

func (f *Found) area() float64 { return max(f.X1-f.X0, 0) * max(f.Y1-f.Y0, 0) }

// intersection is the area that two boxes share.
func intersection(f *Found, b *dataset.Box) float64 {
	return max(min(f.X1, b.X1)-max(f.X0, b.X0), 0) * max(min(f.Y1, b.Y1)-max(f.Y0, b.Y0), 0)
}

func ratio(a, b float64) float64 {
	if b <= 0 {
		return 0
	}
	return a / b
}

func (*detection) Score(seen []Seen) func(times []int) []float64 {
	matches := make([]*Matches, len(seen))
	for i, s := range seen {
		matches[i] = s.(*Matches)
	}
	return Precision(matches)
}
