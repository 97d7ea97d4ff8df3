package cli

import (
	"fmt"
	"io"
	"os"

	"gonum.org/v1/gonum/mat"

	"bitcycle/kernels/dataset"
	"bitcycle/quantizers"
	"bitcycle/quantizers/rff"
	"bitcycle/quantizers/rff/table"
	"bitcycle/reports"
)

// errorPoints bounds the points whose kernel values are compared with the exact ones.
const errorPoints = 500

// features encodes the points of a data set by quantized random Fourier features.
func (c quantizeCmd) features(s *session, args string) error {
	scheme, m, err := parseScheme(c.Method, args)
	if err != nil {
		return input(err)
	}
	data, err := c.points()
	if err != nil {
		return input(err)
	}
	if c.Standardise {
		table.FitScaler(data.X).Apply(data.X)
	}
	n, d := data.X.Dims()
	gamma := c.Gamma
	if gamma == 0 {
		gamma = 1 / float64(d)
	}
	kernel, err := rff.NamedKernel(c.Kernel, gamma)
	if err != nil {
		return input(err)
	}
	features := rff.Draw(kernel, d, m, uint64(s.Seed))
	encoder := rff.Encoder{Features: features, Scheme: scheme, Seed: uint64(s.Seed), Workers: s.Workers, Single: c.Single}
	codes, diagnostics, err := encoder.Encode(data.X)
	if err != nil {
		return input(err)
	}
	k := min(n, errorPoints)
	kernelError, err := encodedError(&encoder, kernel, mat.DenseCopyOf(data.X.Slice(0, k, 0, d)))
	if err != nil {
		return input(err)
	}
	t := &reports.Table{Title: fmt.Sprintf("%s by %s", c.Table, scheme), Columns: []reports.Column{
		reports.Number("points", "points"), reports.Number("dimensions", "dimensions"), reports.Number("features", "features"),
		reports.Number("bits_per_point", "bits/point"), reports.Significant("relative_kernel_error", "relative kernel error", 4),
		reports.Significant("largest_state", "max |u|", 4), reports.Number("overloads", "overloads"),
	}}
	t.Add(n, d, m, codes.BitsPerPoint(), kernelError, diagnostics.Peak, diagnostics.Overload)
	doc := &reports.Document{Tables: []*reports.Table{t}, Assumptions: []string{
		fmt.Sprintf("%s kernel, γ = %g; kernel error (Frobenius) over the first %d points; seed %d, bitcycle %s", c.Kernel, gamma, k, s.Seed, version()),
	}}
	if c.Learn != "no" {
		learned, err := c.learnTable(data, &encoder)
		if err != nil {
			return input(err)
		}
		doc.Tables = append(doc.Tables, learned)
	}
	if c.Save != "" {
		recipe := rff.Recipe{Kernel: c.Kernel, Gamma: gamma, D: d, Seed: uint64(s.Seed)}
		if err := reports.WriteFile(c.Save, func(w io.Writer) error { return codes.Write(w, recipe) }); err != nil {
			return input(err)
		}
		doc.Summary = append(doc.Summary, "saved "+c.Save)
	}
	return s.write(doc)
}

// points reads the table, or the training part of a folder in the layout of MNIST.
func (c quantizeCmd) points() (*table.Table, error) {
	path := dataset.Resolve(c.Table)
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return table.OpenImages(path, "train", 0)
	}
	return table.Open(path, table.Options{Label: c.Label})
}

// encodedError returns ‖K̂−K‖_F/‖K‖_F of the kernel values among the points x.
func encodedError(e *rff.Encoder, k rff.Kernel, x *mat.Dense) (float64, error) {
	codes, _, err := e.Encode(x)
	if err != nil {
		return 0, err
	}
	exact := rff.KernelMatrix(k, x, x)
	var diff mat.Dense
	diff.Sub(codes.Gram(codes), exact)
	return mat.Norm(&diff, 2) / mat.Norm(exact, 2), nil
}

// parseScheme reads "scheme=sd,m=1024,bits=1,step=0,order=1,sparse=6,lambda=16,beta=1.9".
func parseScheme(spec, text string) (rff.Scheme, int, error) {
	args := quantizers.ParseArgs(spec, text)
	name := args.Choice("scheme", "sd", "msq", "stocq", "sd", "beta")
	m := args.Int("m", 1024, 1, 1<<24)
	alphabet := rff.Alphabet{K: 1 << (args.Int("bits", 1, 1, 8) - 1), Step: args.Float("step", 0, 0, 2)}
	order, lambda := args.Int("order", 1, 1, 4), args.Int("lambda", 16, 1, 1<<16)
	sparse := args.Int("sparse", -1, -1, 1<<16)
	beta := args.Float("beta", 1.9, 1, 1e3)
	if err := args.Err(); err != nil {
		return rff.Scheme{}, 0, err
	}
	var s rff.Scheme
	switch name {
	case "msq":
		s = rff.Scheme{Method: rff.MSQ, Alphabet: alphabet}
	case "stocq":
		s = rff.Scheme{Method: rff.StocQ, Alphabet: alphabet}
	case "sd":
		if s = rff.NewSigmaDelta(order, lambda, alphabet); sparse >= 0 {
			s.Sparse = sparse
		}
	case "beta":
		s = rff.NewBeta(beta, lambda, alphabet)
	}
	return s, m, s.Validate(m)
}
