package dataset

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"bitcycle/internal/files"
)

// idxSplit is a split of a set of IDX files: candidate name stems of the image
// and label files, first found wins.
type idxSplit struct{ images, labels []string }

var mnistSplits = map[string]idxSplit{
	"test":  {[]string{"t10k-images-idx3-ubyte"}, []string{"t10k-labels-idx1-ubyte"}},
	"train": {[]string{"train-images-idx3-ubyte"}, []string{"train-labels-idx1-ubyte"}},
}

// fashionSplits adds the names of the copies whose pixels are approximate and
// whose training part is the first 10 000 images.
var fashionSplits = map[string]idxSplit{
	"test": {
		[]string{"t10k-images-idx3-ubyte", "t10k-images-approx-idx3-ubyte"},
		[]string{"t10k-labels-idx1-ubyte"},
	},
	"train": {
		[]string{"train-images-idx3-ubyte", "train10k-images-approx-idx3-ubyte"},
		[]string{"train-labels-idx1-ubyte", "train10k-labels-idx1-ubyte"},
	},
}

var (
	digitClasses   = strings.Fields("0 1 2 3 4 5 6 7 8 9")
	fashionClasses = []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}
)

func loadMNIST(ctx context.Context, rest string, r span, _ Want) (*Images, error) {
	return loadIDX(ctx, rest, r, mnistSplits, digitClasses)
}

func loadFashion(ctx context.Context, rest string, r span, _ Want) (*Images, error) {
	return loadIDX(ctx, rest, r, fashionSplits, fashionClasses)
}

// loadIDX reads "DIR", "DIR:test" or "DIR:train".
func loadIDX(ctx context.Context, rest string, r span, splits map[string]idxSplit, classes []string) (*Images, error) {
	dir, split := rest, splits["test"]
	if at := strings.LastIndexByte(rest, ':'); at >= 0 {
		s, ok := splits[rest[at+1:]]
		if !ok {
			return nil, fmt.Errorf("no split %q (test or train)", rest[at+1:])
		}
		dir, split = rest[:at], s
	}
	dir = Resolve(dir)
	im, err := readIDX(ctx, dir, split)
	if err != nil {
		return nil, err
	}
	im.Classes = classes
	return im.cut(r)
}

func readIDX(ctx context.Context, dir string, split idxSplit) (*Images, error) {
	path := firstFile(dir, split.images)
	dims, pixels, err := loadBytes(ctx, path, 3)
	if err != nil {
		return nil, err
	}
	im := &Images{N: dims[0], H: dims[1], W: dims[2], C: 1, Pixels: pixels}
	path = firstFile(dir, split.labels)
	_, raw, err := loadBytes(ctx, path, 1)
	if err != nil {
		return nil, err
	}
	if im.Labels, err = byteLabels(raw, im.N, 10); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return im, nil
}

// firstFile returns the first existing stem or stem.gz in dir, else the path
// that the first stem would have.
func firstFile(dir string, stems []string) string {
	for _, stem := range stems {
		for _, suffix := range []string{".gz", ""} {
			path := filepath.Join(dir, stem+suffix)
			if _, err := os.Stat(path); err == nil {
				return path
			}
		}
	}
	return filepath.Join(dir, stems[0]+".gz")
}

// loadBytes reads an IDX file of bytes, gzipped or not. Errors name it.
func loadBytes(ctx context.Context, path string, rank int) (dims []int, elements []byte, err error) {
	r, err := files.OpenPacked(ctx, path, files.Data)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	if dims, elements, err = readBytes(r, r.Content(), rank); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return dims, elements, nil
}

// readBytes reads an array of unsigned bytes in the IDX format (LeCun, "The MNIST
// database"): two zero bytes, type 8, the number of dimensions, the dimensions as
// big-endian 32-bit integers, the elements. Length is that of the file, -1 if it is not
// known.
func readBytes(r io.Reader, length int64, rank int) (dims []int, elements []byte, err error) {
	head := make([]byte, 4+4*rank)
	switch n, err := io.ReadFull(r, head); {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, nil, fmt.Errorf("%d bytes: too short for an IDX header", n)
	case err != nil:
		return nil, nil, err
	}
	if head[0] != 0 || head[1] != 0 || head[2] != 8 || int(head[3]) != rank {
		return nil, nil, fmt.Errorf("magic % x: want 00 00 08 %02x, an IDX file of bytes", head[:4], rank)
	}
	size := int64(1)
	for d := range rank {
		n := int64(binary.BigEndian.Uint32(head[4+4*d:]))
		if n == 0 || size > files.Data.Most/n {
			return nil, nil, fmt.Errorf("dimension %d = %d: want 1 to %d elements in all", d, n, files.Data.Most)
		}
		dims, size = append(dims, int(n)), size*n
	}
	have := length - int64(len(head))
	if length < 0 || have == size {
		expected := min(size, 1<<20) // so far it is a claim
		if length >= 0 {
			expected = size
		}
		if elements, err = files.ReadAll(io.LimitReader(r, size+1), expected); err != nil {
			return nil, nil, err
		}
		have = int64(len(elements))
	}
	if have != size {
		return nil, nil, fmt.Errorf("%d elements in the header, %d in the file", size, have)
	}
	return dims, elements, nil
}

// byteLabels converts the labels of n images, all below classes.
func byteLabels(raw []byte, n, classes int) ([]int, error) {
	if len(raw) != n {
		return nil, fmt.Errorf("%d labels for %d images", len(raw), n)
	}
	labels := make([]int, n)
	for i, l := range raw {
		if int(l) >= classes {
			return nil, fmt.Errorf("record %d: label = %d: must be below %d", i, l, classes)
		}
		labels[i] = int(l)
	}
	return labels, nil
}
