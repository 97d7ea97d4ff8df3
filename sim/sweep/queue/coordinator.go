package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"bitcycle/sim/sweep"
)

// Coordinator runs a sweep on the workers of a server.
type Coordinator struct {
	Link  Link
	Build Build
	Mixed bool // workers of other builds may help
	// Helpers is told of each build that sent results.
	Helpers func(worker string)
}

// Run offers the spans and moves results to where they belong until none is missing.
func (c Coordinator) Run(ctx context.Context, p *sweep.Plan, todo []sweep.Span, done func(sweep.Span, []sweep.Result) error) error {
	if len(todo) == 0 {
		return nil
	}
	server, err := dial(ctx, c.Link)
	if err != nil {
		return err
	}
	defer server.close()
	j, content, err := newJob(ctx, p, c.Build, c.Mixed)
	if err != nil {
		return err
	}
	if err := server.offer(ctx, j, content); err != nil {
		return err
	}
	r := &run{conn: server, job: j, plan: p, done: done, wanted: newSet(p.Len(), todo), helpers: c.Helpers, failed: make(chan error, 1)}
	stop, err := r.collect(ctx)
	if err != nil {
		return err
	}
	defer stop()
	if err := r.offerSpans(ctx, todo); err != nil {
		return err
	}
	if err := r.wait(ctx); err != nil {
		return err
	}
	return server.forget(ctx, j)
}

// run is a sweep that is under way.
type run struct {
	*conn
	job     *job
	plan    *sweep.Plan
	done    func(sweep.Span, []sweep.Result) error
	helpers func(string)

	mu     sync.Mutex
	wanted *set
	failed chan error
}

// set is the points that are still missing.
type set struct {
	missing []bool
	n       int
	empty   chan struct{}
}

func newSet(n int, spans []sweep.Span) *set {
	s := &set{missing: make([]bool, n), empty: make(chan struct{})}
	for _, span := range spans {
		for i := span.From; i < span.To; i++ {
			s.missing[i] = true
			s.n++
		}
	}
	return s
}

// take removes a span.
func (s *set) take(span sweep.Span) {
	for i := span.From; i < span.To; i++ {
		if s.missing[i] {
			s.missing[i] = false
			if s.n--; s.n == 0 {
				close(s.empty)
			}
		}
	}
}

// collect takes the results that are on the server, those of an earlier coordinator among
// them, and those that come.
func (r *run) collect(ctx context.Context) (stop func(), err error) {
	prefix := donePrefix + r.job.id() + "."
	consumer, err := r.js.OrderedConsumer(ctx, doneStream, jetstream.OrderedConsumerConfig{FilterSubjects: []string{prefix + ">"}})
	if err != nil {
		return nil, err
	}
	consuming, err := consumer.Consume(func(m jetstream.Msg) {
		if err := r.take(m); err != nil {
			select {
			case r.failed <- err:
			default:
			}
		}
	})
	if err != nil {
		return nil, err
	}
	advice, err := r.nc.Subscribe("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES."+workStream+"."+workers, func(m *nats.Msg) {
		var event struct {
			Sequence uint64 `json:"stream_seq"`
		}
		if json.Unmarshal(m.Data, &event) == nil {
			select {
			case r.failed <- fmt.Errorf("a span was given up after %d workers had taken it (message %d): they die or cannot store; their logs tell why", maxOffers, event.Sequence):
			default:
			}
		}
	})
	if err != nil {
		consuming.Stop()
		return nil, err
	}
	return func() {
		consuming.Stop()
		if err := advice.Unsubscribe(); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
			r.nc.Close()
		}
	}, nil
}

// take moves the results of a span to where they belong.
func (r *run) take(m jetstream.Msg) error {
	_, span, err := parseSubject(donePrefix, m.Subject())
	if err != nil {
		return err
	}
	results, err := unpack(m.Data())
	if err != nil {
		return fmt.Errorf("%s: %w", m.Subject(), err)
	}
	if span.To > r.plan.Len() || len(results) != span.To-span.From {
		return fmt.Errorf("%s: results of %d points", m.Subject(), len(results))
	}
	for i := range results {
		if results[i].ID != r.plan.ID(span.From+i) {
			return fmt.Errorf("%s: point %d has another id: another version of the models?", m.Subject(), span.From+i)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.helpers != nil {
		r.helpers(m.Headers().Get(workerHeader))
	}
	if !r.overlaps(span) {
		return nil
	}
	if err := r.done(span, results); err != nil {
		return err
	}
	r.wanted.take(span)
	return nil
}

func (r *run) overlaps(span sweep.Span) bool {
	return slices.Contains(r.wanted.missing[span.From:span.To], true)
}

// offerSpans publishes what is missing, in spans of about a tenth of a second.
func (r *run) offerSpans(ctx context.Context, todo []sweep.Span) error {
	size, err := r.size(ctx, todo)
	if err != nil {
		return err
	}
	if _, err := r.consumer(ctx); err != nil {
		return err
	}
	stream, err := r.js.Stream(ctx, workStream)
	if err != nil {
		return err
	}
	// what an earlier coordinator has offered may be of another size
	if err := stream.Purge(ctx, jetstream.WithPurgeSubject(workPrefix+r.job.id()+".>")); err != nil {
		return err
	}
	for _, span := range r.plan.Spans(todo, size) {
		for from := span.From; from < span.To; from += maxSpan {
			part := sweep.Span{From: from, To: min(from+maxSpan, span.To)}
			if err := r.offerSpan(ctx, part); err != nil {
				return err
			}
		}
	}
	return r.published(ctx)
}

// offerSpan publishes a span, however slow the server is.
func (r *run) offerSpan(ctx context.Context, s sweep.Span) error {
	for {
		_, err := r.js.PublishAsync(subject(workPrefix, r.job.id(), s), nil, jetstream.WithStallWait(wait))
		if !errors.Is(err, jetstream.ErrTooManyStalledMsgs) {
			return err
		}
		if err := r.published(ctx); err != nil {
			return err
		}
	}
}

// published waits until the server has what was published.
func (r *run) published(ctx context.Context) error {
	select {
	case <-r.js.PublishAsyncComplete():
		return nil
	case <-r.lost:
		return errors.New("the server is out of reach")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// size is how many points a span has: so many that they take a tenth of a second, judged
// by a few of them behind a first one, which finds what all have in common; but so many
// that there are no more than mostSpans.
func (r *run) size(ctx context.Context, todo []sweep.Span) (int, error) {
	if r.plan.Quantizations() > 0 {
		return 1, nil // one quantization is a span
	}
	const most = 8
	e := r.plan.NewEvaluator()
	var spent time.Duration
	n, points := 0, 0
	for _, s := range todo {
		points += s.To - s.From
	}
	for k := range most {
		s := todo[k*len(todo)/most]
		i := s.From + (s.To-s.From)*k/most
		took, err := elapsed(func() error {
			_, err := e.Span(ctx, sweep.Span{From: i, To: i + 1})
			return err
		})
		if err != nil {
			return 0, err
		}
		if k > 0 || took > target {
			n, spent = n+1, spent+took
		}
		if took > target {
			break
		}
	}
	return spanSize(points, n, spent), nil
}

// spanSize is how many of so many points a span has where n of them took a while.
func spanSize(points, n int, spent time.Duration) int {
	size := int(time.Duration(n) * target / max(spent, 1))
	return min(max(size, (points+mostSpans-1)/mostSpans, 1), maxSpan)
}

// wait returns when nothing is missing.
func (r *run) wait(ctx context.Context) error {
	r.mu.Lock()
	empty := r.wanted.empty
	r.mu.Unlock()
	select {
	case <-empty:
		return nil
	case err := <-r.failed:
		return err
	case <-r.lost:
		return errors.New("the server is out of reach")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Describe writes a build for people.
func (b Build) Describe(host string) string {
	return strings.Join([]string{host, b.Version, b.Kernel}, " ")
}
