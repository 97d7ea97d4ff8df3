package matrix

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlpodyssey/safetensors"
	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/npy/npytest"
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
	npy := npytest.File(t, []float64{1, 2, 3, 4, 5, 6}, 2, 3)
	archive := npytest.Archive(t, map[string][]byte{"w.npy": npy, "bias.npy": npytest.File(t, []float32{1, 2}, 2)})
	fortran := npytest.Raw("|i1", true, []int{2, 3}, []byte{1, 4, 2, 5, 3, 6})
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
		"w.npy": npy, "w.npz": archive, "w.safetensors": tensors, "f.npy": fortran, "mark.csv": []byte("\ufeff1,2,3\n4,5,6\n"),
		"w.csv": []byte("1,2,3\n4,5,6\n"), "h.csv": []byte("a,b,c\n1, 2, 3\n4,5,6\n"),
	} {
		got, err := Load(context.Background(), write(t, name, data))
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
	got, err := Load(context.Background(), write(t, "p.png", file.Bytes()))
	if err != nil || len(got) != 3 || got[0].Name != "red" || got[0].A.At(0, 0) != 1 || got[2].A.At(0, 1) != 1 || got[1].A.At(0, 0) != 0 {
		t.Errorf("channels = %v, %v", got, err)
	}
}

func TestLoadRejects(t *testing.T) {
	nan := npytest.File(t, []float32{1, 2, 3, float32(math.NaN())}, 2, 2)
	for name, test := range map[string]struct{ data, want string }{
		"a.txt":         {"", "extension"},
		"a.npy":         {"nonsense", "a.npy: not an npy file"},
		"cut.npy":       {"\x93NUMPY\x01\x00\x76\x00{'descr'", "cut.npy: an npy file that ends in its header"},
		"large.npy":     {string(npytest.Raw("<f4", false, []int{1 << 20, 1 << 20}, make([]byte, 64))), "large.npy: shape [1048576 1048576]"},
		"nan.npy":       {string(nan), "nan.npy: nan: element [1 1] = NaN: want finite numbers"},
		"nan.npz":       {string(npytest.Archive(t, map[string][]byte{"b.npy": nan})), "nan.npz: b: element [1 1] = NaN"},
		"vector.npy":    {string(npytest.File(t, []float32{1}, 1)), "vector.npy: holds no matrix"},
		"a.npz":         {"nonsense", "a.npz"},
		"a.safetensors": {"x", "a.safetensors"},
		"a.csv":         {"1,2\n3,x\n", `a.csv:2: column 2: "x" is not a finite number`},
		"b.csv":         {"1,2\n3\n", "b.csv:2: wrong number of fields"},
		"c.csv":         {"", "c.csv: no rows of data"},
		"nan.csv":       {"1,2\n3,nan\n", `nan.csv:2: column 2: "nan" is not a finite number`},
		"inf.csv":       {"inf,2\n3,4\n", `inf.csv:1: column 1: "inf" is not a finite number`},
		"large.csv":     {"1e999,2\n3,4\n", `large.csv:1: column 1: "1e999" is not a finite number`},
		"half.csv":      {"1,x\n3,4\n", `half.csv:1: column 2: "x" is not a finite number`},
		"nul.csv":       {"1,2\n3,\x00\n", "nul.csv: line 2: a NUL byte"},
		"a.png":         {"nonsense", "a.png: image: unknown format"},
	} {
		if _, err := Load(context.Background(), write(t, name, []byte(test.data))); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
	if _, err := Load(context.Background(), filepath.Join(t.TempDir(), "missing.npy")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestLoadRealFiles(t *testing.T) {
	got, err := Load(context.Background(), testdata.Data(t, "embeddings/wordvecs1000_f32.npy"))
	if err != nil {
		t.Fatal(err)
	}
	if rows, cols := got[0].A.Dims(); rows != 1000 || cols < 50 {
		t.Errorf("word vectors are %d×%d", rows, cols)
	}
}

// The same colours with and without alpha are the same planes.
func TestAlphaIsDropped(t *testing.T) {
	folder := filepath.Dir(testdata.Data(t, "../cases/import/images/matrix_rgb.png"))
	plain, err := Load(t.Context(), filepath.Join(folder, "matrix_rgb.png"))
	if err != nil {
		t.Fatal(err)
	}
	alpha, err := Load(t.Context(), filepath.Join(folder, "matrix_rgba.png"))
	if err != nil {
		t.Fatal(err)
	}
	if len(plain) != 3 || len(alpha) != 3 || plain[0].Note != "" || alpha[0].Note == "" {
		t.Fatalf("%d and %d planes, notes %q and %q", len(plain), len(alpha), plain[0].Note, alpha[0].Note)
	}
	for i, name := range []string{"red", "green", "blue"} {
		stored, err := Load(t.Context(), filepath.Join(folder, "matrix_"+name+".npy"))
		if err != nil {
			t.Fatal(err)
		}
		var want mat.Dense
		want.Scale(1.0/255, stored[0].A)
		for _, got := range []*mat.Dense{plain[i].A, alpha[i].A} {
			if !mat.EqualApprox(got, &want, 1e-12) {
				t.Errorf("%s is not the stored plane", name)
			}
		}
		if !mat.Equal(plain[i].A, alpha[i].A) {
			t.Errorf("%s with alpha is another plane", name)
		}
	}
}
