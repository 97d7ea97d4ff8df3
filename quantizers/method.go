package quantizers

import (
	"context"

	"bitcycle/kernels"
)

// Method quantizes a network. The same method from the same seed gives the same
// network, by any number of workers.
type Method interface {
	// Name is the method with its arguments as a user writes it after -q.
	Name() string
	// Quantize returns the quantized network. calib holds calibration images;
	// progress, which may be nil, is called as the work goes on and never falls back:
	// done of total steps. When ctx ends Quantize returns soon, with the context's
	// error or, if it searches, the best that it has.
	Quantize(ctx context.Context, net *kernels.Network, calib kernels.Batch, progress func(done, total int)) (*kernels.Quantized, error)
}

// Info describes a method to those who choose one.
type Info struct {
	Name  string // before the colon
	Usage string // an example of the whole
	About string // what it does
	// Keys say what the arguments mean.
	Keys map[string]string
}

// LooksAtMachine reports whether what a method makes of a network depends on the
// machine that it was made for; such methods have a method of this name that says so.
func LooksAtMachine(m Method) bool {
	looks, ok := m.(interface{ LooksAtMachine() bool })
	return ok && looks.LooksAtMachine()
}
