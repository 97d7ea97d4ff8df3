// Package matrix reads matrices to be compressed: .npy and .npz, safetensors,
// CSV, and images (one matrix per colour channel, scaled to [0, 1]).
package matrix

import (
	"encoding/csv"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // register the decoder
	_ "image/png"  // register the decoder
	"io"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"github.com/nlpodyssey/safetensors"
	"github.com/sbinet/npyio"
	"github.com/sbinet/npyio/npz"
	"gonum.org/v1/gonum/mat"
)

// Named is one matrix of a file.
type Named struct {
	Name string
	A    *mat.Dense
}

// Load reads every matrix of the file, in the order of their names. Tensors of
// more than two dimensions become matrices of their first dimension times the
// rest; vectors are left out.
func Load(path string) ([]Named, error) {
	var out []Named
	var err error
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".npy":
		out, err = loadNpy(path)
	case ".npz":
		out, err = loadNpz(path)
	case ".safetensors":
		out, err = loadSafetensors(path)
	case ".csv":
		out, err = loadCSV(path)
	case ".png", ".jpg", ".jpeg":
		out, err = loadImage(path)
	default:
		return nil, fmt.Errorf("%s: extension %q is none of .npy .npz .safetensors .csv .png .jpg", path, ext)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: holds no matrix", path)
	}
	return out, nil
}

// dense shapes values as a matrix; ok is false for vectors and scalars.
func dense(name string, shape []int, values []float64) (m Named, ok bool, err error) {
	rows, cols := 1, 1
	for i, n := range shape {
		if i == 0 {
			rows = n
		} else {
			cols *= n
		}
	}
	if len(shape) < 2 || rows < 1 || cols < 1 {
		return Named{}, false, nil
	}
	if rows*cols != len(values) {
		return Named{}, false, fmt.Errorf("%s: %d values for shape %v", name, len(values), shape)
	}
	return Named{Name: name, A: mat.NewDense(rows, cols, values)}, true, nil
}

func loadNpy(path string) ([]Named, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	m, ok, err := readNpy(strings.TrimSuffix(filepath.Base(path), ".npy"), file)
	if err != nil || !ok {
		return nil, err
	}
	return []Named{m}, nil
}

func readNpy(name string, r io.Reader) (m Named, ok bool, err error) {
	defer func() {
		if recover() != nil { // the reader of headers does not check their length
			err = errors.New("not an npy array, or it ends in its header")
		}
	}()
	in, err := npyio.NewReader(r)
	if err != nil {
		return Named{}, false, err
	}
	shape := in.Header.Descr.Shape
	if in.Header.Descr.Fortran {
		return Named{}, false, errors.New("column-major arrays are not supported: save in C order")
	}
	values, err := npyValues(in)
	if err != nil {
		return Named{}, false, err
	}
	return dense(name, shape, values)
}

func npyValues(in *npyio.Reader) ([]float64, error) {
	switch kind := strings.TrimLeft(in.Header.Descr.Type, "<>|="); kind {
	case "f8":
		var v []float64
		err := in.Read(&v)
		return v, err
	case "f4":
		return readAs[float32](in)
	case "u1":
		return readAs[uint8](in)
	case "i1":
		return readAs[int8](in)
	case "i4":
		return readAs[int32](in)
	case "i8":
		return readAs[int64](in)
	default:
		return nil, fmt.Errorf("element type %q: must be f8, f4, u1, i1, i4 or i8", kind)
	}
}

func readAs[E float32 | uint8 | int8 | int32 | int64](in *npyio.Reader) ([]float64, error) {
	var v []E
	if err := in.Read(&v); err != nil {
		return nil, err
	}
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out, nil
}

func loadNpz(path string) ([]Named, error) {
	archive, err := npz.Open(path)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	names := archive.Keys()
	sort.Strings(names)
	var out []Named
	for _, name := range names {
		part, err := archive.Open(name)
		if err != nil {
			return nil, err
		}
		m, ok, err := readNpy(strings.TrimSuffix(name, ".npy"), part)
		part.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if ok {
			out = append(out, m)
		}
	}
	return out, nil
}

func loadSafetensors(path string) ([]Named, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	file, err := safetensors.Deserialize(data)
	if err != nil {
		return nil, err
	}
	var out []Named
	for _, tensor := range file.Tensors() {
		values, err := tensorValues(tensor.TensorView)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", tensor.Name, err)
		}
		shape := make([]int, len(tensor.TensorView.Shape()))
		for i, n := range tensor.TensorView.Shape() {
			shape[i] = int(n)
		}
		m, ok, err := dense(tensor.Name, shape, values)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, m)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, nil
}

func loadCSV(path string) ([]Named, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	a, err := readCSV(file)
	if err != nil || a == nil {
		return nil, err
	}
	return []Named{{strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), a}}, nil
}

// readCSV reads numbers; a first line that is not numeric is a header.
func readCSV(r io.Reader) (*mat.Dense, error) {
	in := csv.NewReader(r)
	in.TrimLeadingSpace = true
	var values []float64
	rows, cols := 0, 0
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		line, _ := in.FieldPos(0)
		parsed := make([]float64, len(record))
		for i, text := range record {
			parsed[i], err = strconv.ParseFloat(strings.TrimSpace(text), 64)
			if err != nil {
				break
			}
		}
		if err != nil {
			if rows == 0 && line == 1 {
				continue
			}
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		cols = len(parsed)
		rows++
		values = append(values, parsed...)
	}
	if rows == 0 || cols == 0 {
		return nil, nil
	}
	return mat.NewDense(rows, cols, values), nil
}

func loadImage(path string) ([]Named, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	picture, _, err := image.Decode(file)
	if err != nil {
		return nil, err
	}
	return Channels(picture), nil
}

// Channels returns the colour channels of a picture scaled to [0, 1]: "grey"
// alone where red, green and blue are alike, else "red", "green", "blue".
func Channels(picture image.Image) []Named {
	bounds := picture.Bounds()
	h, w := bounds.Dy(), bounds.Dx()
	planes := [3]*mat.Dense{}
	for c := range planes {
		planes[c] = mat.NewDense(h, w, nil)
	}
	grey := true
	for i := range h {
		for j := range w {
			r, g, b, _ := picture.At(bounds.Min.X+j, bounds.Min.Y+i).RGBA()
			grey = grey && r == g && g == b
			for c, v := range []uint32{r, g, b} {
				planes[c].Set(i, j, float64(v)/0xffff)
			}
		}
	}
	if grey {
		return []Named{{"grey", planes[0]}}
	}
	return []Named{{"red", planes[0]}, {"green", planes[1]}, {"blue", planes[2]}}
}
