package rff

import (
	"fmt"
	"iter"
	"sync"

	"gonum.org/v1/gonum/mat"
)

// Encoder turns data points into codes: feature map, quantizer and condensation
// in one pass. Nothing of length m is stored but the codes.
type Encoder struct {
	Features *Features
	Scheme   Scheme
	Seed     uint64 // random rounding (StocQ): points whose kernel is sought need different seeds or one call
	Workers  int    // 0 = all processors; results do not depend on it

	// Single computes projections and cosines in single precision, several times
	// faster; features are then good to about 1e-6 and codes may differ where a
	// state comes that close to a cell edge.
	Single bool
}

// Encode returns the codes of the rows of x, and how the modulator fared.
func (e *Encoder) Encode(x *mat.Dense) (*Codes, Diagnostics, error) {
	if err := e.check(x); err != nil {
		return nil, Diagnostics{}, err
	}
	if e.Single {
		codes, diag := e.encodeSingle(x)
		return codes, diag, nil
	}
	n, _ := x.Dims()
	codes := NewCodes(e.Scheme, e.Features.M, n)
	diag := e.rows(codes, func(z []float64, i, from int) { e.Features.Map(z, x.RawRowView(i), from) })
	return codes, diag, nil
}

func (e *Encoder) check(x *mat.Dense) error {
	if e.Scheme.Method == Float {
		return fmt.Errorf("method = float: has no codes, use Features.MapRows")
	}
	if err := e.Scheme.Validate(e.Features.M); err != nil {
		return err
	}
	return e.Features.CheckPoints(x)
}

// Quantize returns the codes of given features, the rows of z with entries in
// [−1,1]: n points of m features.
func Quantize(s Scheme, z *mat.Dense, seed uint64, workers int) (*Codes, Diagnostics, error) {
	n, m := z.Dims()
	e := Encoder{Features: &Features{M: m}, Scheme: s, Seed: seed, Workers: workers}
	if s.Method == Float {
		return nil, Diagnostics{}, fmt.Errorf("method = float: has no codes")
	}
	if err := s.Validate(m); err != nil {
		return nil, Diagnostics{}, err
	}
	codes := NewCodes(s, m, n)
	diag := e.rows(codes, func(part []float64, i, from int) { copy(part, z.RawRowView(i)[from:]) })
	return codes, diag, nil
}

// rows encodes every row; part writes features from, from+1, … of row i to z.
func (e *Encoder) rows(codes *Codes, part func(z []float64, i, from int)) Diagnostics {
	var total Diagnostics
	var mu sync.Mutex
	used := e.Scheme.Used(codes.M)
	parallel(codes.N, e.Workers, func(pieces iter.Seq2[int, int]) {
		stream := e.Scheme.NewStream(e.Seed)
		z := make([]float64, streamChunk)
		ints := make([]int32, 0, codes.Width)
		for lo, hi := range pieces {
			for i := lo; i < hi; i++ {
				stream.Begin(uint64(i))
				ints = ints[:0]
				for from := 0; from < used; from += streamChunk {
					chunk := z[:min(streamChunk, used-from)]
					part(chunk, i, from)
					ints = stream.Push(ints, chunk)
				}
				codes.Set(i, ints)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		total.Add(stream.Diagnostics())
	})
	return total
}

// Embed returns the feature vectors of given features z (n×m) under any scheme,
// Float included, as the rows of a matrix F: F·Fᵀ estimates the kernel matrix.
func Embed(s Scheme, z *mat.Dense, seed uint64) (*mat.Dense, Diagnostics, error) {
	if s.Method == Float {
		n, m := z.Dims()
		f := mat.NewDense(n, m, nil)
		f.Scale(s.factor(m), z)
		return f, Diagnostics{}, nil
	}
	codes, diag, err := Quantize(s, z, seed, 0)
	if err != nil {
		return nil, diag, err
	}
	return codes.Matrix(), diag, nil
}
