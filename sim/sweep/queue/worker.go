package queue

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"bitcycle/internal/crew"
	"bitcycle/sim/sweep"
)

// workerHeader is where results say who found them.
const workerHeader = "Bitcycle-Worker"

// Worker serves sweeps of a server.
type Worker struct {
	Link    Link
	Build   Build
	Host    string
	Folder  string // for files that this machine lacks
	Workers int    // spans at a time
	Options sweep.Options
	// Log is told what people should know; nil for silence.
	Log func(text string)
}

// errGone tells that the server was there and is away for good.
var errGone = errors.New("the server is gone")

// Work takes spans of whatever sweeps are offered until the context ends, which lets what
// is begun end first, or the server has been out of reach for longer than the link's
// patience. It is an error if the worker's build may not help.
func (w Worker) Work(ctx context.Context) error {
	server, err := dial(context.WithoutCancel(ctx), w.Link)
	if err != nil {
		return err
	}
	defer server.close()
	consumer, err := server.consumer(ctx)
	if err != nil {
		return err
	}
	h := &helper{Worker: w, conn: server, plans: map[string]*prepared{}}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		select {
		case <-server.lost:
			stop(errGone)
		case <-ctx.Done():
		}
	}()
	var group crew.Group
	for range max(w.Workers, 1) {
		group.Go(func() {
			if err := h.loop(ctx, consumer); err != nil {
				stop(err)
			}
		})
	}
	group.Wait()
	switch err := context.Cause(ctx); {
	case errors.Is(err, errGone):
		w.log("the server is out of reach: leaving")
		return nil
	case errors.Is(err, context.Canceled):
		return nil
	default:
		return err
	}
}

func (w Worker) log(format string, args ...any) {
	if w.Log != nil {
		w.Log(fmt.Sprintf(format, args...))
	}
}

// helper is a worker at work.
type helper struct {
	Worker
	*conn
	mu    sync.Mutex
	plans map[string]*prepared
}

// prepared is the plan of a job, made once.
type prepared struct {
	once sync.Once
	plan *sweep.Plan
	err  error
}

// loop takes one span after the other. Each loop has evaluators of its own.
func (h *helper) loop(ctx context.Context, consumer jetstream.Consumer) error {
	own := map[string]*sweep.Evaluator{}
	for ctx.Err() == nil {
		batch, err := consumer.Fetch(1, jetstream.FetchMaxWait(2*time.Second))
		if err != nil {
			pause(ctx)
			continue
		}
		for m := range batch.Messages() {
			if err := h.handle(context.WithoutCancel(ctx), m, own); err != nil {
				return err
			}
		}
		if err := batch.Error(); err != nil && !errors.Is(err, nats.ErrTimeout) {
			pause(ctx)
		}
	}
	return nil
}

// pause waits a little for a server that does not answer.
func pause(ctx context.Context) {
	select {
	case <-time.After(200 * time.Millisecond):
	case <-ctx.Done():
	}
}

// handle evaluates a span, stores its results, and acknowledges it then.
func (h *helper) handle(ctx context.Context, m jetstream.Msg, own map[string]*sweep.Evaluator) error {
	id, span, err := parseSubject(workPrefix, m.Subject())
	if err != nil {
		return m.Term()
	}
	stop := beat(m)
	defer stop()
	e, err := h.evaluator(ctx, id, own)
	if err != nil || e == nil {
		if err == nil {
			return m.Term() // the sweep is over
		}
		return errors.Join(err, m.Nak())
	}
	results, err := e.Span(ctx, span)
	if err != nil {
		h.log("points %d to %d: %v", span.From, span.To-1, err)
		return m.NakWithDelay(time.Second)
	}
	if err := h.store(ctx, id, span, results); err != nil {
		h.log("points %d to %d: %v", span.From, span.To-1, err)
		return nil // it will be offered again
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	if err := m.DoubleAck(ctx); err != nil {
		h.log("points %d to %d: stored, but not acknowledged: %v", span.From, span.To-1, err)
	}
	return nil
}

// beat tells the server that the span is in work.
func beat(m jetstream.Msg) (stop func()) {
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(deadline / 3)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				if m.InProgress() != nil {
					return // acknowledged, or the connection is lost
				}
			}
		}
	}()
	return sync.OnceFunc(func() { close(done) })
}

// evaluator returns that of a job, nil if there is no such job.
func (h *helper) evaluator(ctx context.Context, id string, own map[string]*sweep.Evaluator) (*sweep.Evaluator, error) {
	if e := own[id]; e != nil {
		return e, nil
	}
	h.mu.Lock()
	p := h.plans[id]
	if p == nil {
		p = &prepared{}
		h.plans[id] = p
	}
	h.mu.Unlock()
	p.once.Do(func() { p.plan, p.err = h.prepare(ctx, id) })
	if p.err != nil || p.plan == nil {
		return nil, p.err
	}
	own[id] = p.plan.NewEvaluator()
	return own[id], nil
}

func (h *helper) prepare(ctx context.Context, id string) (*sweep.Plan, error) {
	j, err := h.find(ctx, id)
	if err != nil || j == nil {
		return nil, err
	}
	if err := j.fits(h.Build); err != nil {
		return nil, err
	}
	folder := h.Folder
	if folder == "" {
		folder = os.TempDir()
	}
	p, err := h.plan(ctx, j, folder, h.Options)
	if err == nil {
		h.log("helping with sweep %s, %d points", j.Name, p.Len())
	}
	return p, err
}

// store publishes the results of a span, unless somebody has before.
func (h *helper) store(ctx context.Context, id string, span sweep.Span, results []sweep.Result) error {
	data, err := pack(results)
	if err != nil {
		return err
	}
	m := &nats.Msg{Subject: subject(donePrefix, id, span), Data: data, Header: nats.Header{}}
	m.Header.Set(workerHeader, h.Build.Describe(h.Host))
	ctx, stop := context.WithTimeout(ctx, wait)
	defer stop()
	if _, err := h.js.PublishMsg(ctx, m, jetstream.WithExpectLastSequencePerSubject(0)); err != nil && !stored(err) {
		return err
	}
	return nil
}
