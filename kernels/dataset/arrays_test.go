package dataset

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bitcycle/internal/npy/npytest"
)

// halves are values that half precision has, so that every twin is exact.
func halves(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(i%29) / 4
	}
	return out
}

// inOrder puts elements of a [2][3][4][5] array where the first index runs fastest.
func inOrder(values []float32) []float32 {
	out := make([]float32, len(values))
	for i, v := range values {
		a, b, c, d := i/60, i/20%3, i/5%4, i%5
		out[a+2*(b+3*(c+4*d))] = v
	}
	return out
}

// Arrays of other types, orders and layouts equal their float32 twins in C order.
func TestArrayTwins(t *testing.T) {
	values := halves(120)
	le := binary.LittleEndian
	var half, fortran, double []byte
	for i, v := range values {
		bits := math.Float32bits(v)
		e := int(bits>>23&255) - 127 + 15
		h := uint16(e)<<10 | uint16(bits>>13&1023)
		if v == 0 {
			h = 0
		}
		half = le.AppendUint16(half, h)
		double = le.AppendUint64(double, math.Float64bits(float64(v)))
		fortran = le.AppendUint32(fortran, math.Float32bits(inOrder(values)[i]))
	}
	first := make([]float32, 120) // channels first: [2][5][3][4]
	for i, v := range values {
		n, y, x, c := i/60, i/20%3, i/5%4, i%5
		first[((n*5+c)*3+y)*4+x] = v
	}
	shape := []int{2, 3, 4, 5}
	dir := t.TempDir()
	load := func(name string, file []byte, options string) *Images {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, file, 0o644); err != nil {
			t.Fatal(err)
		}
		im, err := Load("npy:" + path + options)
		if err != nil {
			t.Fatal(err)
		}
		return im
	}
	want := load("twin.npy", npytest.File(t, values, shape...), "")
	if want.H != 3 || want.W != 4 || want.C != 5 || !slices.Equal(want.Values, values) {
		t.Fatalf("twin: %+v", want)
	}
	for name, im := range map[string]*Images{
		"half":                load("half.npy", npytest.Raw("<f2", false, shape, half), ""),
		"double":              load("double.npy", npytest.Raw("<f8", false, shape, double), ""),
		"Fortran order":       load("fortran.npy", npytest.Raw("<f4", true, shape, fortran), ""),
		"channels first":      load("first.npy", npytest.File(t, first, 2, 5, 3, 4), ":nchw"),
		"channels last, said": load("last.npy", npytest.File(t, values, shape...), ":nhwc"),
		"archive":             load("a.npz", npytest.Archive(t, map[string][]byte{"x.npy": npytest.File(t, values, shape...), "y.npy": npytest.File(t, []int64{1, 2}, 2)}), ""),
		"Keras archive": load("k.npz", npytest.Archive(t, map[string][]byte{
			"x_test.npy": npytest.File(t, first, 2, 5, 3, 4), "y_test.npy": npytest.File(t, []uint8{1, 2}, 2), "x_train.npy": npytest.File(t, []uint8{1}, 1, 1),
		}), ":nchw"),
		"a single array": load("s.npz", npytest.Archive(t, map[string][]byte{"pictures.npy": npytest.File(t, values, shape...)}), ""),
	} {
		if im.N != want.N || im.H != want.H || im.W != want.W || im.C != want.C || !slices.Equal(im.Values, want.Values) {
			t.Errorf("%s: %d×%d×%d×%d, %v", name, im.N, im.H, im.W, im.C, im.Values)
		}
		if strings.Contains(name, "archive") && !slices.Equal(im.Labels, []int{1, 2}) {
			t.Errorf("%s: labels %v", name, im.Labels)
		}
	}
	pixels := make([]uint8, 120)
	for i := range pixels {
		pixels[i] = uint8(i)
	}
	bytesLast := load("bytes.npy", npytest.File(t, pixels, 2, 5, 3, 4), ":nchw")
	for i, v := range bytesLast.Pixels {
		n, y, x, c := i/60, i/20%3, i/5%4, i%5
		if int(v) != ((n*5+c)*3+y)*4+x {
			t.Fatalf("byte %d of a channels-first array is %d", i, v)
		}
	}
}

// Whole numbers of every width and truth values are values or pixels.
func TestArrayIntegers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy")
	for _, kind := range []string{"b1", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8"} {
		width := int(kind[1] - '0')
		var raw []byte
		for _, v := range []uint64{0, 1, 1, 0} {
			raw = append(raw, binary.LittleEndian.AppendUint64(nil, v)[:width]...)
		}
		if err := os.WriteFile(path, npytest.Raw("<"+kind, false, []int{2, 2}, raw), 0o644); err != nil {
			t.Fatal(err)
		}
		im, err := Load("npy:" + path)
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		got := make([]float32, 4)
		im.HWC(got[:2], 0, Normalization{})
		im.HWC(got[2:], 1, Normalization{})
		if !slices.Equal(got, []float32{0, 1, 1, 0}) {
			t.Errorf("%s: %v", kind, got)
		}
	}
}

func TestArrayLabels(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.npy")
	if err := os.WriteFile(path, npytest.File(t, make([]uint8, 3*4), 3, 4), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file []byte
		bad  string
	}{
		"list":       {npytest.File(t, []int32{2, 0, 1}, 3), ""},
		"column":     {npytest.File(t, []int64{2, 0, 1}, 3, 1), ""},
		"float":      {npytest.File(t, []float32{2, 0, 1}, 3), ""},
		"double":     {npytest.File(t, []float64{2, 0, 1}, 3, 1), ""},
		"one-hot":    {npytest.File(t, []float32{0, 0, 1, 1, 0, 0, 0, 1, 0}, 3, 3), ""},
		"truth":      {npytest.File(t, []bool{false, false, true, true, false, false, false, true, false}, 3, 3), ""},
		"a part":     {npytest.File(t, []float32{2, 0.5, 1}, 3), "record 1: label = 0.5"},
		"negative":   {npytest.File(t, []int8{2, 0, -1}, 3), "record 2: label = -1"},
		"two ones":   {npytest.File(t, []float32{0, 1, 1, 1, 0, 0, 0, 1, 0}, 3, 3), "record 0: class 2 is 1"},
		"shares":     {npytest.File(t, []float32{0, .5, .5, 1, 0, 0, 0, 1, 0}, 3, 3), "record 0: class 1 is 0.5"},
		"none":       {npytest.File(t, []float32{0, 0, 1, 0, 0, 0, 0, 1, 0}, 3, 3), "record 1 has no class"},
		"too few":    {npytest.File(t, []int32{2, 0}, 2), "shape [2]: want [3]"},
		"too narrow": {npytest.File(t, []int32{}, 3, 0), "shape [3 0]"},
	} {
		if err := os.WriteFile(filepath.Join(dir, "a.labels.npy"), c.file, 0o644); err != nil {
			t.Fatal(err)
		}
		im, err := Load("npy:" + path)
		switch {
		case c.bad != "" && (err == nil || !strings.Contains(err.Error(), c.bad)):
			t.Errorf("%s: %v, want %s", name, err, c.bad)
		case c.bad == "" && (err != nil || !slices.Equal(im.Labels, []int{2, 0, 1})):
			t.Errorf("%s: %+v, %v", name, im, err)
		}
	}
}

func TestArrayTargets(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.npy")
	for name, file := range map[string][]byte{
		"a.npy": npytest.File(t, make([]uint8, 3*4), 3, 4), "a.targets.npy": npytest.File(t, []float32{1, 2, 3, 4, 5, 6}, 3, 2),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	im, err := Load("npy:" + path + "[1:]")
	if err != nil || len(im.Targets) != 2 || !slices.Equal(im.Targets[0], []float32{3, 4}) || !slices.Equal(im.Targets[1], []float32{5, 6}) {
		t.Errorf("%+v, %v", im, err)
	}
}

// An array whose channels come first where the network's shape says so is not read as
// one whose channels come last.
func TestArrayLayoutIsAsked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy")
	if err := os.WriteFile(path, npytest.File(t, make([]uint8, 3*8*6), 1, 3, 8, 6), 0o644); err != nil {
		t.Fatal(err)
	}
	want := Want{C: 3, H: 8, W: 6}
	if _, err := LoadFor(t.Context(), "npy:"+path, want); err == nil || !strings.Contains(err.Error(), "npy:FILE:nchw") {
		t.Errorf("error %v", err)
	}
	im, err := LoadFor(t.Context(), "npy:"+path+":nchw", want)
	if err != nil || im.C != 3 || im.H != 8 || im.W != 6 {
		t.Errorf("%+v, %v", im, err)
	}
}
