package onnx

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"bitcycle/internal/files"
	"bitcycle/kernels"
)

// The range of default-domain operator sets that the reader knows.
const (
	minOpset = 7
	maxOpset = 21
)

// Load reads the float model in the file at path; weights may lie in files
// beside it. Errors begin with the path.
func Load(path string) (*kernels.Network, error) {
	data, err := files.Read(context.Background(), path, files.Data)
	if err != nil {
		return nil, err
	}
	net, err := decode(data, filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return net, nil
}

// Import reads a float model whose weights lie within it.
func Import(r io.Reader) (*kernels.Network, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return decode(data, "")
}

func decode(data []byte, folder string) (*kernels.Network, error) {
	im, err := newImporter(data, folder)
	if err != nil {
		return nil, err
	}
	if err := im.run(); err != nil {
		return nil, err
	}
	return fold(im.net)
}

func newImporter(data []byte, folder string) (*importer, error) {
	m, err := parseModel(data)
	if err != nil {
		return nil, err
	}
	if m.opset < minOpset || m.opset > maxOpset {
		return nil, fmt.Errorf("operator set %d: must be %d to %d", m.opset, minOpset, maxOpset)
	}
	if m.graph.sparse {
		return nil, fmt.Errorf("sparse weights are not supported")
	}
	im := &importer{
		graph: &m.graph, opset: m.opset,
		net:    &kernels.Network{Name: m.graph.name},
		values: map[string]value{}, names: map[string]bool{}, meta: m.meta,
	}
	for _, t := range m.graph.initializers {
		if err := t.load(folder); err != nil {
			return nil, err
		}
		im.values[t.name] = value{constant: t}
	}
	return im, im.input()
}

// load reads the values of a tensor that lie in a file of the model's folder.
func (t *tensor) load(folder string) error {
	if t.file == nil {
		return nil
	}
	location := t.file["location"]
	if folder == "" {
		return fmt.Errorf("tensor %q lies in the file %q: open the model by its path", t.name, location)
	}
	if !filepath.IsLocal(location) {
		return fmt.Errorf("tensor %q lies in %q, outside the model's folder", t.name, location)
	}
	var offset, length int64 = 0, -1
	for key, to := range map[string]*int64{"offset": &offset, "length": &length} {
		if text, ok := t.file[key]; ok {
			if _, err := fmt.Sscan(text, to); err != nil {
				return fmt.Errorf("tensor %q: %s %q is not a number", t.name, key, text)
			}
		}
	}
	raw, err := readRange(filepath.Join(folder, location), offset, length)
	if err != nil {
		return fmt.Errorf("tensor %q: %w", t.name, err)
	}
	t.raw = raw
	return nil
}

// readRange reads length bytes (−1: all) of a file from offset on.
func readRange(path string, offset, length int64) ([]byte, error) {
	f, err := files.Open(context.Background(), path, files.Data)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if length < 0 {
		length = f.Size() - offset
	}
	if offset < 0 || length < 0 || offset > f.Size() || length > f.Size()-offset {
		return nil, fmt.Errorf("%s has %d bytes, fewer than %d from %d on", path, f.Size(), length, offset)
	}
	raw := make([]byte, length)
	_, err = f.ReadAt(raw, offset)
	return raw, err
}
