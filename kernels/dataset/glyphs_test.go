package dataset

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestGlyphPixels pins the pixels: the shipped network was trained on them.
func TestGlyphPixels(t *testing.T) {
	for set, want := range map[string]string{
		"glyphs:train[:1000]": "e7d7960bcefa34db",
		"glyphs:calib":        "2c55d16f5970d565",
		"glyphs:test":         "b2e909d465ae27bb",
	} {
		im, err := Load(set)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(im.Pixels)
		if got := hex.EncodeToString(sum[:8]); got != want {
			t.Errorf("%s: pixels hash to %s: want %s", set, got, want)
		}
	}
}

// TestGlyphsAreIndependent checks that any part of a split is the same part of
// the whole, and that seeds and splits matter.
func TestGlyphsAreIndependent(t *testing.T) {
	whole := Glyphs("test", 0, 100, 7)
	rapid.Check(t, func(t *rapid.T) {
		lo := rapid.IntRange(0, 99).Draw(t, "lo")
		hi := rapid.IntRange(lo+1, 100).Draw(t, "hi")
		if !bytes.Equal(Glyphs("test", lo, hi, 7).Pixels, whole.Slice(lo, hi).Pixels) {
			t.Fatalf("images [%d:%d] differ from those of the whole", lo, hi)
		}
	})
	for _, other := range []*Images{Glyphs("test", 0, 100, 8), Glyphs("train", 0, 100, 7)} {
		if bytes.Equal(other.Pixels, whole.Pixels) {
			t.Error("another seed or split gives the same pixels")
		}
	}
}

// TestFill compares the area of polygons with what they must cover.
func TestFill(t *testing.T) {
	box := func(x0, y0, x1, y1 int) []edge {
		a, b, c, d := point{x0, y0}, point{x1, y0}, point{x1, y1}, point{x0, y1}
		return []edge{{a, b}, {b, c}, {c, d}, {d, a}}
	}
	for _, c := range []struct {
		name  string
		edges []edge
		want  int // sum over the plane
	}{
		{"one pixel", box(unit, unit, 2*unit, 2*unit), opaque},
		{"all", box(-unit, -unit, 40*unit, 40*unit), glyphSize*glyphSize*opaque - glyphSize*lines},
		{"half a pixel wide", box(unit, unit, unit+unit/2, 2*unit), opaque / 2},
		{"half a pixel high", box(unit, unit, 2*unit, unit+unit/2), opaque / 2},
		{"outside", box(-5*unit, 33*unit, 5*unit, 35*unit), 0},
		{"triangle", []edge{{point{0, 0}, point{8 * unit, 8 * unit}}, {point{8 * unit, 8 * unit}, point{0, 8 * unit}}, {point{0, 8 * unit}, point{0, 0}}}, 32 * opaque},
	} {
		var p plane
		p.fill(c.edges)
		p.clip()
		sum := 0
		for _, v := range p {
			sum += int(v)
		}
		if sum != c.want {
			t.Errorf("%s: area %d/%d: want %d", c.name, sum, opaque, c.want)
		}
	}
}

func BenchmarkGlyphs(b *testing.B) {
	outlines()
	for b.Loop() {
		Glyphs("train", 0, 1000, 1)
	}
	b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "images/s")
}

func ExampleLoad() {
	im, err := Load("glyphs[:3]")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(im.N, "images of", im.H, "×", im.W)
	for _, l := range im.Labels {
		fmt.Print(im.Classes[l], " ")
	}
	// Output:
	// 3 images of 32 × 32
	// 0 O Q
}
