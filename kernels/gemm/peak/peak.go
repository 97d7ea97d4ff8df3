// Package peak measures what one core can do at most: independent multiply-accumulate instructions on
// registers, with no load or store among them. Products are judged by their share of it.
package peak

import "time"

// Rate is the peak of one kind of arithmetic.
type Rate struct {
	Kind  string  // f32, f64, i8, bits
	Path  string  // instruction set
	PerS  float64 // operations a second; a multiplication and an addition are two
	loop  func(loops int)
	perLp float64 // operations a loop
}

// Kinds lists the loops of this machine's widest path, unmeasured.
func Kinds() []Rate { return append([]Rate(nil), machine()...) }

// Measure returns the best rate of a kind seen in many runs of about 50 µs within the given time, or
// zero if the machine has no loop for it.
func Measure(kind string, within time.Duration) float64 {
	for _, r := range machine() {
		if r.Kind == kind {
			return r.measure(within)
		}
	}
	return 0
}

func (r Rate) measure(within time.Duration) float64 {
	const loops = 10000
	best := 0.0
	for begin := time.Now(); time.Since(begin) < within; {
		t := time.Now()
		r.loop(loops)
		best = max(best, r.perLp*loops/time.Since(t).Seconds())
	}
	return best
}
