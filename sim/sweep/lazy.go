package sweep

import (
	"context"
	"fmt"
	"math"
	"slices"

	"bitcycle/evaluate"
	"bitcycle/internal/stat"
	"bitcycle/kernels"
)

// Lazy measures accuracy no further than the front needs, on this machine.
//
// Every quantization is made and priced on all of its machines first. Those whose points
// all miss a constraint on costs are not measured. The others see the images in growing
// batches, all of them one batch, then all the next; one is given up when each of its
// points misses a constraint for sure or is dominated for sure: another point costs no
// more and will be right more often. Both have seen the same n of N images; with b of them
// that only the other got right and c that only this one did, the other will be ahead by
// at least
//
//	(b − c + (N − n)·(lo(b) − hi(c))) / N
//
// where lo and hi are the ends of the score interval of a count in n at 3.5 standard
// deviations.
type Lazy struct {
	Local
	// Share is set to the images that were executed over those of measuring everything.
	Share *float64
}

// The images of the first batch; each next one is a quarter of what has been seen.
const firstBatch = 64

// lazyZ is the width of the interval that decides, in standard deviations.
const lazyZ = 3.5

// candidate is a quantization with its points.
type candidate struct {
	span    Span
	e       *Evaluator // at the first point
	results []Result
	q       *kernels.Quantized
	float   []int
	right   []bool // of the images seen
	images  int
	reason  string // why it is given up; "" while it is not
}

// bounds are the least and the most that can become of the accuracy.
func (c *candidate) bounds() (lo, hi float64) {
	n, rest := float64(len(c.right)), float64(c.images-len(c.right))
	r := float64(count1(c.right))
	lo, hi = stat.WilsonAt(lazyZ, r, n)
	return (r + rest*lo) / float64(c.images), (r + rest*hi) / float64(c.images)
}

func count1(list []bool) (n int) {
	for _, b := range list {
		if b {
			n++
		}
	}
	return n
}

// ahead is by how much a quantization will be right more often than another, at least.
func (c *candidate) ahead(of *candidate) float64 {
	if c.e.get("data") != of.e.get("data") || c.images != of.images {
		lo, _ := c.bounds()
		_, hi := of.bounds()
		return lo - hi
	}
	n := min(len(c.right), len(of.right))
	var better, worse float64
	for i := range n {
		switch {
		case c.right[i] && !of.right[i]:
			better++
		case of.right[i] && !c.right[i]:
			worse++
		}
	}
	lo, _ := stat.WilsonAt(lazyZ, better, float64(n))
	_, hi := stat.WilsonAt(lazyZ, worse, float64(n))
	return (better - worse + float64(c.images-n)*(lo-hi)) / float64(c.images)
}

// open tells whether there is more to see.
func (c *candidate) open() bool { return c.reason == "" && len(c.right) < c.images }

// Run measures the quantizations in batches. What an interruption leaves undecided is
// begun anew.
func (l Lazy) Run(ctx context.Context, p *Plan, todo []Span, done func(Span, []Result) error) error {
	if p.kind != measures {
		return l.Local.Run(ctx, p, todo, done)
	}
	list, err := l.begin(ctx, p)
	if err != nil {
		return err
	}
	executed, all := 0, 0
	for n := firstBatch; slices.ContainsFunc(list, (*candidate).open); n += max(firstBatch, n/4) {
		p.giveUp(list)
		for _, c := range list {
			before := len(c.right)
			if err := c.see(ctx, n); err != nil {
				return err
			}
			executed += len(c.right) - before
		}
	}
	for _, c := range list {
		all += c.images
	}
	if l.Share != nil && all > 0 {
		*l.Share = float64(executed) / float64(all)
	}
	for _, c := range list {
		if len(intersect(todo, []Span{c.span})) == 0 {
			continue
		}
		if err := done(c.span, c.finish()); err != nil {
			return err
		}
	}
	return nil
}

// begin makes every quantization and prices its points. Those of finished points are made
// again too: they bound the others.
func (l Lazy) begin(ctx context.Context, p *Plan) ([]*candidate, error) {
	var list []*candidate
	for _, span := range p.Spans([]Span{{0, p.Len()}}, 1) {
		c := &candidate{span: span, e: p.NewEvaluator()}
		c.e.open(span.From)
		if err := c.quantize(ctx, p); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			c.fail(p, err)
		}
		list = append(list, c)
	}
	return list, nil
}

func (c *candidate) quantize(ctx context.Context, p *Plan) error {
	method, err := p.lab.method(c.e)
	if err != nil {
		return err
	}
	job := p.lab.job(c.e, method)
	if c.float, err = p.lab.floatClasses(ctx, c.e); err != nil {
		return err
	}
	if c.q, err = evaluate.Quantize(ctx, job.Network, method, job.Calib, nil); err != nil {
		return err
	}
	c.images = job.Data.N
	lowered := c.q.Lower()
	w := &work{workload: lowered, bytes: evaluate.WeightBytes(lowered)}
	e := p.NewEvaluator()
	for i := c.span.From; i < c.span.To; i++ {
		e.open(i)
		r := newResult(p.identify(&e.point))
		if err := e.price(w, &r); err != nil {
			r = failed(r.ID, err)
		}
		c.results = append(c.results, r)
	}
	return nil
}

// fail gives all points of the quantization one error.
func (c *candidate) fail(p *Plan, err error) {
	c.reason, c.results = "failed", nil
	for i := c.span.From; i < c.span.To; i++ {
		c.results = append(c.results, failed(p.ID(i), err))
	}
}

// see executes the network on the images up to number n.
func (c *candidate) see(ctx context.Context, n int) error {
	if !c.open() {
		return nil
	}
	job := c.e.plan.lab.job(c.e, nil)
	from, to := len(c.right), min(n, c.images)
	part := job.Data.Slice(from, to)
	classes, err := evaluate.IntClasses(ctx, job.Network, c.q, part, job.Workers, nil)
	if err != nil {
		return err
	}
	for i, label := range part.Labels {
		c.right = append(c.right, classes[i] == label+job.Network.LabelOffset)
	}
	return nil
}

// giveUp marks the quantizations of which no point can get to the front.
func (p *Plan) giveUp(list []*candidate) {
	metrics, signs := p.Objectives()
	for _, c := range list {
		if !c.open() {
			continue
		}
		_, hi := c.bounds()
		hopeless := true
		for i := range c.results {
			r := &c.results[i]
			hopeless = hopeless && (r.Error != "" || p.mustMiss(r, hi) || p.surelyDominated(list, c, r, metrics, signs))
		}
		if hopeless {
			c.reason = fmt.Sprintf("accuracy not measured to the end: no point of it can be on the front; at most %.4f after %d of %d images", hi, len(c.right), c.images)
		}
	}
}

// mustMiss tells that a point misses a constraint whatever its accuracy becomes, which is
// at most hi.
func (p *Plan) mustMiss(r *Result, hi float64) bool {
	for _, c := range p.Spec.Constraints {
		m, _ := metricOf(c.Metric)
		x := r.Values[m]
		if m == top1 {
			if x = hi; c.Op != ">=" && c.Op != ">" {
				continue
			}
		}
		if !slices.Contains([]int{top1Lo, top1Hi, floatTop1}, m) && !c.keeps(x) {
			return true
		}
	}
	return false
}

// surelyDominated looks for a point of another quantization that is better whatever
// becomes of both.
func (p *Plan) surelyDominated(list []*candidate, of *candidate, r *Result, metrics []int, signs []float64) bool {
	if !slices.Contains(metrics, top1) {
		return false
	}
	for _, other := range list {
		if other == of || other.reason != "" || len(other.right) == 0 {
			continue
		}
		if other.ahead(of) <= 0 {
			continue
		}
		lo, _ := other.bounds()
		for i := range other.results {
			if q := &other.results[i]; q.Error == "" && !p.mayMiss(q, lo) && cheaper(q, r, metrics, signs) {
				return true
			}
		}
	}
	return false
}

// mayMiss tells that a point may miss a constraint, with an accuracy of at least lo.
func (p *Plan) mayMiss(r *Result, lo float64) bool {
	for _, c := range p.Spec.Constraints {
		m, _ := metricOf(c.Metric)
		x := r.Values[m]
		if m == top1 {
			x = lo
		}
		if !c.keeps(x) {
			return true
		}
	}
	return false
}

// cheaper tells that a is at least as good as b in every objective but accuracy.
func cheaper(a, b *Result, metrics []int, signs []float64) bool {
	for k, m := range metrics {
		if x, y := signs[k]*a.Values[m], signs[k]*b.Values[m]; m != top1 && !(x <= y || math.IsNaN(y)) {
			return false
		}
	}
	return true
}

// finish returns the results of all points.
func (c *candidate) finish() []Result {
	if c.reason == "" {
		labels := c.e.plan.lab.job(c.e, nil)
		a := evaluate.AccuracyOf(c.right, c.float, labels.Data.Labels, labels.Network.LabelOffset)
		for i := range c.results {
			if r := &c.results[i]; r.Error == "" {
				r.accuracy(&a, c.right)
			}
		}
		return c.results
	}
	for i := range c.results {
		if r := &c.results[i]; r.Error == "" {
			r.Note = c.reason
		}
	}
	return c.results
}
