package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Lock makes the process the only one that goes on with what is kept at path, a file
// that is replaced or a folder, until unlock is called. If another one does, the error
// names it.
func Lock(path string) (unlock func() error, err error) {
	name := filepath.Clean(path) + ".lock"
	for range 100 {
		file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
		if err != nil {
			return nil, named(name, err)
		}
		if err := lock(file); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", Printable(path), err), file.Close())
		}
		if current(file, name) {
			unfinished.Store(name, nil)
			return func() error { return release(file, name) }, nil
		}
		if err := file.Close(); err != nil { // somebody removed it since it was opened
			return nil, named(name, err)
		}
	}
	return nil, fmt.Errorf("%s: others come and go", Printable(name))
}

// release removes the name while the lock is still held; its folder may be gone.
func release(file *os.File, name string) error {
	unfinished.Delete(name)
	err := os.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return named(name, errors.Join(err, file.Close()))
}

// current tells whether the name still leads to the open file.
func current(file *os.File, name string) bool {
	open, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(name)
	return err == nil && os.SameFile(open, there)
}
