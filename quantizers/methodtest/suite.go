package methodtest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"bitcycle/kernels"
	"bitcycle/quantizers"
)

// Suite is a method under test.
type Suite struct {
	// Spec is the method with its arguments, such that it takes seconds.
	Spec string
	// Parse reads a method for the network, from a seed, by a number of workers.
	Parse   func(spec string, seed int64, workers int) (quantizers.Method, error)
	Network *kernels.Network
	Calib   kernels.Batch
}

// Run holds the method against the contract.
func (s Suite) Run(t *testing.T) {
	t.Run("name", s.name)
	t.Run("run", s.run)
	t.Run("cancelled", s.cancelled)
	t.Run("unknown arguments", s.unknown)
	t.Run("any arguments", s.any)
}

func (s Suite) parse(t *testing.T, workers int) quantizers.Method {
	t.Helper()
	m, err := s.Parse(s.Spec, 1, workers)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// name: what a method calls itself is read as that method.
func (s Suite) name(t *testing.T) {
	m := s.parse(t, 1)
	if m.Name() != s.Spec {
		t.Errorf("method %q calls itself %q", s.Spec, m.Name())
	}
	again, err := s.Parse(m.Name(), 1, 1)
	if err != nil || again.Name() != m.Name() {
		t.Errorf("%q read again: %v (%v)", m.Name(), again, err)
	}
}

// run: two runs give the same network, whose integers are those that are charged.
func (s Suite) run(t *testing.T) {
	before := weights(s.Network)
	var first *kernels.Quantized
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, workers := range []int{1, 3} {
		runtime.GOMAXPROCS(workers)
		steps := progress{}
		q, err := s.parse(t, workers).Quantize(context.Background(), s.Network, s.Calib, steps.add)
		if err != nil {
			t.Fatal(err)
		}
		steps.check(t)
		if first == nil {
			first = q
			continue
		}
		if !reflect.DeepEqual(first.Layers, q.Layers) || !reflect.DeepEqual(first.Grids, q.Grids) || !reflect.DeepEqual(first.Lower(), q.Lower()) {
			t.Errorf("%d workers give another network than one", workers)
		}
	}
	if !reflect.DeepEqual(before, weights(s.Network)) {
		t.Error("the float network has changed")
	}
	charged(t, first, s.Calib)
}

// weights returns a copy of the parameters of a network.
func weights(net *kernels.Network) []any {
	var all []any
	for i := range net.Nodes {
		n := &net.Nodes[i]
		all = append(all, slices.Clone(n.Weight), slices.Clone(n.Bias), fmt.Sprint(n.Op))
	}
	return all
}

// soon is how long a method may go on when its context has ended: as long as it takes
// to look at the images once.
const soon = 3 * time.Second

// cancelled: a method leaves when its context ends, before it begins or in the middle,
// with the context's error or a network that runs.
func (s Suite) cancelled(t *testing.T) {
	for _, at := range []int{0, 1, 3} { // reports of progress
		ctx, cancel := context.WithCancel(context.Background())
		var mu sync.Mutex
		calls, ended := 0, time.Now()
		if at == 0 {
			cancel()
		}
		q, err := s.parse(t, 0).Quantize(ctx, s.Network, s.Calib, func(int, int) {
			mu.Lock()
			defer mu.Unlock()
			if calls++; calls == at {
				cancel()
				ended = time.Now()
			}
		})
		took := time.Since(ended)
		whole := at > 0 && ctx.Err() == nil // it ended before it reported that often
		cancel()
		switch {
		case whole && err == nil:
			continue
		case err != nil && !errors.Is(err, context.Canceled):
			t.Errorf("cancelled at report %d: error %v, want the context's", at, err)
		case err == nil && (q == nil || q.Validate() != nil):
			t.Errorf("cancelled at report %d: neither an error nor a network", at)
		case took > soon:
			t.Errorf("cancelled at report %d: it went on for %v", at, took)
		}
	}
}

// progress is what a method has reported.
type progress struct {
	mu    sync.Mutex
	steps [][2]int
}

func (p *progress) add(done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.steps = append(p.steps, [2]int{done, total})
}

// check: done is of total, and their ratio does not fall.
func (p *progress) check(t *testing.T) {
	last := [2]int{0, 1}
	for _, s := range p.steps {
		if s[0] < 0 || s[1] < 1 || s[0] > s[1] {
			t.Fatalf("progress: %d of %d", s[0], s[1])
		}
		if s[0]*last[1] < last[0]*s[1] {
			t.Fatalf("progress: %d of %d after %d of %d", s[0], s[1], last[0], last[1])
		}
		last = s
	}
}
