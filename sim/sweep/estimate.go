package sweep

import (
	"context"
	"time"

	"bitcycle/evaluate"
)

// Estimate is how long a sweep will take on this machine, judged by a few of its points.
type Estimate struct {
	Total  time.Duration // of all of its points
	Judged int           // points or quantizations by which it is judged
}

// The points by which a sweep is judged, the time that is spent on them, and the images
// that a quantization is executed on.
const (
	probes      = 8
	probing     = time.Second
	probeImages = 64
)

// Estimate evaluates a few points, evenly spread, for about a second. Points that are
// known already are not looked for.
func (p *Plan) Estimate(ctx context.Context, workers int) (Estimate, error) {
	n, probe := p.n, p.probePoint
	if p.kind == measures {
		n, probe, workers = len(p.groups), p.probeQuantization, 1
	}
	var spent time.Duration
	out := Estimate{}
	if p.kind != measures { // what all points have in common is found out first
		if _, err := probe(ctx, 0); err != nil {
			return out, err
		}
	}
	for k := range min(probes, n) {
		took, err := probe(ctx, k*n/min(probes, n))
		if err != nil {
			return out, err
		}
		out.Judged++
		if spent += took; spent > probing {
			break
		}
	}
	total := n
	if p.refined() && p.kind != measures {
		total = p.Most()
	}
	out.Total = spent * time.Duration(total) / time.Duration(out.Judged*max(min(workers, total), 1))
	return out, nil
}

// probePoint evaluates point i.
func (p *Plan) probePoint(ctx context.Context, i int) (time.Duration, error) {
	e := p.NewEvaluator()
	start := time.Now()
	_, err := e.Span(ctx, Span{i, i + 1})
	return time.Since(start), err
}

// probeQuantization makes quantization g and executes it on a few images, for all of which
// it takes in proportion longer.
func (p *Plan) probeQuantization(ctx context.Context, g int) (time.Duration, error) {
	e := p.NewEvaluator()
	first := 0
	if g > 0 {
		first = p.groups[g-1]
	}
	e.open(first)
	start := time.Now()
	method, err := p.lab.method(e)
	if err != nil {
		return time.Since(start), nil // a result too
	}
	job := p.lab.job(e, method)
	q, err := evaluate.Quantize(ctx, job.Network, method, job.Calib, nil)
	if err != nil {
		return time.Since(start), ctx.Err()
	}
	took := time.Since(start)
	few := job.Data.Slice(0, min(probeImages, job.Data.N))
	start = time.Now()
	if _, err = evaluate.IntClasses(ctx, job.Network, q, few, job.Workers, nil); err != nil {
		return took, ctx.Err()
	}
	return took + time.Since(start)*time.Duration(job.Data.N)/time.Duration(few.N), nil
}
