package kernels

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// quotients are the roundings as their names say, of a quotient of integers
// given as what is below it, twice the rest, and what that is compared with.
var quotients = map[Rounding]func(x *big.Rat) *big.Int{
	HalfUp:   func(x *big.Rat) *big.Int { return floor(plus(x, 1, 2)) },
	HalfEven: func(x *big.Rat) *big.Int { return nearest(x, 0) },
	HalfOdd:  func(x *big.Rat) *big.Int { return nearest(x, 1) },
	HalfAway: func(x *big.Rat) *big.Int {
		return mirrored(x, func(x *big.Rat) *big.Int { return floor(plus(x, 1, 2)) })
	},
	HalfToZero: func(x *big.Rat) *big.Int {
		return mirrored(x, func(x *big.Rat) *big.Int { return ceil(plus(x, -1, 2)) })
	},
	Floor:        floor,
	Ceil:         ceil,
	TowardZero:   func(x *big.Rat) *big.Int { return mirrored(x, floor) },
	AwayFromZero: func(x *big.Rat) *big.Int { return mirrored(x, ceil) },
}

func floor(x *big.Rat) *big.Int { return new(big.Int).Div(x.Num(), x.Denom()) }

func ceil(x *big.Rat) *big.Int {
	y := floor(new(big.Rat).Neg(x))
	return y.Neg(y)
}

func plus(x *big.Rat, a, b int64) *big.Rat { return new(big.Rat).Add(x, big.NewRat(a, b)) }

// mirrored rounds the magnitude.
func mirrored(x *big.Rat, f func(x *big.Rat) *big.Int) *big.Int {
	y := f(new(big.Rat).Abs(x))
	if x.Sign() < 0 {
		y.Neg(y)
	}
	return y
}

// nearest rounds to nearest, halves to what leaves the given rest modulo 2.
func nearest(x *big.Rat, rest uint) *big.Int {
	y := floor(plus(x, 1, 2))
	if plus(x, 1, 2).IsInt() && y.Bit(0) != rest {
		y.Sub(y, big.NewInt(1))
	}
	return y
}

// Every rounding is that of its definition, of sums of products and of numbers.
func TestRoundings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.SampledFrom([]Rounding{HalfUp, HalfEven, HalfOdd, HalfAway, HalfToZero, Floor, Ceil, TowardZero, AwayFromZero}).Draw(t, "rounding")
		n := rapid.Uint8Range(0, 6).Draw(t, "shift")
		x := rapid.Int64Range(-300, 300).Draw(t, "x")
		exact := big.NewRat(x, 1<<n)
		want := quotients[r](exact).Int64()
		if got := r.shift(x, n, 0); got != want {
			t.Errorf("%d/2^%d by %d is %d, want %d", x, n, r, got, want)
		}
		if got := r.of(math.Ldexp(float64(x), -int(n))); got != float64(want) {
			t.Errorf("%v by %d is %v, want %d", exact, r, got, want)
		}
	})
}

// A map for a grid rounds as the grid does, whether it is a shift or not, for every
// code within the bound.
func TestMapsRoundAsTheirGrids(t *testing.T) {
	shifts := 0
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.SampledFrom([]Rounding{HalfUp, HalfEven, HalfOdd, HalfAway, HalfToZero, Floor, Ceil, TowardZero, AwayFromZero}).Draw(t, "rounding")
		f := fixed{mult: []int32{rapid.Int32Range(-1<<10, 1<<10).Draw(t, "mult")}, shift: rapid.Uint8Range(0, 12).Draw(t, "shift")}
		offset := rapid.Int64Range(-1<<12, 1<<12).Draw(t, "offset")
		bound := rapid.Int64Range(0, 300).Draw(t, "bound")
		f.bias = offset
		if f.shift > 0 {
			f.bias += 1 << (f.shift - 1)
		}
		f = f.rounded(Grid{Scale: 1, Bits: 16, Signed: true, Round: r}, []int64{bound})
		if f.round == HalfUp {
			shifts++
		}
		for x := -bound; x <= bound; x++ {
			want := quotients[r](big.NewRat(x*int64(f.mult[0])+offset, 1<<f.shift)).Int64()
			if got := f.apply(x, math.MinInt32, math.MaxInt32); int64(got) != want {
				t.Fatalf("(%d·%d + %d)/2^%d by %d is %d, want %d", x, f.mult[0], offset, f.shift, r, got, want)
			}
		}
	})
	if shifts == 0 {
		t.Error("no map was a shift")
	}
}

// Numbers are put on a grid within its stored codes, and those stand for them.
func TestAsymmetricGrids(t *testing.T) {
	for _, c := range []struct {
		g    Grid
		x    float64
		want int32
	}{
		{Grid{Scale: 0.5, Bits: 8, Zero: 100}, -60, -100},
		{Grid{Scale: 0.5, Bits: 8, Zero: 100}, 100, 155},
		{Grid{Scale: 0.5, Bits: 8, Signed: true, Zero: -128}, 200, 255},
		{Grid{Scale: 0.5, Bits: 8, Signed: true, Zero: -128}, -1, 0},
		{Grid{Scale: 1, Bits: 4, Round: HalfEven}, 2.5, 2},
		{Grid{Scale: 1, Bits: 4, Zero: 3, Round: HalfOdd}, 2.5, 3},
		{Grid{Scale: 1, Bits: 4, Signed: true, Narrow: true}, -9, -7},
		{Grid{Scale: 1, Bits: 4, Narrow: true}, 20, 14},
		{Grid{Scale: 0.25, Bits: 1, Signed: true, Bipolar: true}, -1e-9, -1},
		{Grid{Scale: 0.25, Bits: 1, Signed: true, Bipolar: true}, 0, 1},
		{Grid{Scale: 1, Bits: 8, Signed: true, Round: Floor}, -0.5, -1},
		{Grid{Scale: 1, Bits: 8, Signed: true, Round: Ceil}, 0.1, 1},
	} {
		if err := c.g.Check(); err != nil {
			t.Error(err)
		}
		if got := c.g.Quantize(c.x); got != c.want {
			t.Errorf("%v on %+v is %d, want %d", c.x, c.g, got, c.want)
		}
	}
	for _, g := range []Grid{
		{Scale: 0, Bits: 8},
		{Scale: 1, Bits: 0},
		{Scale: 1, Bits: 17},
		{Scale: 1, Bits: 33, Signed: true},
		{Scale: 1, Bits: 8, Zero: 1 << 20},
		{Scale: 1, Bits: 1, Narrow: true},
		{Scale: 1, Bits: 2, Bipolar: true},
		{Scale: 1, Bits: 8, Round: bySign},
	} {
		if g.Check() == nil {
			t.Errorf("%+v is accepted", g)
		}
	}
}
