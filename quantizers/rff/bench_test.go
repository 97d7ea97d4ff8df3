package rff

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func randomUnit(n int, seed uint64) []float32 {
	rng := rand.New(rand.NewPCG(seed, 1))
	z := make([]float32, n)
	for i := range z {
		z[i] = 2*rng.Float32() - 1
	}
	return z
}

func perSecond(b *testing.B, features int) {
	b.ReportMetric(float64(features)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mfeatures/s")
}

// BenchmarkFold: one bit, r = 1, features given, condensed by block sums.
func BenchmarkFold(b *testing.B) {
	const rows, m = 64, 4096
	f, _ := newFold(NewSigmaDelta(1, 15, Alphabet{K: 1}))
	z := randomUnit(rows*m, 1)
	ints := make([]int32, 0, m)
	for b.Loop() {
		for r := range rows {
			f.begin()
			ints = f.push(ints[:0], z[r*m:(r+1)*m])
		}
	}
	perSecond(b, rows*m)
}

// BenchmarkStream: the same and other schemes, one feature after the other.
func BenchmarkStream(b *testing.B) {
	for _, s := range []Scheme{
		NewSigmaDelta(1, 15, Alphabet{K: 1}),
		NewSigmaDelta(2, 15, Alphabet{K: 1}),
		NewSigmaDelta(2, 15, Alphabet{K: 4}),
		NewBeta(1.9, 12, Alphabet{K: 1}),
		{Method: MSQ, Alphabet: Alphabet{K: 1}},
		{Method: StocQ, Alphabet: Alphabet{K: 1}},
	} {
		b.Run(s.String(), func(b *testing.B) {
			const m = 4096
			z := make([]float64, m)
			for i, v := range randomUnit(m, 1) {
				z[i] = float64(v)
			}
			stream, ints := s.NewStream(1), make([]int32, 0, m)
			for b.Loop() {
				stream.Begin(0)
				ints = stream.Push(ints[:0], z)
			}
			perSecond(b, m)
		})
	}
}

// BenchmarkEncode: points of 50 dimensions to codes, on one core.
func BenchmarkEncode(b *testing.B) {
	const n, d, m = 64, 50, 3840
	rng := rand.New(rand.NewPCG(3, 3))
	x := mat.NewDense(n, d, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() }, x)
	features := Draw(Gaussian{Gamma: 0.01}, d, m, 1)
	for _, single := range []bool{true, false} {
		name := "double"
		if single {
			name = "single"
		}
		b.Run(name, func(b *testing.B) {
			e := Encoder{Features: features, Scheme: NewSigmaDelta(1, 15, Alphabet{K: 1}), Workers: 1, Single: single}
			for b.Loop() {
				if _, _, err := e.Encode(x); err != nil {
					b.Fatal(err)
				}
			}
			perSecond(b, n*m)
		})
	}
}
