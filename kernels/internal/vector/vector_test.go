package vector

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// operands are the inputs of all functions.
type operands struct {
	g, x, y            []float32
	scale, shift, a, b []float32
}

func draw(t *rapid.T) operands {
	channels := rapid.SampledFrom([]int{1, 3, 8, 16, 24, 32, 48, 64, 128}).Draw(t, "channels")
	positions := rapid.IntRange(1, 150).Draw(t, "positions")
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	values := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(r.NormFloat64())
			switch r.IntN(30) {
			case 0:
				v[i] = 0
			case 1:
				v[i] = float32(math.Copysign(0, -1))
			}
		}
		return v
	}
	o := operands{scale: values(channels), shift: values(channels), a: values(channels), b: values(channels)}
	o.g, o.x, o.y = values(channels*positions), values(channels*positions), values(channels*positions)
	if r.IntN(4) == 0 {
		o.x[r.IntN(len(o.x))] = float32(math.NaN())
	}
	return o
}

// results runs every function on copies of the operands.
func (o operands) results() map[string][]float32 {
	out := map[string][]float32{}
	for name, f := range map[string]func(y []float32){
		"affine":      func(y []float32) { Affine(y, o.x, o.scale, o.shift, false) },
		"affine relu": func(y []float32) { Affine(y, o.x, o.scale, o.shift, true) },
		"combine":     func(y []float32) { Combine(y, o.g, o.x, o.scale, o.a, o.b, false) },
		"combine add": func(y []float32) { Combine(y, o.g, o.x, o.scale, o.a, o.b, true) },
		"add":         func(y []float32) { Add(y, o.x) },
		"add product": func(y []float32) { AddProduct(y, o.g, o.x) },
		"sum":         func(y []float32) { Sum(y, o.g, o.x, false) },
		"sum relu":    func(y []float32) { Sum(y, o.g, o.x, true) },
		"mask":        func(y []float32) { Mask(y, o.x) },
		"mask sums": func(y []float32) {
			sums := make([]float64, 2*len(o.scale))
			MaskSums(sums, y, o.x, o.scale, o.shift)
			copy(y[:min(len(y), len(sums))], single(sums))
		},
		"ceil": func(y []float32) { Ceil(y, o.x, 0.3, 3) },
		"ceil gradient": func(y []float32) {
			inside, above := CeilGradient(y, o.g, o.x, 0.9)
			y[0] += float32(inside + 8*above)
		},
		"sums": func(y []float32) {
			sums := make([]float64, 2*len(o.scale))
			Sums(sums, o.g, o.x)
			copy(y[:min(len(y), len(sums))], single(sums))
		},
	} {
		y := slices.Clone(o.y)
		f(y)
		out[name] = y
	}
	return out
}

func single(v []float64) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x)
	}
	return out
}

// TestPathsAgree compares every width with plain Go, bit for bit.
func TestPathsAgree(t *testing.T) {
	all := active
	defer func() { active = all }()
	if len(all) == 0 {
		t.Skip("this machine runs plain Go only")
	}
	rapid.Check(t, func(t *rapid.T) {
		o := draw(t)
		active = nil
		want := o.results()
		for i := range all {
			active = all[i:]
			for name, got := range o.results() {
				for k := range got {
					if g, w := math.Float32bits(got[k]), math.Float32bits(want[name][k]); g != w && !(got[k] != got[k] && want[name][k] != want[name][k]) {
						t.Fatalf("%s, %d lanes: value %d is %v: plain Go says %v", name, active[0].lanes, k, got[k], want[name][k])
					}
				}
			}
		}
	})
}

// TestFormulas checks plain Go against the definitions.
func TestFormulas(t *testing.T) {
	all := active
	defer func() { active = all }()
	active = nil
	o := operands{
		g: []float32{1, 2, 3, 4}, x: []float32{-1, 0, 2, 5}, y: []float32{1, 1, 1, 1},
		scale: []float32{2, 3}, shift: []float32{1, -1}, a: []float32{10, 20}, b: []float32{100, 200},
	}
	got := o.results()
	for name, want := range map[string][]float32{
		"affine":      {-1, -1, 5, 14},
		"affine relu": {0, 0, 5, 14},
		"combine":     {92, 206, 126, 312},
		"combine add": {93, 207, 127, 313},
		"add":         {0, 1, 3, 6},
		"add product": {0, 1, 7, 21},
		"sum":         {0, 2, 5, 9},
		"mask":        {0, 0, 1, 1},
		"sums":        {4, 6, 5, 20},
		"mask sums":   {1, 1, 2, 5},
		"ceil":        {0, 0, 3 * float32(0.3), 3 * float32(0.3)},
	} {
		if !slices.Equal(got[name], want) {
			t.Errorf("%s: %v: want %v", name, got[name], want)
		}
	}
	dx := make([]float32, 5)
	inside, above := CeilGradient(dx, []float32{1, 2, 4, 8, 16}, []float32{-1, 0, 0.5, 1, 1.5}, 1)
	if inside != 12 || above != 16 || !slices.Equal(dx, []float32{0, 0, 4, 8, 0}) {
		t.Errorf("ceil gradient: %v, sums %v and %v", dx, inside, above)
	}
}
