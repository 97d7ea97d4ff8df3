package dataset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"

	"bitcycle/internal/npy"
)

// loadNPY reads an array of images and what they are judged by, from FILE.npy, beside
// which FILE.labels.npy and FILE.targets.npy may lie, or from FILE.npz, whose arrays are
// taken by their names. ":nchw" or ":nhwc" behind the path says how four dimensions are
// meant, ":train" and ":test" which arrays of an archive.
func loadNPY(ctx context.Context, rest string, r span, want Want) (*Images, error) {
	path, layout, split := arrayOptions(rest)
	var parts arrays
	var err error
	if strings.HasSuffix(strings.ToLower(path), ".npz") {
		parts, err = archiveArrays(ctx, Resolve(path), split)
	} else if split != "" {
		err = fmt.Errorf("%s: train and test are parts of an .npz archive", path)
	} else {
		parts, err = fileArrays(ctx, Resolve(path))
	}
	if err != nil {
		return nil, err
	}
	im, err := parts.set(layout, want)
	if err != nil {
		return nil, err
	}
	return im.cut(r)
}

// arrayOptions takes the words behind a path off it.
func arrayOptions(rest string) (path, layout, split string) {
	for {
		at := strings.LastIndexByte(rest, ':')
		if at < 0 {
			return rest, layout, split
		}
		switch word := rest[at+1:]; word {
		case "nchw", "nhwc":
			layout = word
		case "train", "test":
			split = word
		default:
			return rest, layout, split
		}
		rest = rest[:at]
	}
}

// arrays are those of a set; only the first must be there. Each has a name for errors.
type arrays struct{ images, labels, targets named }

type named struct {
	*npy.Array
	name string
}

// fileArrays reads FILE.npy and what lies beside it.
func fileArrays(ctx context.Context, path string) (a arrays, err error) {
	stem := strings.TrimSuffix(strings.TrimSuffix(path, ".gz"), ".npy")
	for _, one := range []struct {
		to   *named
		path string
	}{{&a.images, path}, {&a.labels, stem + ".labels.npy"}, {&a.targets, stem + ".targets.npy"}} {
		if _, err := os.Stat(one.path); one.path != path && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		array, err := npy.Load(ctx, one.path)
		if err != nil {
			return a, err
		}
		*one.to = named{array, one.path}
	}
	return a, nil
}

// Names of arrays in archives, as tools write them.
var (
	imageNames  = []string{"x", "images", "image", "data", "inputs", "input", "features", "arr_0"}
	labelNames  = []string{"y", "labels", "label", "classes", "arr_1"}
	targetNames = []string{"targets", "target"}
)

// archiveArrays picks the arrays of an archive by their names: x and y, images and
// labels, with _train or _test behind them where there are such.
func archiveArrays(ctx context.Context, path, split string) (a arrays, err error) {
	list, err := npy.LoadArchive(ctx, path)
	if err != nil {
		return a, err
	}
	var all []string
	for _, m := range list {
		all = append(all, m.Name)
	}
	if split == "" && slices.ContainsFunc(all, func(name string) bool { return strings.HasSuffix(name, "_test") }) {
		split = "test"
	}
	pick := func(names []string) named {
		for _, name := range names {
			if split != "" {
				name += "_" + split
			}
			if at := slices.IndexFunc(all, func(one string) bool { return strings.EqualFold(one, name) }); at >= 0 {
				return named{list[at].Array, path + ": " + list[at].Name}
			}
		}
		return named{}
	}
	a = arrays{pick(imageNames), pick(labelNames), pick(targetNames)}
	if a.images.Array == nil && len(list) == 1 && split == "" {
		a.images = named{list[0].Array, path + ": " + list[0].Name}
	}
	if a.images.Array == nil {
		return a, fmt.Errorf("%s: arrays %s: images must be called one of %s%s", path, strings.Join(all, ", "), strings.Join(imageNames, ", "), behind(split))
	}
	return a, nil
}

func behind(split string) string {
	if split == "" {
		return ""
	}
	return ", with _" + split + " behind it"
}

// set makes a set of the arrays.
func (a *arrays) set(layout string, want Want) (*Images, error) {
	im, err := arrayImages(a.images.Array, layout, want)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.images.name, err)
	}
	if l := a.labels; l.Array != nil {
		if im.Labels, err = arrayLabels(l.Array, im.N); err != nil {
			return nil, fmt.Errorf("%s: %w", l.name, err)
		}
	}
	if t := a.targets; t.Array != nil {
		if im.Targets, err = arrayTargets(t.Array, im.N); err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return im, nil
}

// arrayImages takes bytes as pixels and everything else as values: [N H W C], [N C H W]
// where the layout says so, [N H W] of one channel, [N C] of vectors.
func arrayImages(a *npy.Array, layout string, want Want) (*Images, error) {
	if len(a.Shape) < 2 || len(a.Shape) > 4 || a.Len() == 0 {
		return nil, fmt.Errorf("shape %v: want [N H W C], [N C H W], [N H W] or [N C]", a.Shape)
	}
	im := &Images{N: a.Shape[0], H: 1, W: 1, C: 1}
	switch shape := a.Shape; {
	case len(shape) == 2:
		im.C = shape[1]
	case len(shape) == 3:
		im.H, im.W = shape[1], shape[2]
	case layout == "nchw":
		im.C, im.H, im.W = shape[1], shape[2], shape[3]
	default:
		im.H, im.W, im.C = shape[1], shape[2], shape[3]
		if s := ([3]int{shape[1], shape[2], shape[3]}); layout == "" && s == [3]int{want.C, want.H, want.W} && s != [3]int{want.H, want.W, want.C} {
			return nil, fmt.Errorf("shape %v: the network reads %d channels of %d×%d: write npy:FILE:nchw if channels come first, npy:FILE:nhwc if not", shape, want.C, want.H, want.W)
		}
	}
	var err error
	if pixels, ok := a.Bytes(); ok {
		im.Pixels = pixels
	} else {
		im.Values, err = npy.Floats[float32](a)
	}
	if err == nil && layout == "nchw" && len(a.Shape) == 4 {
		im.Pixels, im.Values = channelsLast(im, im.Pixels), channelsLast(im, im.Values)
	}
	return im, err
}

// channelsLast reorders [N C H W] to [N H W C].
func channelsLast[T uint8 | float32](im *Images, from []T) []T {
	if from == nil {
		return nil
	}
	out := make([]T, len(from))
	places, size := im.H*im.W, im.Size()
	for i := range im.N {
		image, to := from[i*size:][:size], out[i*size:][:size]
		for c := range im.C {
			for p, v := range image[c*places:][:places] {
				to[p*im.C+c] = v
			}
		}
	}
	return out
}

// arrayLabels reads classes: a number an image, whole even if it is a float, in a list
// or a column, or a row of zeros with a one at the class.
func arrayLabels(a *npy.Array, n int) ([]int, error) {
	columns := 1
	switch {
	case len(a.Shape) == 1 && a.Shape[0] == n:
	case len(a.Shape) == 2 && a.Shape[0] == n && a.Shape[1] > 0:
		columns = a.Shape[1]
	default:
		return nil, fmt.Errorf("shape %v: want [%d] or [%d 1], one label an image, or [%d classes] with a one at the class", a.Shape, n, n, n)
	}
	values, err := npy.Floats[float64](a)
	if err != nil {
		return nil, err
	}
	if columns > 1 {
		return oneHot(values, columns)
	}
	labels := make([]int, n)
	for i, v := range values {
		if v < 0 || v != math.Trunc(v) || v > math.MaxInt32 {
			return nil, fmt.Errorf("record %d: label = %v: must be a class number, 0 or more", i, v)
		}
		labels[i] = int(v)
	}
	return labels, nil
}

// oneHot finds the one of every row.
func oneHot(values []float64, columns int) ([]int, error) {
	labels := make([]int, len(values)/columns)
	for i := range labels {
		at := -1
		for c, v := range values[i*columns:][:columns] {
			switch {
			case v == 0:
			case v == 1 && at < 0:
				at = c
			default:
				return nil, fmt.Errorf("record %d: class %d is %v: a row must be zeros and a single one", i, c, v)
			}
		}
		if at < 0 {
			return nil, fmt.Errorf("record %d has no class: a row must be zeros and a single one", i)
		}
		labels[i] = at
	}
	return labels, nil
}

// arrayTargets reads what a network is to give, a row an image.
func arrayTargets(a *npy.Array, n int) ([][]float32, error) {
	if len(a.Shape) < 1 || a.Shape[0] != n || a.Len() == 0 {
		return nil, fmt.Errorf("shape %v: want [%d …], a row of numbers an image", a.Shape, n)
	}
	values, err := npy.Floats[float32](a)
	if err != nil {
		return nil, err
	}
	width := a.Len() / n
	targets := make([][]float32, n)
	for i := range targets {
		targets[i] = values[i*width:][:width:width]
	}
	return targets, nil
}
