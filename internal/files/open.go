package files

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// Reader reads a regular file: at most as much as its kind may have, and until its
// context ends. Its errors do not name the file.
type Reader struct {
	ctx  context.Context
	kind Kind
	most int64 // bytes that are read
	file *os.File
	size int64     // of the file
	in   io.Reader // the file, or what it unpacks to
	zip  *packed   // the file as gzip reads it; nil if it is not packed
	done int64     // bytes read
}

// packed counts what gzip reads of a file.
type packed struct {
	file *os.File
	done int64
}

func (p *packed) Read(b []byte) (int, error) {
	n, err := p.file.Read(b)
	p.done += int64(n)
	return n, err
}

// Open opens a regular file; a directory, a pipe or a device is refused before
// anything is read of it. Errors name the file.
func Open(ctx context.Context, path string, kind Kind) (*Reader, error) {
	r, err := open(ctx, path, kind)
	if err != nil {
		return nil, named(path, err)
	}
	if r.size > kind.most() {
		return nil, errors.Join(named(path, r.tooLarge()), r.Close())
	}
	return r, nil
}

// OpenPacked is Open for a file that may be gzipped, which its content tells, and
// its name, if that ends in .gz. The limit is for what it unpacks to.
func OpenPacked(ctx context.Context, path string, kind Kind) (*Reader, error) {
	r, err := Open(ctx, path, kind)
	if err != nil {
		return nil, err
	}
	if err := r.unpack(strings.HasSuffix(strings.ToLower(path), ".gz")); err != nil {
		return nil, errors.Join(named(path, err), r.Close())
	}
	return r, nil
}

func open(ctx context.Context, path string, kind Kind) (*Reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := regular(info.Mode()); err != nil {
		return nil, err
	}
	// Without blocking, should a pipe have taken the file's place meanwhile.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err = file.Stat(); err == nil {
		err = regular(info.Mode())
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &Reader{ctx: ctx, kind: kind, most: kind.most(), file: file, size: info.Size(), in: file}, nil
}

// unpack looks for gzip's two magic bytes and reads through it.
func (r *Reader) unpack(must bool) error {
	var head [2]byte
	n, err := r.file.ReadAt(head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if magic := n == 2 && head == [2]byte{0x1f, 0x8b}; !magic {
		if must {
			return gzip.ErrHeader
		}
		return nil
	}
	zip := &packed{file: r.file}
	in, err := gzip.NewReader(zip)
	if err != nil {
		return err
	}
	r.in, r.zip = in, zip
	return nil
}

func (r *Reader) tooLarge() error {
	return fmt.Errorf("larger than %s, the most that is read of %s: --max-file %s=SIZE raises it", Size(r.most), r.kind.Name, r.kind.Flag)
}

// chunk bounds one read, so that the context is asked often.
const chunk = 1 << 20

func (r *Reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.in.Read(p[:min(len(p), chunk)])
	r.done += int64(n)
	if r.done > r.most {
		return 0, r.tooLarge()
	}
	if r.zip != nil {
		bad := CheckRatio(r.size, r.done, freeBytes)
		if bad == nil && r.done > freeBytes && r.done/maxSoFar >= r.zip.done {
			bad = bomb(r.size, freeBytes)
		}
		if bad != nil {
			return 0, bad
		}
		if err != nil && !errors.Is(err, io.EOF) {
			err = fmt.Errorf("after %d bytes: %w", r.done, err)
		}
	}
	return n, err
}

// ReadAt reads of the file as it lies on disk.
func (r *Reader) ReadAt(p []byte, off int64) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.file.ReadAt(p, off)
}

// Most is how many bytes are read at most.
func (r *Reader) Most() int64 { return r.most }

// Size is the length of the file as it lies on disk.
func (r *Reader) Size() int64 { return r.size }

// Content is how many bytes Read will give, -1 if the file is packed.
func (r *Reader) Content() int64 {
	if r.zip != nil {
		return -1
	}
	return r.size
}

// Stat describes the file as it lies on disk.
func (r *Reader) Stat() (fs.FileInfo, error) { return r.file.Stat() }

// Close closes the file.
func (r *Reader) Close() error { return r.file.Close() }

// Rewind starts again at the first byte.
func (r *Reader) Rewind() error {
	if _, err := r.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	r.done = 0
	if z, ok := r.in.(*gzip.Reader); ok {
		r.zip.done = 0
		return z.Reset(r.zip)
	}
	return nil
}

// Read returns the content of a regular file. Errors name it.
func Read(ctx context.Context, path string, kind Kind) ([]byte, error) {
	r, err := Open(ctx, path, kind)
	if err != nil {
		return nil, err
	}
	return r.all(path)
}

// ReadPacked is Read for a file that may be gzipped, see [OpenPacked].
func ReadPacked(ctx context.Context, path string, kind Kind) ([]byte, error) {
	r, err := OpenPacked(ctx, path, kind)
	if err != nil {
		return nil, err
	}
	return r.all(path)
}

func (r *Reader) all(path string) ([]byte, error) {
	defer r.Close()
	if err := Fits("the file", float64(r.size)); err != nil {
		return nil, named(path, err)
	}
	data, err := ReadAll(r, r.size) // no more than lies on disk
	return data, named(path, err)
}

// ReadAll reads to the end, at once if it is where expected and else in pieces. Memory
// for what is expected is taken at once: it must be known, not claimed.
func ReadAll(in io.Reader, expected int64) ([]byte, error) {
	var pieces [][]byte
	piece := make([]byte, 0, max(expected, bytes.MinRead))
	for {
		n, err := in.Read(piece[len(piece):cap(piece)])
		piece = piece[:len(piece)+n]
		if errors.Is(err, io.EOF) {
			return join(pieces, piece), nil
		}
		if err != nil {
			return nil, err
		}
		if len(piece) == cap(piece) {
			pieces = append(pieces, piece)
			piece = make([]byte, 0, min(max(2*len(piece), bytes.MinRead), maxPiece))
		}
	}
}

const maxPiece = 8 << 20

// join puts pieces in one, without a copy if there is only one.
func join(pieces [][]byte, last []byte) []byte {
	switch {
	case len(pieces) == 0:
		return last
	case len(pieces) == 1 && len(last) == 0:
		return pieces[0]
	}
	return bytes.Join(append(pieces, last), nil)
}
