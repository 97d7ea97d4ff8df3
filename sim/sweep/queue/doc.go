// Package queue runs a sweep on many machines through NATS JetStream: everything that
// knows NATS is here.
//
// A coordinator ([Coordinator], a sweep.Runner) puts the sweep and the files it rests on
// where workers find them, and offers its spans in a work queue. Workers ([Work]) take a
// span, evaluate it, store its results under the span's name, and acknowledge it then: the
// store takes the first results of a span alone, so a worker that dies before it stores
// costs a repeat, and one that dies before it acknowledges costs a repeat that is refused.
// The coordinator moves results into its folder, which is the truth: what a lost server
// forgets is run again.
//
// The server is one of a cluster or runs in the coordinator's process ([Start]).
package queue

import "time"

// The names of streams, buckets and subjects on the server.
const (
	workStream = "BITCYCLE_WORK"
	doneStream = "BITCYCLE_DONE"
	jobBucket  = "BITCYCLE_JOBS"
	fileBucket = "BITCYCLE_FILES"
	workers    = "workers" // the consumer that all of them share
	workPrefix = "bitcycle.work."
	donePrefix = "bitcycle.done."
)

const (
	// deadline is how soon a span that a worker is silent about is offered again.
	deadline = 5 * time.Second
	// maxOffers is how often a span is offered before it is taken for deadly.
	maxOffers = 20
	// target is how long a span should take.
	target = 100 * time.Millisecond
	// mostSpans bounds the spans of a sweep, each of which is some messages.
	mostSpans = 20_000
	// maxSpan bounds the points of a span, and so the size of its results.
	maxSpan = 1000
	// wait is how long a request to the server may take.
	wait = 10 * time.Second
)
