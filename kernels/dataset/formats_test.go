package dataset

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sbinet/npyio/npy"
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
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// npyFile is a file in NumPy's format of any element type and shape.
func npyFile(t testing.TB, descr, shape string, body []byte) []byte {
	t.Helper()
	head := "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }\n"
	b := append([]byte(nil), npy.Magic[:]...)
	b = append(b, 1, 0, byte(len(head)), 0)
	return append(append(b, head...), body...)
}

func TestNPY(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "x.npy"), npyFile(t, "|u1", "2, 1, 2, 3", []byte("abcdefghijkl")))
	writeFile(t, filepath.Join(dir, "x.labels.npy"), npyFile(t, "<i8", "2,", []byte{7, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}))
	im, err := Load("npy:" + dir + "/x.npy[1:]")
	if err != nil {
		t.Fatal(err)
	}
	if im.N != 1 || im.W != 2 || im.C != 3 || string(im.Pixels) != "ghijkl" || !slices.Equal(im.Labels, []int{1}) {
		t.Errorf("got %+v", im)
	}
	im, err = parseNPY(npyFile(t, "<f4", "1, 2", []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}))
	if err != nil || !slices.Equal(im.Values, []float32{1, -2}) || im.C != 2 {
		t.Errorf("float vector: %+v, %v", im, err)
	}
	for _, bad := range [][]byte{
		npyFile(t, "<c8", "1, 1", make([]byte, 8)),
		npyFile(t, "<f4", "1, 2", make([]byte, 7)),
		npyFile(t, "<f4", "4000000000, 4000000000, 4", make([]byte, 8)),
		npyFile(t, "<f4", "", make([]byte, 4)),
		npyFile(t, "<f4", "2", make([]byte, 8)),
	} {
		if _, err := parseNPY(bad); err == nil {
			t.Errorf("accepted %q", bad)
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
