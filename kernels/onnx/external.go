package onnx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"bitcycle/internal/files"
)

// Tensors whose values lie in files beside the model.

// external holds the place of a tensor in another file against that file. One
// that is not there is only missed when its values are wanted.
func (im *importer) external(t *tensor) error {
	location, _, _, err := t.place()
	if err != nil || t.folder == "" {
		return err
	}
	raw, err := t.open()
	if errors.Is(err, os.ErrNotExist) {
		im.missing = append(im.missing, location)
		return nil
	}
	if err != nil {
		return fmt.Errorf("tensor %q: %w", t.name, err)
	}
	return raw.Close()
}

// place returns where the values of a tensor lie in a file.
func (t *tensor) place() (location string, offset, length int64, err error) {
	location, length = t.file["location"], -1
	if t.folder != "" && !filepath.IsLocal(location) {
		return "", 0, 0, fmt.Errorf("tensor %q lies in %q, outside the model's folder", t.name, location)
	}
	for key, to := range map[string]*int64{"offset": &offset, "length": &length} {
		if text, ok := t.file[key]; ok {
			if _, err := fmt.Sscan(text, to); err != nil {
				return "", 0, 0, fmt.Errorf("tensor %q: %s %q is not a number", t.name, key, text)
			}
		}
	}
	return location, offset, length, nil
}

// section is a part of a file.
type section struct {
	io.Reader
	io.Closer
	length int64
}

// open opens the bytes of a tensor that lie in a file of the model's folder, and
// checks that they are there.
func (t *tensor) open() (*section, error) {
	location, offset, length, err := t.place()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(t.folder, location)
	f, err := files.Open(context.Background(), path, files.Data)
	if err != nil {
		return nil, err
	}
	if length < 0 {
		length = f.Size() - offset
	}
	if offset < 0 || length < 0 || offset > f.Size() || length > f.Size()-offset {
		err = fmt.Errorf("%s has %d bytes, fewer than %d from %d on", path, f.Size(), length, offset)
		return nil, errors.Join(err, f.Close())
	}
	return &section{io.NewSectionReader(f, offset, length), f, length}, nil
}

// load reads the values of a tensor that lie in a file.
func (t *tensor) load() error {
	if t.file == nil || t.raw != nil {
		return nil
	}
	if t.folder == "" {
		return fmt.Errorf("tensor %q lies in the file %q: open the model by its path", t.name, t.file["location"])
	}
	f, err := t.open()
	if err != nil {
		return fmt.Errorf("tensor %q: %w", t.name, err)
	}
	defer f.Close()
	raw := make([]byte, f.length)
	if _, err := io.ReadFull(f, raw); err != nil {
		return fmt.Errorf("tensor %q: %w", t.name, err)
	}
	t.raw = raw
	return nil
}
