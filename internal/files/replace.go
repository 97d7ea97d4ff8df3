package files

import (
	"errors"
	"os"
	"path/filepath"
)

// Replace writes a file whole or not at all: aside first, then in place of what
// was there.
func Replace(path string, data []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".part-*")
	if err != nil {
		return err
	}
	_, err = temporary.Write(data)
	if err := errors.Join(err, temporary.Close()); err != nil {
		os.Remove(temporary.Name())
		return err
	}
	return os.Rename(temporary.Name(), path)
}
