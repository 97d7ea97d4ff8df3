package sweep

import (
	"errors"
	"fmt"
)

// number takes the points: all of the product, or those of the sample, without those that
// say the same as others because an argument is not one of their method's.
func (p *Plan) number() error {
	n, err := p.space.size()
	if err != nil {
		return fmt.Errorf("sweep %s: %w", p.Spec.Name, err)
	}
	sampled := p.Spec.Sample.Count > 0
	if n > mostPoints && !sampled {
		return fmt.Errorf("sweep %s: %d points: at most %d are run; take a sample of them (sample.count, --sample)", p.Spec.Name, n, mostPoints)
	}
	if sampled {
		if p.Spec.Sample.Count > mostPoints {
			return fmt.Errorf("sweep %s: sample.count = %d: at most %d", p.Spec.Name, p.Spec.Sample.Count, mostPoints)
		}
		if p.chosen, err = p.space.draw(p.Spec.Sample); err != nil {
			return fmt.Errorf("sweep %s: %w", p.Spec.Name, err)
		}
	}
	if p.refined() {
		if p.Spec.Sample.Count > mostRefined {
			return fmt.Errorf("sweep %s: sample.count = %d: at most %d points are chosen around the front; another rule takes more", p.Spec.Name, p.Spec.Sample.Count, mostRefined)
		}
		p.most = int(min(int64(p.Spec.Sample.Count), n))
	}
	if p.repeats() {
		p.dropRepeats(n)
	}
	p.n = int(n)
	if p.chosen != nil {
		p.n = len(p.chosen)
	}
	if p.n == 0 {
		return errors.New("no points")
	}
	return nil
}

// repeats tells whether there may be points that say the same.
func (p *Plan) repeats() bool {
	for i := range p.settings {
		if s := &p.settings[i]; s.method && s.axis >= 0 {
			for _, m := range p.Spec.values("method") {
				if !p.takes(m, s.key) {
					return true
				}
			}
		}
	}
	return false
}

func (p *Plan) dropRepeats(n int64) {
	var kept []int64
	keep := func(i int64) {
		if p.tells(i) {
			kept = append(kept, i)
		}
	}
	if p.chosen != nil {
		for _, i := range p.chosen {
			keep(i)
		}
	} else {
		for i := range n {
			keep(i)
		}
	}
	p.chosen = kept
}

// tells is false of a point that says the same as another one, because an argument that
// varies is none of its method.
func (p *Plan) tells(i int64) bool {
	digits := make([]int, len(p.space.lengths))
	p.space.digits(i, digits)
	method := p.get("method", digits)
	for k := range p.settings {
		s := &p.settings[k]
		if s.method && s.axis >= 0 && len(p.Spec.Axes[s.axis].Keys) == 1 && digits[s.axis] > 0 && !p.takes(method, s.key) {
			return false
		}
	}
	return true
}

// Len is the number of points.
func (p *Plan) Len() int { return p.n }

// digits writes the indices of a point's values.
func (p *Plan) digits(i int, into []int) {
	flat := int64(i)
	if p.chosen != nil {
		flat = p.chosen[i]
	}
	p.space.digits(flat, into)
}

// Values are a point's values of [Plan.Keys]; one that does not apply is empty.
func (p *Plan) Values(i int) []string {
	digits := make([]int, len(p.space.lengths))
	p.digits(i, digits)
	var out []string
	method := p.get("method", digits)
	for a := range p.Spec.Axes {
		axis := &p.Spec.Axes[a]
		for k, key := range axis.Keys {
			v := axis.Values[digits[a]][k]
			if !ofHardware(key) && !reserved(key) && !p.takes(method, key) {
				v = ""
			}
			out = append(out, v)
		}
	}
	return out
}

// Setting is the value of a key at a point, whether it varies or not; "" if nobody sets it.
func (p *Plan) Setting(i int, key string) string {
	digits := make([]int, len(p.space.lengths))
	p.digits(i, digits)
	return p.get(key, digits)
}
