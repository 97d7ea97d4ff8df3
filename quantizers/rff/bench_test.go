package rff

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"bitcycle/kernels/gemm"
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

// BenchmarkFold: one bit, r = 1, features given, condensed by block sums. A core of
// an AMD EPYC (Zen 4) makes 1170 million features/s (aim: 200). The bound is
// arithmetic: a multiplication, a conversion and an addition a feature take 3 cycles;
// the 4 bytes read of each are 4.7 GB/s, far below memory.
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

// BenchmarkEncode: points of 50 dimensions to codes, on one core, 166 million
// features/s in single and 32 in double precision (aim: 20); [BenchmarkParts] says
// where it goes.
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

// BenchmarkParts: what limits BenchmarkEncode/single, part by part: the projection
// onto 50 dimensions, the cosine, and the quantization in its folded form: 860, 1135
// and 1125 million features/s, 340 one after the other. The first is 86 Gflop/s for
// 2·50 operations a feature, three quarters of the core's peak of 118: for d = 50 the
// multipliers limit at 1180.
func BenchmarkParts(b *testing.B) {
	const rows, d, m = tileRows, 50, tileFeatures
	t := newNarrowed(Draw(Gaussian{Gamma: 0.01}, d, m, 1))
	x, z := newPanel(rows, d), newPanel(rows, m)
	copy(x.data, randomUnit(rows*d, 2))
	b.Run("project", func(b *testing.B) {
		for b.Loop() {
			gemm.Float32(false, true, rows, m, d, x.data, x.stride, t.omega.data, t.omega.stride, false, z.data, z.stride)
		}
		perSecond(b, rows*m)
	})
	b.Run("cosine", func(b *testing.B) {
		for b.Loop() {
			for r := range rows {
				gemm.CosF32(z.row(r), z.row(r), t.xi, 1)
			}
		}
		perSecond(b, rows*m)
	})
	b.Run("fold", func(b *testing.B) {
		f, _ := newFold(NewSigmaDelta(1, 15, Alphabet{K: 1}))
		ints := make([]int32, 0, m)
		for b.Loop() {
			for r := range rows {
				f.begin()
				ints = f.push(ints[:0], z.row(r))
			}
		}
		perSecond(b, rows*m)
	})
}
