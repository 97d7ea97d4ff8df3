package vector

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// TestOuter compares every path with the definition in double precision.
func TestOuter(t *testing.T) {
	all := active
	defer func() { active = all }()
	rapid.Check(t, func(t *rapid.T) {
		p := Patches{
			Lines: rapid.IntRange(0, 4).Draw(t, "lines"), Width: rapid.IntRange(0, 9).Draw(t, "width"),
			Step: rapid.IntRange(1, 40).Draw(t, "step"), Rows: rapid.IntRange(1, 60).Draw(t, "rows"),
		}
		p.Line = rapid.IntRange(0, 400).Draw(t, "line")
		n := rapid.SampledFrom([]int{1, 8, 10, 16, 32, 40}).Draw(t, "n")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		values := func(n int) []float32 {
			v := make([]float32, n)
			for i := range v {
				v[i] = float32(r.NormFloat64())
			}
			return v
		}
		x, d, start := values(4*p.Line+9*p.Step+p.Rows), values(p.Lines*p.Width*n), values(p.Rows*n)
		for i := range len(all) + 1 {
			active = all[i:]
			c := append([]float32(nil), start...)
			Outer(&p, x, d, n, c)
			for k, got := range c {
				want := float64(start[k])
				for l := range p.Lines {
					for w := range p.Width {
						want += float64(x[l*p.Line+w*p.Step+k/n]) * float64(d[(l*p.Width+w)*n+k%n])
					}
				}
				if math.Abs(float64(got)-want) > 1e-5*(1+math.Abs(want)) {
					t.Fatalf("path %d: c[%d][%d] = %g: want %g", i, k/n, k%n, got, want)
				}
			}
		}
	})
}

func BenchmarkOuter(b *testing.B) {
	p := Patches{Lines: 16, Width: 32, Step: 16, Line: 34 * 16, Rows: 48}
	x, d, c := make([]float32, 18*34*16), make([]float32, 16*32*16), make([]float32, 48*16)
	for b.Loop() {
		Outer(&p, x, d, 16, c)
	}
	b.ReportMetric(2*float64(b.N)*16*32*48*16/1e9/b.Elapsed().Seconds(), "GFLOP/s")
}
