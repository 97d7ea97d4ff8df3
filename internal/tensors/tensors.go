// Package tensors reads safetensors files: named arrays behind a header in JSON that
// is held against the length of the file.
package tensors

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/nlpodyssey/safetensors"

	"bitcycle/internal/files"
	"bitcycle/internal/npy"
)

// maxHeader bounds the header; that of a large language model has 100 kB.
const maxHeader = 16 << 20

// File is the content of a safetensors file.
type File struct {
	Info   map[string]string // what the header says of the file
	Arrays []npy.Member      // in the order of their names
}

// Load reads a file. Errors name it.
func Load(ctx context.Context, path string) (*File, error) {
	r, err := files.Open(ctx, path, files.Data)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	f, err := read(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", files.Printable(path), err)
	}
	return f, nil
}

// read looks at the header before it reads the rest.
func read(r *files.Reader) (*File, error) {
	head := make([]byte, min(r.Size(), 8))
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, err
	}
	end, err := headerEnd(head, r.Size())
	if err != nil {
		return nil, err
	}
	head = make([]byte, end-8)
	if _, err := r.ReadAt(head, 8); err != nil {
		return nil, err
	}
	if err := checkOffsets(head, uint64(r.Size())-uint64(end)); err != nil {
		return nil, err
	}
	if err := files.Fits("the file", float64(r.Size())); err != nil {
		return nil, err
	}
	data, err := files.ReadAll(r, r.Size())
	if err != nil {
		return nil, err
	}
	return Parse(data)
}

// headerEnd is where the header ends in a file of so many bytes.
func headerEnd(head []byte, size int64) (int, error) {
	if len(head) < 8 {
		return 0, errors.New("not a safetensors file: shorter than 8 bytes")
	}
	n := binary.LittleEndian.Uint64(head)
	if n > maxHeader || int64(n) > size-8 {
		return 0, fmt.Errorf("not a safetensors file: a header of %d bytes in a file of %d", n, size)
	}
	return 8 + int(n), nil
}

// Parse reads the content of a file.
func Parse(data []byte) (*File, error) {
	end, err := headerEnd(data, int64(len(data)))
	if err != nil {
		return nil, err
	}
	if err := checkOffsets(data[8:end], uint64(len(data)-end)); err != nil {
		return nil, err
	}
	data, eighths, err := plain(data, end)
	if err != nil {
		return nil, err
	}
	_, meta, err := safetensors.ReadMetadata(data)
	if err != nil {
		return nil, err
	}
	file, err := safetensors.Deserialize(data)
	if err != nil {
		return nil, err
	}
	f := &File{Info: meta.Metadata()}
	for _, t := range file.Tensors() {
		a, err := array(t.TensorView, eighths[t.Name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", files.Printable(t.Name), err)
		}
		f.Arrays = append(f.Arrays, npy.Member{Name: t.Name, Array: a})
	}
	slices.SortFunc(f.Arrays, func(a, b npy.Member) int { return cmp.Compare(a.Name, b.Name) })
	return f, nil
}

// checkOffsets holds the places of all tensors against the bytes behind the header;
// the library adds them up without a look at overflow.
func checkOffsets(header []byte, body uint64) error {
	var tensors map[string]json.RawMessage
	if err := json.Unmarshal(header, &tensors); err != nil {
		return fmt.Errorf("safetensors header: %w", err)
	}
	delete(tensors, "__metadata__")
	var last uint64
	for name, text := range tensors {
		var t struct {
			Offsets [2]uint64 `json:"data_offsets"`
		}
		if err := json.Unmarshal(text, &t); err != nil {
			return fmt.Errorf("safetensors header: %s: %w", files.Printable(name), err)
		}
		if t.Offsets[0] > t.Offsets[1] || t.Offsets[1] > body {
			return fmt.Errorf("safetensors header: %s: bytes %d to %d of %d", files.Printable(name), t.Offsets[0], t.Offsets[1], body)
		}
		last = max(last, t.Offsets[1])
	}
	if last != body {
		return fmt.Errorf("safetensors header: tensors end at byte %d of %d", last, body)
	}
	return nil
}

var types = map[safetensors.DType]string{
	safetensors.BOOL: "b1", safetensors.U8: "u1", safetensors.I8: "i1", safetensors.I16: "i2", safetensors.U16: "u2",
	safetensors.I32: "i4", safetensors.U32: "u4", safetensors.I64: "i8", safetensors.U64: "u8",
	safetensors.F16: "f2", safetensors.BF16: npy.BrainFloat, safetensors.F32: "f4", safetensors.F64: "f8",
}

// array makes an array of a tensor; eighth is its type if that is none of the library's.
func array(view safetensors.TensorView, eighth string) (*npy.Array, error) {
	shape := make([]int, len(view.Shape()))
	for i, n := range view.Shape() {
		shape[i] = int(n)
	}
	if eighth != "" {
		return npy.New(shape, eighth, view.Data())
	}
	return npy.New(shape, types[view.DType()], view.Data())
}

// Find returns the array of a name, nil if there is none.
func (f *File) Find(name string) *npy.Array {
	at, ok := slices.BinarySearchFunc(f.Arrays, name, func(m npy.Member, name string) int { return cmp.Compare(m.Name, name) })
	if !ok {
		return nil
	}
	return f.Arrays[at].Array
}
