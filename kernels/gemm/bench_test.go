package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"bitcycle/kernels/gemm/peak"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
)

// rate runs f for the length of the benchmark and reports the best rate of a single run, alone and as a
// share of the peak measured just before. Other loads on the machine lengthen runs, never shorten them.
func rate(b *testing.B, kind string, ops float64, f func()) {
	top := peak.Measure(kind, 20*time.Millisecond)
	f()
	best := math.Inf(1)
	for b.Loop() {
		begin := time.Now()
		f()
		best = min(best, time.Since(begin).Seconds())
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ops/best/1e9, "Gop/s")
	b.ReportMetric(100*ops/best/top, "%peak")
}

// onPath benchmarks f on one path.
func onPath(b *testing.B, p *path, name string, f func(b *testing.B)) {
	b.Run(name+"/"+p.name, func(b *testing.B) {
		was := active
		active = p
		defer func() { active = was }()
		f(b)
	})
}

func BenchmarkPeak(b *testing.B) {
	for _, r := range peak.Loops() {
		b.Run(r.Kind+"/"+r.Path, func(b *testing.B) {
			best := 0.0
			for b.Loop() {
				best = max(best, peak.Measure(r.Kind, 5*time.Millisecond))
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(best/1e9, "Gop/s")
		})
	}
}

func random32(n int) []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	return matrix(r, 1, n, func() float32 { return r.Float32()*2 - 1 })
}

func BenchmarkSquareF32(b *testing.B) {
	for _, n := range []int{512, 1024} {
		x, y, z := random32(n*n), random32(n*n), make([]float32, n*n)
		ops := 2 * float64(n) * float64(n) * float64(n)
		for _, p := range paths {
			onPath(b, p, fmt.Sprint(n), func(b *testing.B) {
				rate(b, "f32", ops, func() { Float32(false, false, n, n, n, x, n, y, n, false, z, n) })
			})
		}
		b.Run(fmt.Sprint(n, "/gonum"), func(b *testing.B) {
			general := func(d []float32) blas32.General { return blas32.General{Rows: n, Cols: n, Stride: n, Data: d} }
			rate(b, "f32", ops, func() { blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, general(x), general(y), 0, general(z)) })
		})
	}
}

func BenchmarkSquareF64(b *testing.B) {
	for _, n := range []int{512, 1024} {
		r := rand.New(rand.NewPCG(1, 2))
		x, y, z := matrix(r, n, n, r.Float64), matrix(r, n, n, r.Float64), make([]float64, n*n)
		ops := 2 * float64(n) * float64(n) * float64(n)
		for _, p := range paths {
			onPath(b, p, fmt.Sprint(n), func(b *testing.B) {
				rate(b, "f64", ops, func() { Float64(false, false, n, n, n, x, n, y, n, false, z, n) })
			})
		}
		b.Run(fmt.Sprint(n, "/gonum"), func(b *testing.B) {
			general := func(d []float64) blas64.General { return blas64.General{Rows: n, Cols: n, Stride: n, Data: d} }
			rate(b, "f64", ops, func() { blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, general(x), general(y), 0, general(z)) })
		})
	}
}

func BenchmarkSquareU8(b *testing.B) {
	for _, n := range []int{512, 1024} {
		r := rand.New(rand.NewPCG(1, 2))
		x, w, z := drawInts[uint8](r, n, n, 0, 255), drawInts[int8](r, n, n, -128, 127), make([]int32, n*n)
		ops := 2 * float64(n) * float64(n) * float64(n)
		for _, p := range paths {
			onPath(b, p, fmt.Sprint(n), func(b *testing.B) {
				packed, src, s := PackI8(n, n, w, n, false), &DenseU8{A: x, LDA: n}, new(Scratch)
				rate(b, "f32", ops, func() { packed.Mul(n, src, nil, &IntDst{I32: z, LD: n}, s) })
			})
		}
	}
}

// BenchmarkSquareBits counts a one-bit multiplication and an addition as two operations, for each pair of
// planes.
func BenchmarkSquareBits(b *testing.B) {
	for _, bits := range []int{1, 2} {
		for _, k := range []int{2048, 4096} {
			const n = 512
			f, r := BitFormat{Bits: bits}, rand.New(rand.NewPCG(1, 2))
			x, w, z := drawInts[uint8](r, n, k, 0, 255), drawInts[int8](r, k, n, -128, 127), make([]int32, n*n)
			ops := 2 * float64(n) * float64(n) * float64(k) * float64(bits*bits)
			for _, p := range paths {
				onPath(b, p, fmt.Sprintf("%dx%d-K%d", bits, bits, k), func(b *testing.B) {
					packed, src, s := PackBits(k, n, w, n, false, f), &DenseU8{A: x, LDA: k}, new(Scratch)
					rate(b, "f32", ops, func() { packed.Mul(n, src, f, nil, &IntDst{I32: z, LD: n}, s) })
				})
			}
		}
	}
}

// BenchmarkTwoCores compares one worker with two on a whole product. The shares are of one core's peak, so
// two workers reach at most 200 %; %both is what two goroutines reach without touching memory, about 100
// if the two processors are threads of one core.
func BenchmarkTwoCores(b *testing.B) {
	const n = 1024
	r := rand.New(rand.NewPCG(1, 2))
	x, y, z := matrix(r, n, n, r.Float64), matrix(r, n, n, r.Float64), make([]float64, n*n)
	for workers := 1; workers <= 2; workers++ {
		b.Run(fmt.Sprint("f64-", n, "/", workers), func(b *testing.B) {
			rate(b, "f64", 2*n*n*n, func() { Float64Parallel(workers, false, false, n, n, n, x, n, y, n, false, z, n) })
			within := 100 * time.Millisecond
			b.ReportMetric(100*peak.Together("f64", 2, within)/peak.Measure("f64", within), "%both")
		})
	}
}
