package yardstick

import (
	"cmp"
	"math"
	"slices"

	"bitcycle/kernels/dataset"
)

// COCO's rules: ten overlaps from 0.5 to 0.95, four ranges of areas (all, small below
// 32², medium, large from 96² pixels), precision at 101 recalls, the best 100 boxes of a
// class in an image.
const (
	overlaps = 10
	ranges   = 4
	recalls  = 101
	perClass = 100
)

var areas = [ranges][2]float64{{0, 1e10}, {0, 32 * 32}, {32 * 32, 96 * 96}, {96 * 96, 1e10}}

// Matches is what became of the boxes found in an image.
type Matches struct {
	found   []matched
	objects map[int]*[ranges]int // that are to be found, by class
}

// matched is a box found: a bit for each overlap tells that an object was hit, or that
// the box counts neither way, by range of areas.
type matched struct {
	class        int
	score        float64
	hit, neither [ranges]uint16
}

// Match gives objects to the boxes found in an image, the best boxes first: each takes
// the free object of its class that it overlaps most, if it does so by the share that is
// asked for. Crowds and objects out of the range of areas count neither way, nor do the
// boxes that take them, nor boxes that take nothing and are out of the range; a crowd may
// be taken many times, and the overlap with it is over the box alone.
func Match(found []Found, objects []dataset.Box) *Matches {
	m := &Matches{objects: map[int]*[ranges]int{}}
	slices.SortStableFunc(found, func(a, b Found) int { return cmp.Compare(b.Score, a.Score) })
	classes := map[int][]*dataset.Box{}
	for i := range objects {
		o := &objects[i]
		classes[o.Class] = append(classes[o.Class], o)
		if m.objects[o.Class] == nil {
			m.objects[o.Class] = &[ranges]int{}
		}
		for r := range ranges {
			if !ignored(o, r) {
				m.objects[o.Class][r]++
			}
		}
	}
	var kept []Found
	at := map[int][]int{}
	for i := range found {
		if len(at[found[i].Class]) == perClass {
			continue
		}
		at[found[i].Class] = append(at[found[i].Class], len(m.found))
		kept, m.found = append(kept, found[i]), append(m.found, matched{class: found[i].Class, score: found[i].Score})
	}
	for class, list := range at {
		m.match(kept, list, classes[class])
	}
	return m
}

// ignored tells whether an object counts neither way in a range of areas.
func ignored(o *dataset.Box, r int) bool {
	return o.Crowd || o.Area < areas[r][0] || o.Area > areas[r][1]
}

// match does so for the boxes of one class.
func (m *Matches) match(found []Found, list []int, objects []*dataset.Box) {
	over := make([][]float64, len(list))
	for k, i := range list {
		over[k] = make([]float64, len(objects))
		for j, o := range objects {
			both := intersection(&found[i], o)
			whole := found[i].area()
			if !o.Crowd {
				whole += (o.X1-o.X0)*(o.Y1-o.Y0) - both
			}
			over[k][j] = ratio(both, whole)
		}
	}
	taken := make([]bool, len(objects))
	for r := range ranges {
		for t := range overlaps {
			clear(taken)
			for k, i := range list {
				j := best(over[k], objects, taken, r, min(0.5+0.05*float64(t), 1-1e-10))
				out := &m.found[i]
				switch {
				case j < 0:
					if a := found[i].area(); a < areas[r][0] || a > areas[r][1] {
						out.neither[r] |= 1 << t
					}
				case ignored(objects[j], r):
					taken[j] = true
					out.neither[r] |= 1 << t
				default:
					taken[j] = true
					out.hit[r] |= 1 << t
				}
			}
		}
	}
}

// best is the object that a box takes: one that counts if there is any, else one that
// does not; −1 for none.
func best(over []float64, objects []*dataset.Box, taken []bool, r int, least float64) int {
	for _, neither := range []bool{false, true} {
		at, most := -1, least
		for j, o := range objects {
			if ignored(o, r) == neither && (!taken[j] || o.Crowd) && over[j] >= most {
				at, most = j, over[j]
			}
		}
		if at >= 0 {
			return at
		}
	}
	return -1
}

// ranked is a box found in an image, among those of all images.
type ranked struct {
	image int
	*matched
}

// Precision returns the mean average precisions over images counted so many times: over
// all overlaps, at 0.5, at 0.75, and over all overlaps of small, medium and large objects;
// NaN where there is no object.
func Precision(images []*Matches) func(times []int) []float64 {
	byClass := map[int][]ranked{}
	present := map[int]bool{}
	for i, m := range images {
		for k := range m.found {
			byClass[m.found[k].class] = append(byClass[m.found[k].class], ranked{i, &m.found[k]})
		}
		for class := range m.objects {
			present[class] = true
		}
	}
	for _, list := range byClass {
		slices.SortStableFunc(list, func(a, b ranked) int { return cmp.Compare(b.score, a.score) })
	}
	var classes []int
	for class := range present {
		classes = append(classes, class)
	}
	slices.Sort(classes)
	return func(times []int) []float64 {
		var sums [ranges][overlaps]float64
		var count [ranges]float64
		for _, class := range classes {
			for r := range ranges {
				objects := 0
				for i, m := range images {
					if o := m.objects[class]; o != nil {
						objects += times[i] * o[r]
					}
				}
				if objects == 0 {
					continue
				}
				count[r]++
				for t := range overlaps {
					sums[r][t] += average(byClass[class], times, r, t, objects)
				}
			}
		}
		mean := func(r int) float64 {
			var all float64
			for _, s := range sums[r] {
				all += s
			}
			return all / overlaps / count[r]
		}
		return []float64{mean(0), sums[0][0] / count[0], sums[0][5] / count[0], mean(1), mean(2), mean(3)}
	}
}

// average is the mean over 101 recalls of the highest precision at that recall or a
// higher one.
func average(list []ranked, times []int, r, t, objects int) float64 {
	var hits, all []int // after each box that hits
	h, n := 0, 0
	bit := uint16(1) << t
	for _, f := range list {
		w := times[f.image]
		if w == 0 || f.neither[r]&bit != 0 {
			continue
		}
		n += w
		if f.hit[r]&bit != 0 {
			h += w
			hits, all = append(hits, h), append(all, n)
		}
	}
	var sum, high float64
	point := recalls - 1
	for k := len(hits) - 1; k >= 0; k-- {
		high = max(high, float64(hits[k])/float64(all[k]))
		// This box is the first at recalls above that of the one before.
		before := 0
		if k > 0 {
			before = hits[k-1]
		}
		for point >= 0 && float64(point) > 100*float64(hits[k])/float64(objects)+1e-9 {
			point--
		}
		for point >= 0 && (k == 0 || float64(point) > 100*float64(before)/float64(objects)+1e-9) {
			sum += high
			point--
		}
	}
	return sum / recalls
}

// none tells a figure that there is none of.
func none(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }
