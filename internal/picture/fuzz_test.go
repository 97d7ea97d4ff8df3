package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// FuzzLoad decodes pictures: none has more pixels than may be.
func FuzzLoad(f *testing.F) {
	small := image.NewRGBA(image.Rect(0, 0, 3, 2))
	bits := image.NewPaletted(image.Rect(0, 0, 40, 1), color.Palette{color.White, color.Black})
	var asPNG, asJPEG, oneBit bytes.Buffer
	if err := png.Encode(&asPNG, small); err != nil {
		f.Fatal(err)
	}
	if err := png.Encode(&oneBit, bits); err != nil {
		f.Fatal(err)
	}
	if err := jpeg.Encode(&asJPEG, small, nil); err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{
		asPNG.Bytes(), asJPEG.Bytes(), oneBit.Bytes(), asPNG.Bytes()[:40], asJPEG.Bytes()[:100], []byte("GIF89a"), nil,
		promised(oneBit.Bytes(), 65000, 65000), promised(asPNG.Bytes(), 8000, 7000), promised(asPNG.Bytes(), 1<<31-1, 1<<31-1), promised(asPNG.Bytes(), 0, 1),
	} {
		f.Add(seed)
	}
	path := filepath.Join(f.TempDir(), "a.png")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		p, err := Load(t.Context(), path)
		if err == nil && (p.Bounds().Empty() || p.Bounds().Dx() > maxPixels/p.Bounds().Dy()) {
			t.Errorf("a picture of %v", p.Bounds())
		}
	})
}
