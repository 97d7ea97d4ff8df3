package rff

import (
	"gonum.org/v1/gonum/mat"

	"bitcycle/quantizers"
)

// errorPoints bounds the points whose kernel values are compared with the exact ones.
const errorPoints = 500

// Job says how the points of a data set are encoded.
type Job struct {
	Scheme   Scheme
	Features int     // m of a point
	Kernel   string  // see [NamedKernel]
	Gamma    float64 // of the kernel; 0 = one over the dimensions
	Seed     uint64  // of the features and of random rounding
	Workers  int     // 0 = all processors
	Single   bool    // see [Encoder]
}

// Encoding is an encoded data set and how good the codes are.
type Encoding struct {
	Encoder
	Kernel      string
	Gamma       float64
	Points, D   int
	Codes       *Codes
	Diagnostics Diagnostics
	KernelError float64 // ‖K̂−K‖_F/‖K‖_F over the first Compared points
	Compared    int
}

// Encode draws the features and encodes the rows of x.
func (j Job) Encode(x *mat.Dense) (*Encoding, error) {
	n, d := x.Dims()
	gamma := j.Gamma
	if gamma == 0 {
		gamma = 1 / float64(d)
	}
	kernel, err := NamedKernel(j.Kernel, gamma)
	if err != nil {
		return nil, err
	}
	e := &Encoding{Kernel: j.Kernel, Gamma: gamma, Points: n, D: d, Compared: min(n, errorPoints)}
	e.Encoder = Encoder{Features: Draw(kernel, d, j.Features, j.Seed), Scheme: j.Scheme, Seed: j.Seed, Workers: j.Workers, Single: j.Single}
	if e.Codes, e.Diagnostics, err = e.Encode(x); err != nil {
		return nil, err
	}
	e.KernelError, err = e.kernelError(kernel, mat.DenseCopyOf(x.Slice(0, e.Compared, 0, d)))
	return e, err
}

// Recipe is what the codes' file says of their making.
func (e *Encoding) Recipe() Recipe {
	return Recipe{Kernel: e.Kernel, Gamma: e.Gamma, D: e.D, Seed: e.Seed}
}

// kernelError returns ‖K̂−K‖_F/‖K‖_F of the kernel values among the points x.
func (e *Encoder) kernelError(k Kernel, x *mat.Dense) (float64, error) {
	codes, _, err := e.Encode(x)
	if err != nil {
		return 0, err
	}
	exact := KernelMatrix(k, x, x)
	var diff mat.Dense
	diff.Sub(codes.Gram(codes), exact)
	return mat.Norm(&diff, 2) / mat.Norm(exact, 2), nil
}

// ParseScheme reads "scheme=sd,m=1024,bits=1,step=0,order=1,sparse=6,lambda=16,beta=1.9",
// the arguments of a method spelled spec, and returns the scheme and m.
func ParseScheme(spec, text string) (Scheme, int, error) {
	args := quantizers.ParseArgs(spec, text)
	name := args.Choice("scheme", "sd", "msq", "stocq", "sd", "beta")
	m := args.Int("m", 1024, 1, 1<<24)
	alphabet := Alphabet{K: 1 << (args.Int("bits", 1, 1, 8) - 1), Step: args.Float("step", 0, 0, 2)}
	order, lambda := args.Int("order", 1, 1, 4), args.Int("lambda", 16, 1, 1<<16)
	sparse := args.Int("sparse", -1, -1, 1<<16)
	beta := args.Float("beta", 1.9, 1, 1e3)
	if err := args.Err(); err != nil {
		return Scheme{}, 0, err
	}
	var s Scheme
	switch name {
	case "msq":
		s = Scheme{Method: MSQ, Alphabet: alphabet}
	case "stocq":
		s = Scheme{Method: StocQ, Alphabet: alphabet}
	case "sd":
		if s = NewSigmaDelta(order, lambda, alphabet); sparse >= 0 {
			s.Sparse = sparse
		}
	case "beta":
		s = NewBeta(beta, lambda, alphabet)
	}
	return s, m, s.Validate(m)
}
