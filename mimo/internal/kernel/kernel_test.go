package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func randomView(r *rand.Rand, rows, cols, extra int) View {
	v := View{Stride: Pad(cols) + extra}
	v.Re, v.Im = make([]float64, rows*v.Stride), make([]float64, rows*v.Stride)
	for i := range v.Re {
		v.Re[i], v.Im[i] = 2*r.Float64()-1, 2*r.Float64()-1
	}
	return v
}

func sameBits(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}

// withPath runs body on every path of this machine beside the portable one.
func withPath(t *testing.T, body func(t *testing.T, p *path)) {
	defer func(p *path) { active = p }(active)
	for _, p := range paths {
		t.Run(p.name, func(t *testing.T) { body(t, p) })
	}
}

func TestProductIsTheSumOfProducts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	a, b := randomView(r, 3, 5, 0), randomView(r, 5, 4, 8)
	c := View{Re: make([]float64, 3*8), Im: make([]float64, 3*8), Stride: 8}
	Product(3, 5, 4, c, a, b)
	for i := range 3 {
		for j := range 4 {
			var want complex128
			for p := range 5 {
				want += complex(a.Re[i*8+p], a.Im[i*8+p]) * complex(b.Re[p*16+j], b.Im[p*16+j])
			}
			got := complex(c.Re[i*8+j], c.Im[i*8+j])
			if d := got - want; math.Hypot(real(d), imag(d)) > 1e-14 {
				t.Errorf("c[%d][%d] = %v, want %v", i, j, got, want)
			}
		}
	}
}

func TestProductIsTheSameOnEveryPath(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, d := range [][3]int{{1, 1, 1}, {8, 3, 24}, {7, 256, 20}, {256, 8, 100}, {5, 9, 33}, {4, 0, 8}} {
		m, k, n := d[0], d[1], d[2]
		a, b, c := randomView(r, m, k, 0), randomView(r, k, n, 0), randomView(r, m, n, 8)
		want := View{Re: slices.Clone(c.Re), Im: slices.Clone(c.Im), Stride: c.Stride}
		productGeneric(m, k, Pad(n), want, a, b)
		withPath(t, func(t *testing.T, p *path) {
			active = p
			got := View{Re: slices.Clone(c.Re), Im: slices.Clone(c.Im), Stride: c.Stride}
			Product(m, k, n, got, a, b)
			if !sameBits(got.Re, want.Re) || !sameBits(got.Im, want.Im) {
				t.Errorf("%v differs from plain Go", d)
			}
		})
	}
}

func TestModulateIsTheSameOnEveryPath(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, d := range [][2]int{{1, 1}, {16, 8}, {33, 40}, {256, 100}, {64, 20}} {
		n, cols := d[0], d[1]
		in := randomView(r, n, cols, 0)
		in.Re[0], in.Im[0] = math.Copysign(0, -1), 0 // csgn(±0) = 1 + j
		c := Coefficients{make([]float64, n), make([]float64, n)}
		for i := range n {
			c.Im[i], c.Re[i] = math.Sincos(7 * r.Float64())
		}
		for _, coef := range []Coefficients{{}, c} {
			want := randomView(r, n, cols, 8)
			modulateGeneric(n, Pad(cols), want, in, 0.7, coef)
			if want.Re[0] != 1 || want.Im[0] != 1 {
				t.Errorf("csgn(−0) = (%v, %v), want (1, 1)", want.Re[0], want.Im[0])
			}
			withPath(t, func(t *testing.T, p *path) {
				active = p
				got := View{Re: slices.Clone(want.Re), Im: slices.Clone(want.Im), Stride: want.Stride}
				for i := range n {
					clear(got.Re[i*got.Stride:][:Pad(cols)])
					clear(got.Im[i*got.Stride:][:Pad(cols)])
				}
				Modulate(n, cols, got, in, 0.7, coef)
				if !sameBits(got.Re, want.Re) || !sameBits(got.Im, want.Im) {
					t.Errorf("%v, steered %v: differs from plain Go", d, coef.Re != nil)
				}
			})
		}
	}
}

func TestModulateFollowsTheRecursion(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	const n, cols = 20, 3
	in, x := randomView(r, n, cols, 0), randomView(r, n, cols, 0)
	c := Coefficients{make([]float64, n), make([]float64, n)}
	for i := range n {
		c.Im[i], c.Re[i] = math.Sincos(0.1 * float64(i))
	}
	Modulate(n, cols, x, in, 0.5, c)
	for j := range cols {
		var q complex128
		for i := range n {
			b := 0.5*complex(in.Re[i*8+j], in.Im[i*8+j]) - complex(c.Re[i], c.Im[i])*q
			want := complex(math.Copysign(1, real(b)), math.Copysign(1, imag(b)))
			if got := complex(x.Re[i*8+j], x.Im[i*8+j]); got != want {
				t.Fatalf("x[%d][%d] = %v, want %v", i, j, got, want)
			}
			q = want - b
		}
	}
}

func TestStepsAreTheSameOnEveryPath(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, n := range []int{8, 64, 1000} {
		v := func() []float64 { return randomView(r, 1, n, 0).Re }
		y, x, grad, prev := v(), v(), v(), v()
		next := make([]float64, n)
		sums := stepGeneric(next, y, x, grad, 0.3, 0.6)
		extrapolated := make([]float64, n)
		combineGeneric(extrapolated, next, prev, 0.8)
		withPath(t, func(t *testing.T, p *path) {
			active = p
			got := make([]float64, n)
			square, along := Step(got, y, x, grad, 0.3, 0.6)
			if !sameBits(got, next) || square != total(&sums[0]) || along != total(&sums[1]) {
				t.Errorf("step of %d differs from plain Go", n)
			}
			Combine(got, next, prev, 0.8)
			if !sameBits(got, extrapolated) {
				t.Errorf("combination of %d differs from plain Go", n)
			}
		})
	}
}

func TestMaxAbs(t *testing.T) {
	for _, x := range [][]float64{nil, {-3, 2}, {1, 2, 3, 4, 5, 6, 7, 8, -9}, {0, -8, 0, 0, 0, 0, 0, 1, 2, 3}} {
		want := maxAbsGeneric(x)
		withPath(t, func(t *testing.T, p *path) {
			active = p
			if got := MaxAbs(x); got != want {
				t.Errorf("MaxAbs(%v) = %v, want %v", x, got, want)
			}
		})
	}
}

func TestChoosePath(t *testing.T) {
	if got := choose("generic").name; got != "generic" {
		t.Errorf("generic chooses %s", got)
	}
	if got := choose("no such").name; got != paths[len(paths)-1].name {
		t.Errorf("an unknown name chooses %s", got)
	}
}

// BenchmarkModulate counts antenna-samples, I and Q together. The goal is 500 million a second
// on one core; an AMD EPYC (Zen 4, AVX-512) makes 2000 and 2800 million in blocks of 24 and 104
// symbols, and 1000 in those of 512, whose 4 MB leave the nearer caches.
func BenchmarkModulate(b *testing.B) {
	defer func(p *path) { active = p }(active)
	r := rand.New(rand.NewPCG(1, 1))
	for _, cols := range []int{24, 104, 512} {
		const n = 256
		in, x := randomView(r, n, cols, 0), randomView(r, n, cols, 0)
		for _, p := range paths {
			b.Run(fmt.Sprintf("%s/%d", p.name, cols), func(b *testing.B) {
				active = p
				for b.Loop() {
					Modulate(n, cols, x, in, 1, Coefficients{})
				}
				b.ReportMetric(float64(n*cols)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Msamples/s")
			})
		}
	}
}

func BenchmarkProduct(b *testing.B) {
	defer func(p *path) { active = p }(active)
	r := rand.New(rand.NewPCG(1, 1))
	for _, d := range [][3]int{{256, 8, 104}, {8, 256, 104}, {8, 256, 24}, {256, 8, 24}} {
		m, k, n := d[0], d[1], d[2]
		a, w, c := randomView(r, m, k, 0), randomView(r, k, n, 0), randomView(r, m, n, 0)
		for _, p := range paths {
			b.Run(fmt.Sprintf("%s/%v", p.name, d), func(b *testing.B) {
				active = p
				for b.Loop() {
					Product(m, k, n, c, a, w)
				}
				b.ReportMetric(float64(m*n*k)*float64(b.N)/b.Elapsed().Seconds()/1e6, "McMAC/s")
			})
		}
	}
}
