package lplr

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func TestFileRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawMatrix(t)
		rows, cols := a.Dims()
		products, err := Iterate(a, rapid.IntRange(1, 3).Draw(t, "rounds"), Options{
			Rank:  rapid.IntRange(1, min(rows, cols)).Draw(t, "m"),
			BitsL: rapid.IntRange(1, MaxBits).Draw(t, "B"), BitsR: rapid.IntRange(1, MaxBits).Draw(t, "B'"),
		})
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if err := Write(&file, []Stored{{Name: "w", Rounds: products}, {Name: "größe", Rounds: products[:1]}}); err != nil {
			t.Fatal(err)
		}
		data := file.Bytes()
		back, err := Read(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if len(back) != 2 || back[0].Name != "w" || back[1].Name != "größe" || len(back[1].Rounds) != 1 {
			t.Fatalf("matrices %+v", back)
		}
		for i, p := range products {
			if !reflect.DeepEqual(p.L, back[0].Rounds[i].L) || !reflect.DeepEqual(p.R, back[0].Rounds[i].R) {
				t.Fatalf("product %d differs", i)
			}
		}
		cut := rapid.IntRange(0, len(data)-1).Draw(t, "cut")
		if _, err := Read(bytes.NewReader(data[:cut])); err == nil {
			t.Fatalf("a file cut to %d of %d bytes was read", cut, len(data))
		}
	})
}

// A range that is not finite makes every entry of the product something else.
func TestReadRefusesWhatIsNotFinite(t *testing.T) {
	for _, bounds := range [][2]float64{{0.5, math.Inf(1)}, {math.NaN(), 1}, {0, math.NaN()}, {math.Inf(-1), 0}, {-math.MaxFloat64, math.MaxFloat64}, {1, 0}} {
		l := &Factor{Rows: 2, Cols: 1, Bits: 8, Lo: bounds[0], Hi: bounds[1], Codes: []uint16{0, 255}}
		r := &Factor{Rows: 1, Cols: 2, Bits: 8, Lo: 0, Hi: 1, Codes: []uint16{0, 255}}
		var file bytes.Buffer
		if err := Write(&file, []Stored{{Name: "w", Rounds: []*Factors{{L: l, R: r}}}}); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(&file); err == nil || !strings.Contains(err.Error(), "must be finite and not empty") {
			t.Errorf("range %v: %v", bounds, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	var file bytes.Buffer
	a := mat.NewDense(3, 2, []float64{1, 2, 3, 4, 5, 6})
	p, err := Factorize(a, Options{Rank: 1, BitsL: 3, BitsR: 5})
	if err != nil {
		f.Fatal(err)
	}
	if err := Write(&file, []Stored{{Rounds: []*Factors{p}}}); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Add([]byte(magic))
	f.Add([]byte(first))
	for _, bad := range []Stored{{Error: math.NaN()}, {Error: math.Inf(1)}, {Name: "\x1b[2J", Rounds: []*Factors{p}}, {Rounds: []*Factors{{
		L: &Factor{Rows: 1, Cols: 1, Bits: 1, Lo: math.NaN(), Hi: 1, Codes: []uint16{0}}, R: &Factor{Rows: 1 << 20, Cols: 1, Bits: 16, Codes: make([]uint16, 1)},
	}}}} {
		file.Reset()
		if err := Write(&file, []Stored{bad}); err != nil {
			f.Fatal(err)
		}
		f.Add(bytes.Clone(file.Bytes()))
	}
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _ = Read(bytes.NewReader(data))
	})
}
