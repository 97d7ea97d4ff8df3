package table

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"bitcycle/internal/files"
)

// Open reads a file by its name: .csv, .tsv, .npy, .libsvm (also .svm, .txt) or an
// IDX file (-ubyte), each plain or with .gz. Gzip is recognised by its content.
func Open(ctx context.Context, path string, o Options) (*Table, error) {
	read, kind, err := format(path)
	if err != nil {
		return nil, err
	}
	r, err := files.OpenPacked(ctx, path, kind)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return read(r, path, o)
}

type reader func(r io.Reader, name string, o Options) (*Table, error)

func format(path string) (reader, files.Kind, error) {
	name := strings.TrimSuffix(strings.ToLower(filepath.Base(path)), ".gz")
	switch extension := filepath.Ext(name); {
	case extension == ".csv", extension == ".tsv":
		return ReadCSV, files.Table, nil
	case extension == ".npy":
		return ReadNPY, files.Data, nil
	case extension == ".libsvm", extension == ".svm", extension == ".txt":
		return ReadLibSVM, files.Table, nil
	case strings.HasSuffix(name, "ubyte"), extension == ".idx":
		return ReadIDX, files.Data, nil
	}
	return nil, files.Kind{}, fmt.Errorf("%s: unknown kind of file: .csv, .tsv, .libsvm, .npy and -ubyte (IDX) are read, also with .gz", path)
}

// OpenImages reads the pair of IDX files of a folder in the layout of MNIST:
// {part}*-images*-ubyte and {part}*-labels*-ubyte, where part is "train" or
// "t10k". Pixels become columns in [0,1].
func OpenImages(ctx context.Context, folder, part string, limit int) (*Table, error) {
	o := Options{Limit: limit}
	images, err := openOne(ctx, filepath.Join(folder, part+"*-images*-ubyte*"), o)
	if err != nil {
		return nil, err
	}
	labels, err := openOne(ctx, filepath.Join(folder, part+"*-labels*-ubyte*"), o)
	if err != nil {
		return nil, err
	}
	n, _ := images.X.Dims()
	if nl, columns := labels.X.Dims(); nl != n || columns != 1 {
		return nil, fmt.Errorf("%s: %d %s images but %d labels", folder, n, part, nl)
	}
	images.Y = labels.X.RawMatrix().Data
	images.X.Scale(1.0/255, images.X)
	return images, nil
}

// openOne opens the first file that matches a pattern.
func openOne(ctx context.Context, pattern string, o Options) (*Table, error) {
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", pattern, err)
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s: %w", pattern, fs.ErrNotExist)
	}
	return Open(ctx, paths[0], o)
}
