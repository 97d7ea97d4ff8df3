package table

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Open reads a file by its name: .csv, .tsv, .npy, .libsvm (also .svm, .txt) or an
// IDX file (-ubyte), each plain or with .gz. Gzip is recognised by its content.
func Open(path string, o Options) (*Table, error) {
	read, err := format(path)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r, err := unzip(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return read(r, path, o)
}

func format(path string) (func(io.Reader, string, Options) (*Table, error), error) {
	name := strings.TrimSuffix(strings.ToLower(filepath.Base(path)), ".gz")
	switch extension := filepath.Ext(name); {
	case extension == ".csv", extension == ".tsv":
		return ReadCSV, nil
	case extension == ".npy":
		return ReadNPY, nil
	case extension == ".libsvm", extension == ".svm", extension == ".txt":
		return ReadLibSVM, nil
	case strings.HasSuffix(name, "ubyte"), extension == ".idx":
		return ReadIDX, nil
	}
	return nil, fmt.Errorf("%s: unknown kind of file: .csv, .tsv, .libsvm, .npy and -ubyte (IDX) are read, also with .gz", path)
}

// unzip returns the unpacked content if r is gzipped, else r.
func unzip(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReader(r)
	if head, _ := buffered.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		return gzip.NewReader(buffered)
	}
	return buffered, nil
}

// OpenImages reads the pair of IDX files of a folder in the layout of MNIST:
// {part}*-images*-ubyte and {part}*-labels*-ubyte, where part is "train" or
// "t10k". Pixels become columns in [0,1].
func OpenImages(folder, part string, limit int) (*Table, error) {
	o := Options{Limit: limit}
	images, err := openOne(filepath.Join(folder, part+"*-images*-ubyte*"), o)
	if err != nil {
		return nil, err
	}
	labels, err := openOne(filepath.Join(folder, part+"*-labels*-ubyte*"), o)
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
func openOne(pattern string, o Options) (*Table, error) {
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", pattern, err)
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s: %w", pattern, fs.ErrNotExist)
	}
	return Open(paths[0], o)
}
