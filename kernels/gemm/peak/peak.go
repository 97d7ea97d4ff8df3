// Package peak measures what a core can do at most: independent multiply-accumulate instructions on
// registers, with no load or store among them. Products are judged by their share of it.
package peak

import (
	"sync"
	"time"
)

// Loop keeps the arithmetic units busy with one kind of operation. A multiplication and an addition
// count as two operations, of bits too.
type Loop struct {
	Kind string // f32, f64, i8 or bits
	Path string // instruction set
	run  func(loops int)
	ops  float64 // operations a loop
}

// Loops lists the loops of this machine's widest instruction set.
func Loops() []Loop { return append([]Loop(nil), machine()...) }

// Measure returns the best rate of a kind, in operations a second, of many runs of about 50 µs within
// the given time. Other loads on the machine lengthen runs, never shorten them. It is zero if the
// machine has no loop of the kind.
func Measure(kind string, within time.Duration) float64 { return Together(kind, 1, within) }

// Together is Measure for several goroutines at once. Where two processors are threads of one core, two
// goroutines are no faster than one.
func Together(kind string, workers int, within time.Duration) float64 {
	const loops = 10000
	best := 0.0
	for _, l := range machine() {
		for begin := time.Now(); l.Kind == kind && time.Since(begin) < within; {
			t := time.Now()
			l.runAll(workers, loops)
			best = max(best, float64(workers)*l.ops*loops/time.Since(t).Seconds())
		}
	}
	return best
}

func (l Loop) runAll(workers, loops int) {
	var wg sync.WaitGroup
	for range workers - 1 {
		wg.Go(func() { l.run(loops) })
	}
	l.run(loops)
	wg.Wait()
}
