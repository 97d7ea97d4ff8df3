package sweep

import (
	"context"
	"math"
	"slices"

	"bitcycle/sim/sweep/store"
)

// refining is the rule that samples around the front found so far.
const refining = "front"

// mostRefined bounds the points of a refined sample, which are named one by one.
const mostRefined = 100_000

// refined tells whether points are chosen while the sweep runs.
func (p *Plan) refined() bool { return p.Spec.Sample.Count > 0 && p.Spec.Sample.Rule == refining }

// Most is the number of points that a sweep comes to: Len, but where it is refined, which
// begins with fewer.
func (p *Plan) Most() int {
	if p.refined() {
		return p.most
	}
	return p.n
}

// first is how many points of a refined sample are spread over the whole space: a quarter,
// and enough to see each axis.
func first(count, axes int) int { return min(count, max(count/4, 8*axes)) }

// listing is the plan with other points.
func (p *Plan) listing(points []int64) *Plan {
	q := &Plan{
		Spec: p.Spec, Keys: p.Keys, kind: p.kind, space: p.space, chosen: points, n: len(points), settings: p.settings,
		hardware: p.hardware, footing: p.footing, options: p.options, work: p.work, lab: p.lab, fit: p.fit, states: p.states, listed: true,
	}
	if q.kind == measures {
		q.group()
	}
	return q
}

// Explicit is the sweep of exactly the plan's points, for a reader that cannot know them:
// where they were chosen one by one, they are an axis.
func (p *Plan) Explicit() *Spec {
	spec := p.Spec.Clone()
	if !p.listed {
		return spec
	}
	spec.Sample = Sample{Rule: rules[0], Seed: spec.Sample.Seed}
	axis := Axis{Keys: slices.Clone(p.Keys), At: "points"}
	digits := make([]int, len(p.space.lengths))
	for i := range p.n {
		p.digits(i, digits)
		var values []string
		for a := range p.Spec.Axes {
			values = append(values, p.Spec.Axes[a].Values[digits[a]]...)
		}
		axis.Values = append(axis.Values, values)
	}
	spec.Axes = []Axis{axis}
	return spec
}

// refine runs the points of a sample that are spread evenly, then, an eighth of the sample
// at a time, neighbours of the front so far, until there are as many as were asked for.
// Which ones hangs on results alone, not on who finds them or when, so that a sweep that
// goes on chooses the same.
func (p *Plan) refine(ctx context.Context, folder *store.Folder, runner Runner, progress func(Progress)) (*Table, error) {
	known := map[int64]bool{}
	fresh := slices.Clone(p.chosen)
	var all []int64
	recalled := 0
	for {
		for _, i := range fresh {
			known[i] = true
		}
		before := len(all)
		all = append(all, fresh...)
		slices.Sort(all)
		part, err := run(ctx, p.listing(fresh), folder, runner, func(s Progress) {
			if s.Done, s.Total = s.Done+before, p.most; progress != nil {
				progress(s)
			}
		})
		if part == nil {
			return nil, err
		}
		recalled += part.recalled
		t, bad := p.listing(all).Complete(folder)
		if bad != nil {
			return nil, bad
		}
		t.recalled = recalled
		if err != nil || len(all) >= p.most {
			return t, err
		}
		fresh = p.around(t, known, min(p.most-len(all), max(p.most/8, 1)))
		if len(fresh) == 0 {
			return t, nil
		}
	}
}

// around returns at most so many points that are not known: the neighbours of the front,
// a step along one axis away, then two, then three, and so on, the ends of the front first.
func (p *Plan) around(t *Table, known map[int64]bool, most int) []int64 {
	front := t.Front()
	taken := map[int64]bool{}
	var list []int64
	digits := make([]int, len(p.space.lengths))
	longest := slices.Max(p.space.lengths)
	for step := 1; step < longest; step++ {
		for _, i := range endsFirst(front) {
			flat := t.plan.flat(i)
			p.space.digits(flat, digits)
			for a := range digits {
				for _, d := range []int{digits[a] - step, digits[a] + step} {
					if d < 0 || d >= p.space.lengths[a] {
						continue
					}
					near := p.space.moved(flat, digits, a, d)
					if known[near] || taken[near] || !p.tells(near) {
						continue
					}
					taken[near] = true
					if list = append(list, near); len(list) == most {
						slices.Sort(list)
						return list
					}
				}
			}
		}
	}
	slices.Sort(list)
	return list
}

// moved is a point with another value of one axis.
func (s space) moved(flat int64, digits []int, axis, to int) int64 {
	stride := int64(1)
	for _, l := range s.lengths[axis+1:] {
		stride *= int64(l)
	}
	return flat + int64(to-digits[axis])*stride
}

// endsFirst are the points of a front in the order in which each next one is as far from
// those before as may be: both ends, the middle, the quarters.
func endsFirst(front []int) []int {
	n := len(front)
	if n < 3 {
		return front
	}
	out, seen := make([]int, 0, n), make([]bool, n)
	for parts := 1; len(out) < n; parts *= 2 {
		for k := 0; k <= parts; k++ {
			if i := int(math.Round(float64(k) * float64(n-1) / float64(parts))); !seen[i] {
				seen[i] = true
				out = append(out, front[i])
			}
		}
	}
	return out
}
