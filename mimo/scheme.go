package mimo

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Scheme names a precoder and its options.
type Scheme struct {
	Precoder string `toml:"precoder" json:"precoder"` // one of Precoders
	// Bits of the converters of the linear precoders zf, rzf and mrt, 0 for
	// unlimited.
	Bits      int       `toml:"bits" json:"bits,omitempty"`
	Modulator Modulator `toml:"modulator" json:"modulator"`
	Headroom  float64   `toml:"headroom" json:"headroom,omitempty"` // of sd-zf and sd-slp
	// EqualWeights turns off the weights of sd-zf that equalize error rates.
	EqualWeights bool `toml:"equal_weights" json:"equal_weights,omitempty"`
	// Steer is none, user or channel, for sd-mrt.
	Steer      string  `toml:"steer" json:"steer,omitempty"`
	InBand     float64 `toml:"in_band" json:"in_band,omitempty"`       // see InBandShaped
	Iterations int     `toml:"iterations" json:"iterations,omitempty"` // of iterative precoders; 0 means their default
	Ridge      float64 `toml:"ridge" json:"ridge,omitempty"`           // of rzf
	Bussgang   bool    `toml:"bussgang" json:"bussgang,omitempty"`     // of one-bit linear precoding
	Tau        float64 `toml:"tau" json:"tau,omitempty"`               // of c2po
	Rho        float64 `toml:"rho" json:"rho,omitempty"`               // of c1po and c2po
	Gamma      float64 `toml:"gamma" json:"gamma,omitempty"`           // of c1po and squid
	MinNoise   float64 `toml:"min_noise" json:"min_noise,omitempty"`   // of squid
}

// precoders is the table of precoders by name.
var precoders = map[string]func(s Scheme) Precoder{
	"zf":     func(s Scheme) Precoder { return &Linear{Rule: ZF, Bits: s.Bits, Bussgang: s.Bussgang} },
	"rzf":    func(s Scheme) Precoder { return &Linear{Rule: RZF, Ridge: s.Ridge, Bits: s.Bits, Bussgang: s.Bussgang} },
	"mrt":    func(s Scheme) Precoder { return &Linear{Rule: MRT, Bits: s.Bits, Bussgang: s.Bussgang} },
	"direct": func(s Scheme) Precoder { return &Linear{Rule: ZF, Bits: 1, Bussgang: s.Bussgang} },
	"sd-mrt": func(s Scheme) Precoder { return &SigmaDeltaMRT{Modulator: s.Modulator, Steer: steers[s.Steer]} },
	"sd-zf": func(s Scheme) Precoder {
		z := &SigmaDeltaZF{Modulator: s.Modulator, Headroom: s.Headroom, InBand: s.InBand}
		if s.EqualWeights {
			z.Weights = EqualWeights
		}
		return z
	},
	"sd-slp": func(s Scheme) Precoder {
		return &SigmaDeltaSLP{Modulator: s.Modulator, Headroom: s.Headroom, InBand: s.InBand, Schedule: Schedule{Iterations: s.Iterations}}
	},
	"squid": func(s Scheme) Precoder {
		return &SQUID{Iterations: s.Iterations, Gain: s.Gamma, Relax: s.Rho, MinNoise: s.MinNoise}
	},
	"c1po": func(s Scheme) Precoder { return &CxPO{Exact: true, Passes: s.Iterations, Rho: s.Rho, Gamma: s.Gamma} },
	"c2po": func(s Scheme) Precoder { return &CxPO{Passes: s.Iterations, Tau: s.Tau, Rho: s.Rho} },
	"msm":  func(s Scheme) Precoder { return &MSM{Schedule: Schedule{Iterations: s.Iterations}} },
	"gemm": func(s Scheme) Precoder { return &GEMM{Limit: s.Iterations} },
}

var steers = map[string]Steer{"": SteerNone, "none": SteerNone, "user": SteerUser, "channel": SteerChannel}

// Precoders lists the names of the precoders in alphabetical order.
func Precoders() []string {
	names := make([]string, 0, len(precoders))
	for name := range precoders {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// abouts says what precoders and detectors do.
var abouts = map[string]string{
	"zf":     "zero forcing; converters of any resolution",
	"rzf":    "regularized zero forcing; converters of any resolution",
	"mrt":    "maximum-ratio transmission; converters of any resolution",
	"direct": "zero forcing, then the signs: one-bit converters without noise shaping",
	"sd-mrt": "Sigma-Delta for one user",
	"sd-zf":  "Sigma-Delta zero forcing",
	"sd-slp": "Sigma-Delta symbol-level precoding: the largest least margin of all decisions in a block",
	"squid":  "one-bit, by squared-infinity-norm Douglas-Rachford splitting, for each symbol vector",
	"c1po":   "one-bit, by biconvex relaxation with a matrix inverse, for each symbol vector",
	"c2po":   "one-bit, by biconvex relaxation without an inverse, for each symbol vector",
	"msm":    "one-bit, maximum safety margin, for each block",
	"gemm":   "one-bit, by majorization of a negative square penalty, for each block",
	"mrc":    "maximum-ratio combining",
	"lmmse":  "linear least mean square error",
}

// About says what a precoder or detector does; "" for no such name.
func About(name string) string { return abouts[name] }

// Detectors lists the names of the detectors.
func Detectors() []string { return []string{"zf", "mrc", "lmmse"} }

// Validate reports every impossible value.
func (s Scheme) Validate() error {
	var errs []error
	if _, ok := precoders[s.Precoder]; !ok {
		errs = append(errs, fmt.Errorf("precoder = %q: must be one of %s", s.Precoder, strings.Join(Precoders(), ", ")))
	}
	if s.Bits < 0 || s.Bits > 16 {
		errs = append(errs, fmt.Errorf("bits = %d: must be 0 (unlimited) to 16", s.Bits))
	}
	if s.Headroom < 0 {
		errs = append(errs, fmt.Errorf("headroom = %g: must be positive", s.Headroom))
	}
	if s.Iterations < 0 {
		errs = append(errs, fmt.Errorf("iterations = %d: must not be negative", s.Iterations))
	}
	if _, ok := steers[s.Steer]; !ok {
		errs = append(errs, fmt.Errorf("steer = %q: must be none, user or channel", s.Steer))
	}
	if err := s.Modulator.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("modulator: %w", err))
	}
	return errors.Join(errs...)
}

// New makes the precoder, with a workspace of its own.
func (s Scheme) New() (Precoder, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	return precoders[s.Precoder](s), nil
}
