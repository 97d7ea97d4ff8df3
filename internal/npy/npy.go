// Package npy reads NumPy's arrays: .npy files, versions 1 to 3, and .npz archives,
// of integers, floats down to half precision and truth values, in either byte order
// and either order of dimensions. What a header says is held against the file before
// anything is allocated for it.
package npy

import (
	"context"
	"fmt"
	"io"

	"bitcycle/internal/files"
)

// Array is an array of any shape; its elements are in C order.
type Array struct {
	Shape []int // empty for a single number
	kind  kind
	raw   []byte // little-endian
}

// New makes an array of elements at hand, little-endian in C order. Its type is a name
// of NumPy's, [BrainFloat], [Float8E4M3] or [Float8E5M2].
func New(shape []int, name string, raw []byte) (*Array, error) {
	k, ok := kinds[name]
	if !ok {
		k, ok = others[name]
	}
	h := header{shape: shape, kind: k}
	n, err := h.count()
	switch {
	case !ok:
		return nil, fmt.Errorf("no element type %q", name)
	case err != nil:
		return nil, err
	case n*k.width != len(raw):
		return nil, h.mismatch(int64(n*k.width), int64(len(raw)))
	}
	return &Array{shape, k, raw}, nil
}

// Len is the number of elements.
func (a *Array) Len() int { return len(a.raw) / a.kind.width }

// Type is NumPy's name of the element type without byte order, "f4".
func (a *Array) Type() string { return a.kind.name }

// Load reads the array in a file, gzipped or not. Errors name the file.
func Load(ctx context.Context, path string) (*Array, error) {
	r, err := files.OpenPacked(ctx, path, files.Data)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	a, err := Read(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", files.Printable(path), err)
	}
	return a, nil
}

// Read reads an array and wants r to end behind it. If r tells how much it holds, by
// Len or Content, that is compared with the header at once.
func Read(r io.Reader) (*Array, error) {
	size := sizeOf(r)
	in := &counter{r: r}
	h, err := readHeader(in)
	if err != nil {
		return nil, err
	}
	n, err := h.count()
	if err != nil {
		return nil, err
	}
	want := int64(n) * int64(h.kind.width)
	if have := size - in.n; size >= 0 && have != want {
		return nil, h.mismatch(want, have)
	}
	expected, most := want, min(want, files.Memory())
	if size < 0 {
		expected = min(want, 1<<20) // so far it is a claim
	}
	tooLarge := files.Fits(fmt.Sprintf("an array of shape %v and type %s", h.shape, h.kind.name), float64(want))
	if tooLarge != nil && size >= 0 {
		return nil, tooLarge
	}
	raw, err := files.ReadAll(io.LimitReader(in, most+1), expected)
	switch {
	case err != nil:
		return nil, err
	case int64(len(raw)) > most && most < want:
		return nil, tooLarge
	case int64(len(raw)) != want:
		return nil, h.mismatch(want, int64(len(raw)))
	}
	if h.big {
		reverse(raw, h.kind.width)
	}
	if h.fortran {
		raw = transpose(raw, h.shape, h.kind.width)
	}
	if h.kind.name == "b1" {
		for i, b := range raw {
			raw[i] = min(b, 1)
		}
	}
	return &Array{h.shape, h.kind, raw}, nil
}

func (h *header) mismatch(want, have int64) error {
	if have > want {
		return fmt.Errorf("shape %v of type %s takes %d bytes: more follow", h.shape, h.kind.name, want)
	}
	return fmt.Errorf("shape %v of type %s takes %d bytes: the file has %d", h.shape, h.kind.name, want, have)
}

// sizeOf is how many bytes r holds, -1 where it does not tell.
func sizeOf(r io.Reader) int64 {
	switch r := r.(type) {
	case interface{ Content() int64 }:
		return r.Content()
	case interface{ Len() int }:
		return int64(r.Len())
	}
	return -1
}

// counter counts what is read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// reverse turns the bytes of every element around.
func reverse(raw []byte, width int) {
	for ; len(raw) > 0; raw = raw[width:] {
		for i, j := 0, width-1; i < j; i, j = i+1, j-1 {
			raw[i], raw[j] = raw[j], raw[i]
		}
	}
}

// transpose puts elements whose first dimension runs fastest into C order, where the
// last one does.
func transpose(raw []byte, shape []int, width int) []byte {
	if len(shape) < 2 || len(raw) == 0 {
		return raw
	}
	stride := make([]int, len(shape)) // in raw, of each dimension
	step := width
	for d, n := range shape {
		stride[d], step = step, step*n
	}
	out := make([]byte, len(raw))
	index, from := make([]int, len(shape)), 0
	for to := 0; to < len(out); to += width {
		copy(out[to:to+width], raw[from:])
		for d := len(shape) - 1; d >= 0; d-- {
			from += stride[d]
			if index[d]++; index[d] < shape[d] {
				break
			}
			from -= stride[d] * shape[d]
			index[d] = 0
		}
	}
	return out
}
