package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"slices"
	"testing"
)

// RGB 200 with half alpha, and with none, reads 200 whatever the file's colour model.
func TestAlphaIsDropped(t *testing.T) {
	at := image.Rect(0, 0, 2, 1)
	narrow, wide := image.NewNRGBA(at), image.NewNRGBA64(at)
	named := image.NewPaletted(at, color.Palette{color.NRGBA{200, 200, 200, 128}, color.NRGBA{200, 100, 50, 0}})
	named.SetColorIndex(1, 0, 1)
	for _, p := range []interface {
		image.Image
		Set(x, y int, c color.Color)
	}{narrow, wide} {
		p.Set(0, 0, color.NRGBA{200, 200, 200, 128})
		p.Set(1, 0, color.NRGBA{200, 100, 50, 0})
	}
	narrow.Pix = []uint8{200, 200, 200, 128, 200, 100, 50, 0} // Set multiplies by alpha
	for i, v := range []uint8{200, 200, 200, 128, 200, 100, 50, 0} {
		wide.Pix[2*i], wide.Pix[2*i+1] = v, v
	}
	opaque := image.NewRGBA(at)
	opaque.Set(0, 0, color.RGBA{200, 200, 200, 255})
	opaque.Set(1, 0, color.RGBA{200, 100, 50, 255})
	want := []uint8{200, 200, 200, 200, 100, 50}
	for _, c := range []struct {
		image.Image
		transparent bool
	}{{narrow, true}, {wide, true}, {named, true}, {opaque, false}} {
		var file bytes.Buffer
		if err := png.Encode(&file, c.Image); err != nil {
			t.Fatal(err)
		}
		p, err := png.Decode(&file)
		if err != nil {
			t.Fatal(err)
		}
		if got, transparent := RGB(p); !slices.Equal(got, want) || transparent != c.transparent {
			t.Errorf("%T as %T: %v, transparent %v, want %v, %v", c.Image, p, got, transparent, want, c.transparent)
		}
	}
}

func TestLuma(t *testing.T) {
	for v := range 256 {
		if got := Luma([]uint8{uint8(v), uint8(v), uint8(v)}); got[0] != uint8(v) {
			t.Errorf("grey %d becomes %d", v, got[0])
		}
	}
	if got := Luma([]uint8{255, 0, 0, 0, 255, 0, 0, 0, 255}); !slices.Equal(got, []uint8{76, 150, 29}) {
		t.Errorf("red, green and blue: %v", got)
	}
	if !Grey([]uint8{1, 1, 1, 2, 2, 2}) || Grey([]uint8{1, 1, 1, 2, 2, 3}) {
		t.Error("Grey")
	}
}
