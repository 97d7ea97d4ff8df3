package table

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/npy/npytest"
	"bitcycle/internal/testdata"
)

func TestReadCSV(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		o          Options
		x          []float64
		columns    int
		y          []float64
		classes    []string
		names      []string
	}{
		{"label last", "1,2,0\n3,4,1\n", Options{}, []float64{1, 2, 3, 4}, 2, []float64{0, 1}, nil, nil},
		{"label first", "1,2,0\n3,4,1\n", Options{Label: 1}, []float64{2, 0, 4, 1}, 2, []float64{1, 3}, nil, nil},
		{"no label", "1,2\n3,4\n", Options{Label: -1}, []float64{1, 2, 3, 4}, 2, nil, nil, nil},
		{"header", "a, b,class\n1,2,0\n", Options{}, []float64{1, 2}, 2, []float64{0}, nil, []string{"a", "b"}},
		{"words", "1,rock\n2,mine\n3, rock \n", Options{}, []float64{1, 2, 3}, 1, []float64{1, 0, 1}, []string{"mine", "rock"}, nil},
		{"semicolons", "1;2.5\n", Options{}, []float64{1}, 1, []float64{2.5}, nil, nil},
		{"limit", "1,0\n2,0\n3,0\n", Options{Limit: 2}, []float64{1, 2}, 1, []float64{0, 0}, nil, nil},
		{"comment", "# a word\n1,0\n\n2,1\n", Options{}, []float64{1, 2}, 1, []float64{0, 1}, nil, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := ReadCSV(strings.NewReader(tc.text), "a.csv", tc.o)
			if err != nil {
				t.Fatal(err)
			}
			want := mat.NewDense(len(tc.x)/tc.columns, tc.columns, tc.x)
			if !mat.Equal(got.X, want) || !cmp.Equal(got.Y, tc.y) || !cmp.Equal(got.Classes, tc.classes) || !cmp.Equal(got.Names, tc.names) {
				t.Errorf("got %v, labels %v %q, names %q", got.X.RawMatrix().Data, got.Y, got.Classes, got.Names)
			}
		})
	}
}

// TestErrors pins that errors name the file and the line or item.
func TestErrors(t *testing.T) {
	type reader = func(text string) error
	read := func(o Options) reader {
		return func(text string) error { _, err := ReadCSV(strings.NewReader(text), "a.csv", o); return err }
	}
	libsvm := func(o Options) reader {
		return func(text string) error { _, err := ReadLibSVM(strings.NewReader(text), "a.svm", o); return err }
	}
	idx := func(text string) error { _, err := ReadIDX(strings.NewReader(text), "a-ubyte", Options{}); return err }
	array := func(text string) error { _, err := ReadNPY(strings.NewReader(text), "a.npy", Options{}); return err }
	for _, tc := range []struct {
		read       reader
		text, want string
	}{
		{read(Options{}), "", "a.csv: no rows"},
		{read(Options{}), "1\n", "a.csv: no columns"},
		{read(Options{}), "1,2,0\n3,x,1\n", `a.csv:2: column 2: "x" is not a finite number`},
		{read(Options{}), "1,2,0\n3,?,1\n", "a.csv:2: column 2"},
		{read(Options{}), "A11,6,1\n", `a.csv:1: column 1: "A11"`},
		{read(Options{}), "1,,0\n", "a.csv:1: column 2"},
		{read(Options{}), "1,NaN,0\n", "a.csv:1: column 2"},
		{read(Options{}), "1,2,0\n\n3,1\n", "a.csv:3: wrong number of fields"},
		{read(Options{Label: 4}), "1,2,0\n", "a.csv:1: column 1: label column 4: the file has 3"},
		{libsvm(Options{}), "", "a.svm: no rows"},
		{libsvm(Options{}), "1 1:2\nx 1:2\n", `a.svm:2: label "x"`},
		{libsvm(Options{}), "1 0:2\n", "a.svm:1: \"0:2\""},
		{libsvm(Options{}), "1 2:1 2:1\n", "a.svm:1: index 2: indices must increase"},
		{libsvm(Options{}), "1 2\n", "a.svm:1: \"2\": must be index:value"},
		{libsvm(Options{}), "1 2:inf\n", "a.svm:1: index 2: \"inf\""},
		{libsvm(Options{Columns: 2}), "1 1:1\n1 3:1\n", "a.svm:2: index 3: at most 2"},
		{libsvm(Options{}), strings.Repeat("1 16777216:1\n", 17), "too large for a dense matrix"},
		{idx, "", "a-ubyte: not an IDX file"},
		{idx, "PK\x03\x04", "a-ubyte: not an IDX file: it begins with 50 4b"},
		{idx, "\x00\x00\x08\x02\x00\x00\x00\x02", "a-ubyte: the file ends in its header"},
		{idx, "\x00\x00\x08\x01\x00\x00\x00\x00", "a-ubyte: impossible dimensions"},
		{idx, "\x00\x00\x08\x02\x00\x00\x00\x02\x00\x00\x00\x02\x01\x02\x03", "a-ubyte: the file ends in item 2 of 2, after 1 of its 2 bytes"},
		{idx, "\x00\x00\x0d\x01\x00\x00\x00\x01\x7f\xc0\x00\x00", "a-ubyte: item 1: element 1 is NaN"},
		{array, "", "a.npy: not an npy file"},
		{array, "\x93NUMPY\x01\x00\xff\xff and nothing", "a.npy: an npy file that ends in its header"},
	} {
		err := tc.read(tc.text)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: error %v, want %q", tc.text, err, tc.want)
		}
	}
}

func TestReadLibSVM(t *testing.T) {
	got, err := ReadLibSVM(strings.NewReader("+1 1:0.5 3:2 # first\n\n-1 2:1\n"), "a.svm", Options{Columns: 4})
	if err != nil {
		t.Fatal(err)
	}
	want := mat.NewDense(2, 4, []float64{0.5, 0, 2, 0, 0, 1, 0, 0})
	if !mat.Equal(got.X, want) || !cmp.Equal(got.Y, []float64{1, -1}) {
		t.Errorf("got %v, %v", got.X.RawMatrix().Data, got.Y)
	}
	labels, classes, err := got.Labels()
	if err != nil || classes != 2 || !cmp.Equal(labels, []int{1, 0}) {
		t.Errorf("labels %v of %d classes, %v", labels, classes, err)
	}
}

func TestReadNPY(t *testing.T) {
	for _, file := range [][]byte{
		npytest.File(t, []float64{1, 2, 3}, 3), npytest.File(t, []float32{1, 2, 3}, 3), npytest.File(t, []int64{1, 2, 3}, 3),
		npytest.File(t, []uint8{1, 2, 3}, 3), npytest.File(t, []int16{1, 2, 3}, 3, 1),
	} {
		got, err := ReadNPY(bytes.NewReader(file), "a.npy", Options{})
		if err != nil {
			t.Fatalf("%.80q: %v", file, err)
		}
		if !mat.Equal(got.X, mat.NewDense(3, 1, []float64{1, 2, 3})) || got.Y != nil {
			t.Errorf("%.80q: got %v, %v", file, got.X.RawMatrix().Data, got.Y)
		}
	}
	file := npytest.File(t, []float64{1, 2, 3, 4, 5, 6}, 2, 3)
	got, err := ReadNPY(bytes.NewReader(file), "a.npy", Options{Label: 2, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if !mat.Equal(got.X, mat.NewDense(1, 2, []float64{1, 3})) || !cmp.Equal(got.Y, []float64{2}) {
		t.Errorf("got %v, %v", got.X.RawMatrix().Data, got.Y)
	}
}

// idxFile returns an IDX file of bytes.
func idxFile(data []byte, dims ...uint32) []byte {
	file := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		file = binary.BigEndian.AppendUint32(file, d)
	}
	return append(file, data...)
}

func TestOpenImages(t *testing.T) {
	folder := t.TempDir()
	write := func(name string, data []byte) {
		var packed bytes.Buffer
		zip := gzip.NewWriter(&packed)
		zip.Write(data)
		zip.Close()
		if err := os.WriteFile(filepath.Join(folder, name), packed.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("train-images-idx3-ubyte.gz", idxFile([]byte{0, 255, 51, 0, 0, 0, 0, 102}, 2, 2, 2))
	write("train-labels-idx1-ubyte.gz", idxFile([]byte{7, 1}, 2))
	got, err := OpenImages(t.Context(), folder, "train", 0)
	if err != nil {
		t.Fatal(err)
	}
	want := mat.NewDense(2, 4, []float64{0, 1, 0.2, 0, 0, 0, 0, 0.4})
	if !mat.EqualApprox(got.X, want, 1e-15) || !cmp.Equal(got.Y, []float64{7, 1}) {
		t.Errorf("got %v, %v", got.X.RawMatrix().Data, got.Y)
	}
	if _, err := OpenImages(t.Context(), folder, "t10k", 0); err == nil {
		t.Error("no such part: no error")
	}
	write("train-labels-idx1-ubyte.gz", idxFile([]byte{7}, 1))
	if _, err := OpenImages(t.Context(), folder, "train", 0); err == nil || !strings.Contains(err.Error(), "2 train images but 1 labels") {
		t.Errorf("one label for two images: error %v", err)
	}
}

func TestOpenByName(t *testing.T) {
	if _, err := Open(context.Background(), "a.parquet", Options{}); err == nil || !strings.Contains(err.Error(), "unknown kind") {
		t.Errorf("a.parquet: error %v", err)
	}
	if _, err := Open(context.Background(), "none.csv", Options{}); err == nil {
		t.Error("none.csv: no error")
	}
}

func TestTakeAndScale(t *testing.T) {
	table := &Table{X: mat.NewDense(3, 2, []float64{1, 5, 2, 5, 3, 5}), Y: []float64{1, 2, 3}}
	FitScaler(table.X).Apply(table.X)
	taken := table.Take([]int{2, 0})
	want := mat.NewDense(2, 2, []float64{1.224744871391589, 0, -1.224744871391589, 0})
	if !mat.EqualApprox(taken.X, want, 1e-12) || !cmp.Equal(taken.Y, []float64{3, 1}) {
		t.Errorf("got %v, %v", taken.X.RawMatrix().Data, taken.Y)
	}
}

// TestPublicSets reads public data sets of every format and checks their sizes.
func TestPublicSets(t *testing.T) {
	for _, tc := range []struct {
		file                string
		rows, cols, classes int
	}{
		{"tabular/sonar.csv.gz", 208, 60, 2},
		{"tabular/mammography.csv.gz", 11183, 6, 2},
		{"tabular/optdigits.tes.csv.gz", 1797, 64, 10},
		{"tabular/agaricus.txt.test.libsvm.gz", 1611, 126, 2},
		{"mnist/t10k-labels-idx1-ubyte.gz", 10000, 1, 0},
	} {
		got, err := Open(context.Background(), testdata.Data(t, tc.file), Options{})
		if err != nil {
			t.Error(err)
			continue
		}
		rows, cols := got.X.Dims()
		classes := 0
		if got.Y != nil {
			_, classes, _ = got.Labels()
		}
		if rows != tc.rows || cols != tc.cols || classes != tc.classes {
			t.Errorf("%s: %d×%d, %d classes; want %d×%d, %d", tc.file, rows, cols, classes, tc.rows, tc.cols, tc.classes)
		}
	}
	images, err := OpenImages(t.Context(), filepath.Dir(testdata.Data(t, "mnist/t10k-images-idx3-ubyte.gz")), "t10k", 5)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(images.Y); got != "[7 2 1 0 4]" {
		t.Errorf("first labels of the MNIST test set: %s", got)
	}
}

func ExampleReadCSV() {
	data, err := ReadCSV(strings.NewReader("length,width,kind\n5.1,3.5,setosa\n6.3,3.3,virginica\n"), "iris.csv", Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(data.Names, data.X.RawMatrix().Data, data.Y, data.Classes)
	_, err = ReadCSV(strings.NewReader("5.1,3.5,setosa\n6.3,wide,virginica\n"), "iris.csv", Options{})
	fmt.Println(err)
	// Output:
	// [length width] [5.1 3.5 6.3 3.3] [0 1] [setosa virginica]
	// iris.csv:2: column 2: "wide" is not a finite number
}
