package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestChoosePath(t *testing.T) {
	for _, p := range paths {
		if got, err := choosePath(p.name); got != p || err != nil {
			t.Errorf("choosePath(%q) = %s, %v", p.name, got.name, err)
		}
	}
	best := paths[len(paths)-1]
	if got, err := choosePath(""); got != best || err != nil {
		t.Errorf("choosePath(\"\") = %s, %v", got.name, err)
	}
	got, err := choosePath("sse9")
	if got != best || err == nil || !strings.Contains(err.Error(), `"sse9"`) || !strings.Contains(err.Error(), "generic") {
		t.Errorf("choosePath(\"sse9\") = %s, %v", got.name, err)
	}
}

// TestSameOnVectorPaths: every sum is one chain of fused multiply-adds in the order of k, cut at the same
// places, so that paths with vectors agree bit for bit.
func TestSameOnVectorPaths(t *testing.T) {
	if len(paths) < 3 {
		t.Skip("this machine has only one path with vectors")
	}
	was := active
	defer func() { active = was }()
	rapid.Check(t, func(t *rapid.T) {
		d, r := drawDims(t), rng(t)
		a, b := matrix(r, d.m, d.k, r.Float32), matrix(r, d.k, d.n, r.Float32)
		var first []float32
		for _, p := range paths[1:] {
			active = p
			c := make([]float32, d.m*d.n)
			Float32(false, false, d.m, d.n, d.k, a, d.k, b, d.n, false, c, d.n)
			if first == nil {
				first = c
			} else if !slices.Equal(c, first) {
				t.Fatalf("%s differs from %s", p.name, paths[1].name)
			}
		}
	})
}

// TestParallel: the result does not depend on the number of workers, or on where rows are split.
func TestParallel(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			d, r := drawDims(t), rng(t)
			transA, transB := rapid.Bool().Draw(t, "transA"), rapid.Bool().Draw(t, "transB")
			_, lda := swapIf(transA, d.m, d.k)
			_, ldb := swapIf(transB, d.k, d.n)
			a, b, c := matrix(r, d.m, d.k, r.Float64), matrix(r, d.k, d.n, r.Float64), matrix(r, d.m, d.n, r.Float64)
			acc, want := rapid.Bool().Draw(t, "acc"), slices.Clone(c)
			Float64(transA, transB, d.m, d.n, d.k, a, lda, b, ldb, acc, want, d.n)
			Float64Parallel(rapid.IntRange(1, 9).Draw(t, "workers"), transA, transB, d.m, d.n, d.k, a, lda, b, ldb, acc, c, d.n)
			if !slices.Equal(c, want) {
				t.Fatal("workers changed the result")
			}
		})
	})
}

func TestRowsSplit(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		var s Scratch
		rapid.Check(t, func(t *rapid.T) {
			shape, r := drawShape(t), rng(t)
			m, k, n := shape.Rows(), shape.K(), rapid.IntRange(1, 40).Draw(t, "n")
			src := &ConvF32{shape, matrix(r, shape.N*shape.H*shape.W, shape.C, r.Float32)}
			p := PackF32(k, n, matrix(r, k, n, r.Float32), n, false)
			whole, parts := make([]float32, m*n), make([]float32, m*n)
			p.Mul(m, src, nil, whole, n, &s)
			for row := 0; row < m; {
				end := rapid.IntRange(row+1, m).Draw(t, "end")
				p.MulRows(row, end, src, nil, parts, n, &s)
				row = end
			}
			if !slices.Equal(whole, parts) {
				t.Fatal("splitting rows changed the result")
			}
		})
	})
}

func TestRepack(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r, s := rand.New(rand.NewPCG(1, 2)), new(Scratch)
		const m, k, n = 5, 70, 45
		a, b := matrix(r, m, k, r.Float32), matrix(r, k, n, r.Float32)
		p := PackF32(k, n, matrix(r, k, n, r.Float32), n, false)
		p.Repack(b, n, false)
		got, want := make([]float32, m*n), make([]float32, m*n)
		p.Mul(m, &DenseF32{a, k}, nil, got, n, s)
		PackF32(k, n, b, n, false).Mul(m, &DenseF32{a, k}, nil, want, n, s)
		if !slices.Equal(got, want) {
			t.Fatal("a repacked matrix differs from a packed one")
		}
	})
}

// TestAllocations: nothing allocates once scratch has grown.
func TestAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector drops pooled memory")
	}
	eachPath(t, func(t *testing.T) {
		r, s := rand.New(rand.NewPCG(1, 2)), new(Scratch)
		shape := ConvShape{N: 1, H: 9, W: 9, C: 12, KH: 3, KW: 3, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, PadTop: 1, PadLeft: 1, OutH: 9, OutW: 9, CG: 12}
		m, k, pixels := shape.Rows(), shape.K(), 81*12
		const n = 21
		f32, f64 := matrix(r, k, pixels, r.Float32), matrix(r, k, 128, r.Float64)
		c32, c64 := make([]float32, k*pixels), make([]float64, k*128)
		i8 := drawInts[int8](r, k, n, -128, 127)
		x := drawInts[uint8](r, 1, pixels, 0, 255)
		u8, s8 := &ConvU8{shape, x, 3}, &ConvI8{shape, drawInts[int8](r, 1, pixels, -128, 127)}
		x16, x32 := &ConvI16{shape, make([]int16, pixels)}, &ConvI32{shape, make([]int32, pixels)}
		q, dst, f := halving(n), &IntDst{U8: make([]uint8, m*n), LD: n}, BitFormat{Bits: 2}
		packedF, packed8, packedBits, packedDepth := PackF32(k, n, f32, n, false), PackI8(k, n, i8, n, false), PackConvBits(&shape, n, i8, n, false, f), PackDepthwise(&shape, i8)
		packed16, packed32 := PackI16(k, n, make([]int16, k*n), n, false), PackI32(k, n, make([]int32, k*n), n, false)
		conv, ep := &ConvF32{shape, f32}, &EpilogueF32{Bias: f32, Residual: f32, LDR: n}
		depthQ, depthDst := halving(shape.C), &IntDst{I8: make([]int8, m*shape.C), LD: shape.C}
		for name, run := range map[string]func(){
			"Float32":       func() { Float32(true, false, 50, 60, 70, f32, 50, f32, 60, false, c32, 60) },
			"Float64":       func() { Float64(false, true, 50, 60, 70, f64, 70, f64, 70, false, c64, 60) },
			"PackedF32":     func() { packedF.Mul(m, conv, ep, c32, n, s) },
			"Repack":        func() { packedF.Repack(f32, n, false) },
			"PackedI8":      func() { packed8.Mul(m, u8, q, dst, s); packed8.Mul(m, s8, q, dst, s) },
			"PackedI16":     func() { packed16.Mul(m, x16, q, dst, s) },
			"PackedI32":     func() { packed32.Mul(m, x32, q, dst, s) },
			"PackedBits":    func() { packedBits.Mul(m, u8, f, q, dst, s) },
			"DepthwiseF32":  func() { DepthwiseF32(&shape, 0, 9, f32, f32, ep, c32) },
			"Depthwise":     func() { packedDepth.MulLines(0, 9, u8, depthQ, depthDst, s) },
			"WeightGradF32": func() { WeightGradF32(&shape, 0, 9, f32, f32, n, n, true, c32, k, s) },
			"CosF32":        func() { CosF32(c32, f32, f32, 1) },
		} {
			run()
			if allocs := testing.AllocsPerRun(5, run); allocs != 0 {
				t.Errorf("%s: %v allocations a run", name, allocs)
			}
		}
	})
}

func TestEmptyProducts(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		c := []float32{1, 2}
		Float32(false, false, 1, 2, 0, nil, 0, nil, 2, false, c, 2)
		if c[0] != 0 || c[1] != 0 {
			t.Errorf("a product of depth 0 is %v", c)
		}
		Float32(false, false, 0, 0, 3, nil, 3, nil, 0, false, nil, 0)
	})
}

func ExamplePackF32() {
	weights := PackF32(2, 3, []float32{
		1, 2, 3,
		4, 5, 6,
	}, 3, false)
	rows := &DenseF32{A: []float32{1, 1, 1, -1}, LDA: 2}
	relu := &EpilogueF32{Clamp: true, Lo: 0, Hi: float32(math.Inf(1))}
	out := make([]float32, 6)
	weights.Mul(2, rows, relu, out, 3, new(Scratch))
	fmt.Println(out)
	// Output: [5 7 9 0 0 0]
}

func ExamplePackI8() {
	weights := PackI8(2, 1, []int8{3, -2}, 1, false)
	pixels := &DenseU8{A: []uint8{10, 20, 30, 5}, LDA: 2}
	half := &Requant{Mult: []int32{1}, Bias: []int64{1}, Shift: []uint8{1}, Lo: -128, Hi: 127} // x/2, half up
	out := IntDst{I8: make([]int8, 2), LD: 1}
	weights.Mul(2, pixels, half, &out, new(Scratch))
	fmt.Println(out.I8)
	// Output: [-5 40]
}
