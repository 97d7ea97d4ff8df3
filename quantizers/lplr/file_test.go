package lplr

import (
	"bytes"
	"reflect"
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
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _ = Read(bytes.NewReader(data))
	})
}
