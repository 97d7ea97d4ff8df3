package files

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// Write puts what write writes in the place of the file at path, whole or not at
// all. Errors name the file.
func Write(path string, write func(io.Writer) error) error {
	a, err := Create(path)
	if err != nil {
		return err
	}
	if err := write(a); err != nil {
		return errors.Join(a.failure(err), a.Close())
	}
	return a.Commit()
}

// Save is Write for content at hand.
func Save(path string, content []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// Aside is a file written beside another whose place it takes when it is
// committed. Closed before, it leaves nothing.
type Aside struct {
	path string // as the user wrote it
	to   string // where it leads; "" for what is written directly
	file *os.File
	bad  error // the first write that failed
	done bool
}

// Create begins a file beside path. What is no regular file, such as /dev/stdout,
// cannot be replaced and is written directly.
func Create(path string) (*Aside, error) {
	a, err := create(path)
	if err != nil {
		return nil, named(path, err)
	}
	return a, nil
}

func create(path string) (*Aside, error) {
	a := &Aside{path: path}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		a.to = target(path)
		err = a.begin()
	case err != nil:
	case info.Mode().IsRegular():
		a.to = target(path)
		if err = a.begin(); err == nil {
			err = a.inherit(info)
		}
	case info.IsDir():
		err = regular(info.Mode())
	default:
		err = a.direct()
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// target follows links, so that a link is not replaced by a file.
func target(path string) string {
	for range 40 {
		to, err := os.Readlink(path)
		if err != nil {
			return path
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return path
}

// unfinished are the names of files aside and of locks, which nobody else will remove if the program
// ends at once.
var unfinished sync.Map

// Abandon removes the files that were not committed, and the locks. It is for a program that ends without
// returning from what it does.
func Abandon() {
	unfinished.Range(func(name, _ any) bool {
		os.Remove(name.(string))
		return true
	})
}

// begin makes the file aside, in the same folder, with the permissions of any new file.
func (a *Aside) begin() error {
	folder, name := filepath.Split(a.to)
	var err error
	for range 100 {
		part := filepath.Join(folder, fmt.Sprintf(".%.100s.%s.part", name, rand.Text()[:8]))
		a.file, err = os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil {
			unfinished.Store(part, nil)
		}
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return err
}

// inherit keeps the permissions of the file that is replaced. A file that must not
// be written is not replaced either.
func (a *Aside) inherit(old fs.FileInfo) error {
	may, err := os.OpenFile(a.to, os.O_WRONLY, 0)
	if err == nil {
		err = errors.Join(may.Close(), a.file.Chmod(old.Mode().Perm()))
	}
	if err != nil {
		return errors.Join(err, a.Close())
	}
	return nil
}

// direct opens a device, or a pipe that somebody reads.
func (a *Aside) direct() (err error) {
	a.file, err = os.OpenFile(a.path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ENXIO) {
		return errors.New("nobody reads this pipe")
	}
	return err
}

func (a *Aside) Write(p []byte) (int, error) {
	n, err := a.file.Write(p)
	if err != nil && a.bad == nil {
		a.bad = named(a.path, err)
	}
	return n, err
}

// failure is why writing failed: the first write that did, else err.
func (a *Aside) failure(err error) error {
	if a.bad != nil {
		return a.bad
	}
	return err
}

// Commit puts the file in its place, safe on disk. A write that failed before, told
// or not, is returned, and the old file stays.
func (a *Aside) Commit() error {
	err := a.bad
	if err == nil && a.to != "" {
		err = a.file.Sync()
	}
	err = errors.Join(err, a.file.Close())
	if err == nil && a.to != "" {
		err = os.Rename(a.file.Name(), a.to)
		unfinished.Delete(a.file.Name())
	}
	if err != nil {
		return errors.Join(a.failure(named(a.path, err)), a.Close())
	}
	a.done = true
	return named(a.path, a.settle())
}

// settle makes the new name last; not every file system can.
func (a *Aside) settle() error {
	if a.to == "" {
		return nil
	}
	folder, err := os.Open(filepath.Dir(a.to))
	if err != nil {
		return nil // a folder that may be written but not read
	}
	err = folder.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, folder.Close())
}

// Close removes what was not committed.
func (a *Aside) Close() error {
	if a.done {
		return nil
	}
	a.done = true
	err := a.file.Close()
	if errors.Is(err, fs.ErrClosed) {
		err = nil
	}
	if a.to != "" {
		unfinished.Delete(a.file.Name())
		err = errors.Join(err, os.Remove(a.file.Name()))
	}
	return named(a.path, err)
}

// Append puts content behind a file in one piece, so that several processes may do so,
// and begins the file where there is none.
func Append(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return named(path, err)
	}
	_, err = file.Write(content)
	return named(path, errors.Join(err, file.Close()))
}
