package autoq

import (
	"context"
	"time"

	"bitcycle/kernels/workload"
	"bitcycle/quantizers/autoq"
)

// Effort is where the time of searches went, in seconds of their workers.
type Effort struct {
	Accuracy float64 `json:"accuracy_s"` // quantizing and executing
	Cost     float64 `json:"cost_s"`     // the machine's model
	Rest     float64 `json:"rest_s"`     // agents, allocators and bookkeeping
}

// Overhead is the share of the time that neither accuracy nor cost takes.
func (a Effort) Overhead() float64 {
	return a.Rest / max(a.Accuracy+a.Cost+a.Rest, 1e-9)
}

// Add adds the time of other searches.
func (a *Effort) Add(b Effort) {
	a.Accuracy += b.Accuracy
	a.Cost += b.Cost
	a.Rest += b.Rest
}

// clock measures the effort of one search.
type clock struct {
	inner          autoq.Cost
	start          time.Time
	accuracy, cost time.Duration
}

// attach puts a clock between a problem and its cost and accuracy.
func attach(p *autoq.Problem) *clock {
	c := &clock{inner: p.Cost, start: time.Now()}
	measure := p.Accuracy
	p.Cost = c
	p.Accuracy = func(ctx context.Context, policy *autoq.Policy) (float64, error) {
		defer func(start time.Time) { c.accuracy += time.Since(start) }(time.Now())
		return measure(ctx, policy)
	}
	return c
}

// SetBits sets the widths of a layer.
func (c *clock) SetBits(layer int, weight workload.Widths, act uint8) {
	c.inner.SetBits(layer, weight, act)
}

// Cost prices the network.
func (c *clock) Cost() (cycles int64, energyPJ float64) {
	defer func(start time.Time) { c.cost += time.Since(start) }(time.Now())
	return c.inner.Cost()
}

func (c *clock) effort() Effort {
	rest := time.Since(c.start) - c.accuracy - c.cost
	return Effort{Accuracy: c.accuracy.Seconds(), Cost: c.cost.Seconds(), Rest: rest.Seconds()}
}
