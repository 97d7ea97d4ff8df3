package sweep

import (
	"fmt"
	"slices"
)

// Model is the version of the models behind the figures, a part of every point's id. It
// rises whenever a figure of a point may change, with what CHANGELOG.md says under Numbers.
const Model = 9

// Spec is a sweep as its file says it.
type Spec struct {
	Name        string
	Description string
	Path        string // of its file, "" for a shipped one or one made of flags
	Base        Base
	Axes        []Axis // in the order of the file
	Sample      Sample
	Minimise    []string
	Maximise    []string
	Constraints []Constraint
	// Measured is the file of figures to stand beside ours, see [Facts]; "" for none.
	Measured string
}

// Base is what is the same in every point.
type Base struct {
	// Settings are the values of [Keys] and of keys of the machine, by key.
	Settings map[string]string
	// Set lists key=value settings of every machine, below those of axes.
	Set []string
	// AsPublished charges every machine with its own batch and memory, see
	// arch.Footing.
	AsPublished bool
	Images      int // to measure accuracy on at most; 0 = all of the set
	Groups      int // of symbols that a front end's error rate is simulated on at most
	// RelError is half the 95 % interval of a front end's error rate, as a share of it, at
	// which its simulation ends; 0 = [DefaultRelError].
	RelError float64
	Lazy     bool
}

// DefaultRelError is where simulations of error rates end where nobody says.
const DefaultRelError = 0.05

// Axis is keys whose values vary together, one key unless it is zipped.
type Axis struct {
	Keys   []string
	Values [][]string // each one text a key
	At     string     // where it was written, for errors
}

// Sample is which points of the product of all axes are taken.
type Sample struct {
	Count int    // 0 = all
	Rule  string // grid | random | lhs | halton | sobol | front
	Seed  int64
}

// Keys are the keys of a base or an axis that are no keys of a machine and no arguments of
// a method, with what they say.
var Keys = []struct{ Name, About string }{
	{"machine", "shipped machine or TOML file"},
	{"frontend", "shipped front end or TOML file"},
	{"workload", "shipped workload or file: cost alone"},
	{"network", "shipped network, network file or ONNX model"},
	{"method", "quantization method, with or without arguments"},
	{"data", "images to measure accuracy on; without, cost alone"},
	{"calib", "images to calibrate on"},
	{"batch", "images per run"},
	{"bandwidth_gb_s", "GB/s of memory for machines whose own is ideal"},
	{"seed", "of everything random"},
	{"precoder", "precoder of a front end, or detector in the uplink"},
	{"snr_db", "signal-to-noise ratio of a front end's error rate"},
}

// chipKeys are the keys of a machine without a dot that may vary.
var chipKeys = []string{"clock_hz", "technology_nm", "voltage_v"}

// reserved tells whether a key is one of [Keys].
func reserved(key string) bool {
	for _, k := range Keys {
		if k.Name == key {
			return true
		}
	}
	return false
}

// ofHardware tells whether a key is one of a machine or a front end.
func ofHardware(key string) bool {
	return slices.Contains(chipKeys, key) || slices.Contains([]byte(key), '.')
}

// problems are the rules that values of a spec break, each with its place.
func (s *Spec) problems() []error {
	var errs []error
	seen := map[string]string{}
	for _, a := range s.Axes {
		for _, key := range a.Keys {
			if before, twice := seen[key]; twice {
				errs = append(errs, fmt.Errorf("%s: %s varies already at %s", a.At, key, before))
			}
			seen[key] = a.At
		}
	}
	for _, m := range append(slices.Clone(s.Minimise), s.Maximise...) {
		if _, err := metricOf(m); err != nil {
			errs = append(errs, fmt.Errorf("objectives: %w", err))
		}
	}
	if n := len(s.Minimise) + len(s.Maximise); n > maxObjectives {
		errs = append(errs, fmt.Errorf("objectives: %d: at most %d", n, maxObjectives))
	}
	return errs
}

// axis returns the axis that has a key.
func (s *Spec) axis(key string) (*Axis, bool) {
	for i := range s.Axes {
		if slices.Contains(s.Axes[i].Keys, key) {
			return &s.Axes[i], true
		}
	}
	return nil, false
}

// values lists what a key takes: on its axis, else in the base, else nothing.
func (s *Spec) values(key string) []string {
	if a, ok := s.axis(key); ok {
		k := slices.Index(a.Keys, key)
		list := make([]string, len(a.Values))
		for i, v := range a.Values {
			list[i] = v[k]
		}
		return list
	}
	if v, ok := s.Base.Settings[key]; ok {
		return []string{v}
	}
	return nil
}
