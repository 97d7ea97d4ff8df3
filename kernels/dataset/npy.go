package dataset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"bitcycle/internal/npy"
)

// loadNPY reads an array [N][H][W][C]; three dimensions mean one channel, two
// mean N feature vectors. The labels, if any, lie in the file of the same name
// ending in .labels.npy.
func loadNPY(ctx context.Context, rest string, r span) (*Images, error) {
	path := Resolve(rest)
	array, err := npy.Load(ctx, path)
	if err != nil {
		return nil, err
	}
	im, err := arrayImages(array)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	labels := strings.TrimSuffix(strings.TrimSuffix(path, ".gz"), ".npy") + ".labels.npy"
	if _, err := os.Stat(labels); !errors.Is(err, fs.ErrNotExist) {
		if im.Labels, err = loadNPYLabels(ctx, labels, im.N); err != nil {
			return nil, err
		}
	}
	return im.cut(r)
}

// arrayImages takes bytes as pixels and everything else as values.
func arrayImages(a *npy.Array) (*Images, error) {
	if len(a.Shape) < 2 || len(a.Shape) > 4 || a.Len() == 0 {
		return nil, fmt.Errorf("shape %v: want [N H W C], [N H W] or [N C]", a.Shape)
	}
	im := &Images{N: a.Shape[0], H: 1, W: 1, C: 1}
	switch shape := a.Shape; len(shape) {
	case 2:
		im.C = shape[1]
	case 3:
		im.H, im.W = shape[1], shape[2]
	case 4:
		im.H, im.W, im.C = shape[1], shape[2], shape[3]
	}
	var err error
	if pixels, ok := a.Bytes(); ok {
		im.Pixels = pixels
	} else {
		im.Values, err = npy.Floats[float32](a)
	}
	return im, err
}

func loadNPYLabels(ctx context.Context, path string, n int) ([]int, error) {
	array, err := npy.Load(ctx, path)
	if err != nil {
		return nil, err
	}
	labels, err := arrayLabels(array, n)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return labels, nil
}

func arrayLabels(a *npy.Array, n int) ([]int, error) {
	if len(a.Shape) != 1 || a.Shape[0] != n {
		return nil, fmt.Errorf("shape %v: want [%d], one label an image", a.Shape, n)
	}
	labels, err := a.Ints()
	if err != nil {
		return nil, err
	}
	for i, label := range labels {
		if label < 0 {
			return nil, fmt.Errorf("record %d: label = %d: must not be negative", i, label)
		}
	}
	return labels, nil
}
