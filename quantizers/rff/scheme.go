package rff

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// Method says how features become codes.
type Method uint8

// The methods.
const (
	Float      Method = iota // no quantization, 32-bit floats
	MSQ                      // memoryless scalar quantization: nearest level
	StocQ                    // stochastic rounding, unbiased
	SigmaDelta               // Sigma-Delta of some order, condensed
	Beta                     // distributed noise shaping, condensed
)

var methodNames = []string{"float", "msq", "stocq", "sd", "beta"}

// String returns the name that configuration files use.
func (m Method) String() string {
	if int(m) < len(methodNames) {
		return methodNames[m]
	}
	return fmt.Sprintf("Method(%d)", m)
}

// MarshalText implements [encoding.TextMarshaler].
func (m Method) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText accepts float, msq, stocq, sd, beta.
func (m *Method) UnmarshalText(text []byte) error {
	for i, name := range methodNames {
		if name == string(text) {
			*m = Method(i)
			return nil
		}
	}
	return fmt.Errorf("method = %q: must be one of %s", text, strings.Join(methodNames, ", "))
}

// Scheme is the whole recipe from features in [−1,1] to integer codes. The zero
// value of a field that a method does not use is right.
type Scheme struct {
	Method   Method   `toml:"method" json:"method"`
	Alphabet Alphabet `toml:"alphabet" json:"alphabet"`
	Order    int      `toml:"order" json:"order"`   // SigmaDelta: r ≥ 1
	Sparse   int      `toml:"sparse" json:"sparse"` // SigmaDelta: σ of the sparse filter; 0 = greedy
	Base     float64  `toml:"beta" json:"beta"`     // Beta: β in (1, 2K)
	Lambda   int      `toml:"lambda" json:"lambda"` // SigmaDelta, Beta: features per block
}

// NewSigmaDelta returns the condensed Sigma-Delta scheme of order r with blocks
// of lambda features. For r ≥ 2 at one bit, where the greedy rule overloads
// without end, it takes the sparse filter with σ = 6, as the paper's experiments
// do.
func NewSigmaDelta(r, lambda int, a Alphabet) Scheme {
	s := Scheme{Method: SigmaDelta, Alphabet: a, Order: r, Lambda: lambda}
	if r >= 2 && a.K == 1 {
		s.Sparse = 6
	}
	return s
}

// NewBeta returns the scheme of distributed noise shaping.
func NewBeta(beta float64, lambda int, a Alphabet) Scheme {
	return Scheme{Method: Beta, Alphabet: a, Base: beta, Lambda: lambda}
}

// String returns a short name such as "sd r=2 K=1 λ=15".
func (s Scheme) String() string {
	if s.Method == Float {
		return "float"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s", s.Method)
	if s.Method == SigmaDelta {
		fmt.Fprintf(&b, " r=%d", s.Order)
	}
	if s.Method == Beta {
		fmt.Fprintf(&b, " β=%g", s.Base)
	}
	fmt.Fprintf(&b, " K=%d", s.Alphabet.K)
	if s.Alphabet.Step != 0 {
		fmt.Fprintf(&b, " step=%.4g", s.Alphabet.Step)
	}
	if s.Lambda > 1 {
		fmt.Fprintf(&b, " λ=%d", s.Lambda)
	}
	return b.String()
}

// Validate reports every impossible value of a scheme for m features.
func (s Scheme) Validate(m int) error {
	if s.Method > Beta {
		return fmt.Errorf("method = %d: must be one of %s", s.Method, strings.Join(methodNames, ", "))
	}
	var errs []error
	if m < 1 || m > math.MaxInt32 {
		errs = append(errs, fmt.Errorf("m = %d: must be between 1 and %d", m, math.MaxInt32))
	}
	if s.Method != Float {
		errs = append(errs, s.Alphabet.Validate())
	}
	if s.Method == SigmaDelta {
		errs = append(errs, s.sigmaDeltaProblem())
	}
	if s.Method == Beta {
		errs = append(errs, s.betaProblem())
	}
	if (s.Method == SigmaDelta || s.Method == Beta) && s.Lambda >= 1 && m > 0 && s.Lambda > m {
		errs = append(errs, fmt.Errorf("lambda = %d: must be at most m = %d", s.Lambda, m))
	}
	return errors.Join(errs...)
}

func (s Scheme) sigmaDeltaProblem() error {
	const maxOrder, maxSparse = 16, 1 << 16
	if s.Order > maxOrder || s.Sparse < 0 || s.Sparse > maxSparse {
		return fmt.Errorf("order = %d, sparse = %d: must be at most %d and between 0 and %d",
			s.Order, s.Sparse, maxOrder, maxSparse)
	}
	lt, err := Lag(s.Order, s.Lambda)
	if err != nil {
		return err
	}
	if bound := math.Pow(float64(lt), float64(s.Order)) * float64(2*s.Alphabet.K-1); bound > math.MaxInt32 {
		return fmt.Errorf("order = %d, lambda = %d, K = %d: codes up to %.3g do not fit 32 bits",
			s.Order, s.Lambda, s.Alphabet.K, bound)
	}
	if m := s.modulator(); s.Order >= 3 && !m.Safe(1) {
		step, err := m.SafeStep(1)
		if err != nil {
			return fmt.Errorf("order = %d: diverges: %w", s.Order, err)
		}
		return fmt.Errorf("order = %d, K = %d, step = %.4g: diverges; a step of at least %.4g is safe",
			s.Order, s.Alphabet.K, s.Alphabet.Width(), step)
	}
	return nil
}

func (s Scheme) betaProblem() error {
	if !(s.Base > 1 && s.Base < 2*float64(s.Alphabet.K)) {
		return fmt.Errorf("beta = %v: must be above 1 and below 2K = %d", s.Base, 2*s.Alphabet.K)
	}
	if s.Lambda < 1 {
		return fmt.Errorf("lambda = %d: must be at least 1", s.Lambda)
	}
	return nil
}

// Modulator returns the noise-shaping loop of a SigmaDelta or Beta scheme; ok is
// false for the other methods.
func (s Scheme) Modulator() (m Modulator, ok bool) {
	return s.modulator(), s.Method == SigmaDelta || s.Method == Beta
}

func (s Scheme) modulator() Modulator {
	switch {
	case s.Method == Beta:
		return Distributed(s.Base, s.Lambda, s.Alphabet)
	case s.Sparse > 0:
		return Sparse(s.Order, s.Sparse, s.Alphabet)
	default:
		return Greedy(s.Order, s.Alphabet)
	}
}

// Condenser returns the condensation step of a SigmaDelta or Beta scheme; ok is
// false for the other methods, whose features are used one by one.
func (s Scheme) Condenser() (c Condenser, ok bool) {
	switch s.Method {
	case SigmaDelta:
		return Condenser{V: SigmaDeltaVector(s.Order, s.lag()), Scale: 1}, true
	case Beta:
		return Condenser{V: BetaVector(s.Base, s.Lambda), Scale: s.modulator().Scale}, true
	}
	return Condenser{V: []float64{1}, Scale: 1}, false
}

func (s Scheme) lag() int { return (s.Lambda + s.Order - 1) / s.Order }

// Dim returns the length of the feature vector that stands for a point: p = ⌊m/λ⌋
// for the condensed methods, m for the others.
func (s Scheme) Dim(m int) int {
	if s.Method == SigmaDelta || s.Method == Beta {
		return m / s.Lambda
	}
	return m
}

// Used returns how many of m features reach the codes; the condensed methods
// drop what does not fill a block.
func (s Scheme) Used(m int) int {
	if s.Method == SigmaDelta || s.Method == Beta {
		return m / s.Lambda * s.Lambda
	}
	return m
}

// factor returns what a half step counts in the feature vector: features are
// factor times integers (SigmaDelta, MSQ, StocQ), or the condensed levels (Beta).
func (s Scheme) factor(m int) float64 {
	switch {
	case s.Method == Float:
		return math.Sqrt(2 / float64(m))
	case s.Method == MSQ && s.Alphabet.K == 1:
		return math.Sqrt(1 / float64(m))
	}
	c, _ := s.Condenser()
	return c.Factor(s.Dim(m)) * s.Alphabet.Half()
}
