package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func encoded(t *testing.T, encode func(w *bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// promised is a PNG file whose header says so many pixels, and whose data are those
// of another.
func promised(file []byte, width, height uint32) []byte {
	file = bytes.Clone(file)
	head := file[12:33] // IHDR with its check sum
	binary.BigEndian.PutUint32(head[4:], width)
	binary.BigEndian.PutUint32(head[8:], height)
	binary.BigEndian.PutUint32(head[17:], crc32.ChecksumIEEE(head[:17]))
	return file
}

func TestLoad(t *testing.T) {
	small := image.NewRGBA(image.Rect(0, 0, 3, 2))
	small.Set(2, 1, color.RGBA{10, 20, 30, 255})
	asPNG := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, small) })
	asJPEG := encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, small, nil) })
	white := image.NewPaletted(image.Rect(0, 0, 8100, 8100), color.Palette{color.White})
	bomb := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, white) })
	path := filepath.Join(t.TempDir(), "a")
	for name, c := range map[string]struct {
		file []byte
		want string // "" = it is read
	}{
		"png": {asPNG, ""}, "jpeg": {asJPEG, ""}, "text": {[]byte("text"), "a: image: unknown format: want PNG or JPEG"},
		"cut":       {asPNG[:40], "a: the file ends within the picture"},
		"empty":     {nil, "a: image: unknown format"},
		"bomb":      {bomb, "a: 8100×8100 pixels: "},
		"promise":   {promised(asPNG, 8000, 8000), "a: 8000×8000 pixels: "},
		"too many":  {promised(asPNG, 65000, 65000), "a: 65000×65000 pixels: want 1 to 67108864"},
		"very many": {promised(asPNG, 1<<31-1, 1<<31-1), "a: "},
	} {
		if err := os.WriteFile(path, c.file, 0o644); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		p, err := Load(t.Context(), path)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
			t.Errorf("%s: took %d bytes", name, used)
		}
		if c.want == "" {
			if err != nil || p.Bounds() != small.Bounds() {
				t.Errorf("%s: %v, %v", name, p, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
