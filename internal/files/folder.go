package files

import (
	"context"
	"io/fs"
	"path/filepath"
)

// Folder is a folder as a file system, whose files are opened as [Open] does.
func Folder(path string) fs.FS { return folder(path) }

type folder string

// Open opens a file of the folder.
func (f folder) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	r, err := Open(context.Background(), filepath.Join(string(f), filepath.FromSlash(name)), Data)
	if err != nil {
		return nil, err
	}
	return r, nil
}
