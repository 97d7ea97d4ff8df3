package lplr

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"bitcycle/quantizers"
)

// Job says how matrices are compressed.
type Job struct {
	// Options of the factorization. Rank 0 takes rank, widths and basis from the plan
	// of least measured error within BitsPerEntry.
	Options
	BitsPerEntry float64
	// Rounds compress each what the one before left, with the same bits again. 0 is one
	// with a rank; without, one or two within BitsPerEntry in all.
	Rounds int
}

// Compressed is a matrix in factors, and how good they are.
type Compressed struct {
	Stored
	Options               // as used in the first round
	Rows, Cols    int     // of the matrix
	BitsPerEntry  float64 // stored in all rounds
	RelativeError float64 // ‖A − ΣLR‖_F/‖A‖_F
	NaiveError    float64 // of the entries rounded one by one at the same bits, to the nearest whole width
	Scalar        Scalar  // the best quantizer of single entries at these bits; no name if there is none
}

// ParseJob reads "power=1,sparse=4,dither=true,rounds=2", the arguments of a method
// spelled spec.
func ParseJob(spec, text string) (Job, error) {
	args := quantizers.ParseArgs(spec, text)
	j := Job{Options: Options{Power: args.Int("power", 0, 0, 10), Sparse: args.Int("sparse", 0, 0, 1<<16), Dithered: args.Bool("dither", false)}}
	j.Rounds = args.Int("rounds", 0, 0, 100)
	return j, args.Err()
}

// Compress factorizes a.
func (j Job) Compress(name string, a *mat.Dense) (*Compressed, error) {
	if err := checkFinite(a); err != nil {
		return nil, err
	}
	opts, products, err := j.factorize(a)
	if err != nil {
		return nil, err
	}
	n, d := a.Dims()
	bits := float64(len(products)) * Bits(n, d, opts.Rank, opts.BitsL, opts.BitsR)
	scalar, _ := BestScalar(a, bits)
	naive := Naive(a, min(max(int(bits+0.5), 1), MaxBits))
	relative := RelativeError(a, Sum(products))
	return &Compressed{
		Stored: Stored{Name: name, Rounds: products, Error: relative}, Options: opts, Rows: n, Cols: d, BitsPerEntry: bits,
		RelativeError: relative, NaiveError: RelativeError(a, naive.Dense()), Scalar: scalar,
	}, nil
}

// checkFinite reports the first entry of a that is no number, and a norm that overflows.
func checkFinite(a *mat.Dense) error {
	n, _ := a.Dims()
	for i := range n {
		for k, v := range a.RawRowView(i) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("row %d, column %d: %v is not a finite number", i+1, k+1, v)
			}
		}
	}
	if norm := mat.Norm(a, 2); math.IsInf(norm*norm, 0) {
		return errors.New("entries are too large: their squares must add up below 1.8e308")
	}
	return nil
}

func (j Job) factorize(a *mat.Dense) (Options, []*Factors, error) {
	if j.Rank == 0 {
		return j.search(a)
	}
	products, err := Iterate(a, max(j.Rounds, 1), j.Options)
	return j.Options, products, err
}
