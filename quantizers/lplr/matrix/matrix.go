// Package matrix reads matrices to be compressed: .npy and .npz, safetensors,
// CSV, and images (one matrix per colour channel, scaled to [0, 1]).
package matrix

import (
	"context"
	"fmt"
	"image"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/files"
	"bitcycle/internal/npy"
	"bitcycle/internal/picture"
	"bitcycle/internal/tensors"
	"bitcycle/quantizers/rff/table"
)

// Named is one matrix of a file.
type Named struct {
	Name string
	A    *mat.Dense
	Note string // what was dropped to get it; "" for nothing
}

// Load reads every matrix of the file, in the order of their names. Tensors of
// more than two dimensions become matrices of their first dimension times the
// rest; vectors are left out. Errors name the file; what is not a finite number is
// one, and names its place.
func Load(ctx context.Context, path string) ([]Named, error) {
	load := map[string]func(context.Context, string) ([]Named, error){
		".npy": loadNpy, ".npz": loadNpz, ".safetensors": loadSafetensors, ".csv": loadCSV,
		".png": loadImage, ".jpg": loadImage, ".jpeg": loadImage,
	}[strings.ToLower(filepath.Ext(path))]
	if load == nil {
		return nil, fmt.Errorf("%s: extension %q is none of .npy .npz .safetensors .csv .png .jpg", path, filepath.Ext(path))
	}
	out, err := load(ctx, path)
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s: holds no matrix", path)
	}
	return out, err
}

// dense shapes values as a matrix; ok is false for vectors, scalars and nothing.
func dense(name string, shape []int, values []float64) (m Named, ok bool) {
	if len(shape) < 2 || len(values) == 0 {
		return Named{}, false
	}
	return Named{Name: name, A: mat.NewDense(shape[0], len(values)/shape[0], values)}, true
}

func loadNpy(ctx context.Context, path string) ([]Named, error) {
	a, err := npy.Load(ctx, path)
	if err != nil {
		return nil, err
	}
	name := strings.TrimSuffix(filepath.Base(path), ".npy")
	return fromArrays(path, []npy.Member{{Name: name, Array: a}})
}

func loadNpz(ctx context.Context, path string) ([]Named, error) {
	list, err := npy.LoadArchive(ctx, path)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b npy.Member) int { return strings.Compare(a.Name, b.Name) })
	return fromArrays(path, list)
}

func loadSafetensors(ctx context.Context, path string) ([]Named, error) {
	f, err := tensors.Load(ctx, path)
	if err != nil {
		return nil, err
	}
	return fromArrays(path, f.Arrays)
}

func fromArrays(path string, list []npy.Member) ([]Named, error) {
	var out []Named
	for _, member := range list {
		values, err := npy.Floats[float64](member.Array)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, member.Name, err)
		}
		if m, ok := dense(member.Name, member.Shape, values); ok {
			out = append(out, m)
		}
	}
	return out, nil
}

// loadCSV reads a table of numbers; a first line without any is a header.
func loadCSV(ctx context.Context, path string) ([]Named, error) {
	t, err := table.Open(ctx, path, table.Options{Label: -1})
	if err != nil {
		return nil, err
	}
	return []Named{{Name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), A: t.X}}, nil
}

func loadImage(ctx context.Context, path string) ([]Named, error) {
	p, err := picture.Load(ctx, path)
	if err != nil {
		return nil, err
	}
	const each = 3 * 8 // three channels of float64
	if err := files.Fits("the picture's channels", each*float64(p.Bounds().Dx())*float64(p.Bounds().Dy())); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return Channels(p), nil
}

// dropped says that a picture was transparent.
const dropped = "alpha is dropped, colours are those stored"

// Channels returns the colour channels of a picture scaled to [0, 1]: "grey"
// alone where red, green and blue are alike, else "red", "green", "blue". Alpha is
// dropped: colours are those that the file stores.
func Channels(p image.Image) []Named {
	bounds := p.Bounds()
	h, w := bounds.Dy(), bounds.Dx()
	planes := [3]*mat.Dense{}
	for c := range planes {
		planes[c] = mat.NewDense(h, w, nil)
	}
	grey, note := true, ""
	for i := range h {
		for j := range w {
			r, g, b, alpha := picture.Stored(p.At(bounds.Min.X+j, bounds.Min.Y+i))
			grey = grey && r == g && g == b
			if alpha != 0xffff {
				note = dropped
			}
			for c, v := range []uint16{r, g, b} {
				planes[c].Set(i, j, float64(v)/0xffff)
			}
		}
	}
	if grey {
		return []Named{{"grey", planes[0], note}}
	}
	return []Named{{"red", planes[0], note}, {"green", planes[1], note}, {"blue", planes[2], note}}
}
