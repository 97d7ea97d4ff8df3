package dataset

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bitcycle/internal/npy/npytest"
)

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "images"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"a.png", "b.png"} {
		p := image.NewRGBA(image.Rect(0, 0, 3, 2))
		p.Set(2, 1, color.RGBA{10, 20, uint8(30 + i), 255})
		var b bytes.Buffer
		if err := png.Encode(&b, p); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, "images", name), b.Bytes())
	}
	writeFile(t, filepath.Join(dir, "labels.csv"), []byte("label,file\n1,b.png\n0,a.png\n"))
	writeFile(t, filepath.Join(dir, "synset.txt"), []byte("n01 tench, Tinca tinca\nn02 shark\n"))
	im, err := Load("images:" + dir)
	if err != nil {
		t.Fatal(err)
	}
	if im.N != 2 || im.H != 2 || im.W != 3 || !slices.Equal(im.Labels, []int{1, 0}) || im.Classes[0] != "tench, Tinca tinca" {
		t.Errorf("got %d images %d×%d, labels %v, classes %q", im.N, im.H, im.W, im.Labels, im.Classes)
	}
	if got := im.Pixels[15:18]; !slices.Equal(got, []uint8{10, 20, 31}) {
		t.Errorf("last pixel of b.png is %v", got)
	}
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestNPY(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "x.npy"), npytest.File(t, []byte("abcdefghijkl"), 2, 1, 2, 3))
	writeFile(t, filepath.Join(dir, "x.labels.npy"), npytest.File(t, []int64{7, 1}, 2))
	im, err := Load("npy:" + dir + "/x.npy[1:]")
	if err != nil {
		t.Fatal(err)
	}
	if im.N != 1 || im.W != 2 || im.C != 3 || string(im.Pixels) != "ghijkl" || !slices.Equal(im.Labels, []int{1}) {
		t.Errorf("got %+v", im)
	}
	load := func(file []byte) (*Images, error) {
		writeFile(t, filepath.Join(dir, "y.npy"), file)
		return Load("npy:" + dir + "/y.npy")
	}
	im, err = load(npytest.File(t, []float32{1, -2}, 1, 2))
	if err != nil || !slices.Equal(im.Values, []float32{1, -2}) || im.C != 2 {
		t.Errorf("float vector: %+v, %v", im, err)
	}
	// Half precision in Fortran order, big endian: columns first.
	im, err = load(npytest.Raw(">f2", true, []int{2, 2}, []byte{0x3c, 0, 0xc0, 0, 0x40, 0, 0, 0}))
	if err != nil || !slices.Equal(im.Values, []float32{1, 2, -2, 0}) || im.N != 2 {
		t.Errorf("half precision: %+v, %v", im, err)
	}
	for want, file := range map[string][]byte{
		"y.npy: npy header: elements": npytest.Raw("<c8", false, []int{1, 1}, make([]byte, 8)),
		"y.npy: shape [1 2] of":       npytest.Raw("<f4", false, []int{1, 2}, make([]byte, 7)),
		"more elements than there":    npytest.Raw("<f4", false, []int{4000000000, 4000000000, 4}, make([]byte, 8)),
		"y.npy: shape []: want":       npytest.Raw("<f4", false, nil, make([]byte, 4)),
		"y.npy: shape [2]: want":      npytest.Raw("<f4", false, []int{2}, make([]byte, 8)),
		"y.npy: shape [0 2]: want":    npytest.Raw("<f4", false, []int{0, 2}, nil),
		"element [0 1] = +Inf: want":  npytest.File(t, []float64{1, math.Inf(1)}, 1, 2),
	} {
		if _, err := load(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q: %v, want %s", file, err, want)
		}
	}
	for want, file := range map[string][]byte{
		"x.labels.npy: shape [3]: want [2]":            npytest.File(t, []int8{1, 2, 3}, 3),
		"x.labels.npy: record 1: label = 2.5: must be": npytest.File(t, []float32{1, 2.5}, 2),
		"x.labels.npy: record 1: label = -2: must be":  npytest.File(t, []int16{1, -2}, 2),
	} {
		writeFile(t, filepath.Join(dir, "x.labels.npy"), file)
		if _, err := Load("npy:" + dir + "/x.npy"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestNormalization(t *testing.T) {
	im := &Images{N: 2, H: 1, W: 2, C: 2, Pixels: []uint8{0, 0, 0, 0, 10, 20, 30, 40}}
	norm := Normalization{Mean: []float32{10, 20}, Std: []float32{2, 4}}
	got := make([]float32, 4)
	im.HWC(got, 1, norm)
	if !slices.Equal(got, []float32{0, 0, 10, 5}) {
		t.Errorf("HWC: %v", got)
	}
	values := &Images{N: 1, H: 1, W: 2, C: 2, Values: []float32{10, 20, 30, 40}}
	values.HWC(got, 0, norm)
	if !slices.Equal(got, []float32{0, 0, 10, 5}) {
		t.Errorf("HWC of values: %v", got)
	}
	for _, bad := range []Normalization{{Mean: []float32{1, 2, 3}}, {Std: []float32{1, 0}}} {
		if bad.Check(2) == nil {
			t.Errorf("%v accepted for 2 channels", bad)
		}
	}
}
