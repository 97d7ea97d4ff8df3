package matrix

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlpodyssey/safetensors"
	"github.com/sbinet/npyio"
	"github.com/sbinet/npyio/npz"
	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/testdata"
)

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad(t *testing.T) {
	want := mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6})
	var npy bytes.Buffer
	if err := npyio.Write(&npy, want); err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	zip := npz.NewWriter(&archive)
	if err := zip.Write("w.npy", want); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	raw := []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40, 0, 0, 0x80, 0x40, 0, 0, 0xa0, 0x40, 0, 0, 0xc0, 0x40}
	view, err := safetensors.NewTensorView(safetensors.F32, []uint64{2, 3}, raw)
	if err != nil {
		t.Fatal(err)
	}
	tensors, err := safetensors.Serialize(map[string]safetensors.TensorView{"w": view}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"w.npy": npy.Bytes(), "w.npz": archive.Bytes(), "w.safetensors": tensors,
		"w.csv": []byte("1,2,3\n4,5,6\n"), "h.csv": []byte("a,b,c\n1, 2, 3\n4,5,6\n"),
	} {
		got, err := Load(write(t, name, data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(got) != 1 || !mat.Equal(got[0].A, want) {
			t.Errorf("%s = %v", name, mat.Formatted(got[0].A))
		}
	}
}

func TestLoadImage(t *testing.T) {
	picture := image.NewRGBA(image.Rect(0, 0, 2, 1))
	picture.Set(0, 0, color.RGBA{255, 0, 0, 255})
	picture.Set(1, 0, color.RGBA{0, 255, 255, 255})
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		t.Fatal(err)
	}
	got, err := Load(write(t, "p.png", file.Bytes()))
	if err != nil || len(got) != 3 || got[0].Name != "red" || got[0].A.At(0, 0) != 1 || got[2].A.At(0, 1) != 1 || got[1].A.At(0, 0) != 0 {
		t.Errorf("channels = %v, %v", got, err)
	}
}

func TestLoadRejects(t *testing.T) {
	for name, test := range map[string]struct{ data, want string }{
		"a.txt":         {"", "extension"},
		"a.npy":         {"nonsense", "a.npy"},
		"a.npz":         {"nonsense", "a.npz"},
		"a.safetensors": {"x", "a.safetensors"},
		"a.csv":         {"1,2\n3,x\n", "line 2"},
		"b.csv":         {"1,2\n3\n", "line 2"},
		"c.csv":         {"", "holds no matrix"},
		"a.png":         {"nonsense", "a.png"},
	} {
		if _, err := Load(write(t, name, []byte(test.data))); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "missing.npy")); err == nil {
		t.Error("a missing file was read")
	}
}

func TestLoadRealFiles(t *testing.T) {
	got, err := Load(testdata.Data(t, "embeddings/wordvecs1000_f32.npy"))
	if err != nil {
		t.Fatal(err)
	}
	if rows, cols := got[0].A.Dims(); rows != 1000 || cols < 50 {
		t.Errorf("word vectors are %d×%d", rows, cols)
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("a,b\n1,2\n")
	f.Add("1,2\n3")
	f.Fuzz(func(_ *testing.T, text string) {
		_, _ = readCSV(strings.NewReader(text))
	})
}

func TestTruncatedHeader(t *testing.T) {
	for _, text := range []string{"", "\x93NUMPY", "\x93NUMPY\x01\x00\x76\x00{'descr'", "no array at all"} {
		path := filepath.Join(t.TempDir(), "cut.npy")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "cut.npy") {
			t.Errorf("%q: error %v", text, err)
		}
	}
}
