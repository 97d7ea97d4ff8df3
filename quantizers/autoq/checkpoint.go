package autoq

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"bitcycle/internal/files"
	"bitcycle/kernels"
)

// checkpoint is what a search has measured. Searches repeat themselves from the
// same seed, so with the accuracies known a resumed search runs through what is
// behind it without executing the network, and goes on to the same end.
type checkpoint struct {
	Schema      int                `json:"schema"`
	Method      string             `json:"method"`
	Machine     string             `json:"machine"`
	Network     string             `json:"network"`
	Seed        uint64             `json:"seed"`
	Accuracy    map[string]float64 `json:"accuracy"`
	Sensitivity *Sensitivity       `json:"sensitivity,omitempty"`
}

// saveEvery is how often a running search is saved.
const saveEvery = 10 * time.Second

// saver keeps the checkpoint of a search.
type saver struct {
	path string
	what checkpoint
	last time.Time
}

func newSaver(m *Method, net *kernels.Network) *saver {
	return &saver{path: m.Checkpoint, last: time.Now(), what: checkpoint{
		Schema: 1, Method: m.Spec, Machine: m.Machine.Name(), Network: net.Name, Seed: m.Options.Seed,
	}}
}

// lock keeps other searches from the checkpoint.
func (s *saver) lock() (unlock func() error, err error) {
	if s.path == "" {
		return func() error { return nil }, nil
	}
	return files.Lock(s.path)
}

// resume gives a setup the sensitivities of an earlier run of the same search and
// returns the accuracies that it measured.
func (s *saver) resume(ctx context.Context, setup *Setup) (map[string]float64, error) {
	if s.path == "" {
		return nil, nil
	}
	var old checkpoint
	err := files.LoadRecord(ctx, s.path, &old)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, x := range []struct{ what, got, want string }{
		{"method", old.Method, s.what.Method},
		{"machine", old.Machine, s.what.Machine},
		{"network", old.Network, s.what.Network},
		{"seed", fmt.Sprint(old.Seed), fmt.Sprint(s.what.Seed)},
	} {
		if x.got != x.want {
			return nil, fmt.Errorf("%s: checkpoint of %s %q, this search has %q", s.path, x.what, x.got, x.want)
		}
	}
	for policy, accuracy := range old.Accuracy {
		if !(accuracy >= 0 && accuracy <= 1) {
			return nil, fmt.Errorf("%s: accuracy of %.40q = %v: must be 0 to 1", s.path, policy, accuracy)
		}
	}
	setup.Sensitivity = old.Sensitivity
	return old.Accuracy, nil
}

// tick saves a running search from time to time; a disk that is full for a
// moment does not end it.
func (s *saver) tick(p *Problem) {
	if s.path != "" && time.Since(s.last) > saveEvery {
		s.last = time.Now()
		_ = s.save(p)
	}
}

// save writes the checkpoint, whole or not at all.
func (s *saver) save(p *Problem) error {
	if s.path == "" {
		return nil
	}
	s.what.Accuracy, s.what.Sensitivity = p.Known, p.Sensitivity
	return files.SaveRecord(s.path, &s.what)
}

// check reports sensitivities that are not those of a problem.
func (s *Sensitivity) check(p *Problem) error {
	n := len(p.Layers)
	if len(s.Layers) != n || len(s.Channels) != n || len(s.Acts) != n || len(s.Errors) != n || len(s.Traces) != 0 && len(s.Traces) != n {
		return fmt.Errorf("sensitivities of %d layers: the network has %d", len(s.Layers), n)
	}
	for i := range p.Layers {
		if got, want := len(s.Channels[i]), p.Layers[i].Channels; got != want {
			return fmt.Errorf("sensitivities of %d channels of layer %q: it has %d", got, p.Layers[i].Name, want)
		}
		for b := range MaxBits + 1 {
			if s.Layers[i][b] < 0 || s.Acts[i][b] < 0 || s.Errors[i][b] < 0 {
				return fmt.Errorf("a loss of layer %q at %d bits is negative", p.Layers[i].Name, b)
			}
		}
	}
	return nil
}
