package golden

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"gonum.org/v1/gonum/mat"

	"bitcycle/quantizers/rff"
)

// pipeline repeats points → features → kernel matrices.
func pipeline(c *Case) {
	omega := c.matrix("Omega")
	d, m := omega.Dims()
	f := &rff.Features{D: d, M: m, Xi: c.list("xi")}
	for i := range m {
		f.Omega = append(f.Omega, mat.Col(nil, i, omega)...)
	}
	z := f.MapRows(c.matrix("X"), 1)
	c.close("Z", z.RawMatrix().Data...)
	var kernels map[string]json.RawMessage
	if !c.output("kernels", &kernels) {
		return
	}
	for name, raw := range kernels {
		g, err := namedKernel(name, z)
		if err != nil {
			c.fail("kernels: %v", err)
			continue
		}
		want, err := numbers(raw)
		if c.ready(err) {
			c.near("kernels: "+name, want, g.RawMatrix().Data)
		}
	}
}

// schemeName is, for example, msq_K2, r2_K3_step23_lam3 or beta15_K1_lam4.
var schemeName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(msq|r\d+|beta\d+)_K(\d+)(?:_step(\d+))?(?:_lam(\d+))?$`)
})

// oneBit takes the signs of features.
var oneBit = rff.Scheme{Method: rff.MSQ, Alphabet: rff.Alphabet{K: 1}}

// namedKernel returns the kernel estimate that a name of the vectors stands for.
func namedKernel(name string, z *mat.Dense) (*mat.Dense, error) {
	switch name {
	case "rff":
		return gram(rff.Scheme{Method: rff.Float}, z)
	case "semi":
		return semiquantized(z)
	case "full_1bit":
		return gram(oneBit, z)
	}
	part := schemeName().FindStringSubmatch(name)
	if part == nil {
		return nil, fmt.Errorf("%q: unknown estimator", name)
	}
	a := rff.Alphabet{K: atoi(part[2])}
	if part[3] != "" {
		step, err := stepOf(part[3])
		if err != nil {
			return nil, err
		}
		a.Step = step
	}
	method, lambda := part[1], max(atoi(part[4]), 1)
	if method == "msq" {
		return gram(rff.Scheme{Method: rff.MSQ, Alphabet: a}, z)
	}
	if order, isOrder := strings.CutPrefix(method, "r"); isOrder {
		return gram(rff.NewSigmaDelta(atoi(order), lambda, a), z)
	}
	return gram(rff.NewBeta(decimal(strings.TrimPrefix(method, "beta")), lambda, a), z)
}

// gram is the kernel estimate of a scheme between all points.
func gram(s rff.Scheme, z *mat.Dense) (*mat.Dense, error) {
	if s.Method != rff.Float {
		codes, _, err := rff.Quantize(s, z, 1, 1)
		if err != nil {
			return nil, err
		}
		return codes.Gram(codes), nil
	}
	f, _, err := rff.Embed(s, z, 1)
	if err != nil {
		return nil, err
	}
	var g mat.Dense
	g.Mul(f, f.T())
	return &g, nil
}

// semiquantized is π/(2m)·z·sign(z)ᵀ (Schellekens, Jacques, IEEE Signal Processing
// Letters 29, 2022); the features of one-bit codes are the signs over √m.
func semiquantized(z *mat.Dense) (*mat.Dense, error) {
	codes, _, err := rff.Quantize(oneBit, z, 1, 1)
	if err != nil {
		return nil, err
	}
	_, m := z.Dims()
	var g mat.Dense
	g.Mul(z, codes.Matrix().T())
	g.Scale(math.Pi/(2*math.Sqrt(float64(m))), &g)
	return &g, nil
}

// decimal reads the digits of a β without its point: 15 is 1.5, 116 is 1.16.
func decimal(digits string) float64 { return atof(digits[:1] + "." + digits[1:]) }

// stepOf reads the digits of a step: 2 is 2, 04 is 0.4, 23 is 2/3.
func stepOf(digits string) (float64, error) {
	switch {
	case len(digits) == 1:
		return atof(digits), nil
	case digits[0] == '0':
		return decimal(digits), nil
	case len(digits) == 2:
		return atof(digits[:1]) / atof(digits[1:]), nil
	}
	return 0, fmt.Errorf("step%s: cannot be read", digits)
}

// The digits come from a regular expression; an absent group reads as 0.
func atoi(digits string) int { return int(atof(digits)) }

func atof(digits string) float64 {
	v, _ := strconv.ParseFloat(digits, 64)
	return v
}
